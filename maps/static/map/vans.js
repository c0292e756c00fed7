/* Vans on the map: one marker a van, gliding between fixes, grey when old. Feature properties:
 * {id, role: "van", name, colour, word, tone: "live" | "stale" | "sos", heading: degrees | null} */
"use strict";

(() => {
  const JUMP_M = 2000;
  const GLIDE_MIN_MS = 200;
  const GLIDE_MAX_MS = 5000;
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const gliding = new Map();
  let frame = 0;

  const SHAPE =
    '<svg class="van-shape" viewBox="-20 -20 40 40" width="40" height="40" aria-hidden="true">' +
    '<circle class="van-wave" r="15"/><circle class="van-ring" r="13"/>' +
    '<path class="van-arrow" d="M0,-8 L6,7 L0,3.6 L-6,7 Z"/><circle class="van-dot" r="4.5"/></svg>' +
    '<span class="van-label"><b></b><i></i></span>';

  /* Labels stand to the right of their vans; where that would leave the map or hide another van or label, on the
   * left, below or above. */
  const SIDES = ["right", "left", "below", "above"];
  const REACH_PX = 20;
  const standing = new Set();
  let arranging = 0;

  function boxOn(side, { x, y }, { width, height }) {
    if (side === "right") return [x + REACH_PX, y - height / 2, x + REACH_PX + width, y + height / 2];
    if (side === "left") return [x - REACH_PX - width, y - height / 2, x - REACH_PX, y + height / 2];
    const top = side === "below" ? y + REACH_PX - 2 : y - REACH_PX - height + 2;
    return [x - width / 2, top, x + width / 2, top + height];
  }

  const overlap = (a, b) =>
    Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));

  function arrange() {
    arranging = 0;
    if (!CareVan.map || CareVan.map.getContainer().classList.contains("many-vans")) return;
    const { x: wide, y: high } = CareVan.map.getSize();
    const vans = [...standing].map((marker) => ({ root: marker.getElement(), at: CareVan.map.latLngToContainerPoint(marker.getLatLng()) }));
    const shapes = vans.map(({ at: { x, y } }) => [x - 15, y - 15, x + 15, y + 15]);
    const placed = [];
    vans.forEach(({ root, at }, n) => {
      const label = root.querySelector(".van-label");
      const size = { width: label.offsetWidth, height: label.offsetHeight };
      const taken = [...shapes.slice(0, n), ...shapes.slice(n + 1), ...placed];
      let best = null;
      for (const side of SIDES) {
        const box = boxOn(side, at, size);
        const outside = size.width * size.height - overlap(box, [0, 0, wide, high]);
        const hidden = outside + taken.reduce((sum, other) => sum + overlap(box, other), 0);
        if (!best || hidden < best.hidden - 1) best = { side, box, hidden };
        if (best.hidden < 1) break;
      }
      root.dataset.label = best.side;
      placed.push(best.box);
    });
  }

  function arrangeSoon() {
    if (!arranging) arranging = setTimeout(arrange, 100);
  }

  function paint(marker, { name, colour, word, tone, heading }) {
    const root = marker.getElement();
    if (!root) return;
    root.classList.toggle("is-stale", tone === "stale");
    root.classList.toggle("is-sos", tone === "sos");
    root.classList.toggle("has-heading", heading !== null && heading !== undefined);
    root.querySelector(".van-shape").style.setProperty("--van", colour);
    root.querySelector(".van-label b").textContent = name;
    root.querySelector(".van-label i").textContent = word || "";
    if (heading !== null && heading !== undefined) {
      root.querySelector(".van-arrow").setAttribute("transform", `rotate(${Math.round(heading)})`);
    }
    arrangeSoon();
  }

  function step(now) {
    for (const [marker, glide] of gliding) {
      const share = Math.min(1, (now - glide.started) / glide.lasts);
      marker.setLatLng([
        glide.from.lat + (glide.to.lat - glide.from.lat) * share,
        glide.from.lng + (glide.to.lng - glide.from.lng) * share,
      ]);
      if (share === 1) {
        gliding.delete(marker);
        arrangeSoon();
      }
    }
    frame = gliding.size ? requestAnimationFrame(step) : 0;
  }

  function glideTo(marker, to) {
    const now = performance.now();
    const from = marker.getLatLng();
    const lasts = Math.min(GLIDE_MAX_MS, Math.max(GLIDE_MIN_MS, now - (marker.movedAt || now - 1000)));
    marker.movedAt = now;
    if (from.equals(to)) return;
    if (still.matches || document.hidden || from.distanceTo(to) > JUMP_M) {
      gliding.delete(marker);
      marker.setLatLng(to);
      return;
    }
    gliding.set(marker, { from, to, started: now, lasts });
    if (!frame) frame = requestAnimationFrame(step);
  }

  CareVan.roles.van = {
    marker(feature, at) {
      const icon = L.divIcon({ className: "van", html: SHAPE, iconSize: [40, 40], iconAnchor: [20, 20] });
      const marker = L.marker(at, { icon, keyboard: false, zIndexOffset: 1000, riseOnHover: true });
      marker.on("add", () => {
        if (!standing.size) marker._map.on("zoomend moveend resize", arrangeSoon);
        standing.add(marker);
        paint(marker, (marker.feature || feature).properties);
      });
      marker.on("remove", () => standing.delete(marker));
      marker.on("click", () => document.dispatchEvent(
        new CustomEvent("carevan:van", { detail: { id: marker.feature.properties.van } })));
      return marker;
    },
    update(feature, marker) {
      const [lon, lat] = feature.geometry.coordinates;
      glideTo(marker, L.latLng(lat, lon));
      paint(marker, feature.properties);
      return marker;
    },
  };

  /* A van as the layer takes it. */
  CareVan.vanFeature = (id, lon, lat, look) => ({
    type: "Feature",
    geometry: { type: "Point", coordinates: [lon, lat] },
    properties: { role: "van", id: `van:${id}`, van: id, heading: null, tone: "live", word: "", ...look },
  });
})();
