/* The district's day: a row a van, asked for anew each half minute. */
import { get } from "/static/http.js";
import { $, el, redraw } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";
import { SEVERITIES, axis, block, dayChoice, gradeChip, key, summary, ticks, verdictOf } from "/static/day/ledger.js";

const EVERY_MS = 30000;
const start = JSON.parse($("start").textContent);
let sheet = start.sheet;

clock.setZone(start.timezone, start.rate);
clock.correct(sheet.as_of);

const many = (text) => el("span.muted", {}, text);

function bar(ledger, scale) {
  if (!ledger?.spans.length) return el("div.bar.is-empty", {}, many(_("Nothing is computed of this day yet.")));
  return el("div.bar", { role: "img", "aria-label": summary(ledger.spans) },
    ticks(scale), ledger.spans.map((span) => block(span, scale)));
}

function proved(ledger) {
  if (!ledger) return [many("—")];
  const share = Math.min(1, ledger.proved_min / sheet.target_min);
  const full = ledger.proved_min >= sheet.target_min;
  const fill = el("span.fill");
  fill.style.width = `${share * 100}%`;
  return [
    el("span.minutes", {}, el("b", {}, String(ledger.proved_min)), ` / ${sheet.target_min} ${_("min")}${full ? " ✓" : ""}`),
    el(`span.meter${full ? ".is-full" : ""}`, { "aria-hidden": "true" }, fill),
    el("span.muted.small", {}, _("claimed {n}", { n: ledger.claimed_min }) + (ledger.sos_min ? ` · SOS ${ledger.sos_min}` : "")),
  ];
}

function stops(van) {
  if (!van.stops) return [many("—")];
  const rest = Object.entries(van.verdicts).filter(([name]) => name !== "served").map(([name, n]) => `${verdictOf(name)} ${n}`);
  return [
    el("span", {}, el("b", {}, String(van.verdicts.served ?? 0)), ` / ${van.stops} ${_("served")}`),
    rest.length ? el("span.muted.small", {}, rest.join(" · ")) : null,
  ];
}

const grades = (van) => Object.entries(van.grades).map(([name, n]) => gradeChip(name, n));

function alerts({ alerts: { n, open, worst } }) {
  if (!n) return [many("0")];
  const [sign, word] = SEVERITIES[worst];
  return [
    el(`span.severity.is-${worst}`, {}, el("span", { "aria-hidden": "true" }, sign), ` ${n}`),
    el("span.muted.small", {}, _("worst: {what}", { what: word() })),
    open ? el("span.muted.small", {}, _("{n} not over", { n: open })) : null,
  ];
}

function row(van) {
  const day = sheet.day;
  const { ledger } = van;
  return el("tr", { "data-van": van.id },
    el("th", { scope: "row" }, el("a.van-name", { href: `/vans/${van.id}/${day}`, "--van": van.colour }, van.name)),
    el("td.wide", {}, bar(ledger, sheet.scale)),
    el("td.proved", {}, proved(ledger)),
    el("td.count", {}, ledger ? `${(ledger.distance_m / 1000).toFixed(1)} km` : many("—")),
    el("td.stops", {}, stops(van)),
    el("td.grades", {}, grades(van)),
    el("td.alerts", {}, alerts(van)),
    el("td.goes", {},
      el("a", { href: `/vans/${van.id}/${day}`, "aria-label": _("{name}: the van's page", van) }, _("Van's page")),
      el("a", { href: `/replay?day=${day}&van=${van.id}`, "aria-label": _("{name}: replay", van) }, _("Replay"))));
}

function draw() {
  const { as_of: _asOf, ...shown } = sheet;
  const spans = sheet.vans.flatMap((van) => van.ledger?.spans ?? []);
  redraw($("axis"), sheet.scale, axis);
  redraw($("key"), [...new Set(spans.map(([kind]) => kind))].sort(), () => key(spans));
  // A row that is looked at stays where it is while nothing of the day has changed.
  redraw($("rows"), shown, () => sheet.vans.map(row));
  $("table").hidden = !sheet.vans.length;
  $("empty").hidden = sheet.vans.length > 0;
  $("empty").textContent = _("No van yet. Add one with “carevan van add”.");
  const computed = sheet.vans.map((van) => van.ledger?.computed).filter(Boolean);
  $("computed").textContent = computed.length ? _("Ledgers of {time} ·", { time: clock.hms(Math.min(...computed)) }) : "";
  $("as-of").textContent = clock.hms(sheet.as_of);
}

async function refresh() {
  try {
    sheet = await get(`/api/days/${start.sheet.day}`);
    draw();
  } catch (error) {
    // "As of" keeps its old time, so the page does not claim to be newer than it is.
    console.info(error.message);
  }
}

dayChoice();
draw();
setInterval(refresh, EVERY_MS);
