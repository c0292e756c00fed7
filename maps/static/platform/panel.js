/* The panel of details: a figure's rows, a van, or a call; one at a time. */
import { $ } from "/static/dom.js";

/* The keyboard goes on inside the panel, whether it opens now or only changes what it shows. */
export function openDetail() {
  if ($("detail").open) $("detail-close").focus();
  else $("detail").show();
}

$("detail-close").addEventListener("click", () => $("detail").close());
addEventListener("keydown", (event) => event.key === "Escape" && $("detail").open && $("detail").close());
