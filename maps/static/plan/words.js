/* The desk's names for kinds of stops, channels, bases and states. */
import { _ } from "/static/words.js";

export const KINDS = {
  start: () => _("leave"),
  visit: () => _("visit"),
  dropoff: () => _("drop-off"),
  reload: () => _("reload"),
  break: () => _("break"),
  pass: () => _("beat pass"),
  handover: () => _("handover"),
  end: () => _("back"),
};
export const CHANNELS = {
  visit: () => _("weekly visit"),
  check: () => _("daily check"),
  monthly: () => _("monthly visit"),
  call: () => _("call"),
};
export const BASIS = { road: () => _("by road times"), "great-circle": () => _("by straight line, estimated") };
export const STATUS = {
  draft: () => _("draft"),
  published: () => _("published"),
  superseded: () => _("superseded"),
};
export const kindOf = (stop) => (KINDS[stop.kind] ? KINDS[stop.kind]() : stop.kind);
export const channelOf = (one) => CHANNELS[one.channel]?.() ?? (one.channel || _("drop-off"));
/* What a stop is moved by: a visit's own key, or where a reload or a pass stands. */
export const gripOf = (stop) => stop.key ?? stop.grip ?? null;
/* The van's stops up to this one held in their order; the last of those that are held lets them go. */
export function holdOf({ van, stop }) {
  const calls = van.stops.filter(isCall);
  const n = calls.findIndex((one) => one.key === stop.key) + 1;
  const release = stop.first && !calls[n]?.first;
  return { release, n, edit: { kind: "hold", van: van.id, position: release ? 0 : n } };
}
export const isCall = (stop) => stop.kind === "visit" || stop.kind === "dropoff";
