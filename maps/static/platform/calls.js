/* SOS on the platform screen: a banner a call with its timers, the steps a dispatcher takes, the form to raise one. */
import { get, post } from "/static/http.js";
import { $, el, redraw } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";
import { diff } from "/static/platform/events.js";
import { openDetail } from "/static/platform/panel.js";

const MOST_BANNERS = 3;
const SEEN_TARGET_S = 60;
const ACCEPTED_TARGET_S = 30;
let refresh = () => {};
let acting = false;
let point = null;

function status(call) {
  const van = call.van ?? "";
  const away = call.eta_s === null ? "" : ` · ${_("about {n} min by road", { n: Math.max(1, Math.round(call.eta_s / 60)) })}`;
  return {
    called: () => _("Nobody has looked yet"),
    seen: () => _("Seen; no van yet"),
    offered: () => _("Offered to {van}, waiting for the crew", { van }) + away,
    accepted: () => _("{van} is on the way", { van }) + away,
    arrived: () => _("{van} is there", { van }),
  }[call.state]?.() ?? call.state;
}

/* The step whose target runs now, and how many seconds are left of it. */
function countdown(call, now) {
  if (call.state === "called") return { left: SEEN_TARGET_S - (now - call.called_at) / 1000, what: _("to look") };
  if (call.state === "offered") return { left: ACCEPTED_TARGET_S - (now - call.offered_at) / 1000, what: _("to accept") };
  if (call.state === "accepted") return { left: 900 - (now - call.called_at) / 1000, what: _("to arrive") };
  return null;
}

async function act(call, step, button) {
  button.disabled = true;
  try {
    await post(`/api/sos/${call.id}/${step}`);
  } catch (error) {
    const said = button.closest(".call").querySelector(".call-wrong");
    said.textContent = error.message;
    said.hidden = false;
  }
  button.disabled = false;
  refresh();
}

function buttons(call) {
  const step = (name, text, kind = "") =>
    el(`button${kind}`, { type: "button", onclick: (event) => act(call, name, event.currentTarget) }, text);
  return {
    called: () => [step("see", _("Seen"), ".danger")],
    seen: () => [step("offer", _("Send the best van"), ".danger")],
    offered: () => [step("offer", _("Offer again"))],
    accepted: () => [],
    arrived: () => [step("close", _("Close the call"), ".danger")],
  }[call.state]?.() ?? [];
}

function banner(call, mayAct) {
  return el("article.call", { "data-call": call.id },
    el("strong", {}, `SOS ${[call.place, call.who].filter(Boolean).join(" · ")}`),
    el("time.elapsed", { role: "timer" }, ""),
    el("span.call-said", {}, el("span", {}, status(call)), el("span.countdown", { role: "timer" }, "")),
    el("span.call-wrong.wrong", { role: "alert", hidden: true }),
    el("span.call-buttons", {},
      mayAct && buttons(call),
      el("button", { type: "button", onclick: () => open(call) }, _("Details"))));
}

export function draw(calls, mayAct, refreshed) {
  refresh = refreshed;
  list = calls;
  acting = mayAct;
  const shown = [...calls].sort((a, b) => (a.state === "called" ? 0 : 1) - (b.state === "called" ? 0 : 1) || a.called_at - b.called_at);
  redraw($("calls"), shown, () => [
    ...shown.slice(0, MOST_BANNERS).map((call) => banner(call, mayAct)),
    shown.length > MOST_BANNERS ? el("p.call-more", {}, _("more open calls: {n}", { n: shown.length - MOST_BANNERS })) : null,
  ].filter(Boolean));
  tick();
}

let list = [];
export function tick() {
  const now = clock.now();
  for (const call of list) {
    const node = document.querySelector(`[data-call="${call.id}"]`);
    if (!node) continue;
    node.querySelector(".elapsed").textContent = clock.stopwatch((now - call.called_at) / 1000);
    const target = countdown(call, now);
    const late = target && target.left < 0;
    const words = !target ? "" : late
      ? _("{time} over the target {what}", { time: clock.stopwatch(-target.left), what: target.what })
      : _("{time} left {what}", { time: clock.stopwatch(target.left), what: target.what });
    node.querySelector(".countdown").textContent = words;
    node.querySelector(".countdown").classList.toggle("is-late", Boolean(late));
  }
}

const STEPS = [["called_at", () => _("called")], ["seen_at", () => _("seen")], ["offered_at", () => _("offered")],
  ["accepted_at", () => _("accepted")], ["arrived_at", () => _("arrived")]];

