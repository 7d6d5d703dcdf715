// Starts the page. What the template wrote is complete without: this adds the treemap, the tables, the charts and the theme.

import { isReadable, readRows } from "./data.js";
import { startDetails } from "./details.js";
import { h } from "./dom.js";
import { place } from "./format.js";
import { restoreTheme, startTheme } from "./theme.js";
import { drawTreemap } from "./treemap.js";

restoreTheme();
document.addEventListener("DOMContentLoaded", start);

async function start() {
  startTheme();
  startCopying();
  startPrinting();
  if (!isReadable()) return;
  const data = document.getElementById("data");
  const rows = await readRows(data.textContent);
  const listings = startDetails(rows);
  document.getElementById("no-details").remove();
  const open = (event, kind, number) => {
    event.preventDefault();
    listings[kind].reveal(number);
  };
  drawTreemap(document.getElementById("map"), rows.tables, (event, number) => open(event, "tables", number));
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-row]");
    if (!link) return;
    const [kind, number] = link.dataset.row.split(":");
    open(event, kind, Number(number));
  });
  linkPlaces(rows);
  // A stranger sees at once that rows open, and what is inside; so does paper.
  for (const kind of ["tables", "machines"]) listings[kind].openFirst();
  document.documentElement.dataset.ready = "true";
  performance.mark("ready");
}

// A place of which a row tells more leads to it.
function linkPlaces(rows) {
  const known = new Map();
  for (const kind of ["machines", "queries", "findings"]) {
    for (const row of rows[kind]) if (row.file) known.set(place(row), `${kind}:${row.number}`);
  }
  for (const one of document.querySelectorAll(".fixes .place, .checks .place")) {
    const row = known.get(one.textContent);
    if (row) one.replaceChildren(h("a", { href: `#${row.split(":")[0]}`, "data-row": row }, ...one.childNodes));
  }
}

// What a click would open is on paper.
function startPrinting() {
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    closed.forEach((one) => (one.open = true));
  });
  window.addEventListener("afterprint", () => closed.forEach((one) => (one.open = false)));
}

function startCopying() {
  for (const button of document.querySelectorAll(".copy")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}

async function copy(button) {
  const text = button.previousElementSibling;
  try {
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  } catch {
    // Without permission the text is selected, for the keyboard to copy.
    getSelection().selectAllChildren(text);
  }
}
