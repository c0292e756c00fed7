/* The menu of maps to take away: of the day in the page's field, where it has one. What cannot be made is said in the menu. */
import { refusal } from "/static/http.js";
import { _ } from "/static/words.js";

const menu = document.querySelector(".take-maps");
const line = menu?.querySelector("[role=status]");

function say(text, wrong = false) {
  line.textContent = text;
  line.hidden = !text;
  line.classList.toggle("wrong", wrong);
}

function addressOf(link) {
  const address = new URL(link.href);
  const day = document.getElementById("day")?.value;
  if (day) address.searchParams.set("day", day);
  return address;
}

function keep(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

async function take(link) {
  say(_("The map is being made …"));
  try {
    const answer = await fetch(addressOf(link), { headers: { Accept: "application/json" } });
    if (!answer.ok) throw await refusal(answer);
    const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition"))?.[1] ?? "carevan.html";
    keep(await answer.blob(), name);
    say("");
  } catch (error) {
    say(error instanceof TypeError ? _("The server cannot be reached. Check the network, then try again.") : error.message, true);
  }
}

menu?.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  event.preventDefault();
  take(link);
});
menu?.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
addEventListener("click", (event) => {
  if (menu?.open && !menu.contains(event.target)) menu.open = false;
});
