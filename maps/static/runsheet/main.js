/* The run sheet's one button; the sheet itself is still. */
import { $ } from "/static/dom.js";

$("print").addEventListener("click", () => window.print());
