/* A guest's map: the vans and the time, until the share ends. */
import { _, locale } from "/static/words.js";

const ENDED = 4403;
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

function draw({ as_of, state, vans }) {
  byId("clock").textContent = say.format(as_of);
  const features = vans.map(([id, lon, lat, stale, held]) => {
    const { name = "", colour } = CareVan.kinds[id] || {};
    return CareVan.vanFeature(id, lon, lat, { name, colour, tone: stale ? "stale" : "live", word: stale ? _("offline") : held ? _("about here") : "" });
  });
  CareVan.show("vans", { type: "FeatureCollection", features });
  frame(vans);
  byId("state").textContent = _("state {state}", { state });
  byId("word").textContent = vans.length ? "" : _("No van is on the road now.");
}

function end() {
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
    draw(JSON.parse(data));
  };
  socket.onclose = ({ code }) => {
    if (code === ENDED) {
      end();
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
