/* Moving a stop: with the mouse, or with arrow keys. Each place is checked before it is taken. */
import { $, el } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";
import * as timeline from "/static/plan/timeline.js";
import { gripOf } from "/static/plan/words.js";
import { costLine } from "/static/plan/levels.js";

const START_PX = 4;
let moving = null;
let hooks = {};

export const setUp = (given) => { hooks = given; };
export const busy = () => moving !== null;

/* key, its name, the place it starts from (null: it is unserved). */
export function begin(visit, place, { pointer = false } = {}) {
  moving = { ...visit, key: gripOf(visit), from: place, place, pointer, checking: false, again: false, checked: null };
  document.body.classList.add("is-moving");
  $("verdict").hidden = false;
  sayPlace();
  timeline.showInsertion(place, moving.key);
  timeline.showLimits(visit);
}

export function cancel() {
  const was = moving;
  end();
  if (was && !was.pointer) timeline.focus(timeline.blockOfKey(was.key));
}

function end() {
  moving = null;
  document.body.classList.remove("is-moving");
  $("verdict").hidden = true;
  $("drag-ghost")?.remove();
  timeline.showInsertion(null);
  timeline.showLimits(null);
}

/* What it is moved by once it stands somewhere: a reload or a pass is known by its place. */
const gripAt = (key, place) => (key.includes(":") ? [key.replace("new:", "").split(":")[0], place.van, place.position].join(":") : key);
const edit = () => ({ kind: moving.from ? "move" : "add", visit: moving.key, ...moving.place });

export async function drop() {
  if (!moving?.place) return cancel();
  const { key, from, place } = moving;
  const made = edit();
  end();
  if (from && from.van === place.van && from.position === place.position) return;
  await hooks.commit(made);
  timeline.focus(timeline.blockOfKey(gripAt(key, place)));
}

function go(place) {
  if (moving.place && place && moving.place.van === place.van && moving.place.position === place.position) return;
  moving.place = place;
  timeline.showInsertion(place, moving.key);
  sayPlace();
  if (place) check();
}

function sayPlace() {
  const { place, name, key } = moving;
  const van = place && timeline.vans().find((one) => one.id === place.van);
  const before = van && timeline.others(van, key)[place.position];
  const where = !van ? _("Take it onto a van.") : before
    ? _("{van}, before {time} {stop}", { van: van.name, time: clock.hm(before.begins), stop: before.name })
    : _("{van}, at the end", { van: van.name });
  $("verdict").replaceChildren(el("p", {}, el("b", {}, name), ` → ${where}`),
    el("div", { id: "verdict-said" }, place ? el("p.muted", {}, _("checking …")) : null),
    el("p.muted.small", {}, moving.pointer ? _("Let go to take this place. Esc: leave it where it was.")
      : _("Arrows: position and van. Enter: take this place. Esc: leave it where it was.")));
}

/* One question at a time; while it is on its way only the newest place waits. */
async function check() {
  if (moving.checking) {
    moving.again = true;
    return;
  }
  const mine = moving;
  const place = mine.place;
  mine.checking = true;
  try {
    const told = await hooks.attempt(edit());
    if (moving !== mine) return;
    if (told && mine.place === place) sayVerdict(told);
  } catch (error) {
    if (moving === mine) $("verdict-said")?.replaceChildren(el("p.wrong", {}, error.message));
  } finally {
    mine.checking = false;
    if (mine.again && moving === mine && mine.place) {
      mine.again = false;
      check();
    }
  }
}

