/* The panels of the platform screen, drawn from /api/board. */
import { $, el, redraw, svg } from "/static/dom.js";
import { _, locale } from "/static/words.js";
import * as clock from "/static/clock.js";
import { SIGNS, acts, sign, standing } from "/static/alerts/acts.js";
import { ofAlert } from "/static/platform/events.js";
import { drawProgress } from "/static/platform/progress.js";
import { serveBy } from "/static/platform/serving.js";
import { goTo } from "/static/platform/van.js";
import { WORDS, panTo } from "/static/platform/vans.js";

let latest = null;

const FOOD_LATE_S = 1800;
const percent = (share) => `${Math.round(share * 100)}`;
const hours = (h) => h.toFixed(h < 10 ? 1 : 0);
const oneDecimal = (n) => n.toFixed(n === 100 ? 0 : 1);
const minutes = (s) => Math.max(1, Math.round(s / 60));

function figure(key, { value, unit = "", note = "", tone = "", label = null }) {
  const node = document.querySelector(`[data-figure="${key}"]`);
  node.querySelector("[data-value]").textContent = value;
  node.querySelector("[data-unit]").textContent = unit;
  node.querySelector("[data-note]").textContent = note;
  if (label) node.querySelector("[data-label]").textContent = label;
  node.dataset.tone = tone;
}

const SERVINGS = { summer: () => _("Cool servings"), winter: () => _("Warm servings") };
const BASIS = { road: () => _("by road times"), "great-circle": () => _("by straight line, estimated") };

function drawFigures({ online, patrol, visits, overdue, monthly, servings, sos, circle }, asOf) {
  figure("online", {
    value: online.n, unit: `/ ${online.of}`, tone: online.n === online.of ? "live" : "stale",
    note: online.stale ? _("{n} stale", { n: online.stale }) : _("{n} offline", { n: online.offline }),
  });
  figure("patrol", {
    value: patrol.mean_h.toFixed(2), unit: "h", note: _("target {h}", { h: patrol.target_h }),
    tone: patrol.mean_h >= patrol.target_h ? "live" : "",
  });
  figure("visits", {
    value: visits.done, unit: `/ ${visits.of}`,
    note: visits.of ? `${percent(visits.done / visits.of)}%` : _("no plan yet"),
  });
  figure("overdue", {
    value: overdue.n, tone: overdue.n ? "late" : "live",
    note: overdue.n ? _("max {n} d", { n: overdue.days }) : "",
  });
  figure("monthly", {
    value: monthly.of ? oneDecimal((100 * monthly.n) / monthly.of) : "–", unit: "%",
    note: _("of {of}", monthly), tone: monthly.n === monthly.of ? "live" : "",
  });
  figure("servings", {
    value: servings.n, unit: locale === "zh" ? _("cups") : "", note: _("{n} discarded", { n: servings.discarded }),
    label: SERVINGS[servings.season]?.(),
  });
  figure("sos", {
    value: sos.n, tone: sos.n ? "sos" : "", note: sos.n ? clock.stopwatch((asOf - sos.since) / 1000) : _("none"),
  });
  figure("circle", {
    value: circle ? percent(circle.share) : "–", unit: "%",
    note: circle ? _("{n} gaps", { n: circle.gaps }) : _("no sample yet"),
  });
}

function ring(van) {
  const share = Math.min(1, van.proved_h / 6);
  return svg("svg", { class: "ring", viewBox: "0 0 42 42", role: "img",
    "aria-label": _("Proved patrol {proved} h of 6 h; claimed {claimed} h", {
      proved: hours(van.proved_h), claimed: hours(van.claimed_h) }) },
    svg("circle", { class: "ring-ground", cx: 21, cy: 21, r: 15.9155 }),
    svg("circle", { class: "ring-share", cx: 21, cy: 21, r: 15.9155, "stroke-dasharray": `${share * 100} 100`, transform: "rotate(-90 21 21)" }),
    svg("text", { x: 21, y: 25 }, `${hours(van.proved_h)}h`));
}

