/* What is being tried and not stored: assumptions, what is broken and its mend, undo, redo, save. */
import { $, el } from "/static/dom.js";
import { _ } from "/static/words.js";
import { costLine } from "/static/plan/levels.js";

function assumption(one) {
  return el("li", {}, el("b", {}, one.said), one.entry ? el("span.muted.small", {}, ` ${_("Not in the registry: {entry}.", { entry: one.entry })}`) : null);
}

export function draw(session, { may, act, save }) {
  const now = session?.now;
  for (const [id, is] of [["undo", session?.edits.length], ["redo", session?.undone.length]]) {
    if ($(id)) $(id).disabled = !is;
  }
  const panel = $("trying");
  const told = now && (session.dirty || now.scenario.length || now.troubles.length || now.lost.length);
  panel.hidden = !told;
  if (!told) return;
  $("trying-title").textContent = session.dirty ? _("Edits being tried: {n}", { n: session.edits.length }) : _("About this plan");
  $("trying-said").replaceChildren(
    session.dirty ? costLine(now.levels, session.base.levels) : "",
    now.scenario.length ? el("ul.assumed", { "aria-label": _("Assumed") }, now.scenario.map(assumption)) : "",
    now.lost.length ? el("p.muted.small", {}, _("No longer asked for on this day, and left out: {names}", { names: now.lost.join(", ") })) : "",
    ...now.troubles.slice(0, 6).map((one) => el("p.broken", {}, `✕ ${one.said}`)),
    now.troubles.length > 6 ? el("p.muted", {}, _("and {n} more", { n: now.troubles.length - 6 })) : "",
    now.troubles.length && now.mends.length && may ? el("button", { type: "button", "data-act": "mend", onclick: () => act({ kind: "mend" }) },
      _("Assume: {changes}", { changes: now.mends.map((one) => one.said).join("; ") })) : "",
    session.dirty && may ? saving(session, now, save) : "");
}

function saving(session, now, save) {
  const name = el("input", { id: "save-name", maxlength: "60", placeholder: _("name of the draft"), "aria-label": _("name of the draft"), value: now.name });
  return el("form.saving", { onsubmit: (event) => {
    event.preventDefault();
    save(name.value);
  } },
  name, el("button.main", { id: "save" }, _("Save as a draft")),
  el("button", { type: "button", id: "drop-edits", onclick: () => act0(session) }, _("Drop the edits")),
  now.troubles.length ? el("p.muted.small", {}, _("A draft that breaks a rule can be kept and compared; it cannot be published.")) : null);
}

const act0 = (session) => session.drop();
