/* One state on all screens: what this one has drawn, what the vans' have, and who is behind. Asked of the server each
 * two seconds, past the feed: a screen whose feed hangs finds out all the same. */
import { get } from "/static/http.js";
import { $, el } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";

const EVERY_MS = 2000;
// This screen's word for itself, while it is open: the vans' screens are told what it shows.
const PAGE = Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => n.toString(36).padStart(2, "0")).join("");
const SPAN = { s: 120, min: 7200 };
const side = { drawn: () => 0, news: () => {}, names: new Map(), board: () => null };
let told = null;
let answered = performance.now();
let asking = 0;

/* drawn(): the state that stands on this screen; news(): there is a newer one. */
export function begin({ drawn, news, vans, board }) {
  Object.assign(side, { drawn, news, board, names: new Map(vans.map((van) => [van.id, van.name])) });
  setInterval(ask, EVERY_MS);
  ask();
}

async function ask() {
  const mine = ++asking;
  try {
    const answer = await get(`/api/screens?drawn=${side.drawn()}&page=${PAGE}`);
    if (mine < asking && told && answer.as_of < told.as_of) return;
    told = answer;
    answered = performance.now();
    clock.correct(told.as_of);
    if (told.state > side.drawn()) side.news();
  } catch (error) {
    console.info(error.message);
  }
}

export const since = (seconds) =>
  seconds < SPAN.s ? _("{n} s", { n: Math.round(seconds) })
    : seconds < SPAN.min ? _("{n} min", { n: Math.round(seconds / 60) }) : _("{n} h", { n: Math.round(seconds / 3600) });

/* How a van's screen stands, or null where it has none that says so. */
export const screenOf = (id) => told?.vans.find((each) => each.id === id) ?? null;

function late(id) {
  const screen = screenOf(id);
  const row = side.board()?.vans.find((van) => van.id === id);
  return screen && screen.behind_s > told.late_s && row?.state !== "offline" ? screen : null;
}

/* Why this screen is not what the district is now; empty while it is. */
function own(feed_s) {
  const late_s = told?.late_s ?? 5;
  const unanswered_s = (performance.now() - answered) / 1000;
  if (told && told.state > side.drawn() && told.behind_s > late_s) {
    return _("This screen shows state {drawn}; the district is at {state}, {span} behind.",
      { drawn: side.drawn(), state: told.state, span: since(told.behind_s + unanswered_s) });
  }
  if (unanswered_s - EVERY_MS / 1000 > late_s) return _("The server has not answered for {span}.", { span: since(unanswered_s) });
  return feed_s > late_s ? _("What moves on this screen is {span} old.", { span: since(feed_s) }) : "";
}

function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
  node.hidden = !text;
}

/* feed_s: how late the feed is */
export function tick(feed_s) {
  say($("behind"), own(feed_s));
  const others = (told?.platforms ?? []).filter((each) => each.behind_s > told.late_s)
    .map((each) => [_("platform of {who}", { who: each.who }), each]);
  const list = [...others, ...[...side.names].map(([id, name]) => [name, late(id)]).filter(([, screen]) => screen)];
  say($("lagging"), list.length ? _("Screens behind: {list}", {
    list: list.slice(0, 4).map(([name, screen]) => `${name} ${since(screen.behind_s)}`).join(" · ") + (list.length > 4 ? " …" : "") }) : "");
  for (const row of document.querySelectorAll(".van-row")) {
    const screen = late(Number(row.dataset.van));
    const old = row.querySelector(".screen-behind");
    const text = screen ? _("screen {span} behind", { span: since(screen.behind_s) }) : "";
    if ((old?.textContent ?? "") === text) continue;
    old?.remove();
    if (text) row.querySelector(".place").append(el("span.screen-behind", {}, text));
  }
}