const WHY = {
  off_shift: () => _("off shift"), busy: () => _("on another call"), handed_back: () => _("handed the call back"),
  stale: () => _("not heard of for a minute"), unreachable: () => _("no road"), later: () => _("there later"),
  costlier: () => _("there as soon, but more is lost"), over_budget: () => _("moves more promised calls"), skills: () => _("lacks a skill"), not_for_it: () => _("may not go"),
  too_late: () => _("over an hour away"), full: () => _("no room even without six stops"),
};
const why = (code) => WHY[code]?.() ?? code ?? "";

/* What the newest proposal does to promised calls, and the click that lets the day go on that way. */
function proposed(call, proposals) {
  const newest = proposals.at(-1);
  if (!newest) return [];
  const title = newest.stage === "adopted" ? _("The day goes on like this") : _("The rest of the day, proposed");
  return [
    el("h3", {}, title),
    ...diff(newest.shifted),
    newest.over > 0 && el("p.wrong", {}, _("{n} more promises are broken than the limit allows.", { n: newest.over })),
    acting && newest.stage !== "adopted" && ["offered", "accepted"].includes(call.state)
      && el("button", { type: "button", id: "rearrange", onclick: (event) => rearrange(call, event.currentTarget) }, _("Send the vans these routes")),
    el("p.wrong", { id: "rearrange-wrong", role: "alert", hidden: true }),
  ].filter(Boolean);
}

async function rearrange(call, button) {
  button.disabled = true;
  try {
    await post(`/api/sos/${call.id}/rearrange`);
    refresh();
    open(call);
  } catch (error) {
    $("rearrange-wrong").textContent = error.message;
    $("rearrange-wrong").hidden = false;
    button.disabled = false;
  }
}

async function open(call) {
  CareVan.map.setView([call.lat, call.lon], Math.max(CareVan.map.getZoom(), 15));
  const told = (await get("/api/sos")).find((one) => one.sos === call.id);
  $("detail-title").textContent = `SOS ${call.place}`;
  const decision = told?.receipt?.decisions?.at(-1);
  $("detail-body").replaceChildren(...[
    el("table", {}, STEPS.filter(([key]) => call[key]).map(([key, name]) => el("tr", {}, el("th", {}, name()), el("td", {}, clock.hms(call[key]))))),
    decision ? el("h3", {}, _("Why this van")) : el("p.muted", {}, _("No van was compared yet. “Send the best van” compares them all.")),
    decision && el("table", {}, decision.candidates.map((one) => el("tr", { class: one.van === decision.van ? "chosen" : null },
      el("td", {}, CareVan.kinds[one.van]?.name ?? one.van),
      el("td", {}, one.eta_s === null ? "—" : _("{n} min", { n: Math.max(1, Math.round(one.eta_s / 60)) })),
      el("td.muted", {}, one.van === decision.van ? _("chosen") : why(one.why))))),
    decision && el("p.muted", {}, _("Decided at {time}; stops moved: {n}", { time: clock.hms(decision.at), n: decision.moved.length })),
    ...proposed(call, told?.receipt?.proposals ?? []),
  ].filter(Boolean));
  openDetail();
}

function stopPicking() {
  $("picking").hidden = true;
  CareVan.map.getContainer().classList.remove("is-picking");
  CareVan.map.off("click", picked);
}

function picked({ latlng }) {
  stopPicking();
  point = latlng;
  $("sos-point").textContent = _("Point on the map: {lon}, {lat}", { lon: point.lng.toFixed(5), lat: point.lat.toFixed(5) });
  $("sos-wrong").hidden = true;
  $("sos-form").showModal();
  $("sos-place").focus();
}

async function send(event) {
  event.preventDefault();
  const place = $("sos-place").value.trim();
  try {
    const recipient = $("sos-recipient").value.trim();
    await post("/api/sos", recipient ? { place, recipient } : { place, lon: point.lng, lat: point.lat });
    $("sos-form").close();
    $("sos-place").value = "";
    $("sos-recipient").value = "";
    refresh();
  } catch (error) {
    $("sos-wrong").textContent = error.message;
    $("sos-wrong").hidden = false;
  }
}

export function begin(refreshed) {
  refresh = refreshed;
  $("raise-sos")?.addEventListener("click", () => {
    $("picking").hidden = false;
    CareVan.map.getContainer().classList.add("is-picking");
    CareVan.map.on("click", picked);
  });
  $("pick-cancel").addEventListener("click", stopPicking);
  addEventListener("keydown", (event) => event.key === "Escape" && stopPicking());
  $("sos-cancel").addEventListener("click", () => $("sos-form").close());
  $("sos-fields").addEventListener("submit", send);
}
