/* Vans as rows, stops as blocks. A block is dragged with the mouse, or moved with the keyboard: see move.js. */
import { $, el } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";
import { gripOf, isCall, kindOf } from "/static/plan/words.js";

// So near to the day's hour, in hundredths of the width, the words of another would lie under it.
const NEAR = 6;
const HOUR_MS = 3600000;
let range = { from: 0, to: 1 };
let drawn = new Map();
let handlers = {};

const share = (ms) => ((ms - range.from) / (range.to - range.from)) * 100;
const wide = (from, to) => Math.max(0, Math.min(100, share(to)) - Math.max(0, share(from)));

export function setUp(given) {
  handlers = given;
  $("timeline").addEventListener("keydown", onKey);
  $("timeline").addEventListener("pointerdown", (event) => {
    const block = event.target.closest(".stop");
    if (block && event.button === 0) handlers.grab?.(event, block, stopOf(block));
  });
  $("timeline").addEventListener("click", (event) => {
    const block = event.target.closest(".stop");
    if (block) handlers.choose?.(stopOf(block));
    const name = event.target.closest("button.lane-name");
    if (name) handlers.lane?.(Number(name.closest(".lane").dataset.van));
  });
  for (const kind of ["pointerover", "focusin"]) {
    $("timeline").addEventListener(kind, (event) => {
      const block = event.target.closest(".stop");
      showLimits(block ? stopOf(block)?.stop : null);
    });
  }
  $("timeline").addEventListener("pointerleave", () => showLimits(null));
}

export function stopOf(block) {
  const van = drawn.get(Number(block.closest(".lane").dataset.van));
  const stop = van?.stops.find((one) => one.n === Number(block.dataset.n));
  return stop ? { van, stop } : null;
}

export const blockOf = (van, n) => $("timeline").querySelector(`.lane[data-van="${van}"] .stop[data-n="${n}"]`);
export const blockOfKey = (key) => $("timeline").querySelector(`.stop[data-key="${CSS.escape(key)}"], .stop[data-grip="${CSS.escape(key)}"]`);
export const vans = () => [...drawn.values()];

function block(stop, van) {
  const marks = [stop.locked ? "locked" : null, stop.held ? "held" : null, stop.first ? "first" : null].filter(Boolean);
  const said = `${clock.hm(stop.begins)}–${clock.hm(stop.leaves)} ${kindOf(stop)} · ${stop.name}${stop.locked ? ` · ${_("locked")}` : ""}${stop.held ? ` · ${_("begun, stands fast")}` : ""}${stop.first ? ` · ${_("held in this order")}` : ""}`;
  return el(`button.stop.kind-${stop.kind}${marks.map((one) => `.is-${one}`).join("")}`, {
    type: "button", tabindex: "-1", title: said, "aria-label": `${said} · ${van.name}`,
    "data-n": stop.n, "data-key": stop.key, "data-grip": stop.grip, "--x": `${share(stop.begins)}%`, "--w": `${Math.max(0.35, wide(stop.begins, stop.leaves))}%`,
  });
}

/* The no-knock time that most visits share stands behind every lane. */
function usualNap(list) {
  const counts = new Map();
  for (const van of list) {
    for (const stop of van.stops) {
      if (stop.nap) counts.set(stop.nap.join(), (counts.get(stop.nap.join()) ?? 0) + 1);
    }
  }
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  return most ? most[0].split(",").map(Number) : null;
}

