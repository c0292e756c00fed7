/* A map as a document: one file, opened from a disk. Folium's inline script draws its sheets through this object. */
"use strict";

window.CareVanDocument = (() => {
  const sheets = {};
  const ROAD_PX = [0, 5, 4.2, 3.4, 2.6, 1.8, 1.2];
  const CELLS = { none: "#8594a3", part: "#a87b00", full: "#0b7a53" };
  const HEAT = [[5, "#0b7a53"], [10, "#5aa05a"], [15, "#a8b83a"], [Infinity, "#d08030"]];
  const NOBODY = "#8594a3";
  const BASE = { interactive: false };

  function mark(kind, { colour, label }) {
    const html = document.createElement("span");
    html.className = `mark ${kind}`;
    html.style.setProperty("--van", colour);
    html.textContent = label;
    return L.divIcon({ className: "mark-box", html, iconSize: null });
  }

  function square([lon, lat], side_m) {
    const north = side_m / 2 / 111195;
    const east = north / Math.cos((lat * Math.PI) / 180);
    return [[lat - north, lon - east], [lat + north, lon + east]];
  }

  const POINTS = {
    stop: (p, at) => L.marker(at, { icon: mark(`stop is-${p.state}`, p), keyboard: false }),
    stay: (p, at) => L.marker(at, { icon: mark("stay", p), keyboard: false }),
    place: (p, at) => L.marker(at, { icon: mark("place", p), keyboard: false, interactive: false }),
    cell: (p, at) => L.circle(at, { radius: 70, weight: 1, color: CELLS[p.state], fillColor: CELLS[p.state], fillOpacity: 0.55 }),
    circle: (p, at) => L.circle(at, { ...BASE, radius: p.radius_m, weight: 1.5, color: "#1560bd", dashArray: "5 5", fillOpacity: 0.04 }),
    reach: (p, at) => L.rectangle(square([at.lng, at.lat], p.side_m), { ...BASE, weight: 0.5, color: "#ffffff", fillColor: NOBODY, fillOpacity: 0.6 }),
  };

  const LINES = {
    area: (p) => ({ ...BASE, stroke: false, fill: true, fillOpacity: 1, fillColor: p.layer === "water" ? "#b9d6ee" : "#d5e8d6" }),
    road: (p) => ({ ...BASE, color: p.rank <= 2 ? "#f0cf86" : "#c9d3dc", weight: ROAD_PX[p.rank] ?? 1 }),
    beat: () => ({ ...BASE, color: "#51616f", weight: 1.5, dashArray: "2 5", fill: false }),
    route: (p) => ({ color: p.colour, weight: 4, opacity: 0.85 }),
    planned: (p) => ({ color: p.colour, weight: 2, opacity: 0.7, dashArray: "6 6" }),
    leg: (p) => ({ color: p.colour, weight: 3.5, opacity: 0.85 }),
  };

  function sheet(code, features) {
    const layer = L.geoJSON(features, {
      pointToLayer: (feature, at) => POINTS[feature.properties.role](feature.properties, at),
      style: (feature) => LINES[feature.properties.role]?.(feature.properties),
      interactive: code !== "ground",
      onEachFeature: ({ properties: { role, hint, label } }, each) => {
        const words = hint || (["route", "planned", "leg"].includes(role) ? label : "");
        if (words) each.bindTooltip(document.createTextNode(words).textContent.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`), { sticky: true });
      },
    });
    sheets[code] = layer;
    return layer;
  }

  const heat = (sign) => (sign === "-" ? NOBODY : HEAT.find(([most]) => parseInt(sign, 36) <= most)[1]);
  const two = (n) => String(n).padStart(2, "0");
  const percent = (share) => `${Math.round(share * 100)} %`;

  function line(values) {
    const last = Math.max(1, values.length - 1);
    return values.map((value, n) => `${n ? "L" : "M"}${((n / last) * 1000).toFixed(1)} ${((1 - value) * 100).toFixed(1)}`).join("");
  }

  function play(series, words) {
    const $ = (id) => document.getElementById(id);
    const slider = $("minute");
    slider.max = series.of_day.length - 1;
    $("share-line").setAttribute("d", line(series.share));
    $("static-line").setAttribute("d", line(series.static));

    function show(n) {
      const time = `${two(Math.floor(series.of_day[n] / 60))}:${two(series.of_day[n] % 60)}`;
      sheets.reach.eachLayer((each) => each.setStyle({ fillColor: heat(series.frames[n][each.feature.properties.n]) }));
      sheets.circles.eachLayer((each) => {
        const { opens, closes } = each.feature.properties;
        const open = series.of_day[n] >= opens && series.of_day[n] < closes;
        each.setStyle({ opacity: open ? 1 : 0.2, fillOpacity: open ? 0.04 : 0 });
      });
      const said = words.at.replace("{time}", time).replace("{share}", percent(series.share[n])).replace("{static}", percent(series.static[n]));
      $("at").textContent = said;
      slider.setAttribute("aria-valuetext", said);
      $("now-line").setAttribute("x1", (n / Math.max(1, slider.max)) * 1000);
      $("now-line").setAttribute("x2", (n / Math.max(1, slider.max)) * 1000);
    }
    slider.addEventListener("input", () => show(Number(slider.value)));
    slider.value = Math.floor(series.of_day.length / 2);
    show(Number(slider.value));
  }

  function start(map, { series, words }) {
    api.map = map;
    for (const [way, name] of [["in", words.zoom_in], ["out", words.zoom_out]]) {
      const button = map.getContainer().querySelector(`.leaflet-control-zoom-${way}`);
      button?.setAttribute("title", name);
      button?.setAttribute("aria-label", name);
    }
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
    if (series) play(series, words);
    new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
  }

  const api = { sheets, sheet, start, map: null };
  return api;
})();
