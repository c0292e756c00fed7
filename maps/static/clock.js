/* The district's clock: domain time, which may run faster than the wall's or lie on another day. */
import { locale } from "/static/words.js";

/* A message is late by its way; the least late one of a minute tells the time best. */
const TRUSTED_MS = 60000;
let ahead = Date.now() - performance.now();
let heard = -Infinity;
let rate = 1;
let zone = "Asia/Shanghai";

export function setZone(timezone, speed) {
  zone = timezone;
  rate = speed;
}

/* Every message of the server says what time it is there. */
export function correct(domain_ms) {
  const wall_ms = performance.now();
  const told = domain_ms - wall_ms * rate;
  if (told < ahead && wall_ms - heard < TRUSTED_MS) return;
  ahead = told;
  heard = wall_ms;
}

export const now = () => ahead + performance.now() * rate;

/* How late something is that was so at a moment of the district, wall seconds. */
export const late_s = (domain_ms) => Math.max(0, (now() - domain_ms) / 1000 / rate);

const made = {};
function format(name, options) {
  made[name] ??= new Intl.DateTimeFormat(locale === "zh" ? "zh-CN" : "en-GB", {
    timeZone: zone, hourCycle: "h23", ...options,
  });
  return made[name];
}

export const hms = (ms) => format("hms", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(ms);
export const hm = (ms) => format("hm", { hour: "2-digit", minute: "2-digit" }).format(ms);

const day = (ms) => format("day", { day: "numeric", month: "short" }).format(ms);
const isToday = (ms) => day(ms) === day(now());
/* An hour of another day would look as if it were today's. */
export const hmOrDay = (ms) => (isToday(ms) ? hm(ms) : day(ms));
export const dayHms = (ms) => (isToday(ms) ? hms(ms) : `${day(ms)} ${hms(ms)}`);

/* A moment on the wall, which the district's clock need not show, as this device shows it. */
export const wallHm = (ms) => new Intl.DateTimeFormat(locale === "zh" ? "zh-CN" : "en-GB", {
  hour: "2-digit", minute: "2-digit", hourCycle: "h23",
}).format(ms);

/* Seconds as 04:10, or 1:04:10 from an hour on. */
export function stopwatch(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return whole >= 3600 ? `${Math.floor(whole / 3600)}:${rest}` : rest;
}
