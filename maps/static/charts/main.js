/* The charts of a day: drawn by ECharts in the page's colours, each beside a table of the same numbers. */
import { get } from "/static/http.js";
import { $, el, redraw } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";
import { OPTIONS, TABLES, colours, isEmpty } from "/static/charts/options.js";
import { dayChoice } from "/static/day/ledger.js";

const EVERY_MS = 60000;
const start = JSON.parse($("start").textContent);
const EMPTY = {
  patrol: () => _("No van yet. Add one with “carevan van add”."),
  visits: () => _("Nobody is to be visited in person yet."),
  portions: () => _("No van yet. Add one with “carevan van add”."),
  sos: () => _("Nobody called for help on this day."),
  coverage: () => _("No beat has a cell, or the day has not begun."),
};
const drawn = {};
let figures = start.figures;

clock.setZone(start.timezone, start.rate);

function drawTable(key) {
  const { head, rows } = TABLES[key](figures);
  redraw($(`table-${key}`), { head, rows }, () => [
    el("thead", {}, el("tr", {}, head.map((word) => el("th", { scope: "col" }, word)))),
    el("tbody", {}, rows.map(([first, ...rest]) =>
      el("tr", {}, el("th", { scope: "row" }, first), rest.map((value) => el("td", {}, value))))),
  ]);
}

function drawChart(key, palette) {
  const box = $(`chart-${key}`);
  const empty = isEmpty[key](figures);
  box.hidden = empty;
  $(`empty-${key}`).hidden = !empty;
  $(`empty-${key}`).textContent = empty ? EMPTY[key]() : "";
  if (empty) return;
  if (!drawn[key]) {
    drawn[key] = echarts.init(box);
    new ResizeObserver(() => drawn[key].resize()).observe(box);
  }
  const title = $(`title-${key}`).textContent;
  drawn[key].setOption({
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: palette.text },
    aria: { enabled: true, label: { description: _("{title}, the same numbers as in the table below.", { title }) } },
    ...OPTIONS[key](figures, palette),
  }, { notMerge: true });
}

function draw() {
  const palette = colours();
  for (const key of Object.keys(OPTIONS)) {
    drawTable(key);
    drawChart(key, palette);
  }
  clock.correct(figures.as_of);
  $("as-of").textContent = clock.hms(figures.as_of);
}

async function refresh() {
  try {
    figures = await get(`/api/charts/${figures.day}`);
    draw();
  } catch (error) {
    // "As of" keeps its old time, so the page does not claim to be newer than it is.
    console.info(error.message);
  }
}

dayChoice();
draw();
if (start.live) setInterval(refresh, EVERY_MS);
