/* One plan drawn: levels as figures, routes on the map, a timeline a van, the stops of one van, what is left out. */
import { $, el } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";

const two = (n) => String(n).padStart(2, "0");
const span = (s) => `${Math.floor(s / 3600)}:${two(Math.floor((s % 3600) / 60))}`;
const plain = (n) => String(n);

const minutes = (n) => span(n * 60);

const LEVELS = {
  sos_missed: [() => _("SOS calls missed"), plain],
  mandatory_missed: [() => _("Mandatory visits missed"), plain],
  prize_missed: [() => _("Urgency left out"), plain],
  patrol_short_min: [() => _("Patrol hours missing"), minutes],
  unseen_min: [() => _("Longest unseen"), minutes],
  portions_missed: [() => _("Servings missing"), plain],
  cost: [() => _("Weighted sum"), span],
  naps: [() => _("Naps disturbed"), plain],
  moved: [() => _("Promises moved"), plain],
  unfamiliar: [() => _("By another crew"), plain],
  imbalance_s: [() => _("Week's imbalance"), span],
  overtime_s: [() => _("Overtime"), span],
  drive_s: [() => _("Driving"), span],
};
const KINDS = {
  start: () => _("leave"),
  visit: () => _("visit"),
  dropoff: () => _("drop-off"),
  reload: () => _("reload"),
  break: () => _("break"),
  pass: () => _("beat pass"),
  end: () => _("back"),
};
const CHANNELS = {
  visit: () => _("weekly visit"),
  check: () => _("daily check"),
  monthly: () => _("monthly visit"),
  call: () => _("call"),
};
const BASIS = { road: () => _("by road times"), "great-circle": () => _("by straight line, estimated") };

let shown = null;

function level({ key, value, before }) {
  const [name, said] = LEVELS[key] ?? [() => key, plain];
  const change = before === null || before === undefined || before === value ? ""
    : `${value > before ? "▲" : "▼"} ${said(Math.abs(value - before))}`;
  return el("div.level.panel", {}, el("b", {}, said(value)),
    el(`span.change${value > before ? ".worse" : ".better"}`, {}, change),
    el("span.muted", {}, name()));
}

function bar(stop, van, range) {
  const share = (ms) => ((ms - range.from) / (range.to - range.from)) * 100;
  const wide = Math.max(0.35, share(stop.leaves) - share(stop.begins));
  return el(`button.stop.kind-${stop.kind}`, {
    type: "button",
    title: `${clock.hm(stop.begins)}–${clock.hm(stop.leaves)} ${KINDS[stop.kind]()} · ${stop.name}`,
    "aria-label": `${clock.hm(stop.begins)} ${KINDS[stop.kind]()} ${stop.name}`,
    "--x": `${share(stop.begins)}%`, "--w": `${wide}%`,
    onclick: () => CareVan.map.setView([stop.lat, stop.lon], Math.max(16, CareVan.map.getZoom())),
  });
}

function vanLine(van, range) {
  const calls = van.stops.filter((stop) => stop.kind === "visit" || stop.kind === "dropoff").length;
  return el("div.lane", { "--van": van.colour },
    el("button.lane-name", { type: "button", onclick: () => drawStops(van) },
      el("b", {}, van.name),
      el("small.muted", {}, _("{calls} calls · patrol {patrol} h · {km} km", {
        calls, patrol: (van.patrol_s / 3600).toFixed(1), km: Math.round(van.drive_m / 1000) }))),
    el("div.lane-line", {}, van.stops.filter((stop) => !["start", "end"].includes(stop.kind)).map((stop) => bar(stop, van, range))));
}

function axis(range) {
  const hour = 3600000;
  const marks = [];
  for (let ms = Math.ceil(range.from / hour) * hour; ms <= range.to; ms += hour) {
    marks.push(el("span", { "--x": `${((ms - range.from) / (range.to - range.from)) * 100}%` }, clock.hm(ms)));
  }
  return el("div.lane.axis", {}, el("span.lane-name"), el("div.lane-line", {}, marks));
}

function drawStops(van) {
  shown = van.id;
  $("stops-title").textContent = _("Stops of {van}", { van: van.name });
  $("stops-note").textContent = `${clock.hm(van.starts)}–${clock.hm(van.ends)} · ${_("driving {time}", { time: span(van.drive_s) })}`;
  $("stops").replaceChildren(el("table", {},
    el("thead", {}, el("tr", {}, [_("Arrives"), _("Begins"), _("Leaves"), _("What"), _("Where"), _("Cups")].map((head) => el("th", {}, head)))),
    el("tbody", {}, van.stops.map((stop) => el("tr", { class: `row-${stop.kind}` },
      el("td", {}, clock.hm(stop.arrives)), el("td", {}, clock.hm(stop.begins)), el("td", {}, clock.hm(stop.leaves)),
      el("td", {}, KINDS[stop.kind]()),
      el("td", {}, el("button.quiet", { type: "button", onclick: () => CareVan.map.setView([stop.lat, stop.lon], 16) }, stop.name)),
      el("td", {}, stop.cups || ""))))));
}

function drawUnserved(list) {
  $("unserved-count").textContent = list.length;
  $("unserved-list").replaceChildren(list.length
    ? el("table", {},
      el("thead", {}, el("tr", {}, [_("Who"), _("What"), _("What stands in the way, and what would help")].map((head) => el("th", {}, head)))),
      el("tbody", {}, list.map((one) => el("tr", {},
        el("td", {}, one.place), el("td", {}, CHANNELS[one.channel]?.() ?? _("drop-off"), one.mandatory ? el("span.must", {}, _("must")) : null),
        el("td", {}, one.said.map((text) => el("p", {}, text)))))))
    : el("p.muted.none", {}, _("Every visit has its place.")));
}

export function drawSheet(sheet) {
  const order = Object.keys(LEVELS);
  const rank = ({ key }) => (order.includes(key) ? order.indexOf(key) : order.length);
  $("levels").replaceChildren(...[...sheet.levels].sort((a, b) => rank(a) - rank(b)).map(level));
  const checked = sheet.plan.violations === 0 ? _("checked: no rule broken")
    : _("checked: {n} rules broken", { n: sheet.plan.violations });
  $("basis").textContent = `${BASIS[sheet.plan.basis]?.() ?? sheet.plan.basis} · ${checked}`;
  const range = {
    from: Math.min(...sheet.vans.map((van) => van.starts)),
    to: Math.max(...sheet.vans.map((van) => van.ends)),
  };
  $("timeline").replaceChildren(...(sheet.vans.length ? [axis(range), ...sheet.vans.map((van) => vanLine(van, range))] : []));
  const van = sheet.vans.find((one) => one.id === shown) ?? sheet.vans[0];
  if (van) drawStops(van);
  drawUnserved(sheet.unserved);
  CareVan.show("plan", sheet.map);
}

export function emptySheet(sentence) {
  $("levels").replaceChildren();
  $("basis").textContent = "";
  $("timeline").replaceChildren(el("p.muted.none", {}, sentence));
  $("stops").replaceChildren();
  $("stops-title").textContent = _("Stops");
  $("stops-note").textContent = "";
  $("unserved-list").replaceChildren();
  $("unserved-count").textContent = "";
  CareVan.show("plan", { type: "FeatureCollection", features: [] });
}
