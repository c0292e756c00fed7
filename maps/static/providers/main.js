/* The administrator's list of tile services: added, changed, tried, switched on and off. A key goes in, never comes out. */
import { get, post } from "/static/http.js";
import { $, el } from "/static/dom.js";
import { _, locale } from "/static/words.js";

const form = $("form");
const TEXTS = ["name", "title", "title_en", "datum", "attribution", "attribution_en", "approval"];
const NUMBERS = ["keep_h", "min_zoom", "max_zoom"];
let presets = {};
let kind = "xyz";

const titled = (one) => (locale === "en" && one.title_en ? one.title_en : one.title);

function fill(one, known) {
  kind = one.kind;
  for (const name of [...TEXTS, ...NUMBERS]) form.elements[name].value = one[name] ?? "";
  form.elements.urls.value = one.urls.join("\n");
  form.elements.key.value = "";
  form.elements.key.placeholder = one.has_key ? _("A key is stored") : "";
  form.elements.guests.checked = Boolean(one.guests);
  form.elements.name.readOnly = known;
  $("editor-title").textContent = known ? titled(one) : _("A new map service");
  $("said").textContent = "";
  $("editor").showModal();
}

function wanted() {
  const values = Object.fromEntries(TEXTS.map((name) => [name, form.elements[name].value.trim()]));
  for (const name of NUMBERS) values[name] = Math.round(Number(form.elements[name].value));
  return {
    ...values, kind, key: form.elements.key.value.trim(), guests: form.elements.guests.checked,
    urls: form.elements.urls.value.split("\n").map((line) => line.trim()).filter(Boolean),
  };
}

function row(one) {
  const said = el("p.said", { role: "status" });
  const act = (label, work, attributes = {}) => el("button", {
    type: "button", ...attributes,
    onclick: async ({ currentTarget: button }) => {
      button.disabled = true;
      try {
        await work();
      } catch (error) {
        said.textContent = error.message;
      } finally {
        button.disabled = false;
      }
    },
  }, label);
  const sure = el("button", {
    type: "button",
    onclick: ({ currentTarget: button }) => {
      button.replaceWith(act(_("Remove it and its key now"), async () => {
        await post(`/api/providers/${one.name}/remove`);
        await draw();
      }, { "data-act": "remove" }));
    },
  }, _("Remove"));
  return el("li", { "data-service": one.name },
    el("div.about", {},
      el("b", {}, titled(one)),
      el("span.standing", { "data-on": one.enabled }, one.enabled ? _("on") : _("off")),
      el("span.muted", {}, [one.datum.toUpperCase(), one.approval && _("Approval no. {number}", { number: one.approval }),
        one.has_key && _("key stored"), one.guests && _("guests too")].filter(Boolean).join(" · "))),
    el("div.acts", {},
      act(one.enabled ? _("Switch off") : _("Switch on"), async () => {
        await post(`/api/providers/${one.name}/switch`, { on: !one.enabled });
        await draw();
      }, { "data-act": "switch" }),
      act(_("Try a tile"), async () => {
        said.textContent = _("Asking …");
        const answer = await post(`/api/providers/${one.name}/try`);
        said.textContent = (answer.ok ? "✓ " : "⚠ ") + answer.said;
      }, { "data-act": "try" }),
      el("button", { type: "button", "data-act": "change", onclick: () => fill(one, true) }, _("Change")),
      sure),
    said);
}

async function draw() {
  const found = await get("/api/providers");
  presets = found.presets;
  $("list").replaceChildren(...found.providers.map(row));
  $("empty").hidden = found.providers.length > 0;
}

for (const button of document.querySelectorAll("[data-add]")) {
  button.addEventListener("click", () => fill({ kind: button.dataset.add, ...presets[button.dataset.add] }, false));
}
$("cancel").addEventListener("click", () => $("editor").close());
// A key that was typed must not outlive the dialog.
$("editor").addEventListener("close", () => { form.elements.key.value = ""; });
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await post("/api/providers", wanted());
    $("editor").close();
    await draw();
  } catch (error) {
    $("said").textContent = error.message;
  }
});

draw().catch((error) => {
  $("empty").hidden = false;
  $("empty").textContent = error.message;
});
