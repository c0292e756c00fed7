/* The platform screen: the feed moves vans, the board fills the panels, the clock ticks. */
import { get } from "/static/http.js";
import { $ } from "/static/dom.js";
import { openFeed } from "/static/feed.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";
import * as board from "/static/platform/board.js";
import * as calls from "/static/platform/calls.js";
import * as sync from "/static/platform/sync.js";
import * as van from "/static/platform/van.js";
import * as vans from "/static/platform/vans.js";
import { showDetail } from "/static/platform/detail.js";

const BOARD_EVERY_MS = 10000;
const FENCES_EVERY_MS = 60000;
const UNSEEN_EVERY_MS = 30000;
const AFTER_NEWS_MS = 250;
const start = JSON.parse($("start").textContent);

clock.setZone(start.timezone, start.rate);
clock.correct(start.board.as_of);

let feed = null;
let latest = start.board;
// The page came with the map of its board.
let mapState = start.board.state;
let asked = 0;
let shown = 0;
let soon = 0;

/* The state that stands on the whole screen: panels and map. */
const drawn = () => Math.min(latest.state, mapState);

function take(next) {
  latest = next;
  board.draw(next);
  board.drawState(drawn());
  calls.draw(next.calls, start.may_act, refresh);
  vans.describe(next.vans, board.badges(next.alerts));
  CareVan.show("alerts", board.alertMarks(next.alerts));
}

async function refresh() {
  const mine = ++asked;
  try {
    const next = await get("/api/board");
    // Routes and stops change with the district's state only.
    const layers = next.state === mapState ? null : await get("/api/map");
    // Answers may overtake each other; what is newer stays.
    if (mine < shown) return;
    shown = mine;
    if (layers) {
      CareVan.show("plan", layers.plan);
      CareVan.show("calls", layers.calls);
      mapState = layers.state;
    }
    take(next);
  } catch (error) {
    // The footer's "as of" keeps its old time, so the screen does not claim to be newer than it is.
    console.info(error.message);
  }
}

/* Fences come into force and go out of it by the clock; places of beats are passed without any news. */
async function refreshLayer(name) {
  try {
    CareVan.show(name, await get(`/api/${name}`));
  } catch (error) {
    console.info(error.message);
  }
}

/* What was driven before this page looked on, or while it could not. */
async function fillTrails() {
  try {
    vans.trace((await get("/api/trails")).vans);
  } catch (error) {
    console.info(error.message);
  }
}

function refreshSoon() {
  clearTimeout(soon);
  soon = setTimeout(refresh, AFTER_NEWS_MS);
}

// While nothing moves a message comes each five seconds.
const QUIET_S = 6.5;
let way_s = 0;

/* How late the feed is: its newest message was so long on its way, or none has come for so long. */
const feedLate_s = () => Math.max(way_s, feed.silence_s() > QUIET_S ? feed.silence_s() : 0);

function onMessage(message) {
  clock.correct(message.now);
  if (message.snapshot) vans.keep(message.vans);
  if (message.gone) vans.leave(message.gone);
  if (message.vans?.length) vans.move(message.vans);
  way_s = clock.late_s(message.now);
  if (message.journal?.length || message.state > drawn()) refreshSoon();
}

function sayFrozen() {
  $("frozen").textContent = _("The screen stands still since {time}: no connection. It reconnects by itself.", {
    time: clock.hms(clock.now() - feed.silence_s() * 1000 * start.rate),
  });
}

function onLink(link) {
  document.body.classList.toggle("is-frozen", link !== "live");
  $("frozen").hidden = link === "live";
  if (link === "live") {
    refreshSoon();
    CareVan.onReady(fillTrails);
  } else sayFrozen();
}

function tick() {
  $("clock").textContent = clock.hms(clock.now());
  board.tick();
  calls.tick();
  vans.tick();
  sync.tick(feed && $("frozen").hidden ? feedLate_s() : 0);
  if (!$("frozen").hidden) sayFrozen();
}

for (const figure of document.querySelectorAll("[data-figure]")) {
  figure.addEventListener("click", () => showDetail(figure.dataset.figure, latest));
}
CareVan.onReady(() => {
  vans.begin(start.vans);
  van.begin({ mayAct: start.may_act, pairingLasts_s: start.pairing_s, board: () => latest });
  calls.begin(refresh);
  board.begin({ mayAct: start.may_act, refresh });
  take(start.board);
  sync.begin({ drawn, news: refreshSoon, vans: start.vans, board: () => latest });
  const view = CareVan.map.getBounds();
  $("fit").addEventListener("click", () => CareVan.map.fitBounds(view));
});
feed = openFeed({ path: "/ws/live", onMessage, onLink });
CareVan.feed = feed;
setInterval(refresh, BOARD_EVERY_MS);
setInterval(() => refreshLayer("fences"), FENCES_EVERY_MS);
setInterval(() => refreshLayer("unseen"), UNSEEN_EVERY_MS);
setInterval(tick, 500);
tick();
