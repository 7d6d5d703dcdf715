//! JSON, version 1: `lakelint audit --json`. Indices are places in the document's own lists.

mod checklist;

use serde::Serialize;

use super::lines;
use crate::audit::{Audit, MachineRow, NotChecked, Part, QueryRow, Range, RankedFix, TableRow};
use crate::cost::PricedMachine;
use crate::finding::Billed;
use crate::lake::{Layout, Spread, Usd};
use crate::output::cost::{Price, known, machine_kind, runs_from};
use crate::triage::Found;

const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    lakelint: &'static str,
    as_of: String,
    price: Price<'a>,
    lake: LakeTotals<'a>,
    spend: Spend<'a>,
    avoidable: Avoidable,
    /// So many fixes, from the first, make up four fifths of what is avoidable.
    top: usize,
    fixes: Vec<Fix<'a>>,
    tables: Vec<Table<'a>>,
    queries: Vec<Query<'a>>,
    findings: Vec<Finding<'a>>,
    machines: Vec<Machine<'a>>,
    checklist: Vec<checklist::Checked<'a>>,
    not_checked: Vec<Missing<'a>>,
}

#[derive(Serialize)]
struct LakeTotals<'a> {
    tables: usize,
    tables_with_layout: usize,
    partitions: Option<u64>,
    objects: Option<u64>,
    bytes: Option<u64>,
    queries: usize,
    machines: usize,
    sources: &'a [String],
}

#[derive(Serialize)]
struct Spend<'a> {
    usd_per_month: Option<Spread<Usd>>,
    parts: Vec<SpendPart<'a>>,
}

#[derive(Serialize)]
struct SpendPart<'a> {
    kind: &'a str,
    usd_per_month: Option<Spread<Usd>>,
    counted: usize,
    not_counted: usize,
    basis: String,
}

#[derive(Serialize)]
struct Avoidable {
    usd_per_month: Bounds<Option<Usd>>,
    /// Of the likely spend, at most; null where no spend is known.
    share: Option<f64>,
}

/// As in [`Range`].
#[derive(Serialize)]
struct Bounds<T = Usd> {
    low: T,
    high: T,
}

#[derive(Serialize)]
struct Fix<'a> {
    rule: &'a str,
    title: &'a str,
    severity: String,
    confidence: String,
    table: Option<&'a str>,
    machine: Option<&'a str>,
    /// Of what surer and dearer fixes leave; null where no frequency is known.
    usd_per_month: Option<Bounds>,
    usd_per_run: Option<Usd>,
    /// Statements concerned that are in no sum of a month.
    without_frequency: usize,
    change: Option<Changed>,
    before: Option<String>,
    after: Option<String>,
    how: Option<&'a str>,
    help: Option<&'a str>,
    basis: &'a str,
    findings: &'a [usize],
    queries: &'a [usize],
    tables: Vec<usize>,
}

/// Bytes, or requests.
#[derive(Serialize)]
struct Changed {
    billed: Billed,
    before: u64,
    after: u64,
}

#[derive(Serialize)]
struct Table<'a> {
    name: String,
    layer: Option<&'a str>,
    format: Option<&'a str>,
    location: Option<String>,
    keys: Vec<&'a str>,
    partitions: Option<usize>,
    files: Option<u64>,
    bytes: Option<u64>,
    storage_usd_per_month: Option<Usd>,
    scan_usd_per_month: Option<Usd>,
    avoidable_usd_per_month: Bounds,
    queries: &'a [usize],
    findings: &'a [usize],
    chart: Option<Chart<'a>>,
    /// `[power of two, files, bytes]` of each size of files that there is.
    sizes: Vec<(usize, u64, u64)>,
}

#[derive(Serialize)]
struct Chart<'a> {
    partitions_per_bar: usize,
    /// The first partition of each bar.
    first: Vec<&'a str>,
    bytes: Vec<u64>,
    files: Vec<u64>,
}

#[derive(Serialize)]
struct Query<'a> {
    name: &'a str,
    file: &'a str,
    line: u32,
    bytes: Spread<Option<u64>>,
    usd: Spread<Option<Usd>>,
    runs_per_month: Option<f64>,
    runs_from: Option<&'static str>,
    /// For scanned bytes.
    usd_per_month: Option<Usd>,
    requests_usd_per_month: Option<Usd>,
    /// Of both.
    avoidable_usd_per_month: Option<Usd>,
    basis: String,
    tables: Vec<usize>,
    findings: &'a [usize],
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a str,
    severity: String,
    confidence: String,
    file: Option<&'a str>,
    /// 1-based.
    line: Option<u32>,
    table: Option<&'a str>,
    object: Option<&'a str>,
    message: &'a str,
    help: Option<&'a str>,
    usd_per_month: Option<Usd>,
    usd_per_run: Option<Usd>,
}