function sayVerdict(told) {
  const now = hooks.current();
  const known = new Set(now.troubles.map((one) => one.said));
  const broken = told.troubles.filter((one) => !known.has(one.said));
  const mine = told.vans.flatMap((van) => van.stops).find((stop) => gripOf(stop) === gripAt(moving.key, moving.place));
  const other = told.moved.length - (told.moved.some((one) => one.key === moving.key) ? 1 : 0);
  $("verdict").classList.toggle("is-broken", broken.length > 0);
  $("verdict-said").replaceChildren(
    mine ? el("p", {}, _("begins {time}", { time: clock.hm(mine.begins) }), other > 0 ? el("span.muted", {}, ` · ${_("{n} others move", { n: other })}`) : null) : "",
    costLine(told.levels, now.levels),
    ...(broken.length ? broken.slice(0, 4).map((one) => el("p.broken", {}, `✕ ${one.said}`)) : [el("p.fits", {}, `✓ ${_("No rule broken.")}`)]),
    told.mends.length && broken.length ? el("p.muted", {}, _("It would do with: {changes}", { changes: told.mends.map((one) => one.said).join("; ") })) : "");
}

/* The keyboard: arrows through places, Enter takes one. */
export function onKey(event) {
  if (!moving) return false;
  if (event.key === "Escape") cancel();
  else if (event.key === "Enter" && !moving.pointer) hooks.guard(drop);
  else if (event.key === "ArrowLeft" || event.key === "ArrowRight") step(event.key === "ArrowRight" ? 1 : -1);
  else if (event.key === "ArrowUp" || event.key === "ArrowDown") across(event.key === "ArrowDown" ? 1 : -1);
  else return false;
  event.preventDefault();
  event.stopPropagation();
  return true;
}

function step(by) {
  const van = timeline.vans().find((one) => one.id === (moving.place?.van ?? timeline.vans()[0].id));
  const most = timeline.others(van, moving.key).length;
  go({ van: van.id, position: Math.max(timeline.firstFree(van), Math.min(most, (moving.place?.position ?? 0) + by)) });
}

/* Onto the next van, at about the same hour. */
function across(by) {
  const all = timeline.vans();
  const at = all.findIndex((one) => one.id === moving.place?.van);
  const van = all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))];
  const here = at < 0 ? null : timeline.others(all[at], moving.key)[moving.place.position];
  const ms = here ? here.begins : Infinity;
  go({ van: van.id, position: Math.max(timeline.firstFree(van), timeline.others(van, moving.key).filter((stop) => stop.begins < ms).length) });
}

/* The mouse: a block, or an unserved visit, taken and dragged over the lanes. */
export function grab(event, stop, place) {
  const visit = { ...stop, key: gripOf(stop) };
  const from = { x: event.clientX, y: event.clientY };
  let begun = false;
  const onMove = (now) => {
    if (begun && !moving) return leave();
    if (!begun && Math.hypot(now.clientX - from.x, now.clientY - from.y) < START_PX) return;
    if (!begun) start(visit, place);
    begun = true;
    ghost(now);
    go(timeline.placeAt(now.clientX, now.clientY, visit.key));
  };
  const leave = () => {
    window.removeEventListener("pointermove", onMove);
    window.removeEventListener("pointerup", onUp);
    window.removeEventListener("pointercancel", onAway);
  };
  const onUp = () => {
    leave();
    if (!moving) return;
    // The click that follows a drag chooses nothing.
    const swallow = (click) => click.stopPropagation();
    window.addEventListener("click", swallow, true);
    setTimeout(() => window.removeEventListener("click", swallow, true), 0);
    hooks.guard(drop);
  };
  const onAway = () => {
    leave();
    if (moving) cancel();
  };
  window.addEventListener("pointermove", onMove);
  window.addEventListener("pointerup", onUp);
  window.addEventListener("pointercancel", onAway);
}

function start(visit, place) {
  begin(visit, place, { pointer: true });
  document.body.append(el("div", { id: "drag-ghost", "aria-hidden": "true" }, visit.name));
}

function ghost(event) {
  const node = $("drag-ghost");
  if (!node) return;
  node.style.setProperty("--left", `${event.clientX + 12}px`);
  node.style.setProperty("--top", `${event.clientY + 12}px`);
}