function when(van) {
  // Nothing is promised of a van that is not heard.
  if (van.stale && van.state !== "offline" && van.seen_at) return _("last fix {time}", { time: clock.hmOrDay(van.seen_at) });
  if (van.state === "sos") return van.call === "arrived" ? _("at the place") : van.eta_s === null ? "" : _("{n} min away", { n: minutes(van.eta_s) });
  if (van.state === "offline") return van.seen_at ? _("since {time}", { time: clock.hmOrDay(van.seen_at) }) : _("never seen");
  if (["serving", "reloading", "break"].includes(van.state) && van.leaves) {
    const left_s = (van.leaves - latest.as_of) / 1000;
    return left_s > 0 ? _("{n} min more", { n: minutes(left_s) }) : _("{n} min over", { n: minutes(-left_s) });
  }
  if (van.eta_s !== null) return _("ETA {time}", { time: clock.hm(latest.as_of + van.eta_s * 1000) });
  return van.arrives ? _("planned {time}", { time: clock.hm(van.arrives) }) : "";
}

const stands = (alert) => alert.standing && !alert.standing.ended && !alert.standing.shelved_until;

/* Alerts that stand and have a place of their own, for the map. */
export function alertMarks(alerts) {
  return { type: "FeatureCollection", features: alerts.filter((alert) => stands(alert) && alert.at_place).map((alert) => ({
    type: "Feature", geometry: { type: "Point", coordinates: alert.at_place },
    properties: { id: alert.key, role: "alert", tone: alert.tone, label: `${alert.mark} · ${clock.hm(alert.at)}` } })) };
}

/* The gravest tone of the alerts that go about with each van. */
export function badges(alerts) {
  const found = new Map();
  for (const alert of alerts) {
    if (!stands(alert) || !alert.van || (alert.at_place && !alert.with_van) || alert.tone === "stale") continue;
    if (!found.has(alert.van) || alert.tone === "late") found.set(alert.van, alert.tone);
  }
  return found;
}

function carried(van) {
  return van.containers
    .map((one) => `${one.item} ${one.cups}${one.celsius === null ? "" : ` ${Math.round(one.celsius)}°`}`)
    .join(" · ");
}

/* The container of a van that runs out first. */
function foodLine(van) {
  const [one] = van.containers.filter(serveBy).sort((a, b) => a.left_s - b.left_s);
  return one && el(`b.${one.left_s < FOOD_LATE_S ? "food-late" : "food-counting"}`, {}, serveBy(one));
}

function vanRow(van) {
  const row = el("button.van-row", { type: "button", "data-van": van.id, "--van": van.colour, onclick: () => goTo(van.id),
    title: _("Show on the map, with its details") },
    el("span.bar"), ring(van),
    el("span.who", {},
      el("span.name", {}, el("b", {}, van.name), el(`span.chip.state-${van.state}`, {}, WORDS[van.state]())),
      el("span.place", {}, van.place || "—")),
    el("span.when", {}, el("span", {}, when(van)), el("span.muted", {}, carried(van)), foodLine(van)));
  row.classList.toggle("is-stale", van.stale);
  return el("li", {}, row);
}

function beatRow(beat) {
  return el("li.beat", { "--van": beat.colour, title: _("longest unseen {time}", { time: hourly(beat.longest_s) }) },
    el("span.name", {}, beat.name), el("span.muted", {}, `${percent(beat.share)}%`),
    el("span.track", {}, el("span.fill", { "--share": `${beat.share * 100}%` })));
}

const hourly = (s) => `${Math.floor(s / 3600)}:${String(Math.floor((s % 3600) / 60)).padStart(2, "0")}`;
const office = { mayAct: false, refresh: async () => {} };

/* Who acts on alerts here, and how the board is asked for anew afterwards. */
export function begin({ mayAct, refresh }) {
  Object.assign(office, { mayAct, refresh });
}

/* An alert's own place, else its van. */
function look({ at_place: place, van }) {
  if (place) CareVan.map.setView([place[1], place[0]], Math.max(CareVan.map.getZoom(), 15));
  else if (van) panTo(van);
}

