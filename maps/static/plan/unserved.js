/* What has no place: why, and the smallest change that would give it one, at one click. */
import { $, el } from "/static/dom.js";
import { _ } from "/static/words.js";
import { channelOf } from "/static/plan/words.js";

let waiting = true;

/* The gravest first: theirs are the reasons that are proved unasked. */
const byWeight = (a, b) => Number(b.mandatory ?? 0) - Number(a.mandatory ?? 0) || (b.prize ?? 0) - (a.prize ?? 0);

/* list: visits; reasons by key, as /desk/why tells them (null while they are on their way). */
export function draw(list, reasons, acts) {
  waiting = reasons === null;
  $("unserved-count").textContent = list.length;
  $("unserved-list").replaceChildren(...(list.length ? [...list].sort(byWeight).map((one) => item(one, reasons?.[one.key], acts))
    : [el("p.muted.none", {}, _("Every visit has its place."))]));
}

/* Why there are no reasons yet. */
export function preparing(sentence) {
  for (const one of $("unserved-list").querySelectorAll(".waiting")) one.textContent = sentence;
}

function item(one, told, acts) {
  const node = el("article.left-out", { "data-key": one.key },
    el("p", {},
      acts ? el("button.quiet.grip", { type: "button", title: _("Drag onto a van, or press Enter to put it in"), onclick: () => acts.choose(one) }, one.name ?? one.place)
        : el("b", {}, one.name ?? one.place),
      el("span.muted", {}, ` ${channelOf(one)}`), one.mandatory ? el("span.must", {}, _("must")) : null),
    reasonsOf(one, told, acts));
  const grip = node.querySelector(".grip");
  grip?.addEventListener("pointerdown", (event) => event.button === 0 && acts.grab(event, one));
  return node;
}

function reasonsOf(one, told, acts) {
  if (!told && waiting && acts) return el("p.muted.small.waiting", {}, _("proving reasons"));
  if (!told) {
    return [...(one.said ?? []).map((text) => el("p.reason", {}, text)), acts && waiting === false ? el("button.quiet", { type: "button", "data-act": "why", onclick: (event) => acts.attempt(async () => {
      const found = await acts.why(one.key);
      event.target.closest(".left-out").replaceWith(item(one, found[one.key], acts));
    }) }, _("Why?")) : null];
  }
  return told.reasons.map((reason) => el("p.reason", {}, reason.said, acts && reason.helps ? mend(one, reason, acts) : null));
}

/* What a reason needs is assumed with one click; where it needs nothing, the visit is only put in. */
function mend(one, reason, acts) {
  const assumes = reason.changes.length > 0;
  const name = assumes ? _("Assume it") : reason.reloads ? _("Put in with a reload") : reason.allows ? _("Allow and put in") : _("Put in");
  return el("button.relax", {
    type: "button", "data-act": assumes ? "relax" : "put",
    title: assumes ? _("Assume this and put the visit in: {changes}", { changes: reason.changes.map((each) => each.said).join("; ") }) : null,
    onclick: () => acts.edit({ kind: "relax", visit: one.key, van: reason.van }),
  }, name);
}
