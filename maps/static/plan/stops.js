/* One van's stops as a table. */
import { $, el } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";
import { kindOf } from "/static/plan/words.js";
import { span } from "/static/plan/levels.js";

export function draw(van, choose) {
  $("stops-panel").hidden = !van;
  if (!van) return;
  $("stops-title").textContent = _("Stops of {van}", { van: van.name });
  $("stops-note").textContent = `${clock.hm(van.starts)}–${clock.hm(van.ends)} · ${_("driving {time}", { time: span(van.drive_s) })}`;
  $("stops").replaceChildren(el("table", {},
    el("thead", {}, el("tr", {}, [_("Arrives"), _("Begins"), _("Leaves"), _("What"), _("Where"), _("Cups")].map((head) => el("th", {}, head)))),
    el("tbody", {}, van.stops.map((stop) => el("tr", { class: `row-${stop.kind}` },
      el("td", {}, clock.hm(stop.arrives)), el("td", {}, clock.hm(stop.begins)), el("td", {}, clock.hm(stop.leaves)),
      el("td", {}, kindOf(stop)),
      el("td", {}, el("button.quiet", { type: "button", onclick: () => choose({ van, stop }) }, stop.name)),
      el("td", {}, stop.cups || ""))))));
}
