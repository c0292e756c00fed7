/* The timeline: a row a van with its stays, gaps and taps, SOS over all rows, hours beneath, and the head. */
import { _ } from "/static/words.js";

const SVG = "http://www.w3.org/2000/svg";
const ROW = 22;
const LABEL = 92;
const HOUR_MS = 3600000;
const OTHER_TAPS = new Set(["arrived", "started", "reload", "break", "no_answer", "declined", "accepted", "unable", "sos"]);

function make(name, attributes, parent) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent.append(element);
  return element;
}

function hint(element, text) {
  make("title", {}, element).textContent = text;
  return element;
}

export class Timeline {
  /* on: {seek(ms), follow(van id)}; say(ms) gives a time of day */
  constructor(box, on, say) {
    this.box = box;
    this.on = on;
    this.say = say;
    box.onpointerdown = (event) => this.drag(event);
    new ResizeObserver(() => this.draw()).observe(box);
  }

  show(day, span) {
    this.day = day;
    this.span = span;
    this.draw();
  }

  x(ms) {
    const share = (ms - this.span.start) / (this.span.end - this.span.start);
    return LABEL + share * (this.width - LABEL - 12);
  }

  draw() {
    if (!this.day) return;
    const rows = this.day.vans;
    this.width = Math.max(320, this.box.clientWidth);
    const svg = this.sheet(rows.length * ROW + 4);
    const axis = this.sheet(22);
    axis.classList.add("tl-axis");
    this.drawHatch(svg);
    this.drawHours(svg, axis, rows.length * ROW);
    rows.forEach((van, n) => this.drawRow(svg, van, n * ROW));
    for (const call of this.day.sos) this.drawCall(svg, call, rows);
    this.line = make("line", { class: "tl-head", y1: 0, y2: rows.length * ROW + 4 }, svg);
    this.box.replaceChildren(svg, axis);
    if (this.last !== undefined) this.moveTo(this.last);
  }

  sheet(height) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("width", this.width);
    svg.setAttribute("height", height);
    return svg;
  }

  drawHatch(svg) {
    const pattern = make("pattern", {
      id: "hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)",
    }, make("defs", {}, svg));
    make("line", { x1: 0, y1: 0, x2: 0, y2: 6, class: "tl-hatch" }, pattern);
  }

  drawHours(svg, axis, bottom) {
    const hours = (this.span.end - this.span.start) / HOUR_MS;
    const step = HOUR_MS * (hours > 14 ? 2 : 1) * (this.width < 700 ? 2 : 1);
    for (let ms = Math.ceil(this.span.start / step) * step; ms < this.span.end; ms += step) {
      make("line", { class: "tl-hour", x1: this.x(ms), x2: this.x(ms), y1: 0, y2: bottom }, svg);
      make("text", { class: "tl-label", x: this.x(ms), y: 16, "text-anchor": "middle" }, axis).textContent = this.say(ms).slice(0, 5);
    }
  }

  drawRow(svg, van, y) {
    const middle = y + ROW / 2;
    const name = make("text", { class: "tl-name", x: 4, y: middle + 5, "data-van": van.id }, svg);
    name.textContent = van.shown;
    hint(name, _("Follow {name}", { name: van.shown }));
    const { track } = van;
    if (track.size) {
      const [first, last] = [this.x(track.t[0]), this.x(track.t[track.size - 1])];
      make("rect", { x: first, y: middle - 2, width: Math.max(1, last - first), height: 4, fill: van.colour, opacity: 0.55 }, svg);
    }
    for (const [from, to, , ] of van.stays) {
      const block = make("rect", { x: this.x(from), y: middle - 6, width: Math.max(2, this.x(to) - this.x(from)), height: 12, rx: 2, fill: van.colour }, svg);
      hint(block, _("Stay {from}–{to}", { from: this.say(from), to: this.say(to) }));
    }
    for (const [from, to] of van.gaps) {
      const [a, b] = [this.x(from), this.x(to)];
      make("rect", { class: "tl-void", x: a, y: middle - 6, width: Math.max(2, b - a), height: 12 }, svg);
      hint(make("rect", { x: a, y: middle - 6, width: Math.max(2, b - a), height: 12, fill: "url(#hatch)" }, svg),
        _("No signal {from}–{to}", { from: this.say(from), to: this.say(to) }));
    }
    for (const tap of van.taps) this.drawTap(svg, tap, middle);
  }

  drawTap(svg, tap, middle) {
    const at = this.x(tap.t_ms);
    if (tap.kind === "done") {
      hint(make("circle", { class: "tl-done", cx: at, cy: middle, r: 4.5 }, svg), `${_("done")} ${this.say(tap.t_ms)}`);
    } else if (OTHER_TAPS.has(tap.kind)) {
      make("line", { class: "tl-tap", x1: at, x2: at, y1: middle - 8, y2: middle + 8 }, svg);
    }
  }

  drawCall(svg, call, rows) {
    const n = Math.max(0, rows.findIndex((van) => van.id === call.van));
    const at = this.x(call.called_at);
    const end = this.x(call.closed_at ?? call.arrived_at ?? call.called_at);
    const y = n * ROW + ROW / 2;
    make("line", { class: "tl-sos-line", x1: at, x2: Math.max(at, end), y1: y, y2: y }, svg);
    const mark = make("path", { class: "tl-sos", d: `M${at},${y - 8} l8,8 -8,8 -8,-8 z` }, svg);
    hint(mark, `SOS ${call.place} ${this.say(call.called_at)}`);
  }

  moveTo(ms) {
    this.last = ms;
    if (!this.line) return;
    const x = this.x(ms);
    this.line.setAttribute("x1", x);
    this.line.setAttribute("x2", x);
  }

  drag(event) {
    const { van } = event.target.dataset || {};
    if (van) {
      this.on.follow(Number(van));
      return;
    }
    const seek = (pointer) => {
      const share = (pointer.clientX - this.box.getBoundingClientRect().left - LABEL) / (this.width - LABEL - 12);
      this.on.seek(this.span.start + Math.min(1, Math.max(0, share)) * (this.span.end - this.span.start));
    };
    seek(event);
    this.box.setPointerCapture(event.pointerId);
    this.box.onpointermove = seek;
    this.box.onpointerup = () => {
      this.box.onpointermove = null;
    };
  }
}
