/* What if: changes chosen from a closed list, a run with them, and plans chosen to be compared. */
import { post } from "/static/http.js";
import { $, el } from "/static/dom.js";
import { _ } from "/static/words.js";
import { ordered, nameOf, saidOf } from "/static/plan/levels.js";

const MOST = 3;
let changes = [];
let choices = null;
let compared = new Set();

/* kind: what it is called, what it asks for. */
const KINDS = {
  van_more: [() => _("one more van like"), ["van"]],
  van_down: [() => _("without van"), ["van"]],
  shift: [() => _("shift longer or shorter, min"), ["anyVan", "minutes"], 60],
  kitchen_closed: [() => _("kitchen closed"), ["site"]],
  patrol: [() => _("patrol target, min"), ["minutes"], 300],
  mandatory: [() => _("must be visited"), ["visit"]],
  skill: [() => _("van gets the skill"), ["van", "what"]],
};

const option = (value, name) => el("option", { value }, name);
const picker = (name, label, options) => el("select", { name, "aria-label": label }, options);

function field(what, start) {
  if (what === "van" || what === "anyVan") {
    return picker("van", _("Van"), [...(what === "anyVan" ? [option("", _("all vans"))] : []), ...choices.vans.map((one) => option(one.id, one.name))]);
  }
  if (what === "site") return picker("site", _("Kitchen"), choices.kitchens.map((one) => option(one.id, one.name)));
  if (what === "visit") return picker("visit", _("Visit"), choices.visits.map((one) => option(one.key, one.name)));
  if (what === "what") return picker("what", _("Skill"), choices.skills.map((one) => option(one.code, one.name)));
  return el("input", { type: "number", name: "minutes", value: start, min: "-720", max: "720", step: "1", "aria-label": _("Minutes") });
}

function drawAdd(kind = "van_more") {
  const asked = KINDS[kind];
  const kinds = picker("kind", _("What is different"), Object.entries(KINDS).map(([key, [name]]) => option(key, name())));
  kinds.value = kind;
  kinds.addEventListener("change", () => drawAdd(kinds.value));
  const fields = asked[1].map((what) => field(what, asked[2]));
  const empty = fields.some((one) => one.tagName === "SELECT" && !one.options.length);
  $("scenario-add").replaceChildren(kinds, ...fields, el("button", { type: "button", id: "scenario-put", disabled: empty, onclick: () => {
    const told = { kind };
    for (const one of fields) {
      if (one.value !== "") told[one.name] = ["van", "site", "minutes"].includes(one.name) ? Number(one.value) : one.value;
    }
    changes = [...changes, { told, said: [KINDS[kind][0](), ...fields.map((one) => one.selectedOptions?.[0]?.textContent ?? one.value)].join(" ") }];
    drawChanges();
  } }, _("Add")));
}

function drawChanges() {
  $("scenario-changes").replaceChildren(...changes.map((one, n) => el("li", {}, one.said, " ",
    el("button.quiet", { type: "button", "aria-label": _("Leave out {change}", { change: one.said }), onclick: () => {
      changes = changes.filter((_one, k) => k !== n);
      drawChanges();
    } }, "✕"))));
  if (changes.length && !$("scenario-name").value) $("scenario-name").value = changes.map((one) => one.said).join(", ").slice(0, 60);
}

/* started(job id, seconds); say(text, wrong). */
export function setUp({ day, plan, started, attempt }) {
  $("scenario-new")?.addEventListener("click", () => {
    const shown = $("scenario-form").hidden;
    $("scenario-form").hidden = !shown;
    $("scenario-new").setAttribute("aria-expanded", String(shown));
    if (shown && choices) drawAdd();
  });
  $("scenario-form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      const seconds = Number($("seconds").value);
      const made = await post("/api/plans/scenarios", { day: day(), name: $("scenario-name").value, plan: plan(), seconds, seed: Number($("seed").value), changes: changes.map((one) => one.told) });
      changes = [];
      $("scenario-name").value = "";
      drawChanges();
      started(made.job, seconds);
    });
  });
}

export function offer(found) {
  choices = found;
  if ($("scenario-new")) $("scenario-new").hidden = !choices;
  if (!choices && $("scenario-form")) $("scenario-form").hidden = true;
}

const titleOf = (one, nameOne) => nameOne(one);

/* Plans of the day as columns, levels as rows; three at most are chosen for the comparison. */
export function draw(versions, nameOne, chosen) {
  compared = new Set([...compared].filter((id) => versions.some((one) => one.id === id)));
  if (!compared.size) for (const one of versions.slice(0, 2)) compared.add(one.id);
  const shown = versions.slice(0, 8);
  $("scenarios").replaceChildren(shown.length < 2 ? el("p.muted.none", {}, _("One more plan of this day, and they can be compared."))
    : el("ul.compared", {}, shown.map((one) => el("li", {}, el("label.inline", {},
      el("input", { type: "checkbox", checked: compared.has(one.id), value: one.id, onchange: (event) => pick(one.id, event.target) }),
      el("span", {}, titleOf(one, nameOne)), one.id === chosen ? el("small.muted", {}, _("shown")) : null),
    brief(one)))));
  link();
}

/* The two levels that say most: the first that is not nought, and the sum. */
function brief(one) {
  const levels = ordered(Object.entries(one.levels ?? {}).map(([key, value]) => ({ key, value })));
  const first = levels.find((each) => each.value > 0 && each.key !== "cost" && each.key !== "unseen_min");
  const sum = levels.find((each) => each.key === "cost") ?? levels.find((each) => each.key === "drive_s");
  return el("small.muted", {}, [first, sum].filter((each, n, all) => each && all.indexOf(each) === n).map((each) => `${nameOf(each.key)} ${saidOf(each.key, each.value)}`).join(" · "));
}

function pick(id, box) {
  if (box.checked) compared.add(id);
  else compared.delete(id);
  while (compared.size > MOST) compared.delete([...compared].find((one) => one !== id));
  for (const one of $("scenarios").querySelectorAll("input")) one.checked = compared.has(Number(one.value));
  link();
}

function link() {
  const ready = compared.size > 1;
  $("compare").setAttribute("aria-disabled", String(!ready));
  if (ready) $("compare").setAttribute("href", `/plan/compare?plans=${[...compared].join(",")}`);
  else $("compare").removeAttribute("href");
}
