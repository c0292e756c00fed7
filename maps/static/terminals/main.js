/* The list of terminals: sorted and filtered as the address says, its ages counted on, asked for anew each few seconds. */
import { get } from "/static/http.js";
import { $, el, svg } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";
import * as detail from "/static/terminals/detail.js";
import { STATES, STATE_WORDS, ago, drawn, kindOf, number, offset, protocolOf, span, stateOf } from "/static/terminals/words.js";

const EVERY_MS = 5000;
const start = JSON.parse($("start").textContent);
const text = (a, b) => a.localeCompare(b, undefined, { numeric: true });
const known = (value) => (value === null ? -Infinity : value);

/* How each column is read and compared; "down" sorts the largest first at the first click. */
const COLUMNS = {
  van: { compare: (a, b) => text(a.van.name, b.van.name) || text(a.code, b.code) },
  code: { compare: (a, b) => text(a.code, b.code) },
  state: { compare: (a, b) => STATES.indexOf(stateOf(b, clock.now(), start)) - STATES.indexOf(stateOf(a, clock.now(), start)), down: true },
  heard: { compare: (a, b) => known(a.heard) - known(b.heard), down: true },
  fix: { compare: (a, b) => known(a.fix) - known(b.fix), down: true },
  lag: { compare: (a, b) => known(a.lag_s) - known(b.lag_s), down: true },
  offset: { compare: (a, b) => Math.abs(a.offset_s ?? -1) - Math.abs(b.offset_s ?? -1), down: true },
  fixes: { compare: (a, b) => a.fixes - b.fixes, down: true },
  refused: { compare: (a, b) => a.refused - b.refused, down: true },
  drawn: { compare: (a, b) => known(a.state) - known(b.state) },
  app: { compare: (a, b) => text(a.app, b.app) },
};

const asked = new URLSearchParams(location.search);
const view = {
  q: asked.get("q") ?? "",
  state: STATES.includes(asked.get("state")) ? asked.get("state") : "",
  sort: (asked.get("sort") ?? "").replace(/^-/, "") in COLUMNS ? asked.get("sort") : "van",
};
let roster = start.roster;
const rows = new Map();

clock.setZone(start.timezone, start.rate);
clock.correct(roster.as_of);

function keepInAddress() {
  const told = new URLSearchParams();
  if (view.q) told.set("q", view.q);
  if (view.state) told.set("state", view.state);
  if (view.sort !== "van") told.set("sort", view.sort);
  const query = told.toString();
  history.replaceState(null, "", query ? `?${query}` : location.pathname);
}

const MARKS = {
  online: () => [svg("circle", { cx: 6, cy: 6, r: 5, fill: "currentColor" })],
  stale: () => [svg("circle", { cx: 6, cy: 6, r: 4.2, fill: "none", stroke: "currentColor", "stroke-width": 1.6 }), svg("path", { d: "M6 1.8a4.2 4.2 0 0 1 0 8.4z", fill: "currentColor" })],
  silent: () => [svg("circle", { cx: 6, cy: 6, r: 4.2, fill: "none", stroke: "currentColor", "stroke-width": 1.6 })],
  never: () => [svg("circle", { cx: 6, cy: 6, r: 4.2, fill: "none", stroke: "currentColor", "stroke-width": 1.6, "stroke-dasharray": "2.2 2.2" })],
  revoked: () => [svg("path", { d: "M2 2l8 8M10 2l-8 8", stroke: "currentColor", "stroke-width": 1.8 })],
};

function makeRow(id) {
  const cells = Object.fromEntries(Object.keys(COLUMNS).map((key) => [key, el(`td.${key}`)]));
  for (const key of ["heard", "fix", "lag", "offset", "fixes", "refused"]) cells[key].classList.add("count");
  const open = () => detail.open(roster.terminals.find((one) => one.id === id));
  const code = el("button.quiet", { type: "button", onclick: open, title: _("Refusals and settings of this terminal") });
  const kind = el("small");
  cells.code.append(code, kind);
  const refused = el("button.quiet", { type: "button", onclick: open });
  cells.refused.append(refused);
  const van = el("span.van-name");
  cells.van.append(van);
  return { node: el("tr", { "data-terminal": id }, Object.values(cells)), cells, code, kind, refused, van, state: "" };
}

function put(node, said) {
  const shown = said || "—";
  if (node.textContent !== shown) node.textContent = shown;
  node.classList.toggle("quiet-cell", !said);
}

function fill(row, one) {
  const { cells } = row;
  put(row.van, one.van.name);
  row.van.style.setProperty("--van", one.van.colour);
  put(row.code, one.code);
  put(row.kind, [kindOf(one), protocolOf(one)].filter(Boolean).join(" · "));
  put(cells.lag, one.lag_s === null ? "" : span(one.lag_s));
  const far = one.offset_s !== null && Math.abs(one.offset_s) > start.offset_warns_s;
  put(cells.offset, (far ? "⚠ " : "") + offset(one));
  cells.offset.classList.toggle("is-warn", far);
  cells.offset.title = one.offset_s === null
    ? _("It does not tell what its clock shows, and no fix of the future gives it away.")
    : one.offset_told ? _("By its own word.") : _("Concluded from a fix of the future: at least so much.");
  put(cells.fixes, one.fixes ? number(one.fixes) : "");
  put(row.refused, number(one.refused));
  row.refused.classList.toggle("is-warn", one.refused > 0);
  row.refused.setAttribute("aria-label", _("{n} refused: show them", { n: one.refused }));
  put(cells.drawn, drawn(one, roster));
  put(cells.app, one.app);
  cells.app.title = one.app;
  age(row, one);
}

