// Documents in the form of docs/audit.schema.json that the tests of the page are made from: a lake of 15 tables, one of 500
// tables, 100,000 partitions and 5,000 statements, an empty one, and one in which every text is hostile.
//
//     node documents.mjs FOLDER

import fs from "node:fs";
import path from "node:path";
import process from "node:process";

// The same numbers at every run (mulberry32).
function dice(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const SUBJECTS = ["orders", "page_views", "shipments", "stores", "products", "till_events", "returns", "exchange_rates",
  "app_logs", "sessions", "campaigns", "invoices", "stock_levels", "price_changes", "newsletters"];
const LAYERS = ["raw", "clean", "curated"];
const FORMATS = { raw: "JSON", clean: "Parquet", curated: "Parquet" };
const RULES = [
  ["missing-partition-filter", "Missing partition filter", "scan"],
  ["select-star", "SELECT * on a wide table", "scan"],
  ["small-files", "Small files", "requests"],
  ["unbounded-date-range", "Unbounded date range", "scan"],
  ["csv-in-analytics-layer", "CSV in an analytics layer", "scan"],
  ["over-partitioned-table", "Over-partitioned table", "requests"],
];
const TB_BYTES = 1e12;
const USD_PER_TB = 5;
const UNKNOWN = { low: null, likely: null, high: null };

function day(number) {
  return new Date(Date.UTC(2025, 5, 30) - number * 86400000).toISOString().slice(0, 10);
}

function gigabytes(bytes) {
  return bytes >= 1e12 ? `${(bytes / 1e12).toFixed(1)} TB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

function table(number, partitions, random) {
  const layer = LAYERS[number % 3];
  const round = Math.floor(number / SUBJECTS.length);
  const name = `${layer}.${SUBJECTS[number % SUBJECTS.length]}${round ? `_${round}` : ""}`;
  const known = number % 13 !== 12;
  const bars = Math.min(60, partitions);
  const perBar = Math.ceil(partitions / Math.max(bars, 1));
  const scale = 2e9 * 10 ** (random() * 1.5);
  const values = [], bytes = [], files = [];
  for (let bar = 0; bar * perBar < partitions; bar++) {
    const growth = 0.6 + (0.8 * bar) / bars + 0.3 * random();
    values.push(`dt=${day(partitions - bar * perBar)}`);
    bytes.push(Math.round(scale * growth * perBar));
    files.push(Math.round((4 + 40 * random() * (number % 4 === 2 ? 30 : 1)) * perBar));
  }
  const sum = (list) => list.reduce((a, b) => a + b, 0);
  const [allBytes, allFiles] = [sum(bytes), sum(files)];
  const sizes = [];
  const middle = Math.max(10, Math.round(Math.log2(allBytes / Math.max(allFiles, 1))));
  for (const [offset, share] of [[-3, 0.05], [-2, 0.15], [-1, 0.25], [0, 0.35], [1, 0.15], [2, 0.05]]) {
    const count = Math.round(allFiles * share);
    if (count) sizes.push([middle + offset, count, Math.round(count * 1.4 * 2 ** (middle + offset))]);
  }
  return {
    name, layer, format: FORMATS[layer], location: `s3://shop-lake/${name.replace(".", "/")}/`, keys: partitions > 1 ? ["dt"] : [],
    partitions: known ? partitions : null, files: known ? allFiles : null, bytes: known ? allBytes : null,
    storage_usd_per_month: known ? (allBytes / 1e9) * 0.023 : null, scan_usd_per_month: null, avoidable_usd_per_month: { low: 0, high: 0 },
    queries: [], findings: [],
    chart: known && partitions > 1 ? { partitions_per_bar: perBar, first: values, bytes, files } : null,
    sizes: known ? sizes : [],
  };
}

