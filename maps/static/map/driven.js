/* What a van drove on a day: legs as lines, stays as numbered marks. The page highlights by time:
 *
 *   CareVan.highlight(starts, ends)    stands out what lies in that time; null: nothing
 *   "carevan:moment" on document       somebody clicked what was driven at detail.ms, a stay: detail.stay */
"use strict";

(() => {
  const legs = new Map();
  const stays = new Map();
  let over = null;

  const colour = () => (CareVan.theme === "light" ? "#0b7a53" : "#35c48d");
  const tell = (detail) => document.dispatchEvent(new CustomEvent("carevan:moment", { detail }));

  /* The place on a leg at a moment, between its corners on the straight line. */
  function at({ geometry, properties: { t } }, ms) {
    const after = Math.min(t.length - 1, Math.max(1, t.findIndex((each) => each >= ms)));
    const [[x0, y0], [x1, y1]] = [geometry.coordinates[after - 1], geometry.coordinates[after]];
    const share = t[after] > t[after - 1] ? Math.min(1, Math.max(0, (ms - t[after - 1]) / (t[after] - t[after - 1]))) : 0;
    return [y0 + (y1 - y0) * share, x0 + (x1 - x0) * share];
  }

  function piece(feature, starts, ends) {
    const { t } = feature.properties;
    const [from, to] = [Math.max(starts, t[0]), Math.min(ends, t.at(-1))];
    if (from > to) return null;
    const inside = feature.geometry.coordinates.filter((_point, n) => t[n] > from && t[n] < to).map(([lon, lat]) => [lat, lon]);
    return [at(feature, from), ...inside, at(feature, to)];
  }

  /* When the van was nearest to a clicked place. */
  function momentAt({ geometry: { coordinates }, properties: { t } }, { lat, lng }) {
    const shrink = Math.cos((lat * Math.PI) / 180);
    let best = { far: Infinity, ms: t[0] };
    for (let n = 1; n < t.length; n += 1) {
      const [ax, ay, bx, by] = [coordinates[n - 1][0] * shrink, coordinates[n - 1][1], coordinates[n][0] * shrink, coordinates[n][1]];
      const length = (bx - ax) ** 2 + (by - ay) ** 2;
      const share = length ? Math.min(1, Math.max(0, ((lng * shrink - ax) * (bx - ax) + (lat - ay) * (by - ay)) / length)) : 0;
      const far = (ax + (bx - ax) * share - lng * shrink) ** 2 + (ay + (by - ay) * share - lat) ** 2;
      if (far < best.far) best = { far, ms: t[n - 1] + (t[n] - t[n - 1]) * share };
    }
    return best.ms;
  }

  CareVan.roles.leg = {
    style: () => ({ color: colour(), weight: 4, opacity: 0.75, lineJoin: "round", lineCap: "round" }),
    update: (feature, layer) => {
      legs.set(feature.properties.id, feature);
      layer.setLatLngs(feature.geometry.coordinates.map(([lon, lat]) => [lat, lon]));
      return layer;
    },
    each: (feature, layer) => {
      legs.set(feature.properties.id, feature);
      layer.on("click", (event) => tell({ ms: momentAt(legs.get(feature.properties.id), event.latlng), stay: null }));
      layer.on("remove", () => legs.delete(feature.properties.id));
    },
  };

  CareVan.roles.stay = {
    marker: (feature, where) => L.marker(where, {
      keyboard: false,
      icon: L.divIcon({ className: "stay-mark", iconSize: [22, 22], html: `<b>${Number(feature.properties.n)}</b>` }),
    }),
    update: (feature, layer) => {
      const [lon, lat] = feature.geometry.coordinates;
      stays.set(feature.properties.id, { feature, layer });
      layer.setLatLng([lat, lon]);
      return layer;
    },
    each: (feature, layer) => {
      stays.set(feature.properties.id, { feature, layer });
      layer.on("click", () => tell({ ms: stays.get(feature.properties.id).feature.properties.starts, stay: feature.properties.n }));
      layer.on("remove", () => stays.delete(feature.properties.id));
    },
  };

  CareVan.highlight = (starts, ends, { move = false } = {}) => {
    over?.remove();
    over = null;
    const points = [];
    const lines = starts === null ? [] : [...legs.values()].map((leg) => piece(leg, starts, ends)).filter(Boolean);
    points.push(...lines.flat());
    for (const { feature, layer } of stays.values()) {
      const lit = starts !== null && feature.properties.starts < ends && feature.properties.ends > starts;
      layer.getElement()?.classList.toggle("is-lit", lit);
      layer.setZIndexOffset(lit ? 1000 : 0);
      if (lit) points.push(layer.getLatLng());
    }
    if (lines.length) {
      over = L.polyline(lines, { color: CareVan.theme === "light" ? "#17212b" : "#ffffff", weight: 7, opacity: 0.95, interactive: false }).addTo(CareVan.map);
    }
    if (!move || !points.length) return;
    const bounds = L.latLngBounds(points);
    if (!CareVan.map.getBounds().contains(bounds)) CareVan.map.fitBounds(bounds, { padding: [60, 60], maxZoom: 17 });
  };
})();
