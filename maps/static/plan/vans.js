/* Why this van: every van of the day with what the chosen visit would cost there, or what forbids it. */
import { $, el } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";
import { costLine } from "/static/plan/levels.js";

let asked = null;
let number = 0;
let hooks = {};

/* ask(key), commit(edits), attempt(deed), back(key): where the focus goes when the list is closed. */
export function setUp(given) {
  hooks = given;
  $("vans-close").addEventListener("click", close);
  $("vans").addEventListener("keydown", onKey);
}

export const isOpen = () => asked !== null;

export async function open(key, { focus = false } = {}) {
  asked = key;
  const mine = ++number;
  $("vans").hidden = false;
  if (!$("vans-list").children.length) $("vans-list").replaceChildren(el("li.muted", {}, _("asking the vans …")));
  try {
    const told = await hooks.ask(key);
    if (mine !== number) return;
    draw(told);
    if (focus) rows()[0]?.focus();
  } catch (error) {
    if (mine !== number) return;
    $("vans-title").textContent = _("Why this van?");
    $("vans-list").replaceChildren(el("li.wrong", {}, error.message));
  }
}

export function close() {
  const key = asked;
  const within = $("vans").contains(document.activeElement);
  asked = null;
  number += 1;
  $("vans").hidden = true;
  $("vans-list").replaceChildren();
  if (within && key) hooks.back(key);
}

/* What is chosen, or the plan, has changed: an open list answers for it. */
export function follow(key) {
  if (!isOpen()) return;
  if (!key) close();
  else hooks.attempt(() => open(key, { focus: $("vans").contains(document.activeElement) }));
}

function draw({ name, vans }) {
  const here = vans.find((one) => one.here);
  $("vans-title").textContent = here ? _("Why {van}: {stop}", { van: here.name, stop: name }) : _("Which van: {stop}", { stop: name });
  $("vans-note").textContent = verdict(here, vans);
  $("vans-list").replaceChildren(...vans.map(row));
  const first = rows()[0];
  if (first) first.tabIndex = 0;
}

function verdict(here, vans) {
  const free = vans.filter((one) => !one.here && one.edits.length && !one.said.length);
  if (!free.length) return here ? _("No other van has room for it as the day is.") : _("No van has room for it as the day is.");
  if (!here) return _("Vans with room for it: {n}, the cheapest first.", { n: free.length });
  const better = free.filter((one) => one.better).length;
  return better ? _("Other vans that would do it for less: {n}.", { n: better }) : _("Other vans with room for it: {n}, none for less.", { n: free.length });
}

function row(one) {
  return el(`li.van-bid${one.here ? ".is-here" : ""}`, { tabindex: "-1", "data-van": one.van, "--van": one.colour },
    el("p", {}, el("b", {}, one.name), one.begins ? el("span.muted", {}, ` ${_("begins {time}", { time: clock.hm(one.begins) })}`) : null,
      one.here ? el("span.muted", {}, ` · ${_("serves it now")}`) : null),
    one.said.map((text) => el("p.broken", {}, `✕ ${text}`)),
    one.edits.length ? costLine(one.levels, one.levels.map(({ key, before }) => ({ key, value: before }))) : null,
    one.edits.length ? el("button", { type: "button", "data-act": "take", onclick: () => take(one),
      title: one.changes.length ? _("Assume this and put the visit in: {changes}", { changes: one.changes.map((each) => each.said).join("; ") }) : null }, deed(one)) : null);
}

function deed(one) {
  if (one.changes.length) return _("Assume it and move");
  return one.said.length ? _("Allow and move") : _("Onto this van");
}

const take = (one) => hooks.attempt(() => hooks.commit(one.edits));
const rows = () => [...$("vans-list").querySelectorAll(".van-bid")];

/* Arrows go from van to van, Enter does what the row offers, Esc goes back to the stop. */
function onKey(event) {
  const all = rows();
  const at = all.indexOf(event.target.closest(".van-bid"));
  if (event.key === "Escape") close();
  else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const next = all[Math.max(0, Math.min(all.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))];
    for (const one of all) one.tabIndex = one === next ? 0 : -1;
    next?.focus();
  } else if (event.key === "Enter" && event.target === all[at]) all[at].querySelector("button")?.click();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