function query(number, tables, random) {
  const index = Math.floor(random() * tables.length);
  const read = tables[index];
  const whole = read.bytes;
  const share = [0.01, 0.04, 0.3, 1][Math.floor(random() * 4)];
  const likely = whole === null ? null : Math.round(whole * share * 0.6);
  const spread = likely === null ? null : { low: Math.round(likely * 0.4), likely, high: Math.round(whole * share) };
  const price = (bytes) => Math.max(bytes, 1e7) / TB_BYTES * USD_PER_TB;
  const usd = spread && { low: price(spread.low), likely: price(spread.likely), high: price(spread.high) };
  const runs = number % 3 === 2 ? null : [1, 4, 30, 30.4375, 730.5][Math.floor(random() * 5)];
  return {
    name: `queries/${read.name.split(".")[1]}_${["daily", "report", "check", "export"][number % 4]}_${number}.sql:2`,
    file: `queries/${read.name.split(".")[1]}_${["daily", "report", "check", "export"][number % 4]}_${number}.sql`, line: 2,
    bytes: spread ?? UNKNOWN, usd: usd ?? UNKNOWN, runs_per_month: runs, runs_from: runs && (number % 2 ? "history" : "configuration"),
    usd_per_month: runs && usd ? runs * usd.likely : null, requests_usd_per_month: runs && usd ? runs * usd.likely * 0.02 : null, avoidable_usd_per_month: null,
    basis: spread === null ? "unknown" : number % 2 ? "measured" : "assumed",
    tables: [index], findings: [],
  };
}

function fixes(document, random, how_many) {
  const { tables, queries, findings } = document;
  queries.forEach((one, number) => one.tables.forEach((index) => tables[index].queries.push(number)));
  for (const one of queries) {
    if (one.usd_per_month === null) continue;
    const read = tables[one.tables[0]];
    read.scan_usd_per_month = (read.scan_usd_per_month ?? 0) + one.usd_per_month;
  }
  const list = [];
  for (let number = 0; number < how_many; number++) {
    const index = (number * 7) % tables.length;
    const read = tables[index];
    if (read.bytes === null) continue;
    const [rule, title, kind] = RULES[number % RULES.length];
    const share = 0.05 + 0.75 * random();
    const concerned = kind === "scan" ? read.queries.slice(0, 12) : [];
    const high = (concerned.reduce((sum, q) => sum + (queries[q].usd_per_month ?? 0), 0) || (read.storage_usd_per_month * 0.2)) * share / 2;
    const first = findings.length;
    for (const q of concerned.length ? concerned : [null]) {
      const at = q === null ? { file: null, line: null } : { file: queries[q].file, line: queries[q].line + 1 };
      if (q !== null) {
        queries[q].findings.push(findings.length);
        if (queries[q].usd_per_month !== null) queries[q].avoidable_usd_per_month = queries[q].usd_per_month * share / 2;
      }
      read.findings.push(findings.length);
      findings.push({
        rule, severity: ["high", "medium", "low"][number % 3], confidence: number % 4 ? "high" : "medium", ...at, table: read.name, object: null,
        message: q === null ? `${read.files} files in \`${read.name}\`, half of them smaller than 1 MB` : `reads all ${read.partitions} partitions of \`${read.name}\` (${gigabytes(read.bytes)})`,
        help: "add a predicate such as `dt BETWEEN '2025-06-23' AND '2025-06-29'`",
        usd_per_month: q === null ? null : queries[q].usd_per_month && queries[q].usd_per_month * share / 2,
        usd_per_run: q === null ? null : queries[q].usd.likely && queries[q].usd.likely * share / 2,
      });
    }
    read.avoidable_usd_per_month.high += high;
    if (number % 2) read.avoidable_usd_per_month.low += high * 0.7;
    list.push({
      rule, title, severity: ["high", "medium", "low"][number % 3], confidence: number % 4 ? "high" : "medium", table: read.name, machine: null,
      usd_per_month: { low: number % 2 ? high * 0.7 : 0, high }, usd_per_run: high / 30,
      change: { billed: "scan", before: Math.round(read.bytes), after: Math.round(read.bytes * (1 - share)) },
      before: `${gigabytes(read.bytes)} scanned a run`, after: `${gigabytes(read.bytes * (1 - share))} scanned a run`,
      how: kind === "scan" ? "with `dt BETWEEN '2025-06-23' AND '2025-06-29'`" : "once compacted to files of 128 MB",
      help: kind === "scan" ? "add a predicate such as `dt BETWEEN '2025-06-23' AND '2025-06-29'`" : `compact it: \`OPTIMIZE ${read.name} REWRITE DATA USING BIN_PACK\``,
      basis: number % 2 ? "measured" : "assumed in part", without_frequency: concerned.filter((q) => queries[q].usd_per_month === null).length,
      findings: findings.slice(first).map((_, i) => first + i), queries: concerned, tables: [index],
    });
  }
  list.sort((a, b) => b.usd_per_month.high - a.usd_per_month.high);
  return list;
}

