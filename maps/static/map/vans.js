/* Vans on the map, all of them on one canvas: gliding between fixes, grey when old, in bunches where they crowd. A list
 * beside the map is what a keyboard and a screen reader go through. Feature properties:
 * {id, role: "van", van, name, colour, word, tone: "live" | "stale" | "sos", heading: degrees | null, badge: tone | ""}
 *
 *   CareVan.vanFeature(id, lon, lat, look)   a van as the layer takes it
 *   CareVan.standing()                       what is drawn: [{id, name, word, tone, badge, side, bunch, lon, lat, x, y}]
 *   CareVan.bunches()                        those drawn as one: [{n, x, y}]; CareVan.trail(id) a van's track
 *   CareVan.trace(id, t, lon, lat)           one more point of a van's track; CareVan.forgetBefore(t) lets old ones go
 *   CareVan.follow(id | null)                the map goes with a van; "carevan:followed" on document tells whom
 *   CareVan.extras.trails                    the tracks as a layer that can be switched off
 *   "carevan:van" on document                somebody clicked the van detail.id */
"use strict";

(() => {
  const JUMP_M = 2000;
  const GLIDE_MIN_MS = 200;
  const GLIDE_MAX_MS = 5000;
  const FRAME_MS = 30;
  // While the map is dragged the canvas goes with it, and what glides on it may be a little older.
  const MOVING_FRAME_MS = 90;
  const ARRANGE_MS = 250;
  const FEW_LABELS = 12;
  // From so many in the picture on they are drawn smaller, and those that would hide each other as one.
  const CROWD = 60;
  const BUNCH_PX = 56;
  const BUNCH_LEAST = 3;
  const WAVE_MS = 2400;
  const AWAY_PX = 80;
  const FONT = '500 14px "PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",system-ui,sans-serif';
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const marks = new Set();
  const gliding = new Set();
  const trails = new Map();
  const widths = new Map();
  let picture = { vans: [], bunches: [], crowded: false };
  let canvas = null;
  let pen = null;
  let tokens = null;
  let frame = 0;
  let drawnAt = 0;
  let arrangedAt = 0;
  let hovered = null;
  let followed = null;
  let pannedAt = 0;
  let zooming = false;
  let moving = false;
  let showsTrails = false;

  const Mark = L.Layer.extend({
    initialize(at, feature) {
      this._at = at;
      this.feature = feature;
      this.side = "right";
    },
    getLatLng() {
      return this._at;
    },
    setLatLng(at) {
      this._at = L.latLng(at);
      soon();
      return this;
    },
    onAdd(map) {
      if (!canvas) begin(map);
      marks.add(this);
      arrangedAt = 0;
      soon();
    },
    onRemove() {
      marks.delete(this);
      gliding.delete(this);
      soon();
    },
  });

  function begin(map) {
    canvas = L.DomUtil.create("canvas", "vans-canvas", map.getPane("vans"));
    canvas.setAttribute("aria-hidden", "true");
    pen = canvas.getContext("2d");
    map.on("move viewreset resize", soon);
    map.on("movestart", () => {
      moving = true;
    });
    map.on("moveend zoomend resize", () => {
      moving = false;
      arrangedAt = 0;
      soon();
    });
    map.on("zoomanim", () => {
      zooming = true;
      canvas.hidden = true;
    });
    map.on("zoomend", () => {
      zooming = false;
      canvas.hidden = false;
      soon();
    });
    map.on("click", clicked);
    map.on("mousemove", ({ containerPoint }) => point(containerPoint));
    map.on("mouseout", () => point(null));
    map.on("dragstart", () => followed !== null && CareVan.follow(null));
  }

  function soon() {
    if (!frame && canvas) frame = requestAnimationFrame(step);
  }

  function step(now) {
    frame = 0;
    if (now - drawnAt < (moving ? MOVING_FRAME_MS : FRAME_MS)) {
      soon();
      return;
    }
    drawnAt = now;
    for (const mark of gliding) glide(mark, now);
    const going = followed !== null && goAlong(now);
    if (!zooming) paint(now);
    const alarmed = !still.matches && picture.vans.some(({ mark }) => mark.feature.properties.tone === "sos");
    if (gliding.size || alarmed || going) soon();
  }

  function glide(mark, now) {
    const { from, to, started, lasts } = mark.way;
    const share = Math.min(1, Math.max(0, (now - started) / lasts));
    mark._at = L.latLng(from.lat + (to.lat - from.lat) * share, from.lng + (to.lng - from.lng) * share);
    if (share === 1) gliding.delete(mark);
  }

  function glideTo(mark, to) {
    const now = performance.now();
    const from = mark._at;
    const lasts = Math.min(GLIDE_MAX_MS, Math.max(GLIDE_MIN_MS, now - (mark.movedAt || now - 1000)));
    mark.movedAt = now;
    if (from.equals(to)) return;
    if (still.matches || document.hidden || from.distanceTo(to) > JUMP_M) {
      gliding.delete(mark);
      mark._at = to;
      return;
    }
    mark.way = { from, to, started: now, lasts };
    gliding.add(mark);
  }

  /* ---- what stands in the picture */

  function look(map) {
    const size = map.getSize();
    const vans = [];
    for (const mark of marks) {
      const at = map.latLngToContainerPoint(mark._at);
      if (at.x > -40 && at.y > -40 && at.x < size.x + 40 && at.y < size.y + 40) vans.push({ mark, x: at.x, y: at.y });
    }
    if (vans.length <= CROWD) return { vans, bunches: [], crowded: false };
    return { ...bunch(vans, map), crowded: true };
  }

  /* Cells of the whole world, so that bunches stay what they are while the map is dragged. A call for help and the van
   * that is followed are never part of one. */
  function bunch(vans, map) {
    const origin = map.getPixelOrigin().subtract(map.layerPointToContainerPoint([0, 0]));
    const cells = new Map();
    const alone = [];
    for (const van of vans) {
      const { tone, van: id } = van.mark.feature.properties;
      if (tone === "sos" || id === followed) {
        alone.push(van);
        continue;
      }
      const key = `${Math.floor((van.x + origin.x) / BUNCH_PX)}:${Math.floor((van.y + origin.y) / BUNCH_PX)}`;
      const cell = cells.get(key);
      if (cell) cell.push(van);
      else cells.set(key, [van]);
    }
    const bunches = [];
    for (const cell of cells.values()) {
      if (cell.length < BUNCH_LEAST) {
        alone.push(...cell);
        continue;
      }
      const mean = (axis) => cell.reduce((sum, van) => sum + van[axis], 0) / cell.length;
      bunches.push({ vans: cell, x: mean("x"), y: mean("y") });
    }
    return { vans: alone, bunches };
  }

  /* ---- painting */

  function readTokens() {
    const style = getComputedStyle(document.documentElement);
    const names = ["ground", "line", "text", "muted", "live", "late", "warn", "info", "sos", "stale", "panel"];
    return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  }

  function paint(now) {
    const map = CareVan.map;
    tokens ??= readTokens();
    const { x: wide, y: high } = map.getSize();
    const ratio = Math.min(2, devicePixelRatio || 1);
    if (canvas.width !== Math.round(wide * ratio) || canvas.height !== Math.round(high * ratio)) {
      canvas.width = Math.round(wide * ratio);
      canvas.height = Math.round(high * ratio);
      canvas.style.width = `${wide}px`;
      canvas.style.height = `${high}px`;
    }
    L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]));
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, wide, high);
    picture = look(map);
    if (showsTrails) paintTrails(map);
    for (const each of picture.bunches) paintBunch(each);
    const order = { stale: 0, live: 1, sos: 2 };
    picture.vans.sort((a, b) => order[a.mark.feature.properties.tone] - order[b.mark.feature.properties.tone]);
    for (const van of picture.vans) paintVan(van, now);
    const labelled = picture.vans.filter(isLabelled);
    if (now - arrangedAt > ARRANGE_MS) {
      arrangedAt = now;
      arrange(labelled, wide, high);
    }
    for (const van of labelled) paintLabel(van);
  }

  function paintTrails(map) {
    pen.lineJoin = pen.lineCap = "round";
    pen.lineWidth = 2.5;
    for (const { mark, x, y } of picture.vans) {
      const { van: id, colour } = mark.feature.properties;
      const trail = trails.get(id);
      if (!trail || (picture.crowded && id !== followed)) continue;
      pen.strokeStyle = colour;
      // The older half is fainter.
      const half = trail.length >> 1;
      for (const [from, to, alpha] of [[0, half, 0.28], [half, trail.length - 1, 0.6]]) {
        pen.globalAlpha = alpha;
        pen.beginPath();
        for (let n = from; n <= to; n += 1) {
          const at = map.latLngToContainerPoint(trail[n].at);
          if (n === from) pen.moveTo(at.x, at.y);
          else pen.lineTo(at.x, at.y);
        }
        if (to === trail.length - 1) pen.lineTo(x, y);
        pen.stroke();
      }
    }
    pen.globalAlpha = 1;
  }

  function ring(x, y, radius, colour, { dash = [], width = 3, fill = tokens.ground } = {}) {
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.fillStyle = fill;
    if (fill) pen.fill();
    pen.setLineDash(dash);
    pen.lineWidth = width;
    pen.strokeStyle = colour;
    pen.stroke();
    pen.setLineDash([]);
  }

  function paintVan({ mark, x, y }, now) {
    const { tone, colour, heading, badge, van } = mark.feature.properties;
    const shown = tone === "live" ? colour : tokens[tone];
    const size = picture.crowded && tone !== "sos" ? 0.7 : 1;
    if (tone === "sos") paintWave(x, y, shown, now);
    if (van === followed) ring(x, y, 18 * size, tokens.text, { width: 1.5, fill: null });
    ring(x, y, 13 * size, shown, { dash: tone === "stale" ? [4, 3] : [] });
    pen.fillStyle = shown;
    pen.beginPath();
    if (heading === null || heading === undefined) pen.arc(x, y, 4.5 * size, 0, 2 * Math.PI);
    else arrow(x, y, (heading * Math.PI) / 180, size);
    pen.fill();
    if (badge) paintBadge(x + 11 * size, y - 11 * size, tokens[badge] || tokens.warn);
  }

  function arrow(x, y, turn, size) {
    const [sin, cos] = [Math.sin(turn) * size, Math.cos(turn) * size];
    for (const [dx, dy] of [[0, -8], [6, 7], [0, 3.6], [-6, 7]]) pen.lineTo(x + dx * cos - dy * sin, y + dx * sin + dy * cos);
    pen.closePath();
  }

  function paintWave(x, y, colour, now) {
    const share = still.matches ? 0.4 : (now % WAVE_MS) / WAVE_MS;
    pen.globalAlpha = still.matches ? 0.6 : 0.9 * (1 - share);
    ring(x, y, 15 * (1 + 1.4 * share), colour, { width: 1.5, fill: null });
    pen.globalAlpha = 1;
  }

  function paintBadge(x, y, colour) {
    pen.fillStyle = colour;
    pen.beginPath();
    pen.roundRect(x - 7, y - 7, 14, 14, 4);
    pen.fill();
    pen.fillStyle = tokens.ground;
    write("!", x, y + 0.5, '700 11px system-ui,sans-serif', "center");
  }

  function paintBunch({ vans, x, y }) {
    const stale = vans.filter(({ mark }) => mark.feature.properties.tone === "stale").length;
    const radius = Math.min(24, 13 + 2 * Math.sqrt(vans.length));
    ring(x, y, radius, stale === vans.length ? tokens.stale : tokens.live);
    if (vans.some(({ mark }) => mark.feature.properties.badge)) paintBadge(x + radius * 0.75, y - radius * 0.75, tokens.warn);
    pen.fillStyle = tokens.text;
    write(String(vans.length), x, y + 0.5, '700 14px system-ui,sans-serif', "center");
  }

  function write(text, x, y, font, align) {
    pen.font = font;
    pen.textAlign = align;
    pen.textBaseline = "middle";
    pen.fillText(text, x, y);
  }

  /* ---- labels stand to the right of their vans; where that would leave the map or hide another van or label, on the
   * left, below or above. */
  const SIDES = ["right", "left", "below", "above"];
  const REACH_PX = 20;

  function isLabelled({ mark }) {
    const { tone, van } = mark.feature.properties;
    return marks.size <= FEW_LABELS || tone === "sos" || van === followed || mark === hovered;
  }

  const textOf = ({ name, word }) => (word ? `${name}  ${word}` : name);

  function sizeOf(mark) {
    const text = textOf(mark.feature.properties);
    if (!widths.has(text)) {
      if (widths.size > 5000) widths.clear();
      pen.font = FONT;
      widths.set(text, pen.measureText(text).width);
    }
    return { width: widths.get(text) + 18, height: 26 };
  }

  function boxOn(side, { x, y }, { width, height }) {
    if (side === "right") return [x + REACH_PX, y - height / 2, x + REACH_PX + width, y + height / 2];
    if (side === "left") return [x - REACH_PX - width, y - height / 2, x - REACH_PX, y + height / 2];
    const top = side === "below" ? y + REACH_PX - 2 : y - REACH_PX - height + 2;
    return [x - width / 2, top, x + width / 2, top + height];
  }

  const overlap = (a, b) =>
    Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));

  function arrange(labelled, wide, high) {
    if (labelled.length > FEW_LABELS) return;
    const shapes = labelled.map(({ x, y }) => [x - 15, y - 15, x + 15, y + 15]);
    const placed = [];
    labelled.forEach((van, n) => {
      const size = sizeOf(van.mark);
      const taken = [...shapes.slice(0, n), ...shapes.slice(n + 1), ...placed];
      let best = null;
      for (const side of SIDES) {
        const box = boxOn(side, van, size);
        const outside = size.width * size.height - overlap(box, [0, 0, wide, high]);
        const hidden = outside + taken.reduce((sum, other) => sum + overlap(box, other), 0);
        if (!best || hidden < best.hidden - 1) best = { side, box, hidden };
        if (best.hidden < 1) break;
      }
      van.mark.side = best.side;
      placed.push(best.box);
    });
  }

  function paintLabel(van) {
    const [left, top, right, bottom] = boxOn(van.mark.side, van, sizeOf(van.mark));
    pen.globalAlpha = 0.88;
    pen.fillStyle = tokens.ground;
    pen.strokeStyle = tokens.line;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.roundRect(left, top, right - left, bottom - top, 6);
    pen.fill();
    pen.globalAlpha = 1;
    pen.stroke();
    pen.fillStyle = van.mark.feature.properties.tone === "stale" ? tokens.stale : tokens.text;
    write(textOf(van.mark.feature.properties), left + 9, (top + bottom) / 2 + 0.5, FONT, "left");
  }

  /* ---- pointing, clicking, following */

  function hit({ x, y }) {
    const near = (each, radius) => Math.hypot(each.x - x, each.y - y) <= radius;
    for (const van of [...picture.vans].reverse()) if (near(van, 16)) return { mark: van.mark };
    const bunch = picture.bunches.find((each) => near(each, 24));
    return bunch ? { bunch } : null;
  }

  function point(at) {
    const found = at && hit(at);
    CareVan.map.getContainer().classList.toggle("is-over-van", Boolean(found));
    const mark = found?.mark ?? null;
    if (mark === hovered) return;
    hovered = mark;
    arrangedAt = 0;
    soon();
  }

  function clicked({ containerPoint }) {
    if (CareVan.map.getContainer().classList.contains("is-picking")) return;
    const found = hit(containerPoint);
    if (found?.bunch) {
      CareVan.map.fitBounds(found.bunch.vans.map(({ mark }) => mark._at), { padding: [60, 60], maxZoom: CareVan.map.getZoom() + 3 });
    } else if (found) {
      document.dispatchEvent(new CustomEvent("carevan:van", { detail: { id: found.mark.feature.properties.van } }));
    }
  }

  const markOf = (id) => [...marks].find((mark) => mark.feature.properties.van === id);

  /* At most one pan a second. True while the van stands away from the middle: it may have stopped before its turn came. */
  function goAlong(now) {
    const map = CareVan.map;
    const mark = markOf(followed);
    if (!mark) return false;
    const at = map.latLngToContainerPoint(mark._at);
    const centre = map.getSize().divideBy(2);
    if (at.distanceTo(centre) < AWAY_PX) return false;
    if (now - pannedAt >= 1000) {
      pannedAt = now;
      map.panTo(mark._at, { animate: !still.matches, duration: 0.9, easeLinearity: 1 });
    }
    return true;
  }

  CareVan.follow = (id) => {
    if (id === followed) return;
    followed = id;
    pannedAt = 0;
    const mark = markOf(id);
    if (mark) CareVan.map.panTo(mark._at);
    arrangedAt = 0;
    soon();
    document.dispatchEvent(new CustomEvent("carevan:followed", { detail: { id } }));
  };

  CareVan.trace = (id, t, lon, lat) => {
    const trail = trails.get(id);
    if (!trail) trails.set(id, [{ t, at: L.latLng(lat, lon) }]);
    else if (t > trail.at(-1).t) trail.push({ t, at: L.latLng(lat, lon) });
  };

  CareVan.forgetBefore = (t) => {
    for (const [id, trail] of trails) {
      const kept = trail.findIndex((each) => each.t >= t);
      if (kept < 0) trails.delete(id);
      else if (kept > 0) trail.splice(0, kept);
    }
  };

  const Trails = L.Layer.extend({
    onAdd() {
      showsTrails = true;
      soon();
    },
    onRemove() {
      showsTrails = false;
      soon();
    },
  });
  CareVan.extras.trails = new Trails();

  CareVan.standing = () => {
    const told = ({ mark, x, y }, bunched) => {
      const { van: id, name, word, tone, badge = "" } = mark.feature.properties;
      return { id, name, word, tone, badge, side: mark.side, bunch: bunched, lon: mark._at.lng, lat: mark._at.lat, x, y };
    };
    return [
      ...picture.vans.map((van) => told(van, 0)),
      ...picture.bunches.flatMap(({ vans }) => vans.map((van) => told(van, vans.length))),
    ];
  };

  CareVan.bunches = () => picture.bunches.map(({ vans, x, y }) => ({ n: vans.length, x, y }));
  CareVan.trail = (id) => trails.get(id) ?? [];

  CareVan.roles.van = {
    marker: (feature, at) => new Mark(at, feature),
    update(feature, mark) {
      const [lon, lat] = feature.geometry.coordinates;
      const before = mark.feature.properties;
      mark.feature = feature;
      glideTo(mark, L.latLng(lat, lon));
      if (textOf(before) !== textOf(feature.properties)) arrangedAt = 0;
      soon();
      return mark;
    },
  };

  CareVan.vanFeature = (id, lon, lat, look) => ({
    type: "Feature",
    geometry: { type: "Point", coordinates: [lon, lat] },
    properties: { role: "van", id: `van:${id}`, van: id, heading: null, tone: "live", word: "", badge: "", ...look },
  });
})();
