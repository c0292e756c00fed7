/* The day's progress: one line for done, a dashed one for planned, labels on the lines. */
import { svg } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";

const WIDE = 360;
const HIGH = 130;
const LEFT = 2;
const TOP = 14;
const BOTTOM = 18;

export function drawProgress(node, { planned, done, from, to }, asOf) {
  const text = JSON.stringify([planned, done, from, to, Math.floor(asOf / 60000)]);
  if (node.drawnFrom === text) return;
  node.drawnFrom = text;
  if (from === null || !planned.length) {
    node.replaceChildren();
    return;
  }
  const most = Math.max(1, planned.at(-1)[1], done.at(-1)?.[1] ?? 0);
  const x = (ms) => LEFT + ((ms - from) / (to - from)) * (WIDE - 2 * LEFT);
  const y = (n) => HIGH - BOTTOM - (n / most) * (HIGH - BOTTOM - TOP);
  const line = (points) => points.map(([ms, n], i) => `${i ? "L" : "M"}${x(Math.min(Math.max(ms, from), to)).toFixed(1)},${y(n).toFixed(1)}`).join("");
  const until = Math.min(Math.max(asOf, from), to);
  const n = done.at(-1)?.[1] ?? 0;
  const actual = [[from, 0], ...done.filter(([ms]) => ms <= until), [until, n]];
  const near = x(until) > WIDE - 90;
  node.replaceChildren(svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img",
    "aria-label": _("{n} calls done of {of} planned", { n, of: planned.at(-1)[1] }) },
    svg("line", { class: "axis", x1: 0, x2: WIDE, y1: HIGH - BOTTOM, y2: HIGH - BOTTOM }),
    svg("path", { class: "planned", d: line([[from, 0], ...planned]) }),
    svg("path", { class: "done", d: line(actual) }),
    svg("text", { class: "planned-label", x: Math.min(WIDE - 4, x(planned.at(-1)[0])), y: Math.max(11, y(planned.at(-1)[1]) - 5), "text-anchor": "end" }, _("planned {n}", { n: planned.at(-1)[1] })),
    svg("text", { class: "done-label", x: x(until) + (near ? -6 : 6), y: Math.min(HIGH - BOTTOM - 6, y(n) + 16), "text-anchor": near ? "end" : "start" }, _("done {n}", { n })),
    svg("text", { class: "axis-label", x: 0, y: HIGH - 3 }, clock.hm(from)),
    svg("text", { class: "axis-label", x: WIDE, y: HIGH - 3, "text-anchor": "end" }, clock.hm(to))));
}
