/* The live curve of a run: the best plan so far over the seconds, the highest level that changes and the driving sum. */
import { $, svg } from "/static/dom.js";
import { nameOf, saidOf } from "/static/plan/levels.js";
import { _ } from "/static/words.js";

const W = 320, H = 96, PAD = 6, LABEL = 16;
const NAMES = ["sos_missed", "mandatory_missed", "prize_missed", "patrol_short_min", "unseen_min", "portions_missed", "cost"];

/* curve: [[seconds, levels], ...]; levels a list in their order, or by name. */
const valuesOf = (levels) => (Array.isArray(levels) ? Object.fromEntries(levels.map((value, n) => [NAMES[n], value])) : levels);

function line(points, key, most, index) {
  const values = points.map(([, levels]) => levels[key]);
  const low = Math.min(...values), high = Math.max(...values);
  const x = (s) => PAD + (s / most) * (W - 2 * PAD);
  const y = (v) => LABEL + PAD + (high === low ? 0.5 : (high - v) / (high - low)) * (H - LABEL - 2 * PAD);
  let path = "";
  points.forEach(([s], n) => { path += n ? ` H${x(s)} V${y(values[n])}` : `M${x(s)} ${y(values[n])}`; });
  return [svg("path", { d: `${path} H${x(most)}`, class: `curve-line curve-${index}` }),
    svg("text", { x: index ? W - PAD : PAD, y: 11, class: `curve-label curve-${index}`, "text-anchor": index ? "end" : "start" },
      `${nameOf(key)} ${saidOf(key, values.at(-1))}`)];
}

export function draw(curve, seconds) {
  const node = $("curve");
  const points = (curve ?? []).map(([s, levels]) => [Number(s), valuesOf(levels)]);
  node.toggleAttribute("hidden", points.length === 0);
  if (!points.length) return;
  const known = Object.keys(points[0][1]);
  const changing = NAMES.filter((key) => known.includes(key) && key !== "cost" && points.some(([, levels]) => levels[key] !== points[0][1][key]));
  const keys = [...new Set([changing[0] ?? "prize_missed", known.includes("cost") ? "cost" : known.at(-1)])].filter((key) => known.includes(key));
  const most = Math.max(seconds, points.at(-1)[0]);
  node.setAttribute("aria-label", _("Best so far: {levels}", { levels: keys.map((key) => `${nameOf(key)} ${saidOf(key, points.at(-1)[1][key])}`).join(", ") }));
  node.replaceChildren(svg("line", { x1: PAD, x2: W - PAD, y1: H - 2, y2: H - 2, class: "curve-axis" }), ...keys.flatMap((key, n) => line(points, key, most, n)));
}
