/* Publishing: which promises move, then one more click. Nothing modal: the panel stands on the right. */
import { get, post } from "/static/http.js";
import { $, el } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";

const SHOWN = 12;

const KINDS = {
  dropped: () => _("dropped"),
  van: () => _("another van"),
  time: () => _("another time"),
  added: () => _("new"),
};

const at = (place) => (place ? `${place.van_name} ${clock.hm(Date.parse(place.begins))}` : "—");

function moveRow(one) {
  return el("tr", {}, el("td", {}, [one.place, one.who].filter(Boolean).join(" "), el("small.muted", {}, ` ${KINDS[one.kind]?.() ?? one.kind}`)),
    el("td", {}, at(one.old)), el("td", {}, at(one.new)));
}

function drawDiff({ changes: moves, kept }) {
  if (!moves.length) return el("p", {}, _("No promise moves: everybody keeps their van and their time within 15 minutes."));
  return el("div", {},
    el("p", {}, _("{n} promises change, {kept} are kept:", { n: moves.length, kept })),
    el("table.small", {}, el("thead", {}, el("tr", {}, [_("Who"), _("Promised"), _("New")].map((head) => el("th", {}, head)))),
      el("tbody", {}, moves.slice(0, SHOWN).map(moveRow))),
    moves.length > SHOWN ? el("p.muted", {}, _("and {n} more", { n: moves.length - SHOWN })) : null);
}

/* What the vans would be told anew; null where the day has no published plan. */
async function movesAgainst(plan, published) {
  if (!published) return null;
  return get(`/api/plans/${plan}/diff?against=${published}`);
}

export async function open(plan, published, scenario, tried) {
  $("publishing").hidden = false;
  $("publishing-wrong").textContent = "";
  $("publish-go").disabled = false;
  $("publishing-said").replaceChildren(el("p.muted", {}, _("comparing with the published plan …")));
  $("publish-go").focus();
  let said = [];
  try {
    const moves = await movesAgainst(plan, published);
    said = [moves === null ? el("p", {}, _("The first plan of this day: nobody has been promised anything yet.")) : drawDiff(moves)];
  } catch (error) {
    // The comparison is a help, not a gate: what may be published the server decides.
    said = [el("p.muted", {}, error.status === 404 || error.status === 405 ? _("Which promises move cannot be told.") : error.message)];
  }
  const missing = scenario.filter((one) => one.entry);
  if (tried) said.push(el("p.broken", {}, _("{n} edits that are being tried are not in it: save them as a draft first.", { n: tried })));
  $("publishing-said").replaceChildren(...said, missing.length
    ? el("div.broken", {}, el("p", {}, _("The plan stands on what is not in the registry:")), el("ul", {}, missing.map((one) => el("li", {}, `${one.said}: ${one.entry}`)))) : "");
}

export const close = () => { $("publishing").hidden = true; };

/* `published` is what the planner took for the published plan. True when it went out; the server's sentence stands in the panel when it did not. */
export async function go(plan, published) {
  $("publish-go").disabled = true;
  try {
    await post(`/api/plans/${plan}/publish`, { seen: published });
    close();
    return true;
  } catch (error) {
    $("publishing-wrong").textContent = error.message;
    return false;
  } finally {
    $("publish-go").disabled = false;
  }
}
