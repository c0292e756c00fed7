/* What a figure counts: every figure opens its rows. */
import { $, el } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";
import { openDetail } from "/static/platform/panel.js";
import { goTo } from "/static/platform/van.js";
import { WORDS } from "/static/platform/vans.js";

const h = (hours) => `${hours.toFixed(2)} h`;

function byVan(board, heads, cells) {
  return el("table", {},
    el("thead", {}, el("tr", {}, el("th", {}, _("Van")), heads.map((head) => el("th", {}, head)))),
    el("tbody", {}, board.vans.map((van) => el("tr", {},
      el("td", {}, el("button.quiet", { type: "button", onclick: () => goTo(van.id) }, el("span.dot", { "--van": van.colour }), van.name)),
      cells(van).map((cell) => el("td", {}, cell))))));
}

const para = (text) => el("p.muted", {}, text);

const DETAILS = {
  online: (board) => [_("Vans online"), [
    byVan(board, [_("State"), _("Last fix")], (van) => [WORDS[van.state](), van.seen_at ? clock.dayHms(van.seen_at) : "—"]),
    para(_("A van is stale when its last fix is over 60 s old, and offline after 10 min."))]],
  patrol: (board) => [_("Patrol hours"), [
    byVan(board, [_("proved by track"), _("claimed by taps")], (van) => [h(van.proved_h), h(van.claimed_h)]),
    para(_("Proved: minutes between fixes inside the van's own beats; breaks, reloads and gaps over 5 min do not count. Target: 6 h a van and day."))]],
  visits: (board) => [_("Visits today"), [
    byVan(board, [_("done"), _("planned")], (van) => [van.visits_done, van.visits_of]),
    para(_("Planned: doorstep visits of the published plan. {n} more could not be placed.", { n: board.unserved_total }))]],
  overdue: ({ figures }) => [_("Overdue"), [
    para(_("{n} calls in person are past their greatest allowed gap, the worst by {days} days. The next plan puts them first.", figures.overdue)),
    el("p", {}, el("a.button", { href: "/plan" }, _("To the plan")))]],
  monthly: ({ figures }) => [_("Visited this month"), [
    para(_("{n} of {of} elders who are to be visited in person were visited in the last 30 days.", figures.monthly))]],
  servings: (board) => [_("Servings handed out"), [
    byVan(board, [_("done calls"), _("still to hand out")], (van) => [van.calls_done, van.containers.reduce((sum, one) => sum + one.cups, 0)]),
    para(_("Counted from the crews' taps; a tap without a number counts as planned."))]],
  sos: (board) => [_("SOS open"), [
    board.calls.length ? el("table", {}, board.calls.map((call) => el("tr", {}, el("td", {}, call.place), el("td", {}, clock.hms(call.called_at)), el("td", {}, call.van ?? "—"))))
      : para(_("No call is open."))]],
  circle: ({ figures: { circle } }) => [_("15-minute circle"), [
    circle ? para(_("Share of elders whom a van that is free could reach within 15 min, sampled at {time}. {n} places are out of reach.", { time: clock.hm(circle.at), n: circle.gaps }))
      : para(_("No sample yet: no elder is registered."))]],
};

export function showDetail(key, board) {
  const [title, nodes] = DETAILS[key](board);
  $("detail-title").textContent = title;
  $("detail-body").replaceChildren(...nodes, el("p.muted.small", {}, _("As of {time}", { time: clock.hms(board.as_of) })));
  openDetail();
}
