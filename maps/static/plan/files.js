/* The plan on the screen, to be taken away as files and sheets. */
import { $, el } from "/static/dom.js";
import { _ } from "/static/words.js";

const FILES = [["xlsx", "Excel"], ["csv", "CSV"], ["json", "JSON"], ["geojson", "GeoJSON"], ["gpx", "GPX"], ["vroom", "VROOM"]];

/* plan: its id; null where none is chosen. */
export function offer(plan) {
  if (!$("files")) return;
  $("files-part").hidden = plan === null;
  $("files").replaceChildren(...(plan === null ? [] : [
    el("a.button", { href: `/plans/${plan}/runsheet` }, _("Run sheets")),
    ...FILES.map(([kind, name]) => el("a.button", { href: `/api/plans/${plan}.${kind}`, download: true }, name))]));
}
