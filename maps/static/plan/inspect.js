/* The stop that is chosen: what is known of it, and what a planner can do with it. */
import { $, el } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";
import { channelOf, gripOf, holdOf, isCall, kindOf } from "/static/plan/words.js";

const times = (pairs) => pairs.map(([from, to]) => `${clock.hm(from)}–${clock.hm(to)}`).join(", ");

function facts(stop) {
  return [
    stop.windows ? [_("may begin"), times(stop.windows)] : null,
    stop.nap ? [_("no knock"), times([stop.nap])] : null,
    stop.cups ? [_("cups"), stop.cups] : null,
    stop.skills?.length ? [_("needs"), stop.skills.join(", ")] : null,
    stop.service_s ? [_("takes"), _("{n} min", { n: Math.round(stop.service_s / 60) })] : null,
  ].filter(Boolean).map(([name, value]) => el("span", {}, el("span.muted", {}, `${name} `), value));
}

/* found: {van, stop}; van is null for an unserved visit. acts: move(found), edit(...edits); null for who only looks. */
export function draw(found, vans, acts) {
  const panel = $("inspector");
  panel.hidden = !found;
  if (!found) return panel.replaceChildren();
  const { van, stop } = found;
  panel.replaceChildren(
    el("p.chosen", {}, el("b", {}, stop.name), stop.mandatory ? el("span.must", {}, _("must")) : null,
      el("span.muted", {}, ` ${stop.kind && !isCall(stop) ? kindOf(stop) : channelOf(stop)}`),
      van ? ` · ${van.name} ${clock.hm(stop.begins)}–${clock.hm(stop.leaves)}` : stop.kind ? "" : ` · ${_("unserved")}`),
    el("p.facts.small", {}, facts(stop)),
    stop.held ? el("p.muted", {}, _("Done, under way or being driven to: it stands fast."))
      : stop.first ? el("p.acts", {}, el("span.muted", {}, _("The first stops of {van} are held in this order.", { van: van.name })), acts && isCall(stop) ? holding(found, acts) : null)
      : acts && gripOf(stop) ? el("p.acts", {}, buttons(found, vans, acts)) : "");
}

function buttons({ van, stop }, vans, acts) {
  const made = (edit) => () => acts.edit({ visit: gripOf(stop), ...edit });
  const button = (name, onclick, key) => el("button", { type: "button", onclick, "data-act": key }, name);
  return [
    button(van ? _("Move") : _("Put in"), () => acts.move({ van, stop }), "move"),
    onto({ van, stop }, vans, acts),
    van ? button(_("Take out"), made({ kind: "remove" }), "remove") : null,
    van && isCall(stop) ? holding({ van, stop }, acts) : null,
    stop.key && acts.vans ? el("button", { type: "button", title: "W", "data-act": "vans", onclick: () => acts.vans({ van, stop }, { focus: true }) }, van ? _("Why this van?") : _("Which van?")) : null,
    ...(stop.grip || !stop.key || stop.kind === "reload" || stop.kind === "pass" ? [] : decisions({ van, stop }, vans, made, button)),
  ];
}

function holding(found, acts) {
  const { release, n, edit } = holdOf(found);
  return el("button", { type: "button", title: "H", onclick: () => acts.edit(edit), "data-act": release ? "release" : "hold" },
    release ? _("Let the order go") : _("Hold the first {n} stops", { n }));
}

/* What is decided about a visit for the next run too. */
function decisions({ van, stop }, vans, made, button) {
  return [
    van && !stop.locked ? button(_("Lock to {van}", { van: van.name }), made({ kind: "lock", van: van.id }), "lock") : null,
    stop.locked ? button(_("Unlock"), made({ kind: "unlock" }), "unlock") : null,
    van ? button(_("Never on {van}", { van: van.name }), made({ kind: "forbid", van: van.id }), "forbid") : null,
    ...(stop.banned ?? []).map((id) => button(_("Allow {van} again", { van: vans.find((one) => one.id === id)?.name ?? id }), made({ kind: "allow", van: id }), "allow")),
  ];
}

/* Onto a van at its best place, without looking for it. */
function onto({ van, stop }, vans, acts) {
  const choice = el("select", { "aria-label": _("Onto which van"), "data-act": "onto" },
    el("option", { value: "" }, _("best place on …")),
    vans.filter((one) => one.id !== van?.id).map((one) => el("option", { value: one.id }, one.name)));
  choice.addEventListener("change", () => choice.value && acts.edit({ kind: van ? "move" : "add", visit: gripOf(stop), van: Number(choice.value) }));
  return choice;
}
