/* The table of a van's beats: how many of a beat's cells it saw that day, how often, and how long they waited. */
import { el } from "/static/dom.js";
import { _ } from "/static/words.js";
import { lasting } from "/static/day/ledger.js";

const span = (seconds) => (seconds === null ? "—" : lasting(seconds * 1000));

export const beatRows = (beats) => beats.map((beat) => el("tr", {},
  el("th", { scope: "row" }, beat.name),
  el("td.count", {}, `${beat.cells_seen} / ${beat.cells}`),
  el("td.count", {}, String(beat.passes), beat.cells ? el("span.muted.small", {}, _("{n} a cell", { n: (beat.passes / beat.cells).toFixed(1) })) : null),
  el("td.count", {}, span(beat.longest_unseen_s)),
  el("td.count", {}, span(beat.longest_revisit_s)),
  el("td.count", {}, span(beat.median_revisit_s))));
