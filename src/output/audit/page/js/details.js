// The tables of the page: their columns, and what an opened row shows.

import { partitionCharts, retryChart, sizeChart } from "./charts.js";
import { h, marked, name } from "./dom.js";
import { basisWord, bytes, count, place, range, runs, seconds, spread, usd } from "./format.js";
import { Listing } from "./listing.js";

const SEVERITIES = { high: 3, medium: 2, low: 1 };
const SHOWN = 30;

const amount = (title, of, more) => ({ title, kind: "n", cell: (row) => usd(of(row)), key: of, ...more });
const number = (title, of, write = count) => ({ title, kind: "n", cell: (row) => write(of(row)), key: of });
const text = (title, of, more) => ({ title, cell: (row) => name(of(row)), key: (row) => of(row) || null, ...more });
const severity = { title: "Severity", cell: (row) => h("span", { class: `severity ${row.severity}` }, row.severity), key: (row) => SEVERITIES[row.severity] ?? 0, kind: undefined };
const basis = { title: "Basis", cell: (row) => chip(row.basis), key: (row) => basisWord(row.basis) };

function chip(text) {
  const word = basisWord(text);
  return word ? h("span", { class: `chip ${word}` }, word) : "";
}

function facts(pairs) {
  const known = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "" && value.length !== 0);
  return h("dl", null, known.flatMap(([title, value]) => [h("dt", null, title), h("dd", null, value)]));
}

function jumps(kind, rows, indices) {
  const links = indices.slice(0, SHOWN).flatMap((index) => {
    const row = rows[kind][index];
    return row ? [h("a", { href: `#${kind}`, "data-row": `${kind}:${index}` }, name(row.name)), " "] : [];
  });
  const left = indices.length - SHOWN;
  return h("span", { class: "jumps" }, links, left > 0 ? h("span", { class: "quiet" }, `and ${count(left)} more`) : null);
}

function said(rows, indices) {
  const found = indices.slice(0, SHOWN).map((index) => rows.findings[index]).filter(Boolean);
  if (found.length === 0) return null;
  const left = indices.length - found.length;
  return h("ul", { class: "said" }, found.map((finding) => h("li", null,
    marked(finding.message), " ", h("span", { class: "from" }, h("a", { href: "#findings", "data-row": `findings:${finding.number}` }, finding.rule), `, ${finding.severity} severity`))),
  left > 0 ? h("li", { class: "quiet" }, `and ${count(left)} more findings`) : null);
}

function some(indices, kind, rows) {
  return indices?.length ? jumps(kind, rows, indices) : null;
}

function fixes(rows) {
  return new Listing({
    id: "all-fixes", title: "All fixes", noun: ["fix", "fixes"], rows: rows.fixes, sort: null,
    search: (row) => [row.title, row.rule, row.table, row.machine, row.severity, row.basis, row.before, row.after].join(" "),
    columns: [
      { title: "Fix", cell: (row) => row.title, key: (row) => row.title },
      text("About", (row) => row.table ?? row.machine ?? rows.findings[row.findings[0]]?.file ?? ""),
      { title: "Saves a month", kind: "n", cell: (row) => range(row.usd_per_month), key: (row) => row.usd_per_month?.high ?? null, saves: true },
      amount("A run", (row) => row.usd_per_run),
      severity, basis,
    ],
    detail: (row) => [facts([
      ["Change", row.before || row.after ? [marked(row.before), " → ", marked(row.after)] : null],
      ["If", row.how ? marked(row.how) : null], ["Do", marked(row.help)], ["From", row.basis], ["Rule", row.rule],
      ["Tables", some(row.tables, "tables", rows)], ["Statements", some(row.queries, "queries", rows)],
    ]), said(rows, row.findings)],
  });
}

function tables(rows) {
  const listing = new Listing({
    id: "tables", title: "Tables", noun: ["table", "tables"], rows: rows.tables, sort: 7,
    search: (row) => [row.name, row.layer, row.format, row.location].join(" "),
    columns: [
      { title: "Table", cell: (row) => row.name, key: (row) => row.name },
      text("Layer", (row) => row.layer), text("Format", (row) => row.format),
      number("Partitions", (row) => row.partitions), number("Files", (row) => row.files), number("Bytes", (row) => row.bytes, bytes),
      { ...amount("Costs a month", costs) },
      { title: "Avoidable", kind: "n", cell: (row) => range(row.avoidable_usd_per_month), key: (row) => row.avoidable_usd_per_month?.high ?? null, saves: true },
    ],
    detail: (row) => [
      facts([["Location", row.location && name(row.location)], ["Partition keys", row.keys?.length ? name(row.keys.join(", ")) : "none"],
        ["Storage", aMonth(row.storage_usd_per_month)], ["Scans", aMonth(row.scan_usd_per_month)],
        ["Read by", some(row.queries, "queries", rows) ?? "no statement that was found"]]),
      said(rows, row.findings),
      row.chart || row.sizes?.length ? h("div", { class: "charts" }, row.chart ? partitionCharts(row.chart) : null, row.sizes?.length ? sizeChart(row.sizes) : null) : null,
    ],
  });
  return listing;
}

