/* Distances, and the device's own position. */
const EARTH_M = 6371008.8;
const STILL_MS = 4500;
const FALLBACK = { detour: 1.35, mps: 25 / 3.6 };

export function metresBetween([lonA, latA], [lonB, latB]) {
  const rad = Math.PI / 180;
  const half = (angle) => Math.sin(angle / 2) ** 2;
  const h = half((latB - latA) * rad)
    + Math.cos(latA * rad) * Math.cos(latB * rad) * half((lonB - lonA) * rad);
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/* Seconds to drive there where no road is known: great circle x 1.35 at 25 km/h, as the planner estimates. */
export const secondsTo = (metres) => (metres * FALLBACK.detour) / FALLBACK.mps;

export const sayMetres = (metres) =>
  metres < 1000 ? `${Math.max(0, Math.round(metres / 10) * 10)} m` : `${(metres / 1000).toFixed(metres < 9950 ? 1 : 0)} km`;

const known = (value) => (Number.isFinite(value) ? value : undefined);

/* A fix of the protocol from a position of the browser; what is unknown is left out. */
export function fixOf(position, t, battery) {
  const { coords } = position;
  const fix = {
    t,
    lon: coords.longitude,
    lat: coords.latitude,
    speed_mps: known(coords.speed ?? NaN),
    heading_deg: known(coords.heading ?? NaN),
    altitude_m: known(coords.altitude ?? NaN),
    accuracy_m: known(coords.accuracy ?? NaN),
    battery: known(battery ?? NaN),
  };
  return Object.fromEntries(Object.entries(fix).filter(([, value]) => value !== undefined));
}

/* Watch the position, at most one each `everyMs`; the screen is kept awake while the page is seen. */
export class Place {
  constructor(onPosition, onTrouble) {
    this.onPosition = onPosition;
    this.onTrouble = onTrouble;
    this.everyMs = 2000;
    this.last = 0;
    this.lock = null;
    document.addEventListener("visibilitychange", () => this.keepAwake());
  }

  start() {
    this.keepAwake();
    if (!navigator.geolocation) {
      this.onTrouble("absent");
      return;
    }
    const take = (position) => this.take(position);
    const fail = (error) => this.onTrouble(error.code === error.PERMISSION_DENIED ? "denied" : "searching");
    const wish = { enableHighAccuracy: true, maximumAge: 0, timeout: 30000 };
    navigator.geolocation.watchPosition(take, fail, wish);
    // A browser may keep silent while the van stands, and a silent van would turn grey on the platform.
    setInterval(() => {
      if (Date.now() - this.last < Math.max(STILL_MS, this.everyMs)) return;
      this.last = Date.now(); // one question at a time
      navigator.geolocation.getCurrentPosition((position) => this.onPosition(position), fail, wish);
    }, 1000);
  }

  take(position) {
    const now = Date.now();
    if (now - this.last < this.everyMs - 100) return;
    this.last = now;
    this.onPosition(position);
  }

  async keepAwake() {
    if (document.visibilityState !== "visible" || !navigator.wakeLock) return;
    try {
      this.lock = await navigator.wakeLock.request("screen");
    } catch {
      this.lock = null; // a battery saver may say no; it is asked again when the page returns
    }
  }
}
