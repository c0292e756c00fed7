/* The planner's desk: choose a day, make plans, compare, publish. */
import { get, post } from "/static/http.js";
import { $, el } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";
import { drawSheet, emptySheet } from "/static/plan/sheet.js";

const POLL_MS = 1000;
const start = JSON.parse($("start").textContent);
clock.setZone(start.timezone, 1);

let day = start.day;
let chosen = start.plan ? Number(start.plan) : null;
let versions = [];
let job = null;

const STATUS = {
  draft: () => _("draft"),
  published: () => _("published"),
  superseded: () => _("superseded"),
};

function say(text, wrong = false) {
  $("said").textContent = text;
  $("said").classList.toggle("wrong", wrong);
}

/* Every button goes through here: what fails is said beside the buttons, in words. */
async function attempt(deed) {
  try {
    await deed();
  } catch (error) {
    say(error.message, true);
  }
}

function drawVersions() {
  $("versions").replaceChildren(...versions.map((one) => el("li", {}, el("button.version", {
    type: "button", "aria-pressed": String(one.id === chosen), "data-status": one.status,
    onclick: () => attempt(() => choose(one.id)) },
    one.version === null ? _("draft {time}", { time: clock.hm(one.created_at) }) : _("version {n}", { n: one.version }),
    el("small", {}, one.version === null ? "" : STATUS[one.status]())))));
  const current = versions.find((one) => one.id === chosen);
  if ($("publish")) $("publish").hidden = !current || current.status !== "draft";
}

async function choose(id) {
  chosen = id;
  drawVersions();
  if (id === null) {
    emptySheet(start.may_plan ? _("No plan for this day yet: make one above.") : _("No plan for this day yet."));
    return;
  }
  drawSheet(await get(`/api/plan-sheets/${id}`));
}

async function load() {
  const found = await get(`/api/plan-sheets?day=${day}`);
  versions = found.versions;
  const wanted = versions.some((one) => one.id === chosen) ? chosen
    : (versions.find((one) => one.status === "published") ?? versions[0])?.id ?? null;
  await choose(wanted);
  if (found.job && !job) follow(found.job);
}

const STAGES = {
  waiting: () => _("waiting for the planner"),
  reading: () => _("reading the day and its roads"),
  visits: () => _("placing visits and patrol"),
  unserved: () => _("trying again what was left out"),
  reasons: () => _("proving reasons"),
  lines: () => _("drawing the routes"),
};

function drawJob(told) {
  $("job").hidden = false;
  $("job-share").value = told.share_done ?? 0;
  const stage = STAGES[told.stage]?.() ?? STAGES[told.status]?.() ?? told.stage ?? "";
  const counts = told.served === null || told.served === undefined ? ""
    : ` · ${_("{served} served, {unserved} not", { served: told.served, unserved: told.unserved })}`;
  $("job-stage").textContent = `${Math.round(100 * (told.share_done ?? 0))}% ${stage}${counts}`;
}

async function follow(id) {
  job = id;
  if ($("run")) $("run").disabled = true;
  let told = { status: "waiting", share_done: 0 };
  while (told.status === "waiting" || told.status === "running") {
    drawJob(told);
    await new Promise((wake) => setTimeout(wake, POLL_MS));
    try {
      told = await get(`/api/plans/jobs/${id}`);
    } catch (error) {
      say(error.message, true);
      if (error.status >= 400) break;
    }
  }
  job = null;
  $("job").hidden = true;
  if ($("run")) $("run").disabled = false;
  if (told.status === "done") {
    say(_("A new plan stands: {served} served, {unserved} not.", { served: told.served, unserved: told.unserved }));
    chosen = told.plan ?? told.plan_id ?? null;
  } else if (told.status === "cancelled") say(_("Planning was cancelled."));
  else if (told.status === "failed") say(told.why || _("Planning failed. Try again."), true);
  await attempt(load);
}

function go(to) {
  day = to;
  chosen = null;
  $("day").value = day;
  say("");
  history.replaceState(null, "", `?day=${day}`);
  attempt(load);
}

function step(days) {
  const next = new Date(`${day}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + days);
  go(next.toISOString().slice(0, 10));
}

$("day").value = day;
$("day").addEventListener("change", () => $("day").value && go($("day").value));
$("earlier").addEventListener("click", () => step(-1));
$("later").addEventListener("click", () => step(1));
$("run")?.addEventListener("click", () => attempt(async () => {
  say("");
  const made = await post("/api/plans/jobs", { day, seconds: Number($("seconds").value) });
  follow(made.job);
}));
$("job-cancel")?.addEventListener("click", () => attempt(() => post(`/api/plans/jobs/${job}/cancel`)));
$("publish")?.addEventListener("click", () => attempt(async () => {
  $("publish").disabled = true;
  try {
    await post(`/api/plans/${chosen}/publish`);
    say(_("Published. The vans get it now."));
  } finally {
    $("publish").disabled = false;
  }
  await load();
}));
CareVan.onReady(() => attempt(load));