function lane(van, nap) {
  const calls = van.stops.filter(isCall).length;
  const stops = van.stops.filter((stop) => !["start", "end"].includes(stop.kind));
  return el("div.lane", { "--van": van.colour, "data-van": van.id, role: "group", "aria-label": van.name },
    el("button.lane-name", { type: "button", "aria-label": _("Stops of {van}", { van: van.name }) },
      el("b", {}, van.name, van.late_s > 0 ? el("span.lag", {}, ` ${_("{n} min late", { n: Math.round(van.late_s / 60) })}`) : null),
      el("small.muted", {}, _("{calls} calls · patrol {patrol} h · {km} km", {
        calls, patrol: (van.patrol_s / 3600).toFixed(1), km: Math.round(van.drive_m / 1000) }))),
    el("div.lane-line", {},
      nap ? el("span.nap-band", { "--x": `${share(nap[0])}%`, "--w": `${wide(...nap)}%` }) : null,
      van.shift ? el("span.off-shift", { "--x": `${share(van.shift[1])}%`, "--w": `${wide(van.shift[1], range.to)}%` }) : null,
      el("span.limits"), el("span.insertion", { hidden: true }),
      stops.map((stop) => block(stop, van))));
}

function axis() {
  const marks = [];
  for (let ms = Math.ceil(range.from / HOUR_MS) * HOUR_MS; ms <= range.to; ms += HOUR_MS) {
    marks.push(el("span", { "--x": `${share(ms)}%` }, clock.hm(ms)));
  }
  return el("div.lane.axis", { "aria-hidden": "true" }, el("span.lane-name"), el("div.lane-line", {}, marks));
}

/* Where the day is, over all lanes; nowhere on a day that no van has begun. */
export function showNow(ms) {
  const there = Boolean(ms) && ms > range.from && ms < range.to;
  $("timeline").classList.toggle("has-now", there);
  $("timeline").querySelector(".now-mark")?.remove();
  for (const hour of $("timeline").querySelectorAll(".axis .lane-line span")) {
    hour.hidden = there && Math.abs(parseFloat(hour.style.getPropertyValue("--x")) - share(ms)) < NEAR;
  }
  if (!there) return;
  $("timeline").style.setProperty("--now", `${share(ms)}%`);
  $("timeline").querySelector(".axis .lane-line")?.append(el("b.now-mark", {}, clock.hm(ms)));
}

/* Only lanes whose van changed are drawn anew: twenty vans of forty stops stay quick. */
export function draw(list) {
  if (!list.length) return $("timeline").replaceChildren();
  const next = {
    from: Math.min(...list.map((van) => Math.min(van.starts, van.shift?.[0] ?? van.starts))),
    to: Math.max(...list.map((van) => Math.max(van.ends, van.shift?.[1] ?? van.ends))) + HOUR_MS / 4,
  };
  const same = next.from === range.from && next.to === range.to && list.length === drawn.size && list.every((van) => drawn.has(van.id));
  const nap = usualNap(list);
  // Few vans are drawn tall, many close together.
  $("timeline").style.setProperty("--lane", `${Math.max(36, Math.min(56, Math.round((0.29 * window.innerHeight) / list.length)))}px`);
  range = next;
  const before = drawn;
  drawn = new Map(list.map((van) => [van.id, van]));
  if (!same || !$("timeline").querySelector(".lane")) {
    $("timeline").replaceChildren(axis(), ...list.map((van) => lane(van, nap)));
  } else {
    for (const van of list) {
      if (before.get(van.id) !== van) $("timeline").querySelector(`.lane[data-van="${van.id}"]`).replaceWith(lane(van, nap));
    }
  }
  const first = $("timeline").querySelector(".stop");
  if (first && !$("timeline").querySelector('.stop[tabindex="0"]')) first.tabIndex = 0;
}

export function empty(sentence) {
  drawn = new Map();
  $("timeline").replaceChildren(el("p.muted.none", {}, sentence));
}

/* When the visit may begin, over all lanes; its no-knock time hatched. */
export function showLimits(stop) {
  for (const band of $("timeline").querySelectorAll(".limits")) {
    band.replaceChildren(...(stop?.windows ?? []).map(([from, to]) => el("span.window-band", { "--x": `${Math.max(0, share(from))}%`, "--w": `${wide(from, to)}%` })),
      ...(stop?.nap ? [el("span.nap-own", { "--x": `${share(stop.nap[0])}%`, "--w": `${wide(...stop.nap)}%` })] : []));
  }
}