/* Where a locked link is told of by its title. */
const whereabouts = (one) => one.code === "share_locked" && !one.ended ? [el("a.button.small", { href: "/shares" }, _("Shared maps"))] : [];

function alertRow(alert) {
  const one = alert.standing;
  const state = one ? standing(one) : "";
  const wrong = el("p.wrong.alert-wrong", { role: "alert", hidden: true });
  const tell = (text) => {
    wrong.textContent = text;
    wrong.hidden = !text;
  };
  const buttons = one && office.mayAct ? [...ofAlert(alert, wrong), ...whereabouts(one), ...acts(one, office.refresh, tell)] : [];
  const row = el("li.news", { "data-alert": one?.id }, el("button.alert", { type: "button", onclick: () => look(alert) },
    one ? sign(alert.tone, one.severity) : el(`span.sign.tone-${alert.tone}`, { "aria-hidden": "true" }, SIGNS[alert.tone]),
    el("span.said", {}, el("span", {}, alert.title),
      el("span.muted", {}, [one && !one.ended && one.severity, state || alert.detail].filter(Boolean).join(" · "))),
    el("time.muted", {}, clock.hm(alert.at))));
  if (buttons.length) row.append(el("span.acts", {}, buttons), wrong);
  row.classList.toggle("is-quiet", Boolean(one && (one.ended || one.shelved_until)));
  return row;
}

function unservedRow(one) {
  return el("li", {}, el("a.alert", { href: "/plan#unserved", title: one.said.join("\n") },
    el(`span.sign.tone-${one.mandatory ? "late" : "warn"}`, { "aria-hidden": "true" }, "?"),
    el("span.said", {}, el("span", {}, one.place), el("span.muted", {}, one.said[0])),
    el("span.muted", {}, _("Mend"))));
}

const empty = (text) => [el("li.empty.muted", {}, text)];

export function draw(board) {
  latest = board;
  drawFigures(board.figures, board.as_of);
  $("season").textContent = board.season ? `${board.season} · ` : "";
  redraw($("vans"), [board.vans, Math.floor(board.as_of / 60000)], ([vans]) =>
    vans.length ? vans.map(vanRow) : empty(_("No vans yet: add one with “carevan van add”.")));
  redraw($("beats"), board.beats, (beats) => beats.length ? beats.map(beatRow) : empty(_("No beat is assigned today.")));
  const longest = Math.max(0, ...board.beats.map((beat) => beat.longest_s));
  $("longest").textContent = board.beats.length ? _("longest unseen {time}", { time: hourly(longest) }) : "";
  $("alert-count").textContent = _("standing {n} · today {of}", {
    n: board.alerts.filter((each) => each.standing && !each.standing.ended && !each.standing.shelved_until).length, of: board.alerts.length });
  redraw($("alerts"), board.alerts, (alerts) => alerts.length ? alerts.map(alertRow) : empty(_("All quiet.")));
  $("unserved-count").textContent = board.unserved_total;
  redraw($("unserved"), board.unserved, (list) =>
    list.length ? list.map(unservedRow)
      : empty(board.plan ? _("Every visit has its place.") : _("No plan is published for today: make one on the Plan page.")));
  drawProgress($("progress"), board.progress, board.as_of);
  $("as-of").textContent = clock.hms(board.as_of);
  const { circle } = board.figures;
  $("basis").textContent = circle ? _("15-minute circle at {time}, {basis}", {
    time: clock.hm(circle.at), basis: BASIS[circle.basis]?.() ?? _("no van can go") }) : "";
}

export function drawState(state) {
  $("state").dataset.state = state;
}

export function tick() {
  if (!latest) return;
  $("state").textContent = _("state {state} · {n} s ago", {
    state: $("state").dataset.state, n: Math.max(0, Math.round((clock.now() - latest.as_of) / 1000)) });
  const { sos } = latest.figures;
  if (sos.n) {
    document.querySelector('[data-figure="sos"] [data-note]').textContent = clock.stopwatch((clock.now() - sos.since) / 1000);
  }
}
