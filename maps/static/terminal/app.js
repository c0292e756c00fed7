/* The van's own screen: puts store, clock, link, position and view together. */
import { _, locale } from "/static/words.js";
import { Clock } from "/static/terminal/clock.js";
import {
  currentTask, keyOf, nextStop, offeredTask, onDuty, passedBy, takePlan, takeTap, takeTask, turn, withdrawTask,
} from "/static/terminal/day.js";
import { Place, fixOf } from "/static/terminal/geo.js";
import { uuid7 } from "/static/terminal/ids.js";
import { Link } from "/static/terminal/link.js";
import { askForCode } from "/static/terminal/pairing.js";
import { drawDay, drawSelf, lookAt } from "/static/terminal/route.js";
import { Sender } from "/static/terminal/sender.js";
import { Store } from "/static/terminal/store.js";
import * as view from "/static/terminal/view.js";
import { Voice } from "/static/terminal/voice.js";

const APP = "carevan-screen 1";
const HELP_S = 3;
const START_C = { hot: 65, cold: 4 };
// A screen that is paired gets all that was ever said to its van; what is older than this is of no use.
const NOTE_LASTS_MS = 2 * 3600000;
const byId = (id) => document.getElementById(id);

const now = {
  day: { plan: null, plans: {}, taps: [], tasks: {} },
  notes: [],
  have: { plan: 0, seq: 0, state: 0 },
  heard: { state: 0, at: 0 },
  // What the office's screen shows: null where none is open, undefined before it was told.
  platform: undefined,
  at: null,
  heading: null,
  battery: null,
  geo: "",
  waiting: null,
  pairing: null,
};
let store, clock, sender, link, place, voice;

/* The page from the network and its parts from an older cache do not match: a new worker reloads them together. */
function serveOffline() {
  if (!("serviceWorker" in navigator)) return;
  const updating = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => updating && location.reload());
  navigator.serviceWorker.register("/terminal/sw.js", { scope: "/terminal" }).catch(() => {});
}

async function begin() {
  serveOffline();
  store = await Store.open();
  const names = ["pairing", "day", "have", "clock", "voice", "notes"];
  const [pairing, day, have, kept, speaks, notes] = await Promise.all(names.map((name) => store.get(name)));
  clock = new Clock(kept);
  voice = new Voice(Boolean(speaks));
  if (day) now.day = day;
  if (have) now.have = have;
  if (notes) now.notes = notes;
  if (pairing) start(pairing);
  else askForCode(paired);
}

async function paired(told) {
  const van = typeof told.van === "object" ? told.van : { id: told.van, name: told.name ?? told.van_name ?? "" };
  const pairing = { token: told.token, van: van.id, name: (locale === "en" && van.name_en) || van.name || _("Van {id}", { id: van.id }), zone: told.timezone };
  // What the van's other terminals have tapped today comes with the pairing, where the platform tells it.
  now.day = { plan: null, plans: {}, taps: told.taps || [], tasks: told.tasks || {} };
  now.have = { plan: 0, seq: 0, state: 0 };
  now.notes = [];
  await store.put("notes", now.notes);
  await store.put("pairing", pairing);
  await store.put("day", now.day);
  await store.put("have", now.have);
  start(pairing);
}

/* One window of this device is the terminal: two would share an outbox and each know only its own taps. */
function alone() {
  if (!navigator.locks) return Promise.resolve();
  return new Promise((granted) => {
    navigator.locks.request("carevan-terminal", () => {
      granted();
      return new Promise(() => {}); // held until this window closes
    });
  });
}

async function start(pairing) {
  now.pairing = pairing;
  byId("pair").hidden = true;
  byId("day").hidden = false;
  byId("van").textContent = pairing.name;
  view.setZone(pairing.zone || undefined);
  view.drawSync({ online: false, state: 0, pending: 0, trouble: _("open in another window"), duty: true });
  await alone();
  now.day = (await store.get("day")) || now.day;
  now.have = (await store.get("have")) || now.have;
  // What was recorded as another van waits until this screen is that van's again.
  const unsent = await store.unsent();
  sender = new Sender(unsent.filter(({ item }) => item.van === pairing.van), () => clock.now());
  const hello = () => ({ token: pairing.token, app: APP, have: { ...now.have, t: clock.now() } });
  link = new Link(sender, hello, {
    welcome: (told) => {
      place.everyMs = Math.max(1000, told.every_s * 1000);
      told.time && store.put("clock", clock.correct(Date.parse(told.time)));
      heardOf(told.state);
      if (now.waiting) moved(now.waiting);
    },
    state: (told) => {
      if (told.time) store.put("clock", clock.correct(Date.parse(told.time)));
      heardOf(told.state);
      now.platform = told.platform;
      inTurn(() => drew({ state: told.state }));
    },
    push: (...what) => inTurn(() => pushed(...what)),
    committed: (keys) => store.remove(keys),
    refused: (told) => said(_("The platform kept something back: {why}", { why: told.why })),
    dismissed: unpaired,
    changed: drawSync,
  });
  place = new Place(moved, (trouble) => {
    now.geo = trouble;
    drawSync();
  });
  await watchBattery();
  wire();
  place.start();
  link.start();
  window.CareVan?.onReady(() => {
    drawDay(now.day);
    focus();
  });
  setInterval(draw, 1000);
  draw();
}

