/* A guest's map: the vans and the time, until the share ends. */
import { _, locale } from "/static/words.js";

const ENDED = 4403;
const CHANGED = 4409;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10000;
const SILENT_MS = 5000;
const byId = (id) => document.getElementById(id);
const zone = byId("guest").dataset.zone;
const say = new Intl.DateTimeFormat(locale === "zh" ? "zh-CN" : "en-GB", {
  timeZone: zone, hourCycle: "h23", hour: "2-digit", minute: "2-digit", second: "2-digit",
});

let wait = FIRST_WAIT_MS;
let heard = 0;
let framed = false;

/* Once, so that every van is in the picture; afterwards the guest moves the map. */
function frame(vans) {
  if (framed || !vans.length) return;
  framed = true;
  const points = vans.map(([, lon, lat]) => L.latLng(lat, lon));
  if (points.every((at) => CareVan.map.getBounds().pad(-0.05).contains(at))) return;
  CareVan.map.fitBounds(points, { padding: [80, 80], maxZoom: 15, animate: false });
}

/* What is said where no van is to be seen. */
const EMPTY = {
  live: () => _("No van is on the road now."),
  waits: () => _("Nothing to see yet: its time is to come."),
  rests: () => _("Nothing to see now: this map has its hours."),
};

function draw({ as_of, state, vans, standing }) {
  byId("clock").textContent = say.format(as_of);
  const features = vans.map(([id, lon, lat, stale, held]) => {
    const { name = "", colour } = CareVan.kinds[id] || {};
    return CareVan.vanFeature(id, lon, lat, { name, colour, tone: stale ? "stale" : "live", word: stale ? _("offline") : held ? _("about here") : "" });
  });
  CareVan.show("vans", { type: "FeatureCollection", features });
  frame(vans);
  byId("state").textContent = state === undefined ? "" : _("state {state}", { state });
  byId("word").textContent = vans.length ? "" : EMPTY[standing]();
}

/* A day that is over comes in parts, some vans each; a van's rows say what is shown from a step on. */
const RUN_MS = 250;
const E5 = 1e5;
const at = byId("at");
let day = null;
let coming = null;
let running = 0;
let chosen = false;

/* The last row that begins by a step. */
function rowAt(rows, n) {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle][0] <= n) low = middle + 1;
    else high = middle;
  }
  return rows[low - 1];
}

function shownAt(n) {
  return day.vans.flatMap(([id, rows]) => {
    const row = rowAt(rows, n);
    return row && row.length > 1 ? [[id, row[1] / E5, row[2] / E5, Boolean(row[3] & 1), Boolean(row[3] & 2)]] : [];
  });
}

function drawDay() {
  draw({ as_of: day.begins + at.valueAsNumber * day.step_ms, vans: shownAt(at.valueAsNumber), standing: "live" });
}

function run(wanted) {
  clearInterval(running);
  running = wanted ? setInterval(() => {
    if (at.valueAsNumber >= Number(at.max)) run(false);
    at.valueAsNumber += 1;
    drawDay();
  }, RUN_MS) : 0;
  byId("run").setAttribute("aria-pressed", String(Boolean(running)));
  byId("run").textContent = running ? _("Pause") : _("Play");
}

/* The first day is drawn as it comes; one that was told anew takes its place when it is whole. */
function adopt(told) {
  coming = { ...told, vans: [] };
  if (!day) day = coming;
  at.max = Math.max(0, Math.round((told.ends - told.begins) / told.step_ms) - 1);
  byId("play").hidden = false;
}

function take(part) {
  coming.vans.push(...part);
  if (day === coming) settle();
}

function complete() {
  day = coming;
  settle();
}

function settle() {
  if (!chosen) {
    at.valueAsNumber = Math.min(...day.vans.map(([, rows]) => (rows.length ? rows[0][0] : Infinity)), at.max);
    framed = false;
  }
  drawDay();
}

at.addEventListener("input", () => {
  chosen = true;
  drawDay();
});
byId("run").addEventListener("click", () => {
  chosen = true;
  run(!running);
});
byId("play").addEventListener("submit", (event) => event.preventDefault());

function end() {
  run(false);
  byId("play").hidden = true;
  CareVan.show("vans", { type: "FeatureCollection", features: [] });
  document.body.classList.add("is-ended");
  byId("ended").hidden = false;
  byId("clock").textContent = "";
  byId("word").textContent = "";
  byId("state").textContent = "";
}

function dial() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(`${scheme}//${location.host}/ws/shared`);
  socket.onmessage = ({ data }) => {
    wait = FIRST_WAIT_MS;
    heard = performance.now();
    const told = JSON.parse(data);
    if (told.day) adopt(told.day);
    else if (told.part) take(told.part);
    else if (told.whole) complete();
    else if (told.vans) draw(told);
  };
  socket.onclose = ({ code }) => {
    if (code === ENDED) {
      end();
      return;
    }
    if (code === CHANGED) {
      location.reload();
      return;
    }
    setTimeout(dial, wait * (0.5 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  };
}

setInterval(() => {
  const silent = heard && performance.now() - heard > SILENT_MS;
  document.body.classList.toggle("is-silent", Boolean(silent));
  if (silent && byId("ended").hidden) {
    byId("word").textContent = _("Nothing has come for {n} s; this is the last known picture.", { n: Math.round((performance.now() - heard) / 1000) });
  }
}, 1000);

CareVan.onReady(dial);
