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

/* The calls that move, those that the event breaks by itself apart: who, what was promised, what holds from now on. */
function diff(changes) {
  const lost = changes.filter((one) => one.forced);
  const moved = changes.filter((one) => !one.forced);
  return [
    ...(lost.length ? [el("h4", {}, _("Could not be kept: {n}", { n: lost.length })), table("lost", lost)] : []),
    ...(moved.length ? [el("h4", {}, _("Moved for it: {n}", { n: moved.length })), table("moved", moved)]
      : [el("p.muted", {}, lost.length ? _("No other promised call moves by more than 15 min.") : _("No promised call moves by more than 15 min."))]),
  ];
}

function table(id, changes) {
  const heads = [_("Call"), _("Promised"), _("Now")];
  return el("table", { id },
    el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, changes.map((one) => el("tr", {},
      el("td", {}, one.who || "—"),
      el("td", {}, `${vanName(one.promised_van)} ${clock.hm(one.promised)}`),
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

/* In a van's details: what can happen to it. */
export function ofVan(van) {
  const wrong = wrongLine("van-events-wrong");
  const button = (id, text, event) => el("button", { type: "button", id,
    onclick: ({ currentTarget }) => propose(`${van.name} · ${text}`, event, currentTarget, wrong) }, text);
  return [
    el("h3", {}, _("Something happened")),
    el("p.line", {},
      button("van-down", _("Van down"), { kind: "van_down", van: van.id }),
      button("hot-cold", _("Hot food gone cold"), { kind: "food_cold", van: van.id, container: "hot" }),
      button("cold-warm", _("Cold food gone warm"), { kind: "food_cold", van: van.id, container: "cold" })),
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
  $("detail-title").textContent = _("Something happened");
  $("detail-body").replaceChildren(
    ...form("event-visit", _("New visit"), _("The elder's code"), elder, (recipient) => ({ kind: "new_visit", recipient })),
    ...form("event-absent", _("Nobody there"), _("The call that is not needed"), stop, (id) => ({ kind: "no_show", stop: Number(id) })),
    el("p.muted", {}, _("A van that is down, or food gone cold: open the van's details.")));
  openDetail();
  elder.focus();
  try {
    const calls = await get("/api/running/calls");
    stop.replaceChildren(...calls.map((one) => el("option", { value: one.stop }, `${clock.hm(one.begins)} ${vanName(one.van)} · ${one.who}`)));
  } catch (error) {
    tell($("event-absent-wrong"), error.message);
  }
}

$("something-happened")?.addEventListener("click", openForm);