async function unpaired() {
  // The outbox stays: what was tapped is sent once the screen is paired again.
  await store.put("pairing", null);
  location.reload();
}

async function watchBattery() {
  if (!navigator.getBattery) return;
  const battery = await navigator.getBattery().catch(() => null);
  if (!battery) return;
  now.battery = battery.level;
  battery.onlevelchange = () => {
    now.battery = battery.level;
  };
}

/* ---- what comes from the platform */

/* One thing after the other: a state is drawn when all that came before it is. */
let queue = Promise.resolve();
function inTurn(act) {
  queue = queue.then(act).catch((error) => console.error(error));
}

/* The district's state as we were last told of it, and since when it is another one than what is drawn. */
function heardOf(state) {
  if (now.heard.state !== state) now.heard = { state, at: Date.now() };
  drawSync();
}

/* How many seconds this screen is behind the district: with what it was told, or because it is told nothing. */
function behind_s() {
  const waits = now.heard.state > now.have.state ? Date.now() - now.heard.at : 0;
  const silent = link.heard ? Date.now() - link.heard : 0;
  return Math.max(waits, silent) / 1000;
}

async function pushed(seq, kind, body) {
  if (seq <= now.have.seq) return;
  if (kind === "plan") {
    now.day = takePlan(now.day, body, clock.now());
    voice.say(_("A new plan has come."));
    said(_("Plan {version} has come.", { version: body.version }));
  } else if (kind === "task") {
    now.day = takeTask(now.day, body);
    voice.say(_("SOS. {place}.", { place: body.place }));
    navigator.vibrate?.([400, 200, 400]);
  } else if (kind === "withdraw") {
    now.day = withdrawTask(now.day, body.task);
    said(_("The SOS was taken back or closed."));
  } else if (kind === "say") {
    await takeNote(body);
  }
  await store.put("day", now.day);
  drawDay(now.day);
  focus();
  draw();
  drew({ seq, ...(kind === "plan" ? { plan: body.version } : {}) });
}

/* What the office says stands until the crew has tapped it away; the newest first. */
async function takeNote({ text, at = clock.now() }) {
  if (clock.now() - at > NOTE_LASTS_MS) return;
  now.notes = [{ text, at }, ...now.notes];
  await store.put("notes", now.notes);
  voice.say(_("The office says: {text}", { text }));
  navigator.vibrate?.(300);
}

function dropNote() {
  now.notes = now.notes.slice(1);
  store.put("notes", now.notes);
  draw();
}

function drew(part) {
  const have = { ...now.have, ...part };
  if (JSON.stringify(have) === JSON.stringify(now.have)) return;
  now.have = have;
  store.put("have", have);
  sender.drawn(have);
  link.flush();
  drawSync();
}

/* ---- what the van does */

async function moved(position) {
  now.geo = "";
  now.at = [position.coords.longitude, position.coords.latitude];
  now.heading = Number.isFinite(position.coords.heading ?? NaN) ? position.coords.heading : null;
  const t = clock.of(Math.min(Date.now(), position.timestamp || Date.now()));
  // A clock that was never corrected would date the track wrongly: the position waits for the first welcome.
  now.waiting = clock.at === null ? position : null;
  if (!now.waiting && onDuty(now.day, t)) {
    await post({ fix: fixOf(position, t, now.battery) });
    for (const stop of passedBy(now.day, now.at)) await tap("arrived", { stop });
  }
  drawSelf(now.at, now.heading, now.pairing.name);
  focus();
}

async function post(item, kept = {}) {
  const mine = { ...item, van: now.pairing.van };
  const key = await store.append(mine, kept);
  sender.add({ key, item: mine });
  link.flush();
  drawSync();
}

async function tap(kind, about = {}) {
  const t = clock.now();
  const { stop, task, ...more } = about;
  const where = now.at ? { lon: now.at[0], lat: now.at[1] } : {};
  const event = { id: uuid7(t), t, kind, ...(stop ? { stop: stop.id } : {}), ...(task ? { task: task.id } : {}), ...where, ...more };
  now.day = takeTap(now.day, { ...event, ...(stop ? { key: keyOf(stop) } : {}) });
  await post({ event }, { day: now.day });
  drawDay(now.day);
  draw();
}

/* ---- the buttons */

async function tapMoment() {
  const subject = view.subjectOf(now.day);
  if (!subject) return;
  const { moment, stop, task } = subject;
  await tap(moment, stop ? { stop } : { task });
  said(_("{what}, {time}", { what: view.momentWord(moment), time: view.sayTime(clock.now()) }));
  const next = view.subjectOf(now.day);
  if (moment === "done" && next?.stop) voice.say(_("Next: {name}.", { name: next.stop.name }));
  focus();
}

