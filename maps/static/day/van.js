/* A van's day. Timeline, map and table show one choice: what is chosen in one stands out in the others. */
import { get } from "/static/http.js";
import { $, el, redraw } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";
import { axis, block, dayChoice, key, summary, tellSpan, ticks } from "/static/day/ledger.js";
import { alertRows, figures } from "/static/day/figures.js";
import { beatRows } from "/static/day/beats.js";
import { stayRows } from "/static/day/stays.js";

const EVERY_MS = 30000;
const start = JSON.parse($("start").textContent);
const vanId = start.sheet.vans[0].id;
let sheet = start.sheet;
/* [starts, ends] of what is chosen, and of what the pointer is over. */
let chosen = null;
let over = null;

clock.setZone(start.timezone, start.rate);
clock.correct(sheet.as_of);

const spans = () => sheet.vans[0].ledger?.spans ?? [];
/* Whether two stretches are mostly the same time, measured by the shorter one. */
const overlaps = ([starts, ends], [from, to]) =>
  Math.min(ends, to) - Math.max(starts, from) >= Math.min(ends - starts, to - from) / 2;
const spanAt = (ms) => spans().find(([, starts, ends]) => starts <= ms && ms < ends);

/* ---- one choice, shown everywhere */

function show({ move = false } = {}) {
  const shown = over ?? chosen;
  CareVan.onReady(() => CareVan.highlight(shown?.[0] ?? null, shown?.[1] ?? null, { move }));
  spans().forEach(([, starts, ends], n) => {
    const node = $(`span-${n}`);
    const lit = shown !== null && overlaps([starts, ends], shown);
    node.classList.toggle("is-lit", lit);
    node.setAttribute("aria-selected", String(chosen !== null && starts === chosen[0] && ends === chosen[1]));
  });
  for (const row of $("stays").querySelectorAll("tr[data-starts]")) {
    row.classList.toggle("is-lit", shown !== null && overlaps([Number(row.dataset.starts), Number(row.dataset.ends)], shown));
  }
  const span = shown && spans().find(([, starts, ends]) => starts === shown[0] && ends === shown[1]);
  $("told").textContent = span ? tellSpan(span) : shown ? `${clock.hm(shown[0])}–${clock.hm(shown[1])}` : _("Choose a stretch of the timeline, a stay or a place on the line driven.");
}

function choose(stretch, options) {
  chosen = stretch;
  over = null;
  const n = stretch ? spans().findIndex(([, starts, ends]) => starts === stretch[0] && ends === stretch[1]) : -1;
  if (n >= 0) $("line").setAttribute("aria-activedescendant", `span-${n}`);
  else $("line").removeAttribute("aria-activedescendant");
  show(options);
}

function hover(stretch) {
  over = stretch;
  show();
}

/* ---- the timeline */

function drawLine() {
  const found = spans();
  $("line").replaceChildren(...ticks(sheet.scale), ...found.map((span, n) => {
    const node = block(span, sheet.scale);
    node.id = `span-${n}`;
    node.setAttribute("role", "option");
    node.setAttribute("aria-label", tellSpan(span));
    node.addEventListener("pointerenter", () => hover([span[1], span[2]]));
    node.addEventListener("pointerleave", () => hover(null));
    node.addEventListener("click", () => choose([span[1], span[2]], { move: true }));
    return node;
  }));
  // A list box without a choice is none.
  for (const [name, value] of found.length ? [["role", "listbox"], ["aria-orientation", "horizontal"]] : [["role", "group"]]) {
    $("line").setAttribute(name, value);
  }
  if (!found.length) $("line").append(el("span.nothing.muted", {}, _("Nothing is computed of this day yet.")));
  $("line").setAttribute("aria-description", summary(found));
  redraw($("axis"), sheet.scale, axis);
  redraw($("key"), [...new Set(found.map(([kind]) => kind))].sort(), () => key(found));
}

const inSight = () => spans().filter(([, starts, ends]) => ends > sheet.scale[0] && starts < sheet.scale[1]);

$("line").addEventListener("keydown", (event) => {
  const found = inSight();
  const now = chosen ? found.findIndex(([, starts, ends]) => starts === chosen[0] && ends === chosen[1]) : -1;
  const to = { ArrowRight: now + 1, ArrowLeft: now < 0 ? found.length - 1 : now - 1, Home: 0, End: found.length - 1 }[event.key];
  if (event.key === "Escape") choose(null);
  if (to === undefined || !found[to]) return;
  event.preventDefault();
  choose([found[to][1], found[to][2]], { move: true });
});

/* ---- the map and the table */

document.addEventListener("carevan:moment", ({ detail: { ms, stay } }) => {
  const found = sheet.stays.find(([n]) => n === stay);
  const span = spanAt(ms);
  if (found) choose([found[1], found[2]]);
  else if (span) choose([span[1], span[2]]);
  const row = found ? $("stays").querySelector(`[data-stay="${stay}"]`) : $("stays").querySelector(".is-lit");
  row?.scrollIntoView({ block: "nearest" });
});

/* Where what is drawn reaches beyond the scale's hours, its keys still find it. */
function drawStays() {
  const on = {
    choose: (stretch) => choose(stretch, { move: true }),
    hover,
  };
  $("stays").replaceChildren(...stayRows(sheet, on));
  const without = sheet.calls.filter((call) => call.stay === null).length;
  $("stays-note").textContent = _("{n} stays · {stops} planned stops, {without} without a stay", { n: sheet.stays.length, stops: sheet.calls.length, without });
}

function drawBeats(beats) {
  $("beats").replaceChildren(...beatRows(beats));
  $("beats-frame").hidden = !beats.length;
  $("beats-note").textContent = beats.length ? "" : _("none");
}

function draw() {
  const { as_of: asOf, driven: _driven, ...shown } = sheet;
  const text = JSON.stringify(shown);
  $("as-of").textContent = clock.hms(asOf);
  if (text === draw.last) return;
  draw.last = text;
  const ledger = sheet.vans[0].ledger;
  $("computed").textContent = ledger ? _("Ledgers of {time} ·", { time: clock.hms(ledger.computed) }) : "";
  $("figures").replaceChildren(...figures(sheet));
  drawLine();
  drawStays();
  drawBeats(ledger?.beats ?? []);
  $("alerts").replaceChildren(...alertRows(sheet.alerts, (stretch) => choose(stretch, { move: true })));
  $("alerts-note").textContent = sheet.alerts.length ? String(sheet.alerts.length) : _("none");
  show();
}

async function refresh() {
  try {
    sheet = await get(`/api/vans/${vanId}/days/${start.sheet.day}`);
    if (sheet.driven) CareVan.show("driven", sheet.driven);
    draw();
  } catch (error) {
    // "As of" keeps its old time, so the page does not claim to be newer than it is.
    console.info(error.message);
  }
}

$("van").addEventListener("change", () => location.assign(`/vans/${$("van").value}/${start.sheet.day}`));
dayChoice();
draw();
setInterval(refresh, EVERY_MS);
