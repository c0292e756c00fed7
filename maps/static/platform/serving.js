import { _ } from "/static/words.js";

/* How long what a container holds may still be served, where that is running out; null where it is not. */
export function serveBy(one) {
  if (one.left_s === null || !(one.counting || one.left_s === 0)) return null;
  return one.left_s ? _("serve in {n} min", { n: Math.ceil(one.left_s / 60) }) : _("serve no more");
}
