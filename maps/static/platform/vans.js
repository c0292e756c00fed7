/* Vans on the platform's map: positions by the feed, words by the board, grey after a minute of silence. */
import { $ } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";

const STALE_MS = 60000;
const LONG_MS = 3600000;
const TRAIL_MS = 600000;
const TRACE_MS = 5000;
const STANDS_MPS = 0.5;
const MOVED_DEG = 5e-5;
const known = new Map();
// How late the fixes of the last seconds were drawn: [when, seconds].
const LAGS_LAST_MS = 10000;
let lags = [];

export const WORDS = {
  serving: () => _("serving"),
  driving: () => _("driving"),
  patrolling: () => _("patrolling"),
  reloading: () => _("reloading"),
  break: () => _("on break"),
  sos: () => _("SOS"),
  waiting: () => _("waiting"),
  ended: () => _("day ended"),
  offline: () => _("offline"),
};

export function begin(list) {
  for (const van of list) known.set(van.id, { ...van, row: null, at: null, bearing: null, badge: "", tracedAt: 0 });
}

/* For phones that send no heading: where the van went since its fix before; none while it stands. */
function bearing(before, [, lon, lat]) {
  if (!before) return null;
  const [, oldLon, oldLat] = before;
  const east = (lon - oldLon) * Math.cos((lat * Math.PI) / 180);
  const north = lat - oldLat;
  return Math.hypot(east, north) < MOVED_DEG ? null : (Math.atan2(east, north) * 180) / Math.PI;
}

function featureOf(van) {
  const [t, lon, lat, speed, heading] = van.at;
  const stale = clock.now() - t > STALE_MS;
  const state = van.row?.state;
  const word = clock.now() - t > LONG_MS ? _("last fix {time}", { time: clock.hmOrDay(t) })
    : stale ? _("{minutes} min ago", { minutes: Math.floor((clock.now() - t) / 60000) })
    : state === "driving" && van.row.goal ? _("to {place}", { place: van.row.goal })
    : WORDS[state]?.() ?? "";
  return CareVan.vanFeature(van.id, lon, lat, {
    name: van.name,
    colour: van.colour,
    word,
    tone: stale ? "stale" : state === "sos" ? "sos" : "live",
    badge: van.badge ?? "",
    // What a receiver calls a heading while it stands is noise.
    heading: speed !== null && speed < STANDS_MPS ? null : heading ?? van.bearing,
  });
}

function show(list) {
  if (!list.length) return;
  CareVan.layers.vans.update({ type: "FeatureCollection", features: list.map(featureOf) });
}

export function move(rows) {
  const moved = [];
  for (const [id, t, lon, lat, speed, heading, _battery, received] of rows) {
    const van = known.get(id);
    if (!van || (van.at && t < van.at[0])) continue;
    const before = van.at;
    van.at = [t, lon, lat, speed, heading];
    van.bearing = bearing(before, van.at);
    if (t - van.tracedAt >= TRACE_MS) {
      CareVan.trace(id, t, lon, lat);
      van.tracedAt = t;
    }
    if (clock.now() - t < STALE_MS) lags.push([performance.now(), clock.late_s(received)]);
    moved.push(van);
  }
  lags = lags.slice(-200);
  CareVan.onReady(() => show(moved));
}

/* Vans that are this district's no longer. */
export function leave(ids) {
  CareVan.onReady(() => {
    const layer = CareVan.layers.vans;
    layer.remove(ids.map((id) => layer.getFeature(`van:${id}`)).filter(Boolean));
  });
  for (const id of ids) {
    const van = known.get(id);
    if (van) Object.assign(van, { at: null, bearing: null });
  }
}

/* A whole picture: whoever is not in it is not there. */
export function keep(rows) {
  const here = new Set(rows.map(([id]) => id));
  leave([...known.values()].filter((van) => van.at && !here.has(van.id)).map((van) => van.id));
}

/* Points of time, lon and lat by van, as they are stored: what this page has not seen itself. */
export function trace(stored) {
  CareVan.forgetBefore(Infinity);
  for (const [id, points] of Object.entries(stored)) for (const [t, lon, lat] of points) CareVan.trace(Number(id), t, lon, lat);
}

/* Words and badges of the board: tones by van. */
export function describe(rows, badges) {
  const changed = [];
  for (const row of rows) {
    const van = known.get(row.id);
    if (!van) continue;
    const badge = badges.get(row.id) ?? "";
    const news = van.row?.state !== row.state || van.row?.place !== row.place || van.badge !== badge;
    Object.assign(van, { row, badge });
    if (van.at && news) changed.push(van);
  }
  show(changed);
}

export function tick() {
  const grown = [...known.values()].filter((van) => {
    if (!van.at) return false;
    const minutes = Math.floor((clock.now() - van.at[0]) / STALE_MS);
    const changed = minutes > 0 && van.minutes !== minutes;
    van.minutes = minutes;
    return changed;
  });
  show(grown);
  CareVan.forgetBefore(clock.now() - TRAIL_MS);
  lags = lags.filter(([at]) => performance.now() - at < LAGS_LAST_MS);
  const sorted = lags.map(([, lag_s]) => lag_s).sort((a, b) => a - b);
  // Where nothing has moved lately there is no lag to tell.
  $("lag").textContent = sorted.length ? _("Screen lag {seconds} s", { seconds: sorted[Math.floor(sorted.length / 2)].toFixed(1) }) : "";
}

export function panTo(id) {
  const van = known.get(id);
  if (van?.at) CareVan.map.setView([van.at[2], van.at[1]], Math.max(CareVan.map.getZoom(), 15));
}
