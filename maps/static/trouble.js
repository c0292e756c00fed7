/* The server's own trouble, on whatever screen shows it: asked for without a session, since that may be what fails. */
import { get } from "/static/http.js";
import { $ } from "/static/dom.js";

const EVERY_MS = 5000;

async function look() {
  try {
    const { trouble } = await get("/api/trouble");
    const shown = $("trouble");
    if (shown.textContent !== trouble) shown.textContent = trouble;
    shown.hidden = !trouble;
  } catch {
    // No server at all: the page says so in its own way.
  }
}

look();
setInterval(look, EVERY_MS);
