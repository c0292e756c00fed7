/* What was planned and what stands still: dashed routes, stops (filled: done, hollow: to come), centres, beats, SOS.
 * The leg that a van is on stands out, what is to come is quieter, what is behind it only a trace. */
"use strict";

(() => {
  const hint = (feature, layer) => {
    if (feature.properties.label) {
      layer.bindTooltip(feature.properties.label, { direction: "top", offset: [0, feature.properties.role === "alert" ? -28 : -8], className: "hint" });
    }
  };

  const keepPlace = (feature, layer) => {
    const [lon, lat] = feature.geometry.coordinates;
    layer.setLatLng([lat, lon]);
    return layer;
  };

  const PARTS = {
    whole: { weight: 3, opacity: 0.8, dashArray: "2 7" },
    driven: { weight: 2, opacity: 0.22, dashArray: null },
    ahead: { weight: 2.5, opacity: 0.5, dashArray: "1 7" },
    leg: { weight: 4, opacity: 0.95, dashArray: "2 7" },
  };

  CareVan.roles.route = {
    style: ({ properties }) => ({
      color: properties.colour, lineCap: "round", interactive: false, ...PARTS[properties.part || "whole"],
    }),
  };

  const RADII_PX = { done: 4, to_come: 5, next: 7.5 };

  CareVan.roles.stop = {
    marker: (_feature, at) => L.circleMarker(at, { radius: 6 }),
    style: ({ properties: { kind, state, colour } }) => ({
      radius: kind === "pass" ? 3 : RADII_PX[state] ?? RADII_PX.to_come,
      color: colour,
      opacity: state === "done" ? 0.75 : 1,
      weight: kind === "pass" ? 1.5 : state === "next" ? 3 : 2,
      fillColor: state === "done" ? colour : CareVan.palette(CareVan.theme).ground,
      fillOpacity: state === "done" ? 0.75 : 1,
    }),
    update: (feature, layer) => {
      layer.setRadius(CareVan.roles.stop.style(feature).radius);
      return keepPlace(feature, layer);
    },
    each: (feature, layer) => {
      hint(feature, layer);
      layer.on("click", () => document.dispatchEvent(
        new CustomEvent("carevan:stop", { detail: { id: layer.feature.properties.id } })));
    },
  };

  const GLYPHS = {
    centre: "M-5,0 H5 M0,-5 V5",
    kitchen: "M-4,-5 V5 M4,-5 V5 M-4,0 H4",
    stop_point: "M-3,0 H3",
  };

  CareVan.roles.place = {
    marker: (feature, at) => L.marker(at, {
      keyboard: false,
      bubblingMouseEvents: true,
      icon: L.divIcon({
        className: `place place-${feature.properties.kind}`,
        iconSize: [18, 18],
        html: `<svg viewBox="-9 -9 18 18" width="18" height="18" aria-hidden="true"><rect x="-9" y="-9" width="18" height="18" rx="4"/><path d="${GLYPHS[feature.properties.kind] || GLYPHS.centre}"/></svg>`,
      }),
    }),
    update: keepPlace,
    each: hint,
  };

  CareVan.roles.beat = {
    style: () => ({
      color: CareVan.palette(CareVan.theme).arterial, weight: 1, opacity: 0.55, dashArray: "1 5",
      fill: false, interactive: false,
    }),
  };

  /* A place of a beat that nobody has passed today. */
  CareVan.roles.cell = {
    marker: (_feature, at) => L.circleMarker(at, { radius: 2.5 }),
    style: () => ({
      radius: 2.5, color: CareVan.theme === "light" ? "#7d5d00" : "#f2c14e", weight: 1, opacity: 0.5,
      fill: false, interactive: false,
    }),
    update: keepPlace,
  };

  CareVan.roles.alert = {
    marker: ({ properties: { tone } }, at) => L.marker(at, {
      keyboard: false,
      bubblingMouseEvents: true,
      icon: L.divIcon({ className: `alert-mark tone-${["late", "warn", "info"].includes(tone) ? tone : "warn"}`, iconSize: [22, 22], iconAnchor: [11, 29], html: "<b>!</b>" }),
    }),
    update: (feature, layer) => (feature.properties.tone === layer.feature.properties.tone ? keepPlace(feature, layer.setTooltipContent(feature.properties.label)) : undefined),
    each: hint,
  };

  CareVan.roles.sos = {
    marker: (_feature, at) => L.marker(at, {
      keyboard: false,
      pane: "sos",
      icon: L.divIcon({
        className: "sos-mark", iconSize: [26, 26],
        html: '<span class="sos-wave"></span><span class="sos-sign">!</span>',
      }),
    }),
    update: keepPlace,
    each: hint,
  };
})();