/* What grows older by itself. */
function age(row, one) {
  const now = clock.now();
  put(row.cells.heard, one.heard === null ? "" : ago((now - one.heard) / 1000));
  put(row.cells.fix, one.fix === null ? "" : ago((now - one.fix) / 1000));
  const state = stateOf(one, now, start);
  if (state === row.state) return;
  row.state = state;
  row.cells.state.replaceChildren(el(`span.state-word.state-${state}`, {},
    svg("svg", { width: 12, height: 12, viewBox: "0 0 12 12", "aria-hidden": "true" }, ...MARKS[state]()), STATE_WORDS[state]()));
}

function wanted() {
  const words = view.q.toLowerCase().split(/\s+/).filter(Boolean);
  const [key, down] = view.sort.startsWith("-") ? [view.sort.slice(1), -1] : [view.sort, 1];
  return roster.terminals
    .filter((one) => !view.state || stateOf(one, clock.now(), start) === view.state)
    .filter((one) => {
      const told = [one.van.name, one.code, kindOf(one), protocolOf(one), one.app].join(" ").toLowerCase();
      return words.every((word) => told.includes(word));
    })
    .sort((a, b) => down * COLUMNS[key].compare(a, b) || COLUMNS.van.compare(a, b));
}

function drawStates() {
  const counts = Object.fromEntries(STATES.map((state) => [state, 0]));
  for (const one of roster.terminals) counts[stateOf(one, clock.now(), start)] += 1;
  const all = roster.terminals.length;
  for (const [state, label, n] of [["", _("all"), all], ...STATES.map((state) => [state, STATE_WORDS[state](), counts[state]])]) {
    let node = $("states").querySelector(`[data-state="${state}"]`);
    if (!node) {
      node = el("button", { type: "button", "data-state": state, onclick: () => choose(state) }, label, el("b"));
      $("states").append(el("li", {}, node));
    }
    node.lastChild.textContent = n;
    node.setAttribute("aria-pressed", view.state === state);
    node.hidden = state !== "" && n === 0 && view.state !== state;
  }
}

function drawEmpty(shown) {
  const empty = $("empty");
  empty.hidden = shown > 0;
  $("table").hidden = shown === 0;
  if (shown) return;
  if (roster.terminals.length) {
    const clear = el("button", { type: "button", onclick: () => { view.q = view.state = $("filter").value = ""; draw(); } }, _("Show all"));
    empty.replaceChildren(_("No terminal is like that."), clear);
  } else {
    empty.textContent = _("No terminal yet. Add a van with “carevan van add”, or pair a screen from a van's details on the platform screen.");
  }
}

function draw() {
  keepInAddress();
  const order = wanted();
  for (const one of order) {
    if (!rows.has(one.id)) rows.set(one.id, makeRow(one.id));
    fill(rows.get(one.id), one);
  }
  const nodes = order.map((one) => rows.get(one.id).node);
  const body = $("rows");
  // Rows are moved only when their order changed: focus stays where it is.
  if (nodes.length !== body.children.length || nodes.some((node, n) => node !== body.children[n])) {
    const focused = document.activeElement;
    body.replaceChildren(...nodes);
    if (body.contains(focused)) focused.focus();
  }
  drawStates();
  drawEmpty(order.length);
  const [key, down] = view.sort.startsWith("-") ? [view.sort.slice(1), true] : [view.sort, false];
  for (const head of document.querySelectorAll("[data-column]")) {
    if (head.dataset.column === key) head.setAttribute("aria-sort", down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }
  $("as-of").textContent = clock.hms(roster.as_of);
}

function choose(state) {
  view.state = state;
  draw();
}

function sortBy(key) {
  const first = COLUMNS[key].down ? `-${key}` : key;
  const other = COLUMNS[key].down ? key : `-${key}`;
  view.sort = view.sort === first ? other : first;
  draw();
}

async function refresh() {
  try {
    roster = await get("/api/terminals");
    clock.correct(roster.as_of);
    draw();
    detail.update(roster.terminals);
  } catch (error) {
    // "As of" keeps its old time, so the list does not claim to be newer than it is.
    console.info(error.message);
  }
}

function tick() {
  let turned = false;
  for (const one of roster.terminals) {
    const row = rows.get(one.id);
    const before = row?.state;
    if (row) age(row, one);
    turned ||= row !== undefined && row.state !== before;
  }
  if (turned) draw();
}

/* "/" goes to the filter; the arrows go through the list. */
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, select, textarea");
  if (event.key === "/" && !typing && !$("detail").open) {
    event.preventDefault();
    $("filter").focus();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || $("detail").open || (typing && step < 0)) return;
  const codes = [...$("rows").querySelectorAll(".code button")];
  const at = codes.findIndex((code) => code.closest("tr").contains(document.activeElement));
  const next = at < 0 ? (step > 0 ? 0 : -1) : at + step;
  if (codes[next]) {
    event.preventDefault();
    codes[next].focus();
  }
});

$("filter").value = view.q;
$("filter").addEventListener("input", () => {
  view.q = $("filter").value.trim();
  draw();
});
for (const button of document.querySelectorAll("[data-sort]")) button.addEventListener("click", () => sortBy(button.dataset.sort));
detail.begin({ ...start, refresh });
draw();
setInterval(refresh, EVERY_MS);
setInterval(tick, 1000);