function machine(number) {
  return {
    name: `nightly_${number}`, file: `machines/nightly_${number}.asl.json`, line: 1, kind: number % 2 ? null : "standard",
    usd: { low: 0.0002, likely: 0.0003, high: 0.25 }, runs_per_month: number % 3 ? 30.4375 : null, usd_per_month: number % 3 ? 0.009 : null, own_usd_per_month: number % 3 ? 0.001 : null, findings: [],
    retries: [
      { state: "CopyFromShop", errors: ["States.TaskFailed"], seconds: [0, 30, 90, 210, 450, 930], more: 0 },
      { state: "BuildDailySales", errors: ["States.ALL"], seconds: [0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1023, 2047], more: number % 2 ? 0 : 99999987 },
      { state: "PublishReport", errors: ["States.Timeout"], seconds: null, more: 0 },
    ],
  };
}

function checklist() {
  return [
    { id: "freshness", question: "Is it known how fresh each table must be?", answer: "yes", help: null,
      reasons: [{ text: "`nightly` runs every day at 03:00 (EventBridge schedule)", file: "infra/schedule.tf", line: 12 }] },
    { id: "failure", question: "Is the behaviour on failure designed?", answer: "no", help: "catch the error and tell somebody: add a Catch to `CopyFromShop`",
      reasons: [{ text: "`CopyFromShop` retries without a bound", file: "machines/nightly.asl.json", line: 14 }, { text: "no state catches errors", file: "machines/nightly.asl.json", line: 1 }] },
    { id: "quality", question: "Are quality checks stages of their own?", answer: "yes", help: null, reasons: [{ text: "`CheckQuality` runs before `Publish`", file: "machines/nightly.asl.json", line: 60 }] },
    { id: "files", question: "Do tables keep to a partitioning and file strategy?", answer: "no", help: "compact `clean.shipments`", reasons: [{ text: "3 of 15 tables have mostly files below 1 MB", file: null, line: null }] },
    { id: "curated", question: "Is the curated layer ready for reuse?", answer: "not enough evidence", help: "add comments to the columns of curated tables, or dbt documentation", reasons: [] },
  ];
}

function lake({ tables: tableCount, partitions, queries: queryCount, machines: machineCount, fixes: fixCount, seed }) {
  const random = dice(seed);
  const each = Math.floor(partitions / tableCount);
  const tables = Array.from({ length: tableCount }, (_, number) => table(number, Math.max(1, number % 5 === 4 ? 1 : Math.round(each * 1.25)), random));
  const queries = Array.from({ length: queryCount }, (_, number) => query(number, tables, random));
  const document = { tables, queries, findings: [], machines: Array.from({ length: machineCount }, (_, number) => machine(number)) };
  const list = fixes(document, random, fixCount);
  const known = tables.filter((one) => one.bytes !== null);
  const total = (rows, of) => rows.reduce((sum, row) => sum + (of(row) ?? 0), 0);
  const scanned = total(queries, (q) => q.usd_per_month), stored = total(tables, (t) => t.storage_usd_per_month);
  const spread = (likely) => ({ low: likely * 0.6, likely, high: likely * 1.5 });
  const avoidable = { low: total(list, (f) => f.usd_per_month.low), high: total(list, (f) => f.usd_per_month.high) };
  const spend = { low: scanned * 0.6 + stored, likely: scanned + stored, high: scanned * 1.5 + stored };
  let sum = 0, top = 0;
  while (top < list.length && sum < 0.8 * avoidable.high) sum += list[top++].usd_per_month.high;
  const counted = queries.filter((q) => q.usd_per_month !== null).length;
  return {
    version: 1, lakelint: "0.1.0", as_of: "2025-06-30",
    price: { usd_per_tb: USD_PER_TB, tb_bytes: TB_BYTES, region: "us-east-1", engine: "athena", source: "https://aws.amazon.com/athena/pricing/", as_of: "2025-06-01", assumption: "no region is configured: us-east-1 is taken" },
    lake: { tables: tables.length, tables_with_layout: known.length, partitions: total(known, (t) => t.partitions), objects: total(known, (t) => t.files), bytes: total(known, (t) => t.bytes), queries: queries.length, machines: machineCount, sources: ["listing.txt", "the folder lake"] },
    spend: { usd_per_month: spend, parts: [
      { kind: "queries", usd_per_month: spread(scanned), counted, not_counted: queries.length - counted, basis: `${counted} of ${queries.length} statements` },
      { kind: "requests", usd_per_month: spread(scanned * 0.02), counted, not_counted: queries.length - counted, basis: `${counted} of ${queries.length} statements` },
      { kind: "storage", usd_per_month: { low: stored, likely: stored, high: stored }, counted: known.length, not_counted: tables.length - known.length, basis: `${known.length} of ${tables.length} tables; some storage classes are assumed` },
      { kind: "workflows", usd_per_month: null, counted: 0, not_counted: machineCount, basis: `0 of ${machineCount} state machines` } ] },
    avoidable: { usd_per_month: avoidable, share: avoidable.high / spend.likely },
    top, fixes: list, ...document, checklist: checklist(),
    not_checked: [
      { what: `${tables.length - known.length} tables without a layout`, count: tables.length - known.length, why: "their files were not listed", help: "add them with `lakelint scan s3://shop-lake`" },
      { what: `${queries.length - counted} statements without a frequency`, count: queries.length - counted, why: "neither history nor `lakelint.toml` says how often they run", help: "scan with `--athena-history`, or set `[runs]` in lakelint.toml" } ],
  };
}