#[derive(Serialize)]
struct Machine<'a> {
    name: &'a str,
    file: &'a str,
    line: u32,
    kind: Option<&'static str>,
    /// Everything that it starts included.
    usd: Spread<Option<Usd>>,
    runs_per_month: Option<f64>,
    usd_per_month: Option<Usd>,
    /// Without its queries and the machines that it starts.
    own_usd_per_month: Option<Usd>,
    findings: &'a [usize],
    retries: Vec<Retries<'a>>,
}

#[derive(Serialize)]
struct Retries<'a> {
    state: &'a str,
    errors: Vec<&'a str>,
    /// When its tries begin, the first at 0, when each fails at once; null when only the deployment knows.
    seconds: Option<&'a [f64]>,
    /// Tries that are not listed.
    more: u64,
}

#[derive(Serialize)]
struct Missing<'a> {
    what: &'a str,
    count: usize,
    why: &'a str,
    help: &'a str,
}

/// The document, with a final line feed.
pub(super) fn render(audit: &Audit<'_>) -> String {
    let totals = &audit.totals;
    let likely = audit.spend.usd_per_month.map(|month| month.likely.0).filter(|usd| *usd > 0.0);
    let document = Document {
        version: VERSION,
        lakelint: env!("CARGO_PKG_VERSION"),
        as_of: audit.report.as_of.to_string(),
        price: Price::of(audit.estimator.pricing),
        lake: LakeTotals {
            tables: totals.tables,
            tables_with_layout: totals.tables_with_layout,
            partitions: totals.partitions,
            objects: totals.objects,
            bytes: totals.bytes,
            queries: totals.queries,
            machines: totals.machines,
            sources: &totals.sources,
        },
        spend: Spend { usd_per_month: audit.spend.usd_per_month, parts: audit.spend.parts.iter().map(part).collect() },
        avoidable: Avoidable {
            usd_per_month: Bounds {
                low: audit.avoidable.map(|range| range.low),
                high: audit.avoidable.map(|range| range.high),
            },
            share: likely.zip(audit.avoidable).map(|(usd, range)| range.high.0 / usd),
        },
        top: audit.top,
        fixes: audit.fixes.iter().map(fix).collect(),
        tables: audit.tables.iter().map(|row| table(row, audit)).collect(),
        queries: audit.queries.iter().enumerate().map(|(number, row)| query(number, row, audit)).collect(),
        findings: audit.report.findings.iter().map(finding).collect(),
        machines: audit
            .machines
            .iter()
            .zip(&audit.bill.machines)
            .map(|(row, machine)| self::machine(row, machine))
            .collect(),
        checklist: audit.checklist.iter().map(checklist::checked).collect(),
        not_checked: audit.not_checked.iter().map(missing).collect(),
    };
    serde_json::to_string(&document).expect("no map keys, no errors") + "\n"
}

fn bounds(range: Range) -> Bounds {
    Bounds { low: range.low, high: range.high }
}

fn part(part: &Part) -> SpendPart<'_> {
    SpendPart {
        kind: lines::part(part.of),
        usd_per_month: part.usd_per_month,
        counted: part.counted,
        not_counted: part.not_counted,
        basis: lines::counted(part),
    }
}

fn fix(fix: &RankedFix) -> Fix<'_> {
    let (before, after) = lines::before_after(fix).unzip();
    Fix {
        rule: fix.rule,
        title: fix.title,
        severity: fix.severity.to_string(),
        confidence: fix.confidence.to_string(),
        table: fix.table.as_deref(),
        machine: fix.machine.as_deref(),
        usd_per_month: fix.usd_per_month.map(bounds),
        usd_per_run: fix.usd_per_run,
        without_frequency: fix.without_frequency,
        change: fix.change.map(|(billed, change)| Changed { billed, before: change.before, after: change.after }),
        before,
        after,
        how: fix.how.as_deref(),
        help: fix.help.as_deref(),
        basis: lines::basis(fix),
        findings: &fix.findings,
        queries: &fix.queries,
        tables: fix.tables.iter().map(|table| table.0 as usize).collect(),
    }
}

