/* The planner's desk: choose a day, look, try edits, plan anew, compare, publish. */
import { get, post } from "/static/http.js";
import { $, el } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";
import * as due from "/static/plan/due.js";
import * as errands from "/static/plan/errands.js";
import * as files from "/static/plan/files.js";
import * as inspect from "/static/plan/inspect.js";
import * as map from "/static/plan/map.js";
import * as move from "/static/plan/move.js";
import * as publish from "/static/plan/publish.js";
import * as run from "/static/plan/run.js";
import * as scenarios from "/static/plan/scenarios.js";
import * as stops from "/static/plan/stops.js";
import * as timeline from "/static/plan/timeline.js";
import * as trying from "/static/plan/trying.js";
import * as unserved from "/static/plan/unserved.js";
import * as vans from "/static/plan/vans.js";
import { levelRow, ordered } from "/static/plan/levels.js";
import { Session } from "/static/plan/session.js";
import { BASIS, STATUS, gripOf, holdOf, isCall } from "/static/plan/words.js";

const AGAIN_MS = 3000;
const RENEW_MS = 60000;
const start = JSON.parse($("start").textContent);
clock.setZone(start.timezone, 1);

let day = start.day;
let chosen = start.plan ? Number(start.plan) : null;
let versions = [];
let job = null;
let session = null;
let sheet = null;
let lane = null;
let picked = null;
let asked = 0;
let asking = false;
let fitted = null;

function say(text, wrong = false) {
  $("said").textContent = text;
  $("said").classList.toggle("wrong", wrong);
}

/* Every deed goes through here: what fails is said in words. */
async function attempt(deed) {
  try {
    await deed();
  } catch (error) {
    say(error.message, true);
  }
}

const published = () => versions.find((one) => one.status === "published") ?? null;
const nameOne = (one) => one.name || (one.version === null ? _("draft {time}", { time: clock.hm(one.created_at) }) : _("version {n}", { n: one.version }));

function drawVersions() {
  $("versions").replaceChildren(...versions.map((one) => el("li", {}, el("button.version", {
    type: "button", "aria-pressed": String(one.id === chosen), "data-status": one.status,
    onclick: () => attempt(() => choose(one.id)) },
  nameOne(one), el("small", {}, one.version === null && !one.name ? "" : STATUS[one.status](), one.violations ? el("span.worse", {}, ` ✕ ${one.violations}`) : null)))));
  const current = versions.find((one) => one.id === chosen);
  if ($("publish")) $("publish").hidden = !current || current.status !== "draft";
  scenarios.draw(versions, nameOne, chosen);
}

const acts = {
  why: (key) => session.why(key),
  attempt,
  edit: (edit) => attempt(async () => {
    say("");
    await session.commit(edit);
  }),
  move: ({ van, stop }) => move.begin(stop, van ? { van: van.id, position: stop.position } : null),
  choose: (stop) => pick({ van: null, stop }),
  vans: ({ stop }, how) => attempt(() => vans.open(stop.key, how)),
  grab: (event, stop) => move.grab(event, stop, null),
};
const mine = () => (start.may_plan && session?.now ? acts : null);
const askable = (found) => (free(found) && !found.stop.grip ? found.stop.key ?? null : null);
const free = (found) => mine() && found && gripOf(found.stop) && !found.stop.held && !found.stop.first;

/* The van's stops up to there in their order, or let go; the focus stays. */
async function hold(found) {
  if (!mine() || !found?.van || !isCall(found.stop) || found.stop.held) return;
  await acts.edit(holdOf(found).edit);
  timeline.focus(timeline.blockOfKey(found.stop.key));
}

function drawLevels(levels, before) {
  $("levels").replaceChildren(...ordered(levels).map((one) => levelRow(one, before(one))));
}

/* The hour of the day as it was told last, and what has passed since. */
const hourOf = (now) => now.now && now.now + (performance.now() - now.heard) * start.rate;

/* What vans have begun and how late they are changes by itself: not under somebody's hands. */
function renew() {
  if (!session?.now.now || document.hidden) return;
  timeline.showNow(hourOf(session.now));
  if (!move.busy() && !document.activeElement?.closest(".desk")) attempt(() => session.refresh());
}

/* All that depends on the edits. */
function drawSession() {
  const now = session.now;
  timeline.draw(now.vans);
  timeline.showNow(hourOf(now));
  map.show(now.vans);
  $("levels-note").textContent = session.dirty ? _("▲▼ against the plan before the edits") : now.levels.some((one) => one.published !== null) ? _("▲▼ against the published plan") : "";
  drawLevels(now.levels, (one) => (session.dirty ? one.before : one.published));
  trying.draw(session, { may: start.may_plan, act: acts.edit, save });
  due.draw(now, pick);
  drawUnserved();
  stops.draw(now.vans.find((one) => one.id === lane), pick);
  repick();
}

