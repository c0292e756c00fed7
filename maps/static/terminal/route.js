/* The small map: the van's own route and stops, itself, and an SOS. */
import { isFinished, nextStop, openTasks } from "/static/terminal/day.js";

const COLOUR = "#1560bd";
const map = () => window.CareVan;

const feature = (geometry, properties) => ({ type: "Feature", geometry, properties });
const point = (at) => ({ type: "Point", coordinates: [at.lon, at.lat] });

export function drawDay(day) {
  const care = map();
  if (!care?.map) return;
  const next = nextStop(day);
  const stateOf = (stop) => (isFinished(day, stop) ? "done" : stop === next ? "next" : "to_come");
  const stops = (day.plan?.stops || []).map((stop) =>
    feature(point(stop), { id: `stop:${stop.id}`, role: "stop", van: 0, colour: COLOUR, kind: stop.kind,
      state: stateOf(stop), label: "" }));
  const line = day.plan?.route || [];
  const route = line.length > 1
    ? [feature({ type: "LineString", coordinates: line }, { id: "route", role: "route", van: 0, colour: COLOUR })]
    : [];
  care.show("plan", { type: "FeatureCollection", features: [...route, ...stops] });
  care.show("calls", {
    type: "FeatureCollection",
    features: openTasks(day).map((task) => feature(point(task), { id: task.id, role: "sos", label: task.place })),
  });
}

export function drawSelf(at, heading, name) {
  const care = map();
  if (!care?.map || !at) return;
  const look = { name, colour: COLOUR, heading };
  care.show("vans", { type: "FeatureCollection", features: [care.vanFeature(0, at[0], at[1], look)] });
}

/* Show the van and where it goes; without either, the whole route. */
export function lookAt(at, goal, day) {
  const care = map();
  if (!care?.map) return;
  const points = [at, goal && [goal.lon, goal.lat]].filter(Boolean);
  const shown = points.length ? points : (day.plan?.route || []);
  if (!shown.length) return;
  care.map.invalidateSize({ animate: false });
  const flipped = shown.map(([lon, lat]) => [lat, lon]);
  care.map.fitBounds(flipped, { padding: [30, 30], maxZoom: 16, animate: false });
}
