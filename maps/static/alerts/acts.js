/* What a dispatcher does with an alert that stands: acknowledge it by name, or shelve it for a while. */
import { post } from "/static/http.js";
import { el } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";

export const SIGNS = { sos: "!", late: "◷", warn: "↯", info: "i", stale: "∅" };

export function sign(tone, word) {
  return el(`span.sign.tone-${tone}`, { role: "img", "aria-label": word, title: word }, SIGNS[tone]);
}

/* How it stands, in words; `said` is empty for one that nobody has taken on. */
export function standing(one) {
  const said = [];
  if (one.acked_by) said.push(_("Acknowledged by {name}", { name: one.acked_by }));
  if (one.shelved_until) said.push(_("shelved until {time}", { time: clock.hm(one.shelved_until) }));
  if (one.ended) said.push(_("over since {time}", { time: clock.hm(one.ended) }));
  return said.join(" · ");
}

/* The buttons of one alert. `after` is told when the server has done it, `wrong` what it refused. */
export function acts(one, after, wrong) {
  if (one.ended) return [];
  const doing = (path, body) => async ({ currentTarget: node }) => {
    node.disabled = true;
    try {
      await post(`/api/alerts/${one.id}/${path}`, body);
      await after();
    } catch (error) {
      wrong(error.message);
    }
    node.disabled = false;
  };
  const button = (name, label, path, body) =>
    el("button.small", { type: "button", "data-act": name, onclick: doing(path, body) }, label);
  if (one.shelved_until) return [button("unshelve", _("Unshelve"), "unshelve", {})];
  const found = one.acked_by ? [] : [button("ack", _("Acknowledge"), "ack", {})];
  if (!one.may_shelve) return found;
  const choose = async (event) => {
    const value = event.currentTarget.value;
    event.currentTarget.value = "";
    try {
      await post(`/api/alerts/${one.id}/shelve`, value === "shift" ? { until: "shift" } : { minutes: Number(value) });
      await after();
    } catch (error) {
      wrong(error.message);
    }
  };
  found.push(el("select.small", { "data-act": "shelve", "aria-label": _("Shelve"), onchange: choose },
    el("option", { value: "", selected: true, disabled: true }, _("Shelve")), el("option", { value: "15" }, _("15 min")),
    el("option", { value: "60" }, _("1 h")), el("option", { value: "shift" }, _("Until the shift ends"))));
  return found;
}
