/* One terminal in a dialog: what was refused of it, and what an administrator may do. */
import { get, post } from "/static/http.js";
import { $, el } from "/static/dom.js";
import { _ } from "/static/words.js";
import * as clock from "/static/clock.js";
import { kindOf, protocolOf } from "/static/terminals/words.js";

let shown = null;
let mayAct = false;
let changed = async () => {};
let most = 0;

export function begin({ may_act, most_refusals, refresh }) {
  mayAct = may_act;
  most = most_refusals;
  changed = refresh;
  $("detail-close").addEventListener("click", () => {
    forget(); // the dialog tells of its close later, and a secret must not outlive the click
    $("detail").close();
  });
  $("detail").addEventListener("close", forget);
  $("secret-copy").addEventListener("click", async ({ currentTarget: button }) => {
    try {
      await navigator.clipboard.writeText($("secret-text").textContent);
      button.textContent = _("Copied");
    } catch {
      getSelection().selectAllChildren($("secret-text")); // an insecure page may not write the clipboard
    }
  });
}

function forget() {
  shown = null;
  $("secret-text").textContent = "";
  $("secret").hidden = true;
  $("said").textContent = "";
}

export async function open(one) {
  shown = one;
  draw();
  $("refusals").replaceChildren();
  $("detail").showModal();
  try {
    const { refusals } = await get(`/api/terminals/${one.id}/refusals`);
    if (shown?.id === one.id) drawRefusals(refusals);
  } catch (error) {
    say(error.message);
  }
}

/* The list was read again. */
export function update(terminals) {
  const again = shown && terminals.find((one) => one.id === shown.id);
  if (again) {
    shown = again;
    draw();
  }
}

function say(text) {
  $("said").textContent = text;
}

function draw() {
  $("detail-title").textContent = `${shown.van.name} · ${shown.code}`;
  const about = [kindOf(shown), protocolOf(shown), shown.primary && _("the van's primary terminal"), shown.revoked && _("disabled"),
    shown.enrol_until > Date.now() && _("may register until {time}", { time: clock.wallHm(shown.enrol_until) })];
  $("detail-about").textContent = about.filter(Boolean).join(" · ");
  const wanted = mayAct ? actsOf(shown) : [];
  const text = wanted.map(([name]) => name).join();
  const acts = $("acts");
  // Drawn anew only when other acts are on offer: a half confirmed one stays half confirmed.
  if (acts.dataset.drawn === `${shown.id}:${text}`) return;
  acts.dataset.drawn = `${shown.id}:${text}`;
  acts.replaceChildren(...wanted.map(([name, label, sure, act]) => button(name, label, sure, act)));
}

function actsOf(one) {
  const acts = [];
  if (one.kind === "jt808") {
    acts.push(["enrolment", _("Let the device register"), _("Open the ten minutes now"), enrol]);
  } else {
    acts.push(["token", _("New secret"), _("Make it; the old one ends now"), renew]);
  }
  if (!one.revoked) acts.push(["revoke", _("Disable"), _("Disable it now"), revoke]);
  return acts;
}

/* Two clicks: the first asks, the second acts. */
function button(name, label, sure, act) {
  let asked = false;
  const reset = () => {
    asked = false;
    node.textContent = label;
    node.classList.remove("is-asking");
  };
  const node = el("button", { type: "button", "data-act": name, onclick: async () => {
    if (!asked) {
      asked = true;
      node.textContent = sure;
      node.classList.add("is-asking");
      return;
    }
    reset();
    node.disabled = true;
    try {
      await act(shown);
    } catch (error) {
      say(error.message);
    }
    node.disabled = false;
  }, onblur: reset }, label);
  return node;
}

async function renew(one) {
  const { token } = await post(`/api/terminals/${one.id}/token`);
  if (shown?.id !== one.id) return changed(); // closed meanwhile: it must not stand under another terminal's name
  $("secret-text").textContent = token;
  $("secret-copy").textContent = _("Copy");
  $("secret").hidden = false;
  say(_("The old secret ends within five seconds. Put the new one into the device."));
  await changed();
}

async function revoke(one) {
  await post(`/api/terminals/${one.id}/revoke`);
  say(_("Disabled. Its connections end within five seconds."));
  await changed();
}

async function enrol(one) {
  const { until } = await post(`/api/terminals/${one.id}/enrolment`);
  say(_("The device may register once until {time}. Switch it on now.", { time: clock.wallHm(until) }));
  await changed();
}

function drawRefusals(refusals) {
  if (!refusals.length) {
    $("refusals").replaceChildren(el("p.muted", {}, _("Nothing was refused.")));
    return;
  }
  const rows = refusals.map((one) => el("tr", {},
    el("td", {}, el("time", { datetime: new Date(one.at).toISOString() }, clock.hms(one.at))),
    el("td", {}, one.kind, el("div.why", { lang: "en" }, one.why))));
  const note = refusals.length === most ? [el("p.muted.small", {}, _("Older ones are not listed here."))] : [];
  $("refusals").replaceChildren(el("table", {}, el("tbody", {}, rows)), ...note);
}
