/* The alerts' page: what stands and what is shelved, a day's history, the rules with their limits. */
import { get, post } from "/static/http.js";
import { $, el, redraw } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";
import { openFeed } from "/static/feed.js";
import { acts, sign, standing } from "/static/alerts/acts.js";

const EVERY_MS = 10000;
const start = JSON.parse($("start").textContent);
clock.setZone(start.timezone, start.rate);
clock.correct(start.alerts.as_of);

const asked = new URLSearchParams(location.search);
$("day").value = start.alerts.day;
for (const name of ["van", "rule"]) {
  $(name).value = asked.get(name) ?? "";
  if ($(name).selectedIndex < 0) $(name).value = "";
}

function wrong(text) {
  $("wrong").textContent = text;
  $("wrong").hidden = !text;
}

function lasted(one) {
  if (!one.ended) return _("goes on");
  return clock.stopwatch((one.ended - one.began) / 1000);
}

function title(one) {
  return el("button.quiet.title", { type: "button", onclick: () => openSteps(one) }, one.title);
}

function keptRow(one) {
  return el("li.kept-row", { "data-alert": one.id },
    sign(one.tone, one.severity),
    el("span.said", {}, title(one), el("span.muted", {}, [one.severity, one.advice, standing(one)].filter(Boolean).join(" · "))),
    el("time.muted", {}, clock.hm(one.began)),
    el("span.acts", {}, acts(one, refresh, wrong)));
}

function historyRow(one) {
  const state = [one.historical && _("found afterwards"), standing({ ...one, ended: null })].filter(Boolean).join(" · ");
  return el("tr", { "data-alert": one.id },
    el("td", {}, el("span.grade", {}, sign(one.tone, one.severity), one.severity)), el("td", {}, title(one)),
    el("td", {}, clock.hms(one.began)), el("td", {}, lasted(one)), el("td.muted", {}, state || "—"));
}

const empty = (text) => [el("li.empty.muted", {}, text)];

function draw(listed) {
  clock.correct(listed.as_of);
  redraw($("open"), listed.open, (list) => (list.length ? list.map(keptRow) : empty(_("Nothing stands."))));
  redraw($("shelved"), listed.shelved, (list) => (list.length ? list.map(keptRow) : empty(_("Nothing is shelved."))));
  redraw($("history"), listed.history, (list) => (list.length ? list.map(historyRow)
    : [el("tr", {}, el("td.muted", { colspan: 5 }, _("Nothing was raised.")))]));
  $("open-count").textContent = listed.open.length;
  $("shelved-count").textContent = listed.shelved.length;
  $("cut").hidden = !listed.is_cut;
  $("as-of").textContent = clock.hms(listed.as_of);
}

function query() {
  const told = new URLSearchParams();
  for (const name of ["day", "van", "rule"]) if ($(name).value) told.set(name, $(name).value);
  return told;
}

async function refresh() {
  try {
    draw(await get(`/api/alerts?${query()}`));
    wrong("");
  } catch (error) {
    wrong(error.message);
  }
}

for (const name of ["day", "van", "rule"]) {
  $(name).addEventListener("change", () => {
    history.replaceState(null, "", `?${query()}`);
    refresh();
  });
}

async function openSteps(one) {
  $("steps-title").textContent = one.title;
  $("steps-list").replaceChildren();
  $("steps").showModal();
  try {
    const { steps } = await get(`/api/alerts/${one.id}`);
    $("steps-list").replaceChildren(...steps.map((step) => el("li", {},
      el("time.muted", {}, clock.hms(step.at)), el("span", {}, [step.said, step.by].filter(Boolean).join(" · ")))));
  } catch (error) {
    $("steps").close();
    wrong(error.message);
  }
}
$("steps-close").addEventListener("click", () => $("steps").close());

function number(name, value, label, least, most) {
  return el("input", { type: "number", name, value, step: "any", min: least, max: most, "aria-label": label, disabled: !start.may_set });
}

function ruleRow(rule) {
  const limit = number("threshold", rule.threshold, `${rule.name}: ${_("Limit")}`, rule.least, rule.most);
  const delay = number("on_delay_s", rule.on_delay_s, `${rule.name}: ${_("On-delay")}`, 0, rule.most_delay_s);
  const severity = el("select", { name: "severity", "aria-label": `${rule.name}: ${_("Severity")}`, disabled: !start.may_set },
    start.severities.map(([code, word]) => el("option", { value: code, selected: code === rule.severity }, word)));
  const on = el("input", { type: "checkbox", name: "enabled", checked: rule.enabled, "aria-label": `${rule.name}: ${_("On")}`, disabled: !start.may_set });
  const said = el("span.rule-said", { role: "status" });
  const save = async () => {
    try {
      await post(`/api/alert-rules/${rule.code}`, {
        enabled: on.checked, severity: severity.value, threshold: limit.valueAsNumber, on_delay_s: Math.round(delay.valueAsNumber),
      });
      said.textContent = _("Kept.");
      said.classList.remove("wrong");
    } catch (error) {
      said.textContent = error.message;
      said.classList.add("wrong");
    }
  };
  return el("tr", { "data-rule": rule.code },
    el("th", { scope: "row" }, rule.name, el("small.muted", {}, rule.meaning)),
    el("td", {}, limit, el("span.unit", {}, rule.unit), el("small.muted", {}, `${_("from {least} to {most} {unit}", rule)} · ${_("default {n} {unit}", { n: rule.default, unit: rule.unit })}`)),
    el("td", {}, delay, el("span.unit", {}, _("s"))), el("td", {}, severity), el("td", {}, on),
    el("td.save", {}, start.may_set ? el("button", { type: "button", onclick: save }, _("Save")) : null, said));
}

$("rules").replaceChildren(...start.rules.map(ruleRow));
draw(start.alerts);
if (asked.get("van") || asked.get("rule")) refresh();
let soon = 0;
openFeed({
  path: "/ws/live",
  onMessage: (message) => {
    if (!message.journal?.length) return;
    clearTimeout(soon);
    soon = setTimeout(refresh, 250);
  },
  onLink: () => {},
});
setInterval(refresh, EVERY_MS);