const HOSTILE = ["</script><img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "${{7*7}}", "{{ 7*7 }}{% raw %}", "\"'`><b>", "a\u0000b\u001b[31mc\u007f", "\u202egnp.exe\u202c", "]]>--><!--<script>", "javascript:alert(1)", "&lt;b&gt;&amp;", "x".repeat(4000), "\u2028line\u2029", "😀", "__proto__", "constructor"];

// Every text that people, buckets and catalogs choose is replaced; what the form fixes stays.
function hostile(value, key, random) {
  const fixed = ["severity", "confidence", "answer", "kind", "lakelint", "engine", "as_of", "basis", "billed", "runs_from"];
  if (Array.isArray(value)) return value.map((one) => hostile(one, key, random));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, hostile(one, name, random)]));
  }
  if (typeof value !== "string" || fixed.includes(key)) return value;
  return HOSTILE[Math.floor(random() * HOSTILE.length)] + (random() < 0.5 ? " " + HOSTILE[Math.floor(random() * HOSTILE.length)] : "");
}

// What a repository without any layout, frequency or finding gives.
function empty() {
  const document = lake({ tables: 1, partitions: 1, queries: 1, machines: 0, fixes: 0, seed: 1 });
  return { ...document, tables: [], queries: [], not_checked: [], checklist: checklist().map((item) => ({ ...item, answer: "not enough evidence", reasons: [] })),
    lake: { tables: 0, tables_with_layout: 0, partitions: null, objects: null, bytes: null, queries: 0, machines: 0, sources: [] },
    spend: { usd_per_month: null, parts: document.spend.parts.map((part) => ({ ...part, usd_per_month: null, counted: 0, not_counted: 0 })) },
    avoidable: { usd_per_month: { low: 0, high: 0 }, share: null }, top: 0 };
}

const small = { tables: 15, partitions: 4000, queries: 34, machines: 2, fixes: 14, seed: 7 };
// A lake whose frequencies nobody knows, as a first run sees it.
function withoutFrequencies(document) {
  const none = (rows) => rows.map((row) => ({ ...row, ...Object.fromEntries(["runs_per_month", "runs_from", "usd_per_month", "requests_usd_per_month", "own_usd_per_month", "avoidable_usd_per_month", "scan_usd_per_month"].filter((key) => key in row).map((key) => [key, null])) }));
  const stored = document.spend.parts[2].usd_per_month;
  return { ...document, queries: none(document.queries), findings: none(document.findings), fixes: none(document.fixes), machines: none(document.machines),
    tables: none(document.tables).map((row) => ({ ...row, avoidable_usd_per_month: { low: 0, high: 0 } })),
    spend: { usd_per_month: stored, parts: document.spend.parts.map((part) => (part.kind === "storage" ? part : { ...part, basis: part.basis.replace(/^[0-9]+/, "0"), usd_per_month: null, counted: 0, not_counted: part.counted + part.not_counted })) },
    avoidable: { usd_per_month: { low: 0, high: 0 }, share: 0 }, top: 0 };
}

const documents = {
  first: withoutFrequencies(lake(small)),
  small: lake(small),
  large: lake({ tables: 500, partitions: 100000, queries: 5000, machines: 40, fixes: 900, seed: 11 }),
  empty: empty(),
  hostile: hostile(lake(small), "", dice(3)),
};

const folder = process.argv[2];
fs.mkdirSync(folder, { recursive: true });
for (const [name, document] of Object.entries(documents)) {
  fs.writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(document));
}