fn table<'a>(row: &'a TableRow, audit: &'a Audit<'_>) -> Table<'a> {
    let table = audit.estimator.lake.catalog.get(row.table);
    let layout = table.layout.as_ref();
    Table {
        name: table.name.to_string(),
        layer: table.layer.map(|layer| layer.name()),
        format: table.main_format().map(|format| format.name()),
        location: table.location.as_ref().map(ToString::to_string),
        keys: table.partition_keys.iter().map(|key| key.name.as_str()).collect(),
        partitions: layout.map(|layout| layout.partitions.len()),
        files: layout.map(Layout::files),
        bytes: layout.map(|layout| layout.bytes().0),
        storage_usd_per_month: row.storage,
        scan_usd_per_month: row.scanned,
        avoidable_usd_per_month: bounds(row.avoidable),
        queries: &row.queries,
        findings: &row.findings,
        chart: row.chart.as_ref().map(|chart| Chart {
            partitions_per_bar: chart.partitions_per_bar,
            first: chart.bars.iter().map(|bar| bar.first.as_str()).collect(),
            bytes: chart.bars.iter().map(|bar| bar.bytes).collect(),
            files: chart.bars.iter().map(|bar| bar.files).collect(),
        }),
        sizes: layout.map_or(Vec::new(), sizes),
    }
}

fn sizes(layout: &Layout) -> Vec<(usize, u64, u64)> {
    let slots = layout.histogram.counts.iter().zip(&layout.histogram.bytes).enumerate();
    slots.filter(|(_, (files, _))| **files > 0).map(|(slot, (files, bytes))| (slot, *files, *bytes)).collect()
}

fn query<'a>(number: usize, row: &'a QueryRow, audit: &'a Audit<'_>) -> Query<'a> {
    let priced = audit.statements[number];
    let estimate = &priced.estimate;
    Query {
        name: &priced.name,
        file: priced.file,
        line: priced.line,
        bytes: known(estimate.bytes, (estimate.at_least > 0).then_some(estimate.at_least)),
        usd: known(estimate.usd, None),
        runs_per_month: estimate.runs_per_month,
        runs_from: estimate.runs_from.map(runs_from),
        usd_per_month: estimate.usd_per_month(),
        requests_usd_per_month: (estimate.requests.usd().zip(estimate.runs_per_month))
            .map(|(usd, runs)| Usd(usd.0 * runs)),
        avoidable_usd_per_month: row.avoidable,
        basis: estimate.basis.to_string(),
        tables: row.tables.iter().map(|table| table.0 as usize).collect(),
        findings: &row.findings,
    }
}

fn finding(found: &Found) -> Finding<'_> {
    let finding = &found.finding;
    let waste = finding.waste.as_ref();
    Finding {
        rule: finding.rule,
        severity: finding.severity.to_string(),
        confidence: finding.confidence.to_string(),
        file: found.place.file.as_deref(),
        line: found.place.range.map(|(start, _)| start.line),
        table: finding.table.as_deref(),
        object: finding.object.as_deref(),
        message: &finding.message,
        help: finding.help.as_deref(),
        usd_per_month: waste.and_then(|waste| waste.usd_per_month),
        usd_per_run: waste
            .filter(|waste| waste.billed != Billed::Storage)
            .map(|waste| Usd(waste.usd.before.0 - waste.usd.after.0)),
    }
}

fn machine<'a>(row: &'a MachineRow, machine: &'a PricedMachine<'_>) -> Machine<'a> {
    let retries = |retries: &'a crate::audit::Retries| {
        let state = &machine.workflow.states[retries.state.0 as usize];
        Retries {
            state: &state.name,
            errors: state.retriers.iter().flat_map(|retrier| &retrier.errors).map(|(name, _)| name.as_str()).collect(),
            seconds: retries.starts.as_deref(),
            more: retries.more,
        }
    };
    Machine {
        name: &machine.workflow.name,
        file: machine.file,
        line: machine.line,
        kind: machine.workflow.kind.map(machine_kind),
        usd: machine.estimate.usd,
        runs_per_month: machine.estimate.runs_per_month,
        usd_per_month: machine.estimate.usd_per_month(),
        own_usd_per_month: machine.estimate.own_usd_per_month(),
        findings: &row.findings,
        retries: row.retries.iter().map(retries).collect(),
    }
}

fn missing(missing: &NotChecked) -> Missing<'_> {
    Missing { what: &missing.what, count: missing.count, why: &missing.why, help: &missing.help }
}
