/* What the next days are and why; the rules, the planner's word, the temperatures. */
import { get, post, upload } from "/static/http.js";
import { $, el } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";

const start = JSON.parse($("start").textContent);
const SEASONS = Object.fromEntries(start.seasons);
const KINDS = Object.fromEntries(start.kinds);
const SPANS = ["dates", "terms"];
const WITHOUT = [...SPANS, "dog_days", "nines"];
let listed = start.listed;

clock.setZone(start.timezone, start.rate);
clock.correct(listed.as_of);

const degrees = (c) => (c === null ? "" : `${c} ℃`);
const known = (kind) => ({ forecast: _("forecast"), measured: _("measured") })[kind] ?? "";

const ruleWords = ({ rule, span }) =>
  _("{season}: {when}", { season: SEASONS[rule.season], when: `${KINDS[rule.kind]} ${span}${rule.limit_c === null ? "" : `${rule.limit_c} ℃`}`.trim() });

function draw() {
  $("days").replaceChildren(...listed.days.map((one) => el(one.day === listed.day ? "tr.is-today" : "tr", { "data-day": one.day },
    el("td", {}, one.day), el("td.words", {}, one.words),
    el("td.count", {}, degrees(one.max_c)), el("td.count", {}, degrees(one.min_c)), el("td", {}, known(one.kind)),
    el(one.max_c >= 40 ? "td.heat-stop" : "td.heat-shorten", {}, one.limit))));
  const rules = listed.rules.map((one) => one.rule);
  $("rules").replaceChildren(...listed.rules.map((one, n) => el("li", {},
    el("span", {}, ruleWords(one)),
    start.may_plan && listed.rules.length > 1
      ? el("button", { type: "button", "aria-label": _("Remove rule {n}", { n: n + 1 }), onclick: () => setRules(rules.filter((_rule, m) => m !== n)) }, _("Remove"))
      : null)));
  $("as-of").textContent = clock.hms(listed.as_of);
}

async function act(what, done) {
  try {
    await what();
    listed = await get("/api/season");
    clock.correct(listed.as_of);
    draw();
    $("said").textContent = done;
    $("said").classList.remove("wrong");
  } catch (error) {
    $("said").textContent = error.message;
    $("said").classList.add("wrong");
  }
}

const setRules = (rules) => act(() => post("/api/season/rules", { rules }), _("The rules are changed."));

function begin() {
  $("rule-season").append(...start.seasons.map(([code, name]) => el("option", { value: code }, name)));
  $("rule-kind").append(...start.kinds.map(([code, name]) => el("option", { value: code }, name)));
  $("terms").append(...start.terms.map((term) => el("option", { value: term })));
  const parts = () => {
    const kind = $("rule-kind").value;
    $("rule-span").hidden = !SPANS.includes(kind);
    $("rule-limit").hidden = WITHOUT.includes(kind);
    $("rule-begins").placeholder = $("rule-ends").placeholder = kind === "dates" ? "05-20" : start.terms[6];
    $("rule-begins").required = $("rule-ends").required = SPANS.includes(kind);
    $("rule-degrees").required = !WITHOUT.includes(kind);
  };
  $("rule-kind").value = "max_over";
  $("rule-kind").addEventListener("change", parts);
  parts();
  $("rule").addEventListener("submit", (event) => {
    event.preventDefault();
    const kind = $("rule-kind").value;
    const span = SPANS.includes(kind);
    setRules([{
      season: $("rule-season").value, kind,
      begins: span ? $("rule-begins").value.trim() : "", ends: span ? $("rule-ends").value.trim() : "",
      limit_c: WITHOUT.includes(kind) ? null : Number($("rule-degrees").value),
    }, ...listed.rules.map((one) => one.rule)]);
  });
  $("defaults").addEventListener("click", () => setRules([]));
  $("override").addEventListener("submit", (event) => {
    event.preventDefault();
    const told = Object.fromEntries(new FormData(event.target));
    act(() => post("/api/season/override", { ...told, season: told.season || null }), _("The days are set."));
  });
  $("temperature").addEventListener("submit", (event) => {
    event.preventDefault();
    const told = Object.fromEntries(new FormData(event.target));
    const number = (text) => (text === "" ? null : Number(text));
    act(() => post("/api/season/temperatures", { ...told, max_c: number(told.max_c), min_c: number(told.min_c) }), _("The temperature is kept."));
  });
  $("import").addEventListener("submit", async (event) => {
    event.preventDefault();
    let said;
    try {
      said = await upload("/api/season/temperatures/import", event.target.elements.file.files[0]);
    } catch (error) {
      said = { accepted: false, said: [error.message] };
    }
    $("report").replaceChildren(...said.said.map((line) => el(said.accepted ? "li" : "li.wrong", {}, line)));
    if (said.accepted) await act(async () => {}, "");
  });
}

if (start.may_plan) begin();
draw();
