/* Who is due, the most overdue first, and what others did: written down, imported, taken back. */
import { get, post, upload } from "/static/http.js";
import { $, el } from "/static/dom.js";
import { _, locale } from "/static/words.js";
import * as clock from "/static/clock.js";

const EVERY_MS = 30000;
const start = JSON.parse($("start").textContent);
const CHANNELS = {
  check: () => _("Doorstep check"), visit: () => _("Visit"), monthly: () => _("Monthly visit"),
  call: () => _("Phone call"), grid: () => _("Grid worker's visit"),
};
const STATES = { overdue: () => _("overdue"), last_day: () => _("last day"), due: () => _("due today"), early: () => _("soon") };
const MARKS = { overdue: "!", last_day: "◆", due: "●", early: "○" };
const OUTCOMES = { served: () => _("Reached"), no_answer: () => _("No answer"), declined: () => _("Declined") };
const view = { q: "", channel: "", state: "" };
const people = new Map(start.people.map((one) => [one.code, one]));
let listed = start.listed;

clock.setZone(start.timezone, start.rate);
clock.correct(listed.as_of);

const moment = new Intl.DateTimeFormat(locale === "zh" ? "zh-CN" : "en-GB", {
  timeZone: start.timezone, month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});
const days = (n) => (n === 1 ? _("1 day") : _("{n} days", { n }));

function since(one) {
  if (one.gap === null) return _("never");
  return one.gap === 0 ? _("today") : _("{days} ago", { days: days(one.gap) });
}

function stateOf(one) {
  const word = one.state === "early" ? _("due in {days}", { days: days(Math.ceil(one.left)) }) : STATES[one.state]();
  return el(`span.state-${one.state}`, {}, el("span.mark", { "aria-hidden": "true" }, MARKS[one.state]), word);
}

function row(one) {
  const write = one.by.length
    ? el("button", { type: "button", onclick: () => begin(one), "aria-label": _("Write down for {code}", { code: one.code }) }, _("Write down"))
    : null;
  const own = one.own
    ? el("span.own", { title: one.until ? _("until {day}", { day: one.until }) : null }, _("own")) : null;
  return el("tr", { "data-key": one.key },
    el("td", {}, el("span.code", {}, one.code), one.name),
    el("td.home", {}, one.home),
    el("td", {}, CHANNELS[one.channel]()),
    el("td", {}, stateOf(one)),
    el("td.count", {}, one.ratio.toFixed(2)),
    el("td", { title: one.last }, since(one)),
    el("td", {}, _("{days}, {most} at most", { days: days(one.target), most: one.most }), own),
    el("td", {}, write));
}

const like = (one, but) => (but === "channel" || !view.channel || one.channel === view.channel)
  && (but === "state" || !view.state || one.state === view.state)
  && view.q.toLowerCase().split(/\s+/).every((word) => `${one.code} ${one.name} ${one.home}`.toLowerCase().includes(word));

function chips(id, key, words) {
  const here = listed.due.filter((one) => like(one, key));
  for (const [value, word] of [["", () => _("all")], ...Object.entries(words)]) {
    const n = here.filter((one) => !value || one[key] === value).length;
    let node = $(id).querySelector(`[data-value="${value}"]`);
    if (!node) {
      node = el("button", { type: "button", "data-value": value, onclick: () => { view[key] = value; drawDue(); } }, word(), el("b"));
      $(id).append(el("li", {}, node));
    }
    node.lastChild.textContent = n;
    node.setAttribute("aria-pressed", view[key] === value);
  }
}

function drawDue() {
  const shown = listed.due.filter((one) => like(one));
  const focused = document.activeElement?.closest("#due tr")?.dataset.key;
  $("due").replaceChildren(...shown.map(row));
  if (focused) $("due").querySelector(`[data-key="${focused}"] button`)?.focus();
  const { call, check, visit, monthly } = CHANNELS;
  chips("channels", "channel", { check, visit, monthly, call });
  chips("states", "state", STATES);
  $("due-count").textContent = listed.due_total;
  $("due-empty").hidden = shown.length > 0;
  $("due-empty").textContent = listed.due.length ? _("Nobody is like that.") : _("Nobody is due.");
  $("as-of").textContent = clock.hms(listed.as_of);
}

