// Bytes by layer and table, laid out by d3-hierarchy, coloured by the share of a table's cost that is avoidable.

import { hierarchy, treemap } from "d3-hierarchy";
import { h, s } from "./dom.js";
import { bytes, percent, range } from "./format.js";

const STEPS = [
  ["s0", "nothing avoidable", (share) => share <= 0],
  ["s1", "below 10 %", (share) => share < 0.1],
  ["s2", "10 to 25 %", (share) => share < 0.25],
  ["s3", "25 to 50 %", (share) => share < 0.5],
  ["s4", "50 % and more", () => true],
  ["su", "cost unknown", () => false],
];
const [WIDTH, HEIGHT] = [1056, 460];

// Of what the table costs in a month; null where that is unknown.
function share(row) {
  const costs = [row.storage_usd_per_month, row.scan_usd_per_month].filter((usd) => usd !== null && usd !== undefined);
  const cost = costs.reduce((sum, usd) => sum + usd, 0);
  const avoidable = row.avoidable_usd_per_month.high;
  if (!avoidable) return costs.length ? 0 : null;
  return cost > 0 ? Math.min(1, avoidable / cost) : null;
}

function step(row) {
  const part = share(row);
  return part === null ? "su" : STEPS.find(([, , holds]) => holds(part))[0];
}

export function drawTreemap(host, tables, open) {
  const known = tables.filter((row) => row.bytes > 0);
  if (known.length === 0) {
    host.replaceChildren(h("p", { class: "none" }, "The files of no table are known. ", h("code", null, "lakelint scan"), " writes them down."));
    return;
  }
  const layers = Map.groupBy ? Map.groupBy(known, (row) => row.layer) : grouped(known);
  const children = [...layers].map(([layer, rows]) => ({ layer: layer ?? "no layer", children: rows.map((row) => ({ row, value: row.bytes })) }));
  const root = hierarchy({ children }).sum((node) => node.value ?? 0).sort((a, b) => b.value - a.value);
  treemap().size([WIDTH, HEIGHT]).paddingTop((node) => (node.depth === 1 ? 22 : 0)).paddingInner(2).round(true)(root);
  const heads = root.children.map((node) => {
    const head = (text, whole) => fitted(node.x1 - node.x0, text, { class: "layer", x: node.x0 + 2, y: node.y0 + 15 }, 7.6, whole);
    return head(`${node.data.layer} ${bytes(node.value)}`, true) ?? head(node.data.layer);
  });
  const cells = root.leaves().map((node) => cell(node, open));
  cells.forEach((one, number) => one.setAttribute("tabindex", number === 0 ? "0" : "-1"));
  const svg = s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group", "aria-label": `Bytes of ${known.length} tables; arrow keys move, Enter opens a table` }, cells, s("g", { "aria-hidden": "true" }, heads.filter(Boolean), root.leaves().flatMap(texts)));
  svg.addEventListener("keydown", (event) => move(event, cells));
  const missing = tables.length - known.length;
  const used = new Set(known.map(step));
  host.replaceChildren(h("figure", { class: "map" }, svg,
    h("ul", { class: "legend", "aria-label": "Avoidable share of what a table costs a month" },
      STEPS.filter(([id]) => used.has(id)).map(([id, text]) => h("li", { class: id }, h("i"), text)),
      missing ? h("li", null, `${missing} ${missing === 1 ? "table" : "tables"} not shown: no files known`) : null)));
}

function grouped(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row.layer, [...(groups.get(row.layer) ?? []), row]);
  return groups;
}

function cell(node, open) {
  const { row } = node.data;
  const part = share(row);
  const about = part === null ? "cost unknown" : part === 0 ? "nothing avoidable" : `${percent(part)} avoidable (${range(row.avoidable_usd_per_month)} a month)`;
  const label = `${row.name}: ${bytes(row.bytes)}, ${about}`;
  return s("a", { href: "#tables", role: "link", class: step(row), "aria-label": label, onclick: (event) => open(event, row.number) },
    s("title", null, label),
    s("rect", { class: "cell", x: node.x0, y: node.y0, width: node.x1 - node.x0, height: node.y1 - node.y0 }));
}

// What stands in a cell, as far as there is room.
function texts(node) {
  const { row } = node.data;
  const [width, height, part, colour] = [node.x1 - node.x0, node.y1 - node.y0, share(row), step(row)];
  const short = row.layer && row.name.startsWith(`${row.layer}.`) ? row.name.slice(row.layer.length + 1) : row.name;
  const line = (text, number, letter, whole) =>
    height > 22 + 18 * number ? fitted(width, text, { class: `${colour}${number ? " more" : ""}`, x: node.x0 + 7, y: node.y0 + 17 + 16 * number }, letter, whole) : null;
  return [line(short, 0, 7.3), line(bytes(row.bytes), 1, 6.6, true), part > 0 ? line(`${percent(part)} avoidable`, 2, 6.6, true) : null];
}

// A text where it has room, cut where at least some of it has: a name, not a number.
function fitted(width, text, attributes, letter, whole) {
  const room = Math.floor((width - 10) / letter);
  const letters = [...text];
  if (room < Math.min(whole ? Infinity : 5, letters.length)) return null;
  return s("text", attributes, letters.length <= room ? text : `${letters.slice(0, room - 1).join("")}…`);
}

function move(event, cells) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  const at = cells.indexOf(event.target);
  if (!step || at < 0) return;
  event.preventDefault();
  const next = cells[(at + step + cells.length) % cells.length];
  cells[at].setAttribute("tabindex", "-1");
  next.setAttribute("tabindex", "0");
  next.focus();
}
