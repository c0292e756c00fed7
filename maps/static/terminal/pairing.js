/* Pairing: eight digits on big keys, nothing typed. */
import { _ } from "/static/words.js";

const DIGITS = 8;
const byId = (id) => document.getElementById(id);

export function askForCode(onPaired) {
  let code = "";
  const show = () => {
    byId("code").textContent = code.padEnd(DIGITS, "_").replace(/(.{4})/, "$1 ");
  };
  const say = (text) => {
    byId("pair-wrong").textContent = text;
  };

  async function pair() {
    if (code.length !== DIGITS) {
      say(_("The code has eight digits."));
      return;
    }
    say("");
    let response;
    try {
      response = await fetch("/terminal/pair", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ code }),
      });
    } catch {
      say(_("The platform cannot be reached. Check the network and tap Pair again."));
      return;
    }
    const told = await response.json().catch(() => ({}));
    if (response.ok) {
      onPaired(told);
      return;
    }
    code = "";
    show();
    say(told.error ?? told.message ?? told.detail ?? _("This code does not pair. Ask the office for a new one."));
  }

  function press(key) {
    if (key === "go") {
      pair();
      return;
    }
    code = key === "back" ? code.slice(0, -1) : (code + key).slice(0, DIGITS);
    show();
    if (code.length === DIGITS && key !== "back") pair();
  }

  byId("keys").onclick = (event) => {
    const { key } = event.target.closest("button")?.dataset || {};
    if (key) press(key);
  };
  document.onkeydown = (event) => {
    if (byId("pair").hidden) return;
    if (/^\d$/.test(event.key)) press(event.key);
    else if (event.key === "Backspace") press("back");
    else if (event.key === "Enter" && event.target === document.body) press("go");
  };
  byId("pair").hidden = false;
  byId("day").hidden = true;
  show();
  const given = new URLSearchParams(location.hash.slice(1)).get("code");
  if (given && /^\d{8}$/.test(given)) {
    history.replaceState(null, "", "/terminal");
    code = given;
    show();
    pair();
  }
}