async function tapOther(kind) {
  if (kind === "sos") {
    callForHelp();
    return;
  }
  const task = offeredTask(now.day) || currentTask(now.day);
  if (kind === "accepted" || kind === "unable") {
    await tap(kind, { task });
    focus();
    return;
  }
  const stop = nextStop(now.day);
  if (kind === "reload" || kind === "break") await tap(kind, stop?.kind === kind ? { stop } : {});
  else await tap(kind, { stop });
  const word = { no_answer: _("No answer"), declined: _("Declined"), reload: _("Reload"), break: _("Break") }[kind];
  said(_("{what}, {time}", { what: word, time: view.sayTime(clock.now()) }));
}

function callForHelp() {
  const dialog = byId("helping");
  let left = HELP_S;
  byId("help-count").textContent = left;
  dialog.showModal();
  const timer = setInterval(async () => {
    left -= 1;
    byId("help-count").textContent = left;
    if (left > 0) return;
    clearInterval(timer);
    dialog.close();
    await tap("sos");
    said(_("Help was called for. The office sees where you are."));
  }, 1000);
  byId("help-cancel").onclick = () => {
    clearInterval(timer);
    dialog.close();
  };
  dialog.oncancel = () => clearInterval(timer);
}

function readThermometer(container) {
  const dialog = byId("thermometer");
  const last = now.day.taps.filter((each) => each.kind === "reading" && each.container === container).at(-1);
  let celsius = last ? last.celsius : START_C[container];
  const show = () => {
    byId("thermo-value").textContent = celsius;
  };
  byId("thermo-name").textContent = view.containerWord(container);
  show();
  dialog.onclick = (event) => {
    const { step } = event.target.dataset;
    if (!step) return;
    celsius = Math.min(100, Math.max(-20, celsius + Number(step)));
    show();
  };
  byId("thermo-cancel").onclick = () => dialog.close();
  byId("thermo-log").onclick = async () => {
    dialog.close();
    await tap("reading", { container, celsius });
  };
  dialog.showModal();
}

function wire() {
  byId("moment").onclick = tapMoment;
  byId("sos-accept").onclick = () => tapOther("accepted");
  byId("note-read").onclick = dropNote;
  document.querySelector(".others").onclick = (event) => {
    const { tap: kind } = event.target.closest("button")?.dataset || {};
    if (kind) tapOther(kind);
  };
  byId("containers").onclick = (event) => {
    const { container } = event.target.closest("button")?.dataset || {};
    if (container) readThermometer(container);
  };
  byId("speak").onclick = () => {
    voice = new Voice(!voice.on);
    store.put("voice", voice.on);
    voice.say(_("Spoken prompts are on."));
    draw();
  };
}

/* ---- the screen */

let saidUntil = 0;
function said(text) {
  byId("said").textContent = text;
  saidUntil = Date.now() + 8000;
}

let focused = "";
function focus() {
  const subject = view.subjectOf(now.day);
  const key = `${subject?.stop?.id ?? subject?.task?.id}|${now.at?.map((each) => each.toFixed(3))}|${byId("map-box").clientHeight}`;
  if (key === focused) return;
  focused = key;
  lookAt(now.at, subject, now.day);
}

function drawSync() {
  const troubles = { denied: _("position is not allowed"), absent: _("no position on this device"), searching: _("looking for the position") };
  view.drawSync({
    online: link.online,
    state: now.have.state,
    behind_s: behind_s(),
    pending: sender.pending,
    trouble: troubles[now.geo] || "",
    duty: onDuty(now.day, clock.now()),
  });
  view.drawOffice(link.online ? now.platform : undefined, now.have.state);
}

function draw() {
  const t = clock.now();
  const today = turn(now.day, t);
  if (today !== now.day) {
    now.day = today;
    store.put("day", today);
    drawDay(today);
  }
  view.drawTop(now.day, t);
  view.drawSos(now.day, t);
  view.drawNote(now.notes);
  view.drawCard(now.day, now.at, t);
  view.drawSide(now.day, t);
  drawSync();
  focus();
  byId("speak").setAttribute("aria-pressed", String(voice.on));
  if (Date.now() > saidUntil) byId("said").textContent = "";
  const offered = offeredTask(now.day);
  const subject = view.subjectOf(now.day);
  const atStop = subject?.stop && ["visit", "dropoff"].includes(subject.stop.kind) && ["started", "done"].includes(subject.moment);
  for (const button of document.querySelectorAll(".others button")) {
    const kind = button.dataset.tap;
    if (kind === "accepted") button.disabled = !offered;
    if (kind === "unable") button.disabled = !(offered || currentTask(now.day));
    if (kind === "no_answer" || kind === "declined") button.disabled = !atStop;
  }
}

begin();
