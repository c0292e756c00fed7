/* Left: the day's visits, the gravest first, and the days ahead. */
import { get } from "/static/http.js";
import { $, el, redraw } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";
import { channelOf, isCall } from "/static/plan/words.js";

let showing = "day";
let rows = [];
let choose = () => {};

/* Every visit of the session's day, served or not. */
export function rowsOf(now) {
  const served = now.vans.flatMap((van) => van.stops.filter((stop) => isCall(stop) && stop.key).map((stop) => ({ van, stop })));
  const left = now.unserved.map((stop) => ({ van: null, stop }));
  return [...left, ...served].sort((a, b) => Number(b.stop.mandatory) - Number(a.stop.mandatory) || b.stop.prize - a.stop.prize || (a.stop.begins ?? 0) - (b.stop.begins ?? 0));
}

function row({ van, stop }) {
  return el("li", {}, el("button.due-row", { type: "button", "data-key": stop.key, "--van": van?.colour ?? "transparent", onclick: () => choose({ van, stop }) },
    el("span.due-name", {}, stop.name),
    el("span.due-when", {}, van ? clock.hm(stop.begins) : el("span.worse", {}, _("unserved"))),
    el("small.muted", {}, [channelOf(stop), van?.name, stop.cups ? _("{n} cups", { n: stop.cups }) : ""].filter(Boolean).join(" · ")),
    el("small.muted", {}, stop.mandatory ? _("must") : "")));
}

function drawRows() {
  const wanted = $("due-filter").value.trim().toLowerCase();
  const found = rows.filter(({ van, stop }) => !wanted || [stop.name, channelOf(stop), van?.name ?? _("unserved")].join(" ").toLowerCase().includes(wanted));
  $("due-count").textContent = found.length;
  redraw($("due-list"), found.map(({ van, stop }) => [stop.key, van?.id, stop.begins, stop.mandatory]), () => found.map(row));
}

export function draw(now, onChoose) {
  choose = onChoose;
  rows = now ? rowsOf(now) : [];
  drawRows();
}

function dayRow(one, go, today) {
  const load = one.capacity_s ? one.load_s / one.capacity_s : 0;
  return el("li", {}, el("button.day-row", { type: "button", "aria-current": one.day === today ? "date" : null, onclick: () => go(one.day) },
    el("span", {}, one.day.slice(5), el("small.muted", {}, ` ${weekday(one.day)}`)),
    el("span.load", { "--load": `${Math.min(100, Math.round(load * 100))}%`, title: _("{n} % of the vans' time", { n: Math.round(load * 100) }) }),
    el("span.day-figures", {}, _("{n} due", { n: one.due }), one.overdue ? el("span.worse", {}, ` ${_("{n} overdue", { n: one.overdue })}`) : null),
    one.assumed ? el("small.muted", {}, _("shifts not entered yet: like the week before")) : null),
  people(one.tasks));
}

/* Who is due, the most pressing first. */
function people(tasks) {
  if (!tasks.length) return null;
  const pressing = [...tasks].sort((a, b) => Number(b.task.mandatory) - Number(a.task.mandatory) || b.task.ratio - a.task.ratio);
  return el("details.day-people", {}, el("summary.muted.small", {}, _("who")),
    el("ul.small", {}, pressing.map(({ task, code, who }) => el("li", {}, `${who} `, el("span.muted", {}, `${code} · ${channelOf(task)} `),
      el(task.ratio > 1 ? "span.worse" : "span.muted", {}, _("{n} % of the greatest gap", { n: Math.round(task.ratio * 100) })), task.mandatory ? el("span.must", {}, _("must")) : null))));
}

const weekday = (day) => new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "short", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));

async function drawDays(day, go) {
  const list = $("days-list");
  try {
    const found = await get(`/api/plans/horizon?first=${day}&days=${$("days-count").value}`);
    const days = found.days.map((one) => ({ ...one, due: one.tasks.length, overdue: one.tasks.filter(({ task }) => task.ratio > 1).length }));
    list.replaceChildren(...days.map((one) => dayRow(one, go, day)));
  } catch (error) {
    list.replaceChildren(el("li.muted", {}, error.status === 404 || error.status === 422 ? _("The days ahead cannot be told yet.") : error.message));
  }
}

export function setUp(day, go) {
  $("due-filter").addEventListener("input", drawRows);
  $("days-count").addEventListener("change", () => drawDays(day(), go));
  for (const which of ["day", "week"]) {
    $(`show-${which}`).addEventListener("click", () => show(which, day, go));
  }
}

function show(which, day, go) {
  showing = which;
  for (const each of ["day", "week"]) $(`show-${each}`).setAttribute("aria-selected", String(each === which));
  $("pane-day").hidden = which !== "day";
  $("pane-week").hidden = which !== "week";
  if (which === "week") drawDays(day(), go);
}

export const dayChanged = (day, go) => showing === "week" && drawDays(day, go);
