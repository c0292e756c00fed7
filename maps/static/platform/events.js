/* Something happened on the running day: what it does to promised calls is shown first, a click sends the routes. */
import { get, post } from "/static/http.js";
import { $, el } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";
import { openDetail } from "/static/platform/panel.js";

const vanName = (id) => CareVan.kinds[id]?.name ?? id;

const MOVES = {
  dropped: () => _("not today"),
  van: (one) => _("with {van} at {time}", { van: vanName(one.van), time: clock.hm(one.begins) }),
  time: (one) => _("at {time}", { time: clock.hm(one.begins) }),
};

function wrongLine(id) {
  return el("p.wrong", { id, role: "alert", hidden: true });
}

function tell(line, text) {
  line.textContent = text;
  line.hidden = !text;
}

/* The calls that move, those that are broken whatever one does apart: to whom what was promised, what holds from now on. */
export function diff(changes) {
  const lost = changes.filter((one) => one.forced);
  const moved = changes.filter((one) => !one.forced);
  return [
    ...(lost.length ? [el("h4", {}, _("Could not be kept: {n}", { n: lost.length })), callTable("lost", lost)] : []),
    ...(moved.length ? [el("h4", {}, _("Moved for it: {n}", { n: moved.length })), callTable("moved", moved)]
      : [el("p.muted", {}, lost.length ? _("No other promised call moves by more than 15 min.") : _("No promised call moves by more than 15 min."))]),
  ];
}

const promised = (one) => [one.promised_van && vanName(one.promised_van), clock.hm(one.promised)].filter(Boolean).join(" ");

/* Who only looks is told no names: their table has no column of them. */
function callTable(id, changes) {
  const named = changes.some((one) => "who" in one);
  const heads = [named && _("Call"), _("Promised"), _("Now")].filter(Boolean);
  return el("table", { id },
    el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, changes.map((one) => el("tr", {},
      named && el("td", {}, one.who || "—"),
      el("td", {}, promised(one)),
      el("td", {}, MOVES[one.what](one))))));
}

function asked(one) {
  if (!one) return null;
  return one.van === null
    ? el("p.wrong", {}, _("No van can make the new visit today within the promises."))
    : el("p", {}, _("New visit: {van} at {time}", { van: vanName(one.van), time: clock.hm(one.begins) }));
}

function draw(title, event, told, wrong, isSent) {
  const send = el("button", { type: "button", id: "send-routes", onclick: () => adopt(title, event, told, send, wrong) },
    _("Send the vans these routes"));
  $("detail-title").textContent = title;
  $("detail-body").replaceChildren(...[
    isSent ? el("p", { id: "routes-sent", role: "status" }, _("Sent. The plan is version {version} now.", { version: told.version }))
      : el("h3", {}, _("The rest of the day, proposed")),
    asked(told.new),
    ...diff(told.changes),
    told.over > 0 && el("p.wrong", {}, _("{n} more promises are broken than the limit allows.", { n: told.over })),
    wrong,
    !isSent && told.new?.van !== null && el("p", {}, send),
  ].filter(Boolean));
  openDetail();
}

/* Ask what an event does; the answer takes the panel. What is wrong is said where it was asked. */
async function propose(title, event, button, wrong) {
  button.disabled = true;
  try {
    draw(title, event, await post("/api/running/propose", { event }), wrongLine("events-wrong"), false);
  } catch (error) {
    tell(wrong, error.message);
  }
  button.disabled = false;
}

async function adopt(title, event, told, button, wrong) {
  button.disabled = true;
  try {
    const { plan, version } = told;
    draw(title, event, await post("/api/running/adopt", { event, plan, version }), wrongLine("events-wrong"), true);
    drawClosures();
  } catch (error) {
    tell(wrong, error.message);
    button.disabled = false;
    if (error.status === 409) await again(title, event, wrong);
  }
}

/* The plan was changed meanwhile: what the event does to it now, below what was said of the change. */
async function again(title, event, wrong) {
  try {
    draw(title, event, await post("/api/running/propose", { event }), wrong, false);
  } catch (error) {
    tell(wrong, error.message);
  }
}

/* Closed roads: circles on the map while they are in force, a list, a place picked on the map. */
const RADII_M = [30, 50, 100, 200, 400];
const HOURS = [0.5, 1, 2, 4, 8];
const AGAIN_MS = 60000;
let circles = null;

const closureText = (one) => _("{name}, until {time}", { name: one.name || _("Closed road"), time: clock.hm(one.until) });

async function drawClosures() {
  let list = [];
  try {
    list = await get("/api/running/closures");
  } catch (error) {
    console.info(error.message); // the circles stay as they were
    return list;
  }
  circles?.remove();
  circles = L.layerGroup(list.map((one) =>
    L.circle([one.lat, one.lon], { radius: one.radius_m, color: "#f0b429", weight: 3, dashArray: "6 5", fillOpacity: 0.25, className: "closed-road" })
      .bindTooltip(closureText(one)))).addTo(CareVan.map);
  return list;
}

function pickPlace() {
  const map = CareVan.map;
  const stop = () => {
    $("picking").hidden = true;
    map.getContainer().classList.remove("is-picking");
    map.off("click", picked);
    $("pick-cancel").removeEventListener("click", stop);
  };
  const picked = ({ latlng }) => {
    stop();
    closeForm(latlng);
  };
  $("detail").close();
  $("picking").hidden = false;
  map.getContainer().classList.add("is-picking");
  map.on("click", picked);
  $("pick-cancel").addEventListener("click", stop);
}

