/* The replay page: loads a day, plays it on the map, keeps the address in step. */
import { get } from "/static/http.js";
import { Player } from "/static/replay/player.js";
import { Timeline } from "/static/replay/timeline.js";
import { Track } from "/static/replay/track.js";
import { _, locale } from "/static/words.js";

const PICTURES_MS = 100;
const TRAIL_MS = 20 * 60000;
const LINES_MS = 400;
const MANY = 12;
const MARGIN_MS = 5 * 60000;
const FINISHED = new Set(["done", "no_answer", "declined"]);
const byId = (id) => document.getElementById(id);
const zone = byId("choice").dataset.zone;
const clock = new Intl.DateTimeFormat("en-GB", {
  timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});
const say = (ms) => clock.format(ms);

let day = null;
let player = null;
let follow = null;
let lines = [];
let drawnAt = 0;
let linesAt = 0;
let stopsShown = "";
const timeline = new Timeline(byId("rows"), { seek, follow: followVan }, (ms) => say(ms));

const tell = (text) => {
  byId("note").textContent = text;
};

/* ---- loading */

async function load() {
  const chosen = byId("day").value;
  const van = byId("van").value;
  byId("proofs").href = van ? `/vans/${van}/${chosen}` : `/day/${chosen}`;
  stop();
  tell(_("Loading {day}…", { day: chosen }));
  let told;
  try {
    told = await get(van ? `/api/replay/${chosen}/${van}` : `/api/replay/${chosen}`);
  } catch (error) {
    tell(error.message);
    return;
  }
  day = told;
  for (const each of day.vans) {
    each.track = new Track(each);
    each.shown = locale === "en" && each.name_en ? each.name_en : each.name;
    CareVan.kinds[each.id] = { name: each.shown, colour: each.colour };
  }
  const silent = day.vans.filter((each) => !each.track.size && !each.stops.length);
  if (day.vans.length > MANY) day.vans = day.vans.filter((each) => !silent.includes(each));
  const span = spanOf(day);
  player = new Player(span.start, span.end);
  player.atSpeed(speed(), performance.now());
  follow = van ? Number(van) : null;
  clearLines();
  stopsShown = "";
  timeline.show(day, span);
  await tellWhatIsThere();
  const at = Number(new URLSearchParams(location.search).get("t"));
  seek(at >= span.start && at <= span.end ? at : firstFix() ?? span.start);
  fit();
}

function spanOf(loaded) {
  const starts = [];
  const ends = [];
  for (const { track, stops } of loaded.vans) {
    if (track.size) starts.push(track.t[0]), ends.push(track.t[track.size - 1]);
    if (stops.length) starts.push(stops[0].arrives), ends.push(stops.at(-1).leaves);
  }
  for (const call of loaded.sos) starts.push(call.called_at), ends.push(call.closed_at ?? call.called_at);
  const start = starts.length ? Math.min(...starts) - MARGIN_MS : loaded.start;
  const end = ends.length ? Math.max(...ends) + MARGIN_MS : loaded.end;
  return { start: Math.max(loaded.start, start), end: Math.min(loaded.end, Math.max(end, start + MARGIN_MS)) };
}

const firstFix = () => {
  const firsts = day.vans.filter((each) => each.track.size).map((each) => each.track.t[0]);
  return firsts.length ? Math.min(...firsts) : null;
};

async function tellWhatIsThere() {
  const driven = day.vans.filter((each) => each.track.size).length;
  if (driven) {
    tell("");
    return;
  }
  const { days } = await get("/api/replay").catch(() => ({ days: [] }));
  byId("days").replaceChildren(...days.map((each) => new Option(each, each)));
  tell(days.length
    ? _("Nothing was driven on this day. Choose another, such as {day}.", { day: days[0] })
    : _("Nothing was driven on this day, nor on any other yet."));
}

/* ---- playing */

const speed = () => Number(document.querySelector("#speeds [aria-pressed=true]").dataset.speed);

function seek(ms) {
  if (!player) return;
  player.seek(ms, performance.now());
  picture(true);
  remember();
}

function toggle() {
  if (!player) return;
  const wall = performance.now();
  if (player.playing) player.pause(wall);
  else player.play(wall);
  showPlaying();
  if (player.playing) requestAnimationFrame(step);
  else remember();
}

function stop() {
  if (player?.playing) toggle();
}

function showPlaying() {
  byId("play").textContent = player.playing ? "❚❚" : "▶";
  byId("play").setAttribute("aria-pressed", String(player.playing));
}

function step(wall) {
  if (!player.playing) return;
  if (wall - drawnAt >= PICTURES_MS) picture();
  if (player.head(performance.now()) >= player.end) {
    player.pause(performance.now());
    showPlaying();
    picture(true);
    remember();
    return;
  }
  requestAnimationFrame(step);
}

function picture(whole = false) {
  const wall = performance.now();
  const head = player.head(wall);
  drawnAt = wall;
  byId("head").textContent = say(head);
  byId("rows").setAttribute("aria-valuetext", say(head));
  timeline.moveTo(head);
  drawVans(head);
  if (whole || wall - linesAt > LINES_MS) {
    linesAt = wall;
    drawLines(head);
    drawPlan(head);
    drawCalls(head);
  }
}

/* ---- on the map */

