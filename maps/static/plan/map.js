/* The plan's routes and stops on the Folium map, as the session has them. */
const DRAWN = new Set(["visit", "dropoff", "reload", "pass", "handover"]);

export function features(vans) {
  const routes = vans.filter((van) => van.line?.length > 1).map((van) => ({
    type: "Feature", geometry: { type: "LineString", coordinates: van.line },
    properties: { id: `route:${van.id}:whole`, role: "route", van: van.id, colour: van.colour, part: "whole" },
  }));
  const stops = vans.flatMap((van) => van.stops.filter((stop) => DRAWN.has(stop.kind)).map((stop) => ({
    type: "Feature", geometry: { type: "Point", coordinates: stop.at },
    // Leaflet moves a marker, but does not dye it: another van's stop is another marker.
    properties: { id: `stop:${van.id}:${stop.key ?? stop.n}`, role: "stop", van: van.id, colour: van.colour, kind: stop.kind, state: "to_come",
      label: stop.kind === "dropoff" ? stop.name : "" },
  })));
  return { type: "FeatureCollection", features: [...routes, ...stops] };
}

/* The whole plan in view. */
export function fit(vans) {
  const points = vans.flatMap((van) => van.stops.map((stop) => [stop.at[1], stop.at[0]]));
  if (points.length) CareVan.map.fitBounds(points, { padding: [24, 24], animate: false });
}

export const show = (vans) => CareVan.show("plan", features(vans));
export const lookAt = (at) => CareVan.map.setView([at[1], at[0]], Math.max(15, CareVan.map.getZoom()), { animate: false });
