/* One van's details: how its day stands, words to its crew, and a code that makes a screen its terminal. */
import { get, post } from "/static/http.js";
import { $, el } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";
import { openDetail } from "/static/platform/panel.js";
import { serveBy } from "/static/platform/serving.js";
import { ofVan } from "/static/platform/events.js";
import { screenOf, since } from "/static/platform/sync.js";
import { WORDS, panTo } from "/static/platform/vans.js";

const REFRESH_MS = 10000;
const MOST_CHARACTERS = 200;
const office = { mayAct: false, pairingLasts_s: 0, board: () => null };
let open = null;
let followed = null;

export function begin({ mayAct, pairingLasts_s, board }) {
  Object.assign(office, { mayAct, pairingLasts_s, board });
  document.addEventListener("carevan:van", ({ detail }) => showVan(detail.id));
  document.addEventListener("carevan:followed", ({ detail }) => {
    followed = detail.id;
    const button = document.getElementById("follow");
    button?.setAttribute("aria-pressed", String(Number(button.dataset.van) === followed));
  });
  setInterval(refresh, 1000);
}

/* The map goes to the van and its details open. */
export function goTo(id) {
  panTo(id);
  showVan(id);
}

export function showVan(id) {
  const van = office.board()?.vans.find((each) => each.id === id);
  if (!van) return;
  const facts = el("table", {});
  open = { id, facts, said: null, asked: performance.now(), code: null };
  $("detail-title").textContent = van.name;
  $("detail-body").replaceChildren(facts, el("p.buttons-left", {}, followButton(id), el("a.button", { id: "van-day", href: `/vans/${id}/today` }, _("The van's day"))), ...(office.mayAct ? [...ofVan(van), ...speaking(van), ...pairing(van)] : []));
  drawFacts(van);
  openDetail();
  if (office.mayAct) drawSaid();
}

/* The map goes with the van until it is dragged or another one is followed. */
function followButton(id) {
  return el("button", { type: "button", id: "follow", "data-van": id, "aria-pressed": String(followed === id),
    onclick: () => CareVan.follow(followed === id ? null : id) }, _("Follow on the map"));
}

/* Another panel took the place of this one when its table is no longer on the page. */
const isShown = () => open && $("detail").open && open.facts.isConnected;

function refresh() {
  if (!isShown()) return;
  const van = office.board().vans.find((each) => each.id === open.id);
  if (van) drawFacts(van);
  if (open.code) drawLife();
  if (office.mayAct && performance.now() - open.asked > REFRESH_MS) drawSaid();
}

function drawFacts(van) {
  const carried = van.containers.map((one) => [_("{item} × {cups}", one), one.celsius !== null && `${Math.round(one.celsius)}°`, serveBy(one)].filter(Boolean).join(" ")).join(" · ");
  const rows = [
    [_("State"), van.place ? `${WORDS[van.state]()} · ${van.place}` : WORDS[van.state]()],
    [_("Last fix"), van.seen_at ? clock.dayHms(van.seen_at) : "—"],
    [_("Proved patrol"), _("{proved} h of 6 h; {claimed} h claimed", { proved: van.proved_h.toFixed(2), claimed: van.claimed_h.toFixed(2) })],
    [_("Visits today"), `${van.visits_done} / ${van.visits_of}`],
    [_("Aboard"), carried || "—"],
    [_("Its screen"), standing(screenOf(van.id))],
  ];
  const text = JSON.stringify(rows);
  if (open.facts.drawnFrom === text) return;
  open.facts.drawnFrom = text;
  open.facts.replaceChildren(el("tbody", {}, rows.map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value)))));
}

function standing(screen) {
  if (!screen) return "—";
  return screen.behind_s > 0 ? _("state {state}, {span} behind", { state: screen.state, span: since(screen.behind_s) }) : _("state {state}", { state: screen.state });
}

function wrongLine() {
  return el("p.wrong", { role: "alert", hidden: true });
}

function tell(line, text) {
  line.textContent = text;
  line.hidden = !text;
}

function speaking(van) {
  const words = el("input", { id: "say-text", maxlength: MOST_CHARACTERS, required: true, autocomplete: "off" });
  const wrong = wrongLine();
  open.said = el("ul.said-list", { "aria-live": "polite" });
  const send = async (event) => {
    event.preventDefault();
    try {
      await post(`/api/vans/${van.id}/say`, { text: words.value });
      words.value = "";
      tell(wrong, "");
      drawSaid();
    } catch (error) {
      tell(wrong, error.message);
    }
  };
  return [
    el("h3", {}, _("Tell the crew")),
    el("form.say", { id: "say", onsubmit: send },
      el("label", { for: "say-text" }, _("Shown on the van's screen, and spoken where prompts are on")),
      el("span.line", {}, words, el("button", { type: "submit" }, _("Send")))),
    wrong, open.said,
  ];
}

async function drawSaid() {
  const shown = open;
  shown.asked = performance.now();
  const list = await get(`/api/vans/${shown.id}/say`).catch(() => null);
  if (!list || !shown.said) return;
  shown.said.replaceChildren(...list.map((one) => el("li", {},
    el("span", {}, one.text),
    el("span.muted", {}, `${clock.hm(one.at)} · ${one.drawn ? _("on the screen") : _("not yet on the screen")}`))));
}

function pairing(van) {
  const wrong = wrongLine();
  const place = el("div.pairing", { id: "pairing", role: "status" });
  const ask = async ({ currentTarget: button }) => {
    button.disabled = true;
    try {
      const { code } = await post(`/api/vans/${van.id}/pairing`);
      tell(wrong, "");
      drawCode(place, code);
    } catch (error) {
      tell(wrong, error.message);
    }
    button.disabled = false;
  };
  return [
    el("h3", {}, _("The van's screen")),
    el("p.muted", {}, _("A code makes any tablet or phone this van's screen; the screen before it stops.")),
    el("p", {}, el("button", { type: "button", id: "pair", onclick: ask }, _("Pair a screen"))),
    wrong, place,
  ];
}

function drawCode(place, code) {
  const link = `${location.origin}/terminal#code=${code}`;
  const life = el("p.muted", { id: "pair-life" });
  const copy = async ({ currentTarget: button }) => {
    try {
      await navigator.clipboard.writeText(link);
      button.textContent = _("Copied");
    } catch {
      getSelection().selectAllChildren($("pair-link")); // an insecure page may not write the clipboard
    }
  };
  place.replaceChildren(
    el("output.pair-code", { id: "pair-code", "aria-label": [...code].join(" ") }, `${code.slice(0, 4)} ${code.slice(4)}`),
    life,
    el("p", {}, _("Type it on the van's screen, or open there:")),
    el("span.line", {}, el("code", { id: "pair-link" }, link), el("button", { type: "button", onclick: copy }, _("Copy"))));
  open.code = { place, life, until: performance.now() + office.pairingLasts_s * 1000 };
  drawLife();
}

function drawLife() {
  const left_s = (open.code.until - performance.now()) / 1000;
  if (left_s > 0) {
    const minutes = Math.ceil(left_s / 60);
    const text = _("Good once, for {n} min more", { n: minutes });
    // Told once a minute, not each second, to whoever listens.
    if (open.code.life.textContent !== text) open.code.life.textContent = text;
    return;
  }
  open.code.place.replaceChildren(el("p.muted", {}, _("The code has ended. Ask for a new one.")));
  open.code = null;
}