function drawUnserved() {
  const now = session.now;
  const told = session.dirty ? [] : sheet.unserved;
  const list = now.unserved.map((one) => ({ ...one, said: told.find((each) => each.place === one.name)?.said }));
  unserved.draw(list, null, mine());
  if (now.unserved.length) askWhy();
}

/* A server that has just begun for the first time compiles for a while: reasons come by themselves. */
function later(error) {
  if (error.status !== 503) throw error;
  unserved.preparing(error.message);
  setTimeout(() => session?.now.unserved.length && askWhy(), AGAIN_MS);
}

/* Reasons come a moment later: proving them takes longer than an edit may. One question at a time is on its way. */
async function askWhy() {
  const number = ++asked;
  if (asking) return;
  asking = true;
  await attempt(async () => {
    const told = await session.why().catch(later);
    if (!told) return;
    if (number === asked) unserved.draw(session.now.unserved, told, mine());
  });
  asking = false;
  if (number !== asked && session?.now.unserved.length) askWhy();
}

/* What was chosen stays chosen, wherever it is now. */
function repick() {
  const key = picked?.stop.key;
  if (!key) return pick(null);
  const van = session.now.vans.find((one) => one.stops.some((stop) => stop.key === key)) ?? null;
  const stop = van ? van.stops.find((one) => one.key === key) : session.now.unserved.find((one) => one.key === key);
  pick(stop ? { van, stop } : null, { quiet: true });
}

function pick(found, { quiet = false } = {}) {
  picked = found;
  timeline.mark(found?.stop.key);
  inspect.draw(found, session?.now?.vans ?? [], mine());
  vans.follow(askable(found));
  if (!found || quiet) return;
  if (found.stop.at) map.lookAt(found.stop.at);
  if (found.van && found.stop.key) timeline.blockOfKey(found.stop.key)?.scrollIntoView({ block: "nearest" });
}

async function save(name) {
  await attempt(async () => {
    const made = await session.save(name);
    say(made.violations ? _("Kept as a draft that breaks {n} rules.", { n: made.violations }) : _("Kept as a draft: no rule broken."));
    chosen = made.plan;
    await load();
  });
}

/* Without the means to edit the plan is still looked at, as it was stored. */
function drawStored(why) {
  const vans = sheet.vans.map((van) => ({ ...van, stops: van.stops.map((stop, n) => ({ ...stop, n, at: [stop.lon, stop.lat], position: null })) }));
  timeline.draw(vans);
  CareVan.show("plan", sheet.map);
  $("levels-note").textContent = "";
  drawLevels(sheet.levels, (one) => one.before);
  trying.draw(null, {});
  due.draw({ vans: vans.map((van) => ({ ...van, stops: van.stops.filter(isCall).map((stop) => ({ ...stop, key: `stop:${stop.id}`, prize: 0, mandatory: false })) })), unserved: [] }, pick);
  unserved.draw(sheet.unserved.map((one) => ({ ...one, name: one.place })), null, null);
  stops.draw(vans.find((one) => one.id === lane), pick);
  pick(null);
  hint(_("This plan can be looked at, not edited: {why}", { why }));
}

const usual = $("strip-hint").textContent;

function hint(text) {
  $("strip-hint").textContent = text ?? usual;
  $("strip-hint").classList.toggle("wrong", Boolean(text));
}

function drawBasis() {
  const checked = sheet.plan.violations === 0 ? _("checked: no rule broken") : _("checked: {n} rules broken", { n: sheet.plan.violations });
  $("basis").textContent = `${BASIS[sheet.plan.basis]?.() ?? sheet.plan.basis} · ${checked}`;
}

function drawNothing() {
  session = null;
  timeline.empty(start.may_plan ? _("No plan for this day yet: make one on the right.") : _("No plan for this day yet."));
  for (const id of ["levels", "unserved-list"]) $(id).replaceChildren();
  for (const id of ["basis", "unserved-count", "levels-note"]) $(id).textContent = "";
  stops.draw(null);
  trying.draw(null, {});
  due.draw(null, pick);
  scenarios.offer(null);
  errands.offer([], null);
  pick(null);
  CareVan.show("plan", { type: "FeatureCollection", features: [] });
}

/* Whether something was decided for the chosen plan as it is stored. One that is still being read may have it. */
function isDecided() {
  if (sheet?.plan.id !== chosen) return chosen !== null;
  if (!session) return false;
  const calls = [...session.base.vans.flatMap((van) => van.stops), ...session.base.unserved];
  return calls.some((one) => one.first || one.locked || one.banned?.length);
}

async function choose(id) {
  chosen = id;
  files.offer(id);
  publish.close();
  move.cancel();
  drawVersions();
  if (id === null) return drawNothing();
  const next = new Session(id, drawSession);
  let why = "";
  $("basis").textContent = _("The plan is being read…");
  try {
    [sheet] = await Promise.all([get(`/api/plan-sheets/${id}`), next.open().catch((error) => { why = error.message; })]);
  } catch (error) {
    if (chosen === id) $("basis").textContent = "";
    throw error;
  }
  if (chosen !== id) return;
  drawBasis();
  session = next.now ? next : null;
  scenarios.offer(session?.now.choices ?? null);
  errands.offer(session?.now.choices?.errands ?? [], mine());
  hint(null);
  if (session) drawSession();
  else drawStored(why);
  if (fitted !== day) map.fit(timeline.vans());
  fitted = day;
}

