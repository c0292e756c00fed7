/* What stands on the screen, drawn from the day; it changes nothing but the page. */
import { _, locale } from "/static/words.js";
import {
  claimedMinutes, cupsAhead, currentTask, momentOf, nextStop, offeredTask, stopsLeft, taskMoment, unseen,
} from "/static/terminal/day.js";
import { foodClock } from "/static/terminal/food.js";
import { metresBetween, sayMetres, secondsTo } from "/static/terminal/geo.js";

const TARGET_MIN = 360;
const WINDOW_NEAR_MS = 30 * 60000;
const byId = (id) => document.getElementById(id);
const text = (id, value) => {
  const element = byId(id);
  if (element.textContent !== value) element.textContent = value;
};

let zone = "Asia/Shanghai";
export const setZone = (name) => {
  if (name) zone = name;
};

export const sayTime = (ms, seconds = false) =>
  new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit", minute: "2-digit", ...(seconds ? { second: "2-digit" } : {}), timeZone: zone,
  }).format(ms);

export const sayDuration = (ms) => {
  const minutes = Math.max(0, Math.floor(ms / 60000));
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
};

const sayTimer = (ms) => {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
};

export const momentWord = (moment) =>
  ({
    departed: _("Depart"), arrived: _("Arrived"), started: _("Start"), done: _("Done"),
    reload: _("Start reload"), break: _("Start break"), accepted: _("Accept"),
  })[moment];

const kindWord = (kind) =>
  ({
    start: _("Leave the depot"), visit: _("Visit"), dropoff: _("Drop-off"), reload: _("Reload"),
    break: _("Break"), handover: _("Handover"), end: _("Return to the depot"),
  })[kind] || kind;

const itemName = (plan, code) => {
  const item = plan.items?.[code];
  return item ? (locale === "en" && item.name_en ? item.name_en : item.name) : code;
};

/* What the big card is about: an accepted SOS, else the next stop, else null. */
export function subjectOf(day) {
  const task = currentTask(day);
  if (task) return { task, lon: task.lon, lat: task.lat, moment: taskMoment(task) };
  const stop = nextStop(day);
  return stop ? { stop, lon: stop.lon, lat: stop.lat, moment: momentOf(day, stop) } : null;
}

export function drawCard(day, at, now) {
  const subject = subjectOf(day);
  const card = byId("card");
  card.classList.toggle("is-sos", Boolean(subject?.task));
  card.classList.toggle("is-over", !subject);
  byId("moment").hidden = !subject;
  if (!subject) {
    text("kind", "");
    text("position", "");
    text("name", day.plan ? _("The day's stops are all done") : _("No plan yet"));
    text("who", day.plan ? _("Thank you. Return to the depot.") : _("It appears here when the office publishes one."));
    text("items", "");
    text("distance", "–");
    text("eta", "–");
    byId("window-box").hidden = true;
    return;
  }
  const { stop, task, moment } = subject;
  text("kind", task ? "SOS" : kindWord(stop.kind));
  text("position", task ? "" : _("{n} left", { n: stopsLeft(day) }));
  text("name", task ? task.place || _("See the map") : stop.name || stop.beat || kindWord(stop.kind));
  text("who", task ? task.who || "" : whoOf(stop));
  text("moment", momentWord(moment));
  byId("moment").dataset.moment = moment;
  text("items", stop ? itemsOf(day.plan, stop) : "");
  drawFigures(subject, at, now);
}

function whoOf(stop) {
  return [stop.who && stop.who !== stop.name ? stop.who : "", stop.sugar_free ? _("sugar-free") : ""]
    .filter(Boolean).join(" · ");
}

function itemsOf(plan, stop) {
  const items = Object.entries(stop.items || {}).filter(([, cups]) => cups > 0);
  return items.map(([code, cups]) => _("{item} × {cups}", { item: itemName(plan, code), cups })).join("   ");
}

function drawFigures({ stop, task, moment, lon, lat }, at, now) {
  const there = task ? moment === "done" : ["started", "reload", "break", "done"].includes(moment);
  const metres = at ? metresBetween(at, [lon, lat]) : null;
  text("distance-word", there ? _("at the stop") : _("away"));
  text("distance", there ? _("here") : metres === null ? "–" : sayMetres(metres));
  const planned = stop ? stop.arrives : task.called_at + (task.eta_s || 0) * 1000;
  const eta = metres === null ? planned : now + secondsTo(metres) * 1000;
  const leaves = stop && (there || stop.kind === "start");
  byId("eta-box").hidden = Boolean(task && there);
  text("eta", sayTime(leaves ? stop.leaves : Math.max(eta, now)));
  text("eta-word", leaves ? _("leave, as planned") : metres === null ? _("arrival, as planned") : _("arrival, about"));
  byId("window-box").hidden = !stop?.window || there;
  if (stop?.window && !there) {
    text("window", `${sayTime(stop.window[0])}–${sayTime(stop.window[1])}`);
    byId("window").classList.toggle("late", eta > stop.window[1]);
    byId("window").classList.toggle("near", eta <= stop.window[1] && stop.window[1] - eta < WINDOW_NEAR_MS);
  }
}

