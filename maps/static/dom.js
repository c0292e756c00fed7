/* Small helpers for building the page without strings of HTML. */

export const $ = (id) => document.getElementById(id);

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) node.style.setProperty(name, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/* el("li.row", {title: "x", onclick: fn, "--van": "#abc"}, "text", node, ...) */
export function el(what, attributes = {}, ...children) {
  const [tag, ...classes] = what.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  return fill(node, attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/* Draw only when what is drawn changed: focus and hover stay where they are. */
export function redraw(node, value, draw) {
  const text = JSON.stringify(value);
  if (node.drawnFrom === text) return;
  node.drawnFrom = text;
  node.replaceChildren(...draw(value));
}
