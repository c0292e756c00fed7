/* The list of shared maps: times as the district reads them, and a button that copies the new link. */
import { _, locale } from "/static/words.js";

for (const element of document.querySelectorAll("time[data-zone]")) {
  element.textContent = new Intl.DateTimeFormat(locale === "zh" ? "zh-CN" : "en-GB", {
    timeZone: element.dataset.zone, dateStyle: "medium", timeStyle: "short",
  }).format(new Date(element.dateTime));
}

const copy = document.getElementById("copy");
copy?.addEventListener("click", async () => {
  const link = document.getElementById("link");
  try {
    await navigator.clipboard.writeText(link.textContent);
    copy.textContent = _("Copied");
  } catch {
    getSelection().selectAllChildren(link); // an insecure page may not write the clipboard: select it instead
  }
});