export function drawSos(day, now) {
  const offered = offeredTask(day);
  const task = offered || currentTask(day);
  byId("sos").hidden = !task;
  if (!task) return;
  byId("sos").classList.toggle("is-offered", Boolean(offered));
  text("sos-title", offered ? _("SOS for you") : _("SOS under way"));
  text("sos-place", [task.place, task.who].filter(Boolean).join(" · "));
  text("sos-timer", sayTimer(now - task.called_at));
  byId("sos-accept").hidden = !offered;
}

/* The newest word of the office that was not tapped away. */
export function drawNote(notes) {
  byId("note").hidden = !notes.length;
  if (!notes.length) return;
  text("note-text", notes[0].text);
  const said = _("the office, {time}", { time: sayTime(notes[0].at) });
  text("note-when", notes.length > 1 ? `${said} · ${_("{n} more", { n: notes.length - 1 })}` : said);
}

export function drawSide(day, now) {
  const minutes = claimedMinutes(day, now);
  text("patrol", `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`);
  byId("ring").style.strokeDasharray = `${Math.min(TARGET_MIN, minutes)} 360`;
  byId("ring").classList.toggle("full", minutes >= TARGET_MIN);
  text("unseen", String(unseen(day)));
  drawContainers(day, now);
}

function drawContainers(day, now) {
  const cups = cupsAhead(day);
  const inPlan = Object.values(day.plan?.items || {}).map((item) => item.container);
  const list = byId("containers");
  const names = ["hot", "cold"].filter((name) => inPlan.includes(name) || name in cups);
  const wanted = names.join();
  if (list.dataset.names !== wanted) {
    list.dataset.names = wanted;
    list.replaceChildren(...names.map(containerRow));
  }
  for (const name of names) drawContainer(list.querySelector(`[data-container="${name}"]`), name, cups[name] || 0, day, now);
}

function containerRow(name) {
  const row = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.container = name;
  for (const part of ["title", "degrees", "left"]) {
    const span = document.createElement("span");
    span.className = part;
    button.append(span);
  }
  row.append(button);
  return row;
}

function drawContainer(button, name, cups, day, now) {
  const clock = foodClock(day.taps, name, now);
  const set = (part, value) => {
    const span = button.querySelector(`.${part}`);
    if (span.textContent !== value) span.textContent = value;
  };
  set("title", _("{container} · {cups} cups", { container: containerWord(name), cups }));
  set("degrees", clock.celsius === null ? _("log °C") : `${clock.celsius}°C`);
  set("left", leftWord(clock));
  button.classList.toggle("blocked", clock.blocked);
  button.classList.toggle("counting", clock.counting && !clock.blocked);
}

export const containerWord = (name) => (name === "hot" ? _("Hot") : _("Cold"));

function leftWord(clock) {
  if (clock.blocked) return _("do not serve");
  if (clock.counting) return _("{left} left", { left: sayDuration(clock.left_ms) });
  return clock.celsius === null ? "" : _("safe");
}

/* The sync badge: the numbered state that is drawn here, and how much is still to be sent. */
const LATE_S = 5;

const sayBehind = (seconds) =>
  seconds < 120 ? _("{n} s behind", { n: Math.round(seconds) }) : _("{n} min behind", { n: Math.round(seconds / 60) });

export function drawSync({ online, state, behind_s = 0, pending, trouble, duty }) {
  const late = behind_s > LATE_S;
  byId("sync").dataset.tone = trouble || (online && late) ? "warn" : online ? "live" : "stale";
  const words = [trouble, !online && !trouble && _("no network, keeps working"), late && online && sayBehind(behind_s)].filter(Boolean);
  text("sync-word", words.join(" · ") || _("in step"));
  text("sync-state", state ? ` ${state}` : "");
  text("sync-unsent", pending ? ` · ${_("{n} to send", { n: pending })}` : duty ? "" : ` · ${_("off duty, not tracked")}`);
}

/* Whether the office sees what is drawn here. platform: {state, as_of, behind_s}, null: none is open, undefined: not known. */
export function drawOffice(platform, state) {
  const behind = platform && platform.state < state && platform.behind_s > LATE_S;
  const words = platform === null ? _("No platform screen is open")
    : behind ? _("Platform as of {time}, {late}", { time: sayTime(Date.parse(platform.as_of), true), late: sayBehind(platform.behind_s) }) : "";
  text("office", words);
  byId("office").hidden = !words;
}

export function drawTop(day, now) {
  text("plan-version", day.plan ? _("plan {version}", { version: day.plan.version }) : "");
  text("clock", sayTime(now, true));
  const hour = Number(sayTime(now).slice(0, 2));
  const theme = hour >= 6 && hour < 19 ? "light" : "dark";
  if (document.documentElement.dataset.theme !== theme) document.documentElement.dataset.theme = theme;
}