async function load() {
  const found = await get(`/api/plan-sheets?day=${day}`);
  versions = found.versions;
  const wanted = versions.some((one) => one.id === chosen) ? chosen : (published() ?? versions[0])?.id ?? null;
  await choose(wanted);
  if (found.job && !job) follow(found.job, Number($("seconds")?.value ?? 20));
}

async function follow(id, seconds) {
  job = id;
  const told = await run.follow(id, seconds, (text) => say(text, true));
  job = null;
  if (told.status === "done") {
    say(_("A new plan stands: {served} served, {unserved} not.", { served: told.served, unserved: told.unserved }));
    chosen = told.plan ?? null;
  } else if (told.status === "cancelled") {
    say(_("Planning was cancelled."));
    chosen = told.plan ?? chosen;
  } else if (told.status === "failed") say(told.why || _("Planning failed. Try again."), true);
  await attempt(load);
}

function go(to) {
  day = to;
  chosen = null;
  $("day").value = day;
  say("");
  history.replaceState(null, "", `?day=${day}`);
  attempt(load);
  due.dayChanged(day, go);
}

function step(days) {
  const next = new Date(`${day}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + days);
  go(next.toISOString().slice(0, 10));
}

function onKey(event) {
  if (move.onKey(event)) return;
  if (event.target.matches("input, textarea, select") || !(event.ctrlKey || event.metaKey)) return;
  const key = event.key.toLowerCase();
  if (key === "z" && session) attempt(() => (event.shiftKey ? session.redo() : session.undo()));
  else if (key === "y" && session) attempt(() => session.redo());
  else return;
  event.preventDefault();
}

timeline.setUp({
  busy: move.busy,
  choose: (found) => found && pick(found),
  lane: (id) => {
    lane = lane === id ? null : id;
    stops.draw(timeline.vans().find((one) => one.id === lane), pick);
  },
  grab: (event, block, found) => free(found) && move.grab(event, found.stop, { van: found.van.id, position: found.stop.position }),
  move: (found) => free(found) && acts.move(found),
  hold: (found) => attempt(() => hold(found)),
  why: (found) => {
    if (!askable(found)) return;
    pick(found, { quiet: true });
    acts.vans(found, { focus: true });
  },
  remove: (found) => free(found) && acts.edit({ kind: "remove", visit: gripOf(found.stop) }),
});
move.setUp({ attempt: (edit) => session.try(edit), commit: (edit) => session.commit(edit), current: () => session.now, guard: attempt });
vans.setUp({
  ask: (key) => session.vans(key),
  commit: (edits) => session.commit(...edits),
  attempt,
  back: (key) => timeline.focus(timeline.blockOfKey(key)),
});
scenarios.setUp({ day: () => day, plan: () => chosen, started: follow, attempt });
due.setUp(() => day, go);

$("day").value = day;
$("day").addEventListener("change", () => $("day").value && go($("day").value));
$("earlier").addEventListener("click", () => step(-1));
$("later").addEventListener("click", () => step(1));
$("undo")?.addEventListener("click", () => attempt(() => session.undo()));
$("redo")?.addEventListener("click", () => attempt(() => session.redo()));
$("run")?.addEventListener("click", () => attempt(async () => {
  say("");
  const seconds = Number($("seconds").value);
  const asking = { day, seconds, seed: Number($("seed").value) };
  // What was decided goes along; edits that are not saved do not.
  const made = isDecided() ? await post("/api/plans/scenarios", { ...asking, plan: chosen }) : await post("/api/plans/jobs", asking);
  follow(made.job, seconds);
}));
$("job-cancel")?.addEventListener("click", () => attempt(() => post(run.cancelPath(job))));
$("publish")?.addEventListener("click", () => attempt(() => publish.open(chosen, published()?.id ?? null, session?.now.scenario ?? [], session?.edits.length ?? 0)));
$("publish-leave").addEventListener("click", publish.close);
$("publish-go").addEventListener("click", () => attempt(async () => {
  if (await publish.go(chosen, published()?.id ?? null)) {
    say(_("Published. The vans get it now."));
    await load();
  }
}));
document.addEventListener("keydown", onKey, true);
document.addEventListener("carevan:stop", ({ detail }) => {
  const [, van, key] = String(detail.id).split(":");
  const found = timeline.vans().find((one) => String(one.id) === van);
  const stop = found?.stops.find((one) => one.key === key);
  if (stop) pick({ van: found, stop });
});
window.addEventListener("beforeunload", (event) => session?.dirty && event.preventDefault());
setInterval(renew, RENEW_MS);
CareVan.onReady(() => attempt(load));