function drawVans(head) {
  const features = [];
  for (const van of day.vans) {
    const at = van.track.at(head);
    if (!at || at.standing === "before") continue;
    const lost = at.standing === "gap" || at.standing === "after";
    features.push(CareVan.vanFeature(van.id, at.lon, at.lat, {
      name: van.shown, colour: van.colour, heading: at.heading, tone: lost ? "stale" : "live", word: lost ? _("no signal") : "",
    }));
    if (van.id === follow) CareVan.map.panTo([at.lat, at.lon], { animate: false });
  }
  CareVan.show("vans", { type: "FeatureCollection", features });
}

function clearLines() {
  for (const line of lines) line.remove();
  lines = [];
}

/* Of one van the whole way driven so far, of a fleet the last twenty minutes. */
function drawLines(head) {
  if (!lines.length) {
    lines = day.vans.map((van) =>
      L.polyline([], { color: van.colour, weight: 4, opacity: 0.9, interactive: false, lineJoin: "round" }).addTo(CareVan.map));
  }
  day.vans.forEach((van, n) => {
    const whole = day.vans.length === 1 || van.id === follow;
    lines[n].setLatLngs(van.track.lines(whole ? day.start : head - TRAIL_MS, head));
  });
}

function drawPlan(head) {
  const finished = new Set();
  for (const van of day.vans) {
    for (const tap of van.taps) if (FINISHED.has(tap.kind) && tap.t_ms <= head) finished.add(tap.stop_id);
  }
  const key = [...finished].join();
  if (key === stopsShown && lines.planned === day) return;
  stopsShown = key;
  lines.planned = day;
  const features = [];
  for (const van of day.vans) {
    if (van.route.length > 1) {
      features.push({
        type: "Feature",
        geometry: { type: "LineString", coordinates: van.route },
        properties: { id: `route:${van.id}`, role: "route", van: van.id, colour: van.colour },
      });
    }
    for (const each of van.stops) {
      features.push({
        type: "Feature",
        geometry: { type: "Point", coordinates: [each.lon, each.lat] },
        properties: {
          id: `stop:${each.id}`, role: "stop", van: van.id, colour: van.colour, kind: each.kind,
          state: finished.has(each.id) ? "done" : "to_come", label: each.name,
        },
      });
    }
  }
  CareVan.show("plan", { type: "FeatureCollection", features });
}

function drawCalls(head) {
  const live = day.sos.filter((call) => call.called_at <= head && head < (call.closed_at ?? Infinity));
  CareVan.show("calls", {
    type: "FeatureCollection",
    features: live.map((call) => ({
      type: "Feature",
      geometry: { type: "Point", coordinates: [call.lon, call.lat] },
      properties: { id: `sos:${call.sos}`, role: "sos", label: call.place },
    })),
  });
  const driven = day.vans.filter((van) => van.track.size).length;
  const followed = day.vans.find((van) => van.id === follow);
  byId("caption").textContent = [
    followed ? _("following {name}", { name: followed.shown }) : _("{n} vans", { n: driven }),
    ...live.map((call) => `SOS ${call.place}`),
  ].join(" · ");
}

function followVan(id) {
  follow = follow === id ? null : id;
  if (follow !== null && CareVan.map.getZoom() < 15) CareVan.map.setZoom(15, { animate: false });
  picture(true);
}

const between = (values, share) => values[Math.min(values.length - 1, Math.floor(values.length * share))];

/* The whole picture; a wild fix or two must not shrink it. */
function fit() {
  CareVan.map.invalidateSize({ animate: false });
  const points = day.vans.flatMap((van) => {
    const every = Math.max(1, Math.floor(van.track.size / 50));
    const some = [];
    for (let n = 0; n < van.track.size; n += every) some.push([van.track.lat[n], van.track.lon[n]]);
    return [...some, ...van.stops.map((each) => [each.lat, each.lon])];
  });
  if (!points.length) return;
  const [lats, lons] = [0, 1].map((axis) => points.map((point) => point[axis]).sort((a, b) => a - b));
  const trim = points.length > 200 ? 0.02 : 0;
  const corners = [trim, 1 - trim].map((share) => [between(lats, share), between(lons, share)]);
  CareVan.map.fitBounds(corners, { padding: [40, 40], maxZoom: 17, animate: false });
}

/* ---- the address and the keys */

function remember() {
  const query = new URLSearchParams({ day: byId("day").value });
  if (byId("van").value) query.set("van", byId("van").value);
  query.set("t", String(Math.round(player.head(performance.now()))));
  history.replaceState(null, "", `/replay?${query}`);
}

function newChoice() {
  history.replaceState(null, "", "/replay");
  load();
}

byId("play").onclick = toggle;
byId("day").onchange = newChoice;
byId("van").onchange = newChoice;
byId("choice").onsubmit = (event) => event.preventDefault();
byId("speeds").onclick = (event) => {
  const chosen = event.target.closest("button");
  if (!chosen) return;
  for (const each of byId("speeds").children) each.setAttribute("aria-pressed", String(each === chosen));
  player?.atSpeed(speed(), performance.now());
};
document.addEventListener("carevan:van", (event) => followVan(event.detail.id));
document.addEventListener("keydown", (event) => {
  if (!player || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  const minute = { ArrowLeft: -1, ArrowRight: 1, PageUp: -15, PageDown: 15 }[event.key];
  if (event.key === " " && event.target.tagName !== "BUTTON") {
    event.preventDefault();
    toggle();
  } else if (minute) {
    event.preventDefault();
    seek(player.head(performance.now()) + minute * 60000);
  }
});

const asked = new URLSearchParams(location.search);
if (asked.get("van")) byId("van").value = asked.get("van");
CareVan.onReady(() => {
  CareVan.map.on("dragstart", () => {
    follow = null;
  });
  load();
});
