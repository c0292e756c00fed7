/* What each chart draws, and its table, from the figures of a day. No DOM but the tokens' colours. */
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";

const TOKENS = ["ground", "panel", "line", "text", "muted", "live", "info", "warn", "late", "sos", "stale"];

export function colours() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(TOKENS.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

const percent = (share) => `${Math.round(share * 100)}%`;
const monthDay = (day) => day.slice(5);
const none = "—";

function wait(seconds) {
  return seconds === null ? none : clock.stopwatch(seconds);
}

/* What all charts share. The tooltip is drawn on the canvas: a page of ours takes no style from a script's text. */
function frame(palette, { x, y, more = {} }) {
  const axis = {
    axisLine: { lineStyle: { color: palette.line } },
    axisTick: { show: false },
    axisLabel: { color: palette.muted, fontSize: 13 },
    splitLine: { lineStyle: { color: palette.line } },
    nameTextStyle: { color: palette.muted, fontSize: 13 },
  };
  return {
    grid: { left: 8, right: 24, top: 44, bottom: 8, containLabel: true },
    legend: { top: 0, right: 0, textStyle: { color: palette.text, fontSize: 13 }, inactiveColor: palette.stale, inactiveBorderColor: palette.stale },
    tooltip: {
      trigger: "axis", renderMode: "richText", confine: true, backgroundColor: palette.panel, borderColor: palette.line,
      textStyle: { color: palette.text, fontSize: 13 }, axisPointer: { type: "shadow" },
    },
    xAxis: { ...axis, ...x },
    yAxis: { ...axis, ...y },
    ...more,
  };
}

/* A line across at what is promised, its words on it. */
function promise(at, words, palette, axis = "yAxis") {
  return {
    silent: true, symbol: "none",
    lineStyle: { color: palette.text, type: "dashed", width: 1.5 },
    label: { formatter: words, color: palette.text, position: axis === "yAxis" ? "insideEndTop" : "start", fontSize: 13 },
    data: [{ [axis]: at }],
  };
}

const bar = (name, data, colour, more = {}) => ({ name, type: "bar", data, barMaxWidth: 34, itemStyle: { color: colour }, ...more });
const hollow = (palette, colour) => ({ itemStyle: { color: palette.panel, borderColor: colour, borderWidth: 2, borderType: "dashed" } });

export const OPTIONS = {
  patrol({ vans, patrol }, palette) {
    return frame(palette, {
      x: { type: "category", data: vans.map((van) => van.name) },
      y: { type: "value", name: _("hours"), max: ({ max }) => Math.max(patrol.target_h + 1, Math.ceil(max)) },
      more: {
        series: [
          bar(_("Proved"), patrol.proved_h.map((value, n) => ({ value, itemStyle: { color: vans[n].colour } })), palette.info, {
            label: { show: true, position: "top", color: palette.text, formatter: ({ value }) => value.toFixed(1) },
            markLine: promise(patrol.target_h, _("{n} h", { n: patrol.target_h }), palette),
          }),
          bar(_("Claimed"), patrol.claimed_h, palette.muted, hollow(palette, palette.muted)),
        ],
      },
    });
  },
  visits({ visits }, palette) {
    return frame(palette, {
      x: { type: "category", data: visits.days.map(monthDay) },
      y: { type: "value", minInterval: 1 },
      more: {
        series: [
          bar(_("Overdue"), visits.overdue, palette.late, { stack: "due" }),
          bar(_("Due"), visits.due, palette.info, { stack: "due" }),
          { name: _("Made"), type: "line", data: visits.done, symbolSize: 8, lineStyle: { color: palette.live, width: 3 }, itemStyle: { color: palette.live } },
        ],
      },
    });
  },
  portions({ vans, portions }, palette) {
    const label = { show: true, position: "top", color: palette.text };
    return frame(palette, {
      x: { type: "category", data: vans.map((van) => van.name) },
      y: { type: "value", name: _("cups"), minInterval: 1 },
      more: {
        series: [
          bar(_("Handed out"), portions.served.map((value, n) => ({ value, itemStyle: { color: vans[n].colour } })), palette.info, { label }),
          bar(_("Thrown away"), portions.discarded, palette.late, { ...hollow(palette, palette.late), label }),
        ],
      },
    });
  },
  sos({ sos, targets }, palette) {
    const minutes = (seconds) => (seconds === null ? null : Math.round(seconds / 6) / 10);
    const point = (name, key, symbol, colour) => ({
      name, type: "scatter", symbol, symbolSize: 14, itemStyle: { color: colour },
      data: sos.map((call) => [minutes(call[key]), call.n - 1]),
    });
    return frame(palette, {
      x: { type: "value", name: _("min"), min: 0, max: ({ max }) => Math.max(16, Math.ceil(max)) },
      y: { type: "category", inverse: true, data: sos.map((call) => `${call.n} · ${clock.hm(call.called_at)}`) },
      more: {
        grid: { left: 8, right: 40, top: 56, bottom: 8, containLabel: true },
        series: [
          point(_("Answered"), "answered_s", "circle", palette.info),
          point(_("On the way"), "under_way_s", "triangle", palette.warn),
          { ...point(_("Arrived"), "arrived_s", "rect", palette.live), markLine: promise(targets.arrived_s / 60, _("{n} min", { n: targets.arrived_s / 60 }), palette, "xAxis") },
        ],
      },
    });
  },
  coverage({ coverage }, palette) {
    return frame(palette, {
      x: { type: "time", axisLabel: { color: palette.muted, fontSize: 13, formatter: (ms) => clock.hm(ms) } },
      y: { type: "value", min: 0, max: 1, axisLabel: { color: palette.muted, fontSize: 13, formatter: percent } },
      more: {
        legend: { show: false },
        series: [{
          name: _("Cells passed"), type: "line", showSymbol: false, step: "end", data: coverage.at.map((ms, n) => [ms, coverage.share[n]]),
          lineStyle: { color: palette.live, width: 3 }, itemStyle: { color: palette.live }, areaStyle: { color: palette.live, opacity: 0.15 },
          endLabel: { show: true, color: palette.text, formatter: ({ value }) => percent(value[1]), fontSize: 14, fontWeight: 600, offset: [-42, -12] },
        }],
      },
    });
  },
};

/* On the table a chart stands for: every number that it draws. */
export const TABLES = {
  patrol: ({ vans, patrol }) => ({
    head: [_("Van"), _("Proved, hours"), _("Claimed, hours")],
    rows: vans.map((van, n) => [van.name, patrol.proved_h[n].toFixed(2), patrol.claimed_h[n].toFixed(2)]),
  }),
  visits: ({ visits }) => ({
    head: [_("Day"), _("Overdue"), _("Due"), _("Made")],
    rows: visits.days.map((day, n) => [day, String(visits.overdue[n]), String(visits.due[n]), String(visits.done[n])]),
  }),
  portions: ({ vans, portions }) => ({
    head: [_("Van"), _("Handed out"), _("Thrown away")],
    rows: vans.map((van, n) => [van.name, String(portions.served[n]), String(portions.discarded[n])]),
  }),
  sos: ({ sos }) => ({
    head: [_("SOS call"), _("Answered"), _("On the way"), _("Arrived")],
    rows: sos.map((call) => [`${call.n} · ${clock.hm(call.called_at)}`, wait(call.answered_s), wait(call.under_way_s), wait(call.arrived_s)]),
  }),
  coverage: ({ coverage }) => ({
    head: [_("Time"), _("Cells passed")],
    rows: coverage.at.map((ms, n) => [clock.hm(ms), percent(coverage.share[n])]),
  }),
};

export const isEmpty = {
  patrol: ({ vans }) => !vans.length,
  visits: ({ visits }) => !visits.days.length || ![...visits.due, ...visits.overdue, ...visits.done].some(Boolean),
  portions: ({ vans }) => !vans.length,
  sos: ({ sos }) => !sos.length,
  coverage: ({ coverage }) => coverage.at.length < 2,
};
