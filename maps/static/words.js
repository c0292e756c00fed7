/* The page's language for scripts: _(sentence with {name}, {name: value}). */
const element = document.getElementById("words");
const known = element ? JSON.parse(element.textContent) : {};

export const locale = document.documentElement.lang.startsWith("zh") ? "zh" : "en";

export function _(text, params = {}) {
  const said = known[text] || text;
  return said.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? String(params[name]) : whole));
}
