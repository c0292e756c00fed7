/* The food clock of a container: safe at 60 degrees and above or 5 and below; between them two hours in all since
 * it was filled, then nothing more is served from it. */
export const LIMIT_MS = 2 * 3600 * 1000;
const HOT_C = 60;
const COLD_C = 5;

export const inDanger = (celsius) => celsius > COLD_C && celsius < HOT_C;

/* {celsius, left_ms, blocked, counting} of a container from the day's taps; celsius is null before a reading. */
export function foodClock(taps, container, now) {
  const mine = [...taps]
    .filter((tap) => tap.t <= now && (tap.kind === "reload" || (tap.kind === "reading" && tap.container === container)))
    .sort((a, b) => a.t - b.t);
  let spent = 0;
  let since = null;
  let celsius = null;
  for (const tap of mine) {
    if (since !== null) spent += tap.t - since;
    since = null;
    if (tap.kind === "reload") {
      spent = 0;
      celsius = null;
    } else {
      celsius = tap.celsius;
      if (inDanger(celsius)) since = tap.t;
    }
  }
  if (since !== null) spent += now - since;
  const left = Math.max(0, LIMIT_MS - spent);
  return { celsius, left_ms: left, blocked: left === 0, counting: since !== null };
}