export function mark(key) {
  for (const one of $("timeline").querySelectorAll(".stop.is-chosen")) one.classList.remove("is-chosen");
  if (key) blockOfKey(key)?.classList.add("is-chosen");
}

export function focus(blockNode) {
  if (!blockNode) return;
  for (const one of $("timeline").querySelectorAll('.stop[tabindex="0"]')) one.tabIndex = -1;
  blockNode.tabIndex = 0;
  blockNode.focus();
}

/* Where a pointer is: which van, and before which of its calls, the moving one not counted. */
export function placeAt(x, y, key) {
  for (const node of $("timeline").querySelectorAll(".lane[data-van]")) {
    const box = node.getBoundingClientRect();
    if (y < box.top || y > box.bottom) continue;
    const line = node.querySelector(".lane-line").getBoundingClientRect();
    const ms = range.from + ((x - line.left) / line.width) * (range.to - range.from);
    const van = drawn.get(Number(node.dataset.van));
    const before = others(van, key).filter((stop) => (stop.begins + stop.leaves) / 2 < ms);
    return { van: van.id, position: Math.max(firstFree(van), before.length) };
  }
  return null;
}

/* The calls of a van that are counted for a position. */
export const others = (van, key) => van.stops.filter((stop) => stop.position !== null && stop.position !== undefined && gripOf(stop) !== key);

/* The first position behind what the van has begun and what is held. */
export const firstFree = (van) => van.stops.filter((stop) => (stop.held || stop.first) && stop.position !== null).length;

export function showInsertion(place, key) {
  for (const one of $("timeline").querySelectorAll(".insertion")) one.hidden = true;
  for (const one of $("timeline").querySelectorAll(".lane.is-target")) one.classList.remove("is-target");
  const node = place && $("timeline").querySelector(`.lane[data-van="${place.van}"]`);
  if (!node) return;
  node.classList.add("is-target");
  const rest = others(drawn.get(place.van), key);
  const before = rest[place.position - 1], after = rest[place.position];
  const ms = before && after ? (before.leaves + after.begins) / 2 : before ? before.leaves : after ? after.begins : drawn.get(place.van).starts;
  const line = node.querySelector(".insertion");
  line.hidden = false;
  line.style.setProperty("--x", `${share(ms)}%`);
}

function onKey(event) {
  const node = event.target.closest(".stop");
  if (!node || handlers.busy?.()) return;
  const all = [...node.closest(".lane").querySelectorAll(".stop")];
  const at = all.indexOf(node);
  if (event.key === "ArrowRight") focus(all[at + 1]);
  else if (event.key === "ArrowLeft") focus(all[at - 1]);
  else if (event.key === "ArrowDown" || event.key === "ArrowUp") focus(across(node, event.key === "ArrowDown" ? 1 : -1));
  else if (event.key === "m" || event.key === "M") handlers.move?.(stopOf(node));
  else if (event.key === "h" || event.key === "H") handlers.hold?.(stopOf(node));
  else if (event.key === "w" || event.key === "W") handlers.why?.(stopOf(node));
  else if (event.key === "Delete") handlers.remove?.(stopOf(node));
  else return;
  event.preventDefault();
}

/* The stop of the next lane that is nearest in time. */
function across(node, step) {
  const lanes = [...$("timeline").querySelectorAll(".lane[data-van]")];
  const next = lanes[lanes.indexOf(node.closest(".lane")) + step];
  if (!next) return null;
  const x = parseFloat(node.style.getPropertyValue("--x"));
  return [...next.querySelectorAll(".stop")].sort((a, b) =>
    Math.abs(parseFloat(a.style.getPropertyValue("--x")) - x) - Math.abs(parseFloat(b.style.getPropertyValue("--x")) - x))[0];
}