/* The second press takes it back: nobody does so by a slip. */
function takeBack(one) {
  let sure = false;
  return el("button", {
    type: "button",
    "aria-label": _("Take back the entry of {code}", { code: one.code }),
    onclick: async ({ currentTarget: button }) => {
      if (!sure) {
        sure = true;
        button.classList.add("is-asking");
        button.textContent = _("Really?");
        return;
      }
      await act(() => post(`/api/visits/${one.id}/undo`), _("Taken back; it counts no more."));
    },
  }, _("Take back"));
}

function drawRecorded() {
  $("recorded").replaceChildren(...listed.recorded.map((one) => {
    const told = [one.code, one.name, CHANNELS[one.channel](), OUTCOMES[one.outcome](), moment.format(one.began), _("{n} min", { n: one.minutes })];
    return el("li", { "data-id": one.id },
      el(one.undone ? "span.is-undone" : "span", {}, told.join(" · ")),
      one.undone ? el("span") : takeBack(one),
      el("span.by", {}, one.undone
        ? _("by {who}, taken back by {other} {time}", { who: one.by, other: one.undone_by, time: moment.format(one.undone) })
        : _("by {who} {time}", { who: one.by, time: moment.format(one.at) })));
  }));
  $("recorded-empty").hidden = listed.recorded.length > 0;
}

function draw() {
  drawDue();
  drawRecorded();
}

async function refresh() {
  try {
    listed = await get("/api/visits");
    clock.correct(listed.as_of);
    draw();
  } catch (error) {
    // "As of" keeps its old time, so the list does not claim to be newer than it is.
    console.info(error.message);
  }
}

async function act(what, done) {
  try {
    await what();
    $("said").textContent = done;
    $("said").classList.remove("wrong");
    await refresh();
    return true;
  } catch (error) {
    $("said").textContent = error.message;
    $("said").classList.add("wrong");
    return false;
  }
}

function begin(one) {
  $("code").value = one.code;
  document.querySelector(`[name=channel][value=${one.by[0]}]`).checked = true;
  $("began").value = districtNow();
  tellWho();
  $("began").focus();
}

function districtNow() {
  const parts = new Intl.DateTimeFormat("sv-SE", {
    timeZone: start.timezone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
  });
  return parts.format(clock.now()).replace(" ", "T");
}

function tellWho() {
  const one = people.get($("code").value.trim());
  $("who").textContent = one ? `${one.name} · ${one.home}` : "";
}

$("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const told = new FormData($("form"));
  const code = told.get("code").trim();
  const minutes = told.get("minutes") ? Number(told.get("minutes")) : null;
  const done = await act(
    () => post("/api/visits", { code, channel: told.get("channel"), began: told.get("began"), outcome: told.get("outcome"), minutes }),
    _("Written down for {code}.", { code }));
  if (done) {
    $("code").value = $("minutes").value = "";
    tellWho();
    $("code").focus();
  }
});

for (const [id, path] of [["import", "/api/visits/import"], ["import-cadences", "/api/cadences/import"]]) {
  $(id)?.addEventListener("submit", async (event) => {
    event.preventDefault();
    let said;
    try {
      said = await upload(path, event.target.elements.file.files[0]);
    } catch (error) {
      said = { accepted: false, said: [error.message] };
    }
    $("report").replaceChildren(...said.said.map((line) => el(said.accepted ? "li" : "li.wrong", {}, line)));
    if (said.accepted) {
      event.target.reset();
      await refresh();
    }
  });
}

$("people").append(...start.people.map((one) => el("option", { value: one.code }, `${one.name} · ${one.home}`)));
$("began").value = start.now;
$("code").addEventListener("input", tellWho);
$("filter").addEventListener("input", () => {
  view.q = $("filter").value.trim();
  drawDue();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.target.matches("input, select, textarea")) {
    event.preventDefault();
    $("filter").focus();
  }
});
draw();
setInterval(refresh, EVERY_MS);