const choice = (id, rows, chosen) => el("select", { id }, rows.map(([value, text]) => el("option", { value, selected: value === chosen }, text)));

function closeForm(point) {
  const wrong = wrongLine("closure-wrong");
  const ends = HOURS.map((hours) => Math.round(clock.now() + hours * 3600000));
  const radius = choice("closure-radius", RADII_M.map((m) => [m, _("{n} m around", { n: m })]), 50);
  const until = choice("closure-until", ends.map((ms) => [ms, _("until {time}", { time: clock.hm(ms) })]), ends[2]);
  const name = el("input", { id: "closure-name", maxlength: 60, autocomplete: "off" });
  const button = el("button", { type: "submit" }, _("See what moves"));
  const ask = (submitted) => {
    submitted.preventDefault();
    const circle = { lon: point.lng, lat: point.lat, radius_m: Number(radius.value) };
    propose(_("Closed road"), { kind: "road_closed", ...circle, until: Number(until.value), name: name.value.trim() }, button, wrong);
  };
  $("detail-title").textContent = _("Closed road");
  $("detail-body").replaceChildren(
    el("p.muted", {}, _("Nobody drives through; who lives inside is reached up to the barrier.")),
    el("form.say", { id: "closure-form", onsubmit: ask },
      el("label", { for: name.id }, _("What the place is called")), name,
      el("label", { for: radius.id }, _("How far around")), radius,
      el("label", { for: until.id }, _("How long")), until,
      el("span.line", {}, button)),
    wrong);
  openDetail();
  name.focus();
}

async function listClosures(place) {
  const wrong = wrongLine("lift-wrong");
  const list = await drawClosures();
  const lift = (one) => el("button.lift", { type: "button",
    onclick: ({ currentTarget }) => propose(_("Road open again"), { kind: "road_opened", closure: one.closure }, currentTarget, wrong) }, _("Open again"));
  place.replaceChildren(
    el("ul.said-list", { id: "closure-list" }, list.map((one) => el("li", {}, el("span", {}, closureText(one)), lift(one)))),
    wrong);
}

const SPOILT = { hot: () => _("Hot food gone cold"), cold: () => _("Cold food gone warm") };

/* In an alert of a food clock that has ended: who loses portions, and the day rearranged for it. */
export function ofAlert({ van, container }, wrong) {
  if (!container || !van) return [];
  const title = `${vanName(van)} · ${SPOILT[container]()}`;
  return [el("button.small", { type: "button", "data-act": "rearrange",
    onclick: ({ currentTarget }) => propose(title, { kind: "food_cold", van, container }, currentTarget, wrong) }, _("See what moves"))];
}

/* In a van's details: what can happen to it. */
export function ofVan(van) {
  const wrong = wrongLine("van-events-wrong");
  const button = (id, text, event) => el("button", { type: "button", id,
    onclick: ({ currentTarget }) => propose(`${van.name} · ${text}`, event, currentTarget, wrong) }, text);
  return [
    el("h3", {}, _("Something happened")),
    el("p.line", {},
      button("van-down", _("Van down"), { kind: "van_down", van: van.id }),
      button("hot-cold", SPOILT.hot(), { kind: "food_cold", van: van.id, container: "hot" }),
      button("cold-warm", SPOILT.cold(), { kind: "food_cold", van: van.id, container: "cold" })),
    wrong,
  ];
}

function form(id, title, label, field, event) {
  const wrong = wrongLine(`${id}-wrong`);
  const button = el("button", { type: "submit" }, _("See what moves"));
  const ask = (submitted) => {
    submitted.preventDefault();
    propose(title, event(field.value), button, wrong);
  };
  return [el("h3", {}, title),
    el("form.say", { id, onsubmit: ask }, el("label", { for: field.id }, label), el("span.line", {}, field, button)), wrong];
}

async function openForm() {
  const elder = el("input", { id: "event-elder", maxlength: 100, required: true, autocomplete: "off" });
  const stop = el("select", { id: "event-stop", required: true });
  const closures = el("div", { id: "closures" });
  $("detail-title").textContent = _("Something happened");
  $("detail-body").replaceChildren(
    ...form("event-visit", _("New visit"), _("The elder's code"), elder, (recipient) => ({ kind: "new_visit", recipient })),
    ...form("event-absent", _("Nobody there"), _("The call that is not needed"), stop, (id) => ({ kind: "no_show", stop: Number(id) })),
    el("h3", {}, _("Closed road")),
    el("p", {}, el("button", { type: "button", id: "close-road", onclick: pickPlace }, _("Choose the place on the map"))),
    closures,
    el("p.muted", {}, _("A van that is down, or food gone cold: open the van's details.")));
  openDetail();
  elder.focus();
  listClosures(closures);
  try {
    const calls = await get("/api/running/calls");
    stop.replaceChildren(...calls.map((one) => el("option", { value: one.stop }, `${clock.hm(one.begins)} ${vanName(one.van)} · ${one.who}`)));
  } catch (error) {
    tell($("event-absent-wrong"), error.message);
  }
}

if ($("something-happened")) {
  $("something-happened").addEventListener("click", openForm);
  CareVan.onReady(drawClosures);
  setInterval(drawClosures, AGAIN_MS);
}
