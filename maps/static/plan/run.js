/* A planning job followed: its share, its stage, its curve. */
import { get } from "/static/http.js";
import { $ } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as curve from "/static/plan/curve.js";

const POLL_MS = 1000;
const STAGES = {
  waiting: () => _("waiting for the planner"),
  reading: () => _("reading the day and its roads"),
  visits: () => _("placing visits and patrol"),
  unserved: () => _("trying again what was left out"),
  reasons: () => _("proving reasons"),
  lines: () => _("drawing the routes"),
};

function draw(told, seconds) {
  $("job").hidden = false;
  $("job-share").value = told.share_done ?? 0;
  const stage = STAGES[told.stage]?.() ?? STAGES[told.status]?.() ?? told.stage ?? "";
  const counts = told.served === null || told.served === undefined ? ""
    : ` · ${_("{served} served, {unserved} not", { served: told.served, unserved: told.unserved })}`;
  $("job-stage").textContent = `${Math.round(100 * (told.share_done ?? 0))}% ${stage}${counts}`;
  if (told.curve) curve.draw(told.curve, seconds);
}

export const cancelPath = (job) => `/api/plans/jobs/${job}/cancel`;

/* Until it ends: how it ended. A network that is away for a moment is no end. */
export async function follow(job, seconds, wrong) {
  if ($("run")) $("run").disabled = true;
  curve.draw([], seconds);
  let told = { status: "waiting", share_done: 0 };
  while (told.status === "waiting" || told.status === "running") {
    draw(told, seconds);
    await new Promise((wake) => setTimeout(wake, POLL_MS));
    try {
      told = await get(`/api/plans/jobs/${job}`);
    } catch (error) {
      wrong(error.message);
      if (error.status >= 400) break;
    }
  }
  if (told.curve) curve.draw(told.curve, seconds);
  $("job").hidden = true;
  if ($("run")) $("run").disabled = false;
  return told;
}
