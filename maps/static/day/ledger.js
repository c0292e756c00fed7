/* What a ledger says: words for what a van did, timelines with their hours, the key. Told by colour, pattern and word. */
import { el } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";

const HOUR_MS = 3600000;
export const KINDS = {
  patrol: () => _("patrol"),
  service: () => _("service"),
  sos: () => _("SOS call"),
  idle: () => _("idle"),
  off_beat: () => _("off its beat"),
  depot: () => _("at the depot"),
  reload: () => _("reload"),
  break: () => _("break"),
  gap: () => _("no signal"),
  offline: () => _("not online"),
};
/* What counts as patrol stands first. */
export const ORDER = Object.keys(KINDS);

export const wordOf = (kind) => KINDS[kind]?.() ?? kind;
const classOf = (kind) => (kind in KINDS ? kind : "other");

export const minutes = (ms) => Math.round(ms / 60000);

export function lasting(ms) {
  const whole = minutes(ms);
  return whole < 60 ? _("{n} min", { n: whole }) : _("{h} h {m} min", { h: Math.floor(whole / 60), m: whole % 60 });
}

export const tellSpan = ([kind, starts, ends]) =>
  _("{what}, {from} to {to}, {lasting}", { what: wordOf(kind), from: clock.hm(starts), to: clock.hm(ends), lasting: lasting(ends - starts) });

/* The whole day in a sentence, for whoever does not see the bar. */
export function summary(spans) {
  const sums = new Map();
  for (const [kind, starts, ends] of spans) sums.set(kind, (sums.get(kind) ?? 0) + ends - starts);
  return ORDER.filter((kind) => sums.has(kind)).map((kind) => `${wordOf(kind)} ${lasting(sums.get(kind))}`).join(" · ");
}

const share = (ms, [from, to]) => ((ms - from) / (to - from)) * 100;

function place(node, starts, ends, scale) {
  const left = Math.max(0, share(starts, scale));
  const right = Math.min(100, share(ends, scale));
  node.style.left = `${left}%`;
  node.style.width = `${Math.max(0, right - left)}%`;
  node.hidden = right <= 0 || left >= 100;
}

/* One span of a bar; its word stands in it where the style finds room. */
export function block(span, scale) {
  const [kind, starts, ends] = span;
  const node = el(`span.span.is-${classOf(kind)}`, { title: tellSpan(span) }, el("i", {}, wordOf(kind)));
  place(node, starts, ends, scale);
  return node;
}

function hours([from, to]) {
  const step = to - from > 16 * HOUR_MS ? 3 : 2;
  const found = [];
  for (let ms = from, n = 0; ms <= to; ms += HOUR_MS, n += 1) found.push({ ms, named: n % step === 0 });
  return found;
}

export const ticks = (scale) => hours(scale).slice(1, -1).map(({ ms }) => {
  const tick = el("span.tick");
  tick.style.left = `${share(ms, scale)}%`;
  return tick;
});

export const axis = (scale) => hours(scale).filter(({ named }) => named).map(({ ms }) => {
  const label = el("span", {}, clock.hm(ms));
  label.style.left = `${share(ms, scale)}%`;
  return label;
});

/* Only what stands on the page is explained. */
export function key(spans) {
  const seen = new Set(spans.map(([kind]) => kind));
  return ORDER.filter((kind) => seen.has(kind)).map((kind) =>
    el("li", {}, el(`span.swatch.span.is-${kind}`, { "aria-hidden": "true" }), wordOf(kind)));
}

export const VERDICTS = {
  served: () => _("served"),
  arrived: () => _("arrived only"),
  no_answer: () => _("no answer"),
  declined: () => _("declined"),
  skipped: () => _("skipped"),
  pending: () => _("pending"),
};
export const verdictOf = (verdict) => VERDICTS[verdict]?.() ?? verdict;

export const gradeChip = (name, n) =>
  el(`span.grade.is-${name}${n ? "" : ".is-none"}`, { title: _("Grade {grade}: {n}", { grade: name, n }) }, el("b", {}, name), String(n));

export const SEVERITIES = {
  sos: ["◆", () => _("Life")],
  high: ["▲", () => _("Urgent")],
  warn: ["●", () => _("Warning")],
  info: ["○", () => _("Note")],
};

/* Between days: the chosen one is the page's own address. */
export function dayChoice() {
  const choice = document.querySelector(".day-choice");
  const input = choice.querySelector("input");
  input.addEventListener("change", () => {
    if (input.value) location.assign(`${choice.dataset.base}/${input.value}`);
  });
}
