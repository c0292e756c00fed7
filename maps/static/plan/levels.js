/* What the levels of a plan are called, how they are written, and what each means. */
import { el } from "/static/dom.js";
import { _ } from "/static/words.js";

const two = (n) => String(n).padStart(2, "0");
export const span = (s) => `${Math.floor(s / 3600)}:${two(Math.floor((s % 3600) / 60))}`;
const plain = (n) => String(n);
const minutes = (n) => span(n * 60);

/* name, how a value is written, what it means; the ones under `cost` are its parts. */
export const LEVELS = {
  sos_missed: [() => _("SOS calls missed"), plain, () => _("Calls for help without a van. Nothing outweighs one.")],
  mandatory_missed: [() => _("Mandatory visits missed"), plain, () => _("Visits that must be made today and have no place. Only an SOS comes before them.")],
  prize_missed: [() => _("Urgency left out"), plain, () => _("Of all optional visits left out: risk × how far the visit's greatest gap is used up.")],
  patrol_short_min: [() => _("Patrol hours missing"), minutes, () => _("What the vans lack of their six hours of patrol, all vans together.")],
  unseen_min: [() => _("Longest unseen"), minutes, () => _("The longest time that any piece of a beat is passed by nobody.")],
  portions_missed: [() => _("Servings missing"), plain, () => _("Cups of the season's drinks that are not handed out.")],
  cost: [() => _("Weighted sum"), span, () => _("Driving, and everything below at its rate, in seconds of driving. Compared only where all above is equal.")],
  naps: [() => _("Naps disturbed"), plain, () => _("Visits that begin in the no-knock time. Rate: 15 min of driving each.")],
  moved: [() => _("Promises moved"), plain, () => _("Published visits by another van, or moved by more than 15 min. Rate: 10 min of driving each.")],
  unfamiliar: [() => _("By another crew"), plain, () => _("Visits by a crew that does not know the person while another does. Rate: 5 min of driving each.")],
  imbalance_s: [() => _("Week's imbalance"), span, () => _("By how much crews' weeks are above the mean. Rate: a tenth.")],
  overtime_s: [() => _("Overtime"), span, () => _("Time after the shifts' regular ends. Rate: three times driving.")],
  drive_s: [() => _("Driving"), span, () => _("Time on the road, all vans together. Rate: 1.")],
};
const ORDER = Object.keys(LEVELS);
const PARTS = new Set(ORDER.slice(ORDER.indexOf("cost") + 1));

export const nameOf = (key) => (LEVELS[key] ? LEVELS[key][0]() : key);
export const saidOf = (key, value) => (LEVELS[key] ? LEVELS[key][1](value) : String(value));
export const ordered = (levels) => [...levels].sort((a, b) => rank(a.key) - rank(b.key));

function rank(key) {
  return ORDER.includes(key) ? ORDER.indexOf(key) : ORDER.length;
}

/* "▲ 2" in a colour of its own: more is always worse. */
export function change(key, value, before) {
  if (before === null || before === undefined || before === value) return null;
  return el(`span.change${value > before ? ".worse" : ".better"}`, {},
    `${value > before ? "▲" : "▼"} ${saidOf(key, Math.abs(value - before))}`);
}

/* One level: its figure, what it is, the change against `before`; opened, what it means. */
export function levelRow({ key, value }, before) {
  const meaning = LEVELS[key]?.[2];
  return el(`details.level${PARTS.has(key) ? ".part" : ""}${value === 0 ? ".zero" : ""}`, { "data-key": key },
    el("summary", {}, el("b", {}, saidOf(key, value)), el("span.level-name", {}, nameOf(key)), change(key, value, before)),
    meaning ? el("p.muted.small", {}, meaning()) : null);
}

/* What an edit costs, level by level, the highest first. */
export function differences(levels, before) {
  const was = Object.fromEntries(before.map((one) => [one.key, one.value]));
  return ordered(levels).filter((one) => was[one.key] !== undefined && was[one.key] !== one.value)
    .map((one) => ({ key: one.key, by: one.value - was[one.key] }));
}

export function costLine(levels, before) {
  const found = differences(levels, before);
  if (!found.length) return el("p.verdict-cost", {}, _("Costs nothing, gains nothing."));
  return el("p.verdict-cost", {}, found.map(({ key, by }) => el(`span.diff${by > 0 ? ".worse" : ".better"}`, {},
    `${nameOf(key)} ${by > 0 ? "+" : "−"}${atLeast(saidOf(key, Math.abs(by)))}`)));
}

/* Some seconds are a minute begun: "−0:00" would say that nothing changes. */
const atLeast = (said) => (said === span(0) ? span(60) : said);
