/* The table of a van's stays with the planned stops made at each, and of the stops without a stay, by time. */
import { el } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";
import { lasting, verdictOf } from "/static/day/ledger.js";

const PARTS = {
  dwell: [() => _("dwell"), "s"],
  distance: [() => _("distance"), "m"],
  order: [() => _("in order"), ""],
  tap: [() => _("tapped there, by the track"), "m"],
  picture: [() => _("picture"), ""],
  position: [() => _("tapped there, by the terminal"), "m"],
  reading: [() => _("temperature"), ""],
  cap: [() => _("at most, for the tap was far off"), "m"],
};

function measured(value, unit) {
  if (value === null) return "—";
  if (typeof value === "boolean") return value ? _("yes") : _("no");
  return unit === "s" ? lasting(value * 1000) : `${Math.round(value)} ${unit}`;
}

function parts(evidence) {
  const rows = evidence.parts.map(([name, points, of, value]) => {
    const [word, unit] = PARTS[name] ?? [() => name, ""];
    return el("tr", {}, el("td", {}, word()), el("td.count", {}, measured(value, unit)), el("td.count", {}, of ? `${points} / ${of}` : String(points)));
  });
  return el("table.sum", {}, el("caption.unseen", {}, _("How the score comes about")), el("tbody", {}, rows));
}

function grade(call) {
  const { evidence } = call;
  if (!evidence?.grade) return el("span.muted", {}, "—");
  return el("details", {},
    el("summary", { "aria-label": _("Grade {grade}, {n} points: how it comes about", { grade: evidence.grade, n: evidence.score }) },
      el(`span.grade.is-${evidence.grade}`, {}, el("b", {}, evidence.grade), ` ${evidence.score}`)),
    parts(evidence));
}

function verdict(call) {
  const late = call.evidence?.late_s ? el("span.late.small", {}, _("{span} late", { span: lasting(call.evidence.late_s * 1000) })) : null;
  const order = call.evidence?.in_order === false ? el("span.late.small", {}, _("out of order")) : null;
  const other = call.other_van ? el("span.muted.small", {}, _("planned for another van")) : null;
  return [el(`span.verdict.is-${call.verdict}`, {}, verdictOf(call.verdict)), late, order, other];
}

function row(stay, call, on, first) {
  const stretch = stay ? [stay[1], stay[2]] : null;
  const choose = () => on.choose(stretch);
  const number = stay && first
    ? el("button.stay-number", { type: "button", onclick: choose, "aria-label": _("Stay {n}, {from} to {to}: show", { n: stay[0], from: clock.hm(stay[1]), to: clock.hm(stay[2]) }) }, String(stay[0]))
    : null;
  const cells = [
    el("td", {}, number),
    el("td", {}, stay && first ? `${clock.hm(stay[1])}–${clock.hm(stay[2])}` : stay ? "" : el("span.muted", { title: _("As planned") }, `(${clock.hm(call.begins)})`)),
    el("td.count", {}, stay && first ? lasting(stay[2] - stay[1]) : stay ? "" : el("span.muted", {}, _("none"))),
    el("td", {}, call ? call.place : el("span.muted", {}, _("no planned stop"))),
    el("td", {}, call ? verdict(call) : null),
    el("td", {}, call ? grade(call) : null),
  ];
  return el("tr", stay ? {
    "data-stay": stay[0], "data-starts": stay[1], "data-ends": stay[2],
    onpointerenter: () => on.hover(stretch), onpointerleave: () => on.hover(null),
  } : {}, cells);
}

export function stayRows(sheet, on) {
  const found = [];
  for (const stay of sheet.stays) {
    const calls = sheet.calls.filter((call) => call.stay === stay[0]);
    const rows = calls.length ? calls.map((call, n) => row(stay, call, on, n === 0)) : [row(stay, null, on, true)];
    found.push({ at: stay[1], rows });
  }
  for (const call of sheet.calls.filter((each) => each.stay === null)) found.push({ at: call.begins, rows: [row(null, call, on, true)] });
  return found.sort((a, b) => a.at - b.at).flatMap(({ rows }) => rows);
}
