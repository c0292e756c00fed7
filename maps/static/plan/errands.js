/* Reloads and beat passes that may be put in by hand: one is chosen, then dragged onto a van, or opened and put in. */
import { $, el } from "/static/dom.js";
import { _ } from "/static/words.js";
import { kindOf } from "/static/plan/words.js";

/* found: what the day offers; acts: null for who only looks. */
export function offer(found, acts) {
  const place = $("errands");
  if (!place) return;
  place.hidden = !acts || !found.length;
  if (place.hidden) return place.replaceChildren();
  const group = (kind) => el("optgroup", { label: kindOf({ kind }) }, found.filter((one) => one.kind === kind).map((one) => el("option", { value: one.key }, one.name)));
  const kinds = ["reload", "pass"].filter((kind) => found.some((one) => one.kind === kind));
  const choice = el("select", { id: "errand", "aria-label": _("Reload or beat pass") }, kinds.map(group));
  const chosen = () => found.find((one) => one.key === choice.value);
  const grip = el("button.grip", { type: "button", id: "errand-grip", title: _("Drag onto a van, or press Enter to put it in"), onclick: () => acts.choose(chosen()) }, _("Put in"));
  grip.addEventListener("pointerdown", (event) => event.button === 0 && acts.grab(event, chosen()));
  place.replaceChildren(choice, grip);
}
