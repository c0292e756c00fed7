/* The day's rules and the night's schedule: shown, changed, and what was wrong said at its field. */
import { get, put } from "/static/http.js";
import { $ } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";

const start = JSON.parse($("start").textContent);
clock.setZone(start.timezone, 1);
const hours = [...document.querySelectorAll("[data-hour]")];
const fields = [...document.querySelectorAll("form#day-rules [name]")];

const when = (ms) => new Intl.DateTimeFormat("sv-SE", { timeZone: start.timezone, dateStyle: "short", timeStyle: "short" }).format(ms);
const changedBy = (by) => (by ? _("changed last {time} by {who}", { time: when(by.at), who: by.name || _("the command line") }) : _("never changed: the usual values"));

function draw({ rules, rules_by: rulesBy, night, night_by: nightBy }) {
  for (const one of fields) one.value = rules[one.name];
  const pace = rules.pace ? rules.pace.split(",") : [];
  hours.forEach((one, n) => { one.value = pace[n] && pace[n] !== "100" ? pace[n] : ""; });
  $("f-enabled").checked = night.enabled;
  $("f-at").value = night.at;
  $("f-days_ahead").value = night.days_ahead;
  $("f-seconds").value = night.seconds;
  $("rules-by").textContent = changedBy(rulesBy);
  $("night-by").textContent = changedBy(nightBy);
}

/* Nothing filled in at all is no pace: the road table throughout. */
const paceTyped = () => (hours.some((one) => one.value) ? hours.map((one) => one.value || "100").join(",") : "");

function clear(form) {
  for (const one of form.querySelectorAll(".wrong")) one.textContent = "";
  for (const one of form.querySelectorAll("[aria-invalid]")) one.removeAttribute("aria-invalid");
}

function sayWrong(form, said, error) {
  const place = error.field && $(`w-${error.field}`);
  if (!place) {
    said.textContent = error.message;
    said.classList.add("wrong");
    return;
  }
  place.textContent = error.message;
  const input = $(`f-${error.field}`) ?? hours[0];
  input.setAttribute("aria-invalid", "true");
  input.focus();
}

function onSubmit(id, said, path, asked, done) {
  $(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    clear(event.target);
    said.textContent = "";
    said.classList.remove("wrong");
    try {
      await put(path, asked());
      draw(await get("/api/day-rules"));
      said.textContent = done();
    } catch (error) {
      sayWrong(event.target, said, error);
    }
  });
}

onSubmit("day-rules", $("rules-said"), "/api/day-rules",
  () => ({ ...Object.fromEntries(fields.map((one) => [one.name, one.value])), pace: paceTyped() }), () => _("The rules are kept."));
onSubmit("night", $("night-said"), "/api/plan-schedule",
  () => ({ enabled: $("f-enabled").checked, at: $("f-at").value, days_ahead: Number($("f-days_ahead").value), seconds: $("f-seconds").value }), () => _("The schedule is kept."));
draw(start.listed);
