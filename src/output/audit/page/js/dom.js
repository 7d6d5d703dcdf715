// Elements are made one by one and text is only ever text: nothing of the document is parsed as markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function s(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

// A name that comes from outside: it cannot turn the direction of what stands beside it.
export function name(text) {
  return h("bdi", null, text ?? "");
}

// `Backticks` become code, as in the parts that the template writes.
export function marked(text) {
  return (text ?? "").split(/`([^`]*)`/).map((part, number) => (number % 2 ? h("code", null, part) : part));
}
