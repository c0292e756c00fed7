/* The figures and the alerts of a van's day. */
import { el } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";
import { SEVERITIES, gradeChip, lasting, verdictOf } from "/static/day/ledger.js";

function figure(name, value, note, about) {
  return el("div.panel", { title: about ?? null }, el("dt.muted", {}, name), el("dd", {}, value, note ? el("small.muted", {}, note) : null));
}

const big = (value, unit = "") => el("b", {}, String(value), unit ? el("small", {}, ` ${unit}`) : null);

export function figures(sheet) {
  const [van] = sheet.vans;
  const { ledger } = van;
  const rest = Object.entries(van.verdicts).filter(([name]) => name !== "served").map(([name, n]) => `${verdictOf(name)} ${n}`);
  const graded = el("span.chips", {}, Object.entries(van.grades).map(([name, n]) => gradeChip(name, n)));
  const none = "—";
  return [
    figure(_("Proved patrol"), ledger ? big(ledger.proved_min, `/ ${sheet.target_min} ${_("min")}`) : big(none),
      ledger && ledger.proved_min < sheet.target_min ? _("{n} min short", { n: sheet.target_min - ledger.proved_min }) : ledger ? _("target met") : "",
      _("Minutes of patrol that the track proves, of the target; beside them what the crew claims by taps")),
    figure(_("Claimed patrol"), ledger ? big(ledger.claimed_min, _("min")) : big(none), ledger?.sos_min ? _("SOS {n} min", { n: ledger.sos_min }) : ""),
    figure(_("Distance"), ledger ? big((ledger.distance_m / 1000).toFixed(1), "km") : big(none), "", _("By the track, without odd fixes")),
    figure(_("Stops served"), big(van.verdicts.served ?? 0, `/ ${van.stops}`), rest.join(" · ")),
    figure(_("Grades"), graded, "", _("How well what was tapped is proved, A best")),
    figure(_("Beat cells seen"), ledger ? big(ledger.cells_seen, `/ ${ledger.cells}`) : big(none), ledger ? _("longest unseen {span}", { span: lasting(ledger.longest_unseen_s * 1000) }) : ""),
    figure(_("Fixes"), ledger ? big(ledger.fixes) : big(none), ledger ? _("{n} odd", { n: ledger.flagged }) : ""),
    figure(_("Newest fix"), big(sheet.until ? clock.hms(sheet.until) : none), ledger?.received_until ? _("received until {time}", { time: clock.hms(ledger.received_until) }) : ""),
  ];
}

export const alertRows = (alerts, choose) => alerts.map((one) => {
  const [sign, word] = SEVERITIES[one.severity];
  const when = one.ended ? `${clock.hm(one.began)}–${clock.hm(one.ended)}` : _("since {time}", { time: clock.hm(one.began) });
  const told = [
    when,
    one.historical ? _("found later") : null,
    one.acked ? _("acknowledged by {name} at {time}", { name: one.acked_by, time: clock.hm(one.acked) }) : _("not acknowledged"),
  ].filter(Boolean).join(" · ");
  return el("li", {},
    el("button.quiet", { type: "button", onclick: () => choose([one.began, one.ended ?? one.began + 1]) },
      el(`span.severity.is-${one.severity}`, {}, el("span", { "aria-hidden": "true" }, sign), ` ${word()} `), el("b", {}, one.title)),
    el("span.muted.small", {}, told));
});
