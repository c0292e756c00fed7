/* The van's day, out of its plan and the crew's taps. Pure: no screen, no network, no clock of its own. */
import { metresBetween } from "/static/terminal/geo.js";

const PASS_M = 150;
const BEGIN = { reload: "reload", break: "break" };
const FINISHED = new Set(["done", "no_answer", "declined"]);
const PAUSES = new Set(["break", "reload"]);

/* The taps of a stop in their order: what the one big button says, one after the other. */
export function momentsOf(kind) {
  if (kind === "start") return ["departed"];
  if (kind === "end") return ["departed", "arrived"];
  if (kind === "pass") return ["arrived"];
  return ["departed", "arrived", BEGIN[kind] || "started", "done"];
}

/* A stop's identity over versions of the plan, whose stops have new numbers. */
export const keyOf = (stop) =>
  [stop.kind, stop.recipient ?? stop.name, stop.lon.toFixed(5), stop.lat.toFixed(5)].join("|");

const tapsAt = (day, stop) => {
  const key = keyOf(stop);
  const again = new Set(["reload", "break", "pass"]).has(stop.kind);
  return day.taps.filter((tap) => tap.stop === stop.id || (!again && tap.key === key));
};

export function isFinished(day, stop) {
  const taps = tapsAt(day, stop);
  // Whoever has tapped at a stop has left the depot, said or not.
  if (stop.kind === "start" && day.taps.some((tap) => tap.stop && tap.stop !== stop.id)) return true;
  const last = momentsOf(stop.kind).at(-1);
  return taps.some((tap) => FINISHED.has(tap.kind) || tap.kind === last);
}

const service = (stop) => stop.kind !== "pass";

/* The stop the crew is at or going to; beat passes are driven by, not stopped at. */
export const nextStop = (day) =>
  (day.plan?.stops || []).filter(service).find((stop) => !isFinished(day, stop)) || null;

export const stopsLeft = (day) =>
  (day.plan?.stops || []).filter((stop) => service(stop) && !isFinished(day, stop)).length;

/* What the big button does at a stop: the first of its moments after the last one tapped. */
export function momentOf(day, stop) {
  const moments = momentsOf(stop.kind);
  const tapped = new Set(tapsAt(day, stop).map((tap) => tap.kind));
  const reached = moments.reduce((best, kind, n) => (tapped.has(kind) ? n : best), -1);
  return moments[reached + 1] || moments.at(-1);
}

/* An SOS this van has: offered (to be accepted), accepted (drive there), arrived. */
export function taskMoment(task) {
  if (task.step === "arrived") return "done";
  if (task.step === "accepted") return "arrived";
  return "accepted";
}

export const openTasks = (day) => Object.values(day.tasks).filter((task) => task.step !== "over");
export const currentTask = (day) =>
  openTasks(day).find((task) => task.step === "accepted" || task.step === "arrived") || null;
export const offeredTask = (day) => openTasks(day).find((task) => task.step === "offered") || null;

export function takeTap(day, tap) {
  const tasks = { ...day.tasks };
  if (tap.task && tasks[tap.task]) {
    const step = { accepted: "accepted", arrived: "arrived", done: "over", unable: "over" }[tap.kind];
    if (step) tasks[tap.task] = { ...tasks[tap.task], step };
  }
  return { ...day, tasks, taps: [...day.taps, tap] };
}

/* Tomorrow's plan may come while today's is driven: each waits for its day. */
export function takePlan(day, plan, now) {
  return turn({ ...day, plans: { ...day.plans, [plan.day]: plan } }, now);
}

/* The plan to drive by: the first whose shift is not over, else the last. The taps of another day go with it. */
export function turn(day, now) {
  const plans = Object.values(day.plans || {}).sort((a, b) => (a.day < b.day ? -1 : 1));
  const plan = plans.find((each) => each.shift.ends > now) || plans.at(-1);
  if (!plan || (day.plan && day.plan.day === plan.day && day.plan.version === plan.version)) return day;
  const kept = Object.fromEntries(plans.filter((each) => each.day >= plan.day).map((each) => [each.day, each]));
  const sameDay = !day.plan || day.plan.day === plan.day;
  return { ...day, plans: kept, plan, taps: sameDay ? day.taps : [] };
}

export const takeTask = (day, task) => ({
  ...day,
  // A task that comes again, as after a lost acknowledgement, does not undo what the crew has tapped.
  tasks: { ...day.tasks, [task.id]: { ...task, step: day.tasks[task.id]?.step || "offered" } },
});

export function withdrawTask(day, id) {
  const { [id]: gone, ...tasks } = day.tasks;
  return { ...day, tasks };
}

/* Beat passes near enough to count as seen, and not yet tapped. */
export const passedBy = (day, at) =>
  (day.plan?.stops || []).filter(
    (stop) => stop.kind === "pass" && !isFinished(day, stop) && metresBetween(at, [stop.lon, stop.lat]) <= PASS_M,
  );

export const unseen = (day) =>
  (day.plan?.stops || []).filter((stop) => stop.kind === "pass" && !isFinished(day, stop)).length;

/* Minutes of patrol by the crew's taps: from the first departure on, without breaks and reloads. */
export function claimedMinutes(day, now) {
  const taps = [...day.taps].filter((tap) => tap.t <= now).sort((a, b) => a.t - b.t);
  let total = 0;
  let since = null;
  let began = false;
  for (const tap of taps) {
    if (since !== null) total += tap.t - since;
    if (PAUSES.has(tap.kind)) since = null;
    else if (began || tap.kind === "departed" || tap.kind === "arrived") {
      began = true;
      since = tap.t;
    }
  }
  const last = taps.at(-1);
  const over = last && day.plan?.stops?.some((stop) => stop.kind === "end" && isFinished(day, stop));
  if (since !== null && !over) total += now - since;
  return Math.floor(total / 60000);
}

/* Whether the crew is on duty: only then is the van tracked. A screen without a plan is on duty. */
export function onDuty(day, now) {
  const shift = day.plan?.shift;
  if (!shift) return true;
  return now >= shift.starts - 30 * 60000 && now <= shift.ends + 60 * 60000;
}

/* Cups that are still to be handed out before the next reload, by container. */
export function cupsAhead(day) {
  const cups = {};
  for (const stop of (day.plan?.stops || []).filter((each) => !isFinished(day, each))) {
    if (stop.kind === "reload" && Object.keys(cups).length) break;
    for (const [code, count] of Object.entries(stop.items || {})) {
      if (stop.kind === "start" || stop.kind === "reload") continue;
      const container = day.plan.items?.[code]?.container;
      if (container) cups[container] = (cups[container] || 0) + count;
    }
  }
  return cups;
}
