/* A van's day as the server sent it, and where the van was at a time. Mirrors replay/playback.py. */
export const GAP_MS = 5 * 60000;

function decode(steps, scale = 1) {
  const values = new Float64Array(steps.length);
  let sum = 0;
  for (let n = 0; n < steps.length; n += 1) {
    sum += steps[n];
    values[n] = sum / scale;
  }
  return values;
}

export class Track {
  constructor(van) {
    this.t = decode(van.t);
    this.lon = decode(van.lon_e6, 1e6);
    this.lat = decode(van.lat_e6, 1e6);
    this.size = this.t.length;
  }

  /* How many fixes lie at or before a time. */
  upTo(ms) {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.t[middle] <= ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /* {lon, lat, heading, standing} with standing before | moving | still | gap | after; null without fixes. */
  at(ms) {
    if (!this.size) return null;
    const after = this.upTo(ms);
    if (after === 0) return this.point(0, "before");
    if (after === this.size) return this.point(after - 1, ms === this.t[after - 1] ? "still" : "after");
    const a = after - 1;
    if (this.t[after] - this.t[a] > GAP_MS) return this.point(a, "gap");
    const share = (ms - this.t[a]) / (this.t[after] - this.t[a]);
    const dx = this.lon[after] - this.lon[a];
    const dy = this.lat[after] - this.lat[a];
    if (!dx && !dy) return this.point(a, "still");
    const heading = (Math.atan2(dx * Math.cos((this.lat[a] * Math.PI) / 180), dy) * 180) / Math.PI;
    return { lon: this.lon[a] + dx * share, lat: this.lat[a] + dy * share, heading: (heading + 360) % 360, standing: "moving" };
  }

  point(n, standing) {
    return { lon: this.lon[n], lat: this.lat[n], heading: null, standing };
  }

  /* The driven lines between two times, broken at gaps, as [lat, lon] for Leaflet. */
  lines(from, to) {
    const lines = [];
    let line = [];
    for (let n = this.upTo(from); n < this.size && this.t[n] <= to; n += 1) {
      if (line.length && this.t[n] - this.t[n - 1] > GAP_MS) {
        lines.push(line);
        line = [];
      }
      line.push([this.lat[n], this.lon[n]]);
    }
    const here = this.at(to);
    if (line.length && here?.standing === "moving") line.push([here.lat, here.lon]);
    lines.push(line);
    return lines.filter((each) => each.length > 1);
  }
}