function aMonth(value) {
  return value === null ? "unknown" : `${usd(value)} a month`;
}

// What is known of it; null when nothing is.
function costs(row) {
  const known = [row.storage_usd_per_month, row.scan_usd_per_month].filter((usd) => usd !== null && usd !== undefined);
  return known.length ? known.reduce((sum, usd) => sum + usd, 0) : null;
}

function queries(rows) {
  const month = knows(rows.queries);
  return new Listing({
    id: "queries", title: "Statements", noun: ["statement", "statements"], rows: rows.queries, sort: month ? 4 : 2,
    search: (row) => [row.name, place(row), row.basis, ...(row.tables ?? []).map((index) => rows.tables[index]?.name)].join(" "),
    columns: [
      { title: "Statement", cell: (row) => row.name, key: (row) => row.name },
      number("Bytes a run", (row) => row.bytes?.likely, bytes), amount("A run", (row) => row.usd?.likely),
      number("Runs a month", (row) => row.runs_per_month, runs), amount("A month", (row) => row.usd_per_month),
      amount("Avoidable", (row) => row.avoidable_usd_per_month, { saves: true }), basis,
    ],
    detail: (row) => [facts([
      ["Place", h("span", { class: "place" }, name(place(row)))],
      ["Bytes a run", spread(row.bytes, bytes)], ["Price of a run", spread(row.usd, usd)],
      ["Runs", row.runs_per_month === null ? "unknown" : [`${runs(row.runs_per_month)} a month`, row.runs_from ? [", from ", marked(row.runs_from)] : ""].flat()],
      ["Reads", some(row.tables, "tables", rows)],
    ]), said(rows, row.findings)],
  });
}

function where(row) {
  return place(row) || row.object || "";
}

// Whether any frequency is known.
function knows(list) {
  return list.some((row) => row.usd_per_month !== null);
}

function findings(rows) {
  return new Listing({
    id: "findings", title: "Findings", noun: ["finding", "findings"], rows: rows.findings, sort: knows(rows.findings) ? 3 : 4,
    search: (row) => [row.rule, row.severity, row.confidence, place(row), row.table, row.object, row.message].join(" "),
    columns: [
      { title: "Rule", cell: (row) => row.rule, key: (row) => row.rule },
      severity,
      { title: "What", cell: (row) => [...marked(row.message), where(row) ? h("span", { class: "place" }, name(where(row))) : ""], key: (row) => row.message, kind: "text" },
      amount("A month", (row) => row.usd_per_month, { saves: true }), amount("A run", (row) => row.usd_per_run),
    ],
    detail: (row) => facts([
      ["Help", marked(row.help)], ["Table", row.table && name(row.table)], ["Object", row.object && name(row.object)],
      ["Place", place(row) && h("span", { class: "place" }, name(place(row)))], ["Confidence", row.confidence],
    ]),
  });
}

function longest(row) {
  const ends = row.retries.filter((one) => one.seconds?.length).map((one) => (one.more ? Infinity : one.seconds.at(-1)));
  return ends.length ? Math.max(...ends) : null;
}

function machines(rows) {
  return new Listing({
    id: "machines", title: "State machines", noun: ["state machine", "state machines"], rows: rows.machines, sort: 2,
    search: (row) => [row.name, place(row), row.kind, ...row.retries.map((one) => one.state)].join(" "),
    columns: [
      { title: "State machine", cell: (row) => row.name, key: (row) => row.name },
      text("Kind", (row) => row.kind), amount("At worst a run", (row) => row.usd?.high), amount("A run", (row) => row.usd?.likely),
      number("Runs a month", (row) => row.runs_per_month, runs), amount("A month", (row) => row.usd_per_month),
      { title: "Longest retry", kind: "n", key: longest, cell: (row) => (longest(row) === null ? "–" : longest(row) === Infinity ? "still going" : seconds(longest(row))) },
    ],
    detail: (row) => [
      facts([["Place", h("span", { class: "place" }, name(place(row)))], ["Price of a run", spread(row.usd, usd)],
        ...row.retries.map((one) => [["Retries of ", name(one.state)], tries(one)])]),
      said(rows, row.findings),
      row.retries?.length ? h("div", { class: "charts one" }, retryChart(row.retries)) : null,
    ],
  });
}

function tries({ seconds: starts, errors, more }) {
  const how = starts?.length ? `${count(starts.length)} tries in ${seconds(starts.at(-1))}` : "only the deployment knows when";
  return [`${how}${more ? `, and ${count(more)} more` : ""}; on `, name((errors ?? []).join(", "))];
}

export function startDetails(rows) {
  const made = { "all-fixes": fixes, tables, queries, findings, machines };
  // Fixes that are all on the page already need no table.
  if (rows.fixes.length <= document.querySelectorAll(".fix").length) delete made["all-fixes"];
  return Object.fromEntries(Object.entries(made).map(([id, make]) => [id, make(rows)]));
}
