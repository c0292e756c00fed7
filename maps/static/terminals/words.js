/* What the list says of a terminal: its state, ages, kinds. No page in here. */
import { _, locale } from "/static/words.js";

export const STATES = ["online", "stale", "silent", "never", "revoked"];
export const STATE_WORDS = {
  online: () => _("online"),
  stale: () => _("late"),
  silent: () => _("no signal"),
  never: () => _("never heard"),
  revoked: () => _("disabled"),
};
const KINDS = {
  screen: () => _("van's screen"),
  simulator: () => _("simulator"),
  feed: () => _("recorded track"),
  phone: () => _("phone"),
  jt808: () => _("vehicle device"),
};
const PROTOCOLS = { "carevan.v1": "CareVan v1", osmand: "OsmAnd", owntracks: "OwnTracks", jt808: "JT/T 808" };

export const kindOf = (one) => KINDS[one.kind]?.() ?? one.kind;
export const protocolOf = (one) => (one.protocol ? PROTOCOLS[one.protocol] ?? one.protocol : "");

export function stateOf(one, now, { stale_s, silent_s }) {
  if (one.revoked) return "revoked";
  if (one.heard === null) return "never";
  const age_s = (now - one.heard) / 1000;
  if (age_s <= stale_s) return "online";
  return age_s <= silent_s ? "stale" : "silent";
}

const UNITS = [
  [86400, 172800, () => _("{n} d")],
  [3600, 7200, () => _("{n} h")],
  [60, 120, () => _("{n} min")],
];

/* Seconds in the largest unit that still tells something. */
export function span(seconds) {
  const size = Math.abs(seconds);
  for (const [unit, from, word] of UNITS) {
    if (size >= from) return word().replace("{n}", Math.round(size / unit));
  }
  return _("{n} s", { n: size < 9.95 ? size.toFixed(1).replace(/\.0$/, "") : Math.round(size) });
}

export const ago = (seconds) => _("{span} ago", { span: span(Math.max(0, Math.floor(seconds))) });

/* A clock ahead by what a fix of the future proves is ahead by at least so much. */
export function offset(one) {
  if (one.offset_s === null) return "";
  const sign = Math.abs(one.offset_s) < 0.05 ? "±" : one.offset_s > 0 ? "+" : "−";
  return `${one.offset_told ? "" : "≥ "}${sign}${span(one.offset_s)}`;
}

export const number = (n) => n.toLocaleString(locale === "zh" ? "zh-CN" : "en-GB");

/* Plan and state as drawn, and how far the state is behind the district's. */
export function drawn(one, goal) {
  if (one.state === null) return "";
  const behind = Math.max(0, goal.state - one.state);
  const plan = one.plan ? _("plan {plan} · ", { plan: one.plan }) : "";
  return plan + (behind ? _("state {state}, {n} behind", { state: one.state, n: behind }) : _("state {state}", { state: one.state }));
}
