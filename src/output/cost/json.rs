//! JSON, version 1: `lakelint cost --format json`.

use serde::Serialize;

use super::{View, explain, history, machines};
use crate::cost::machine::{Part, PartKind};
use crate::cost::{Bill, Engine, Estimator, Priced, PricedMachine, Pricing, ReadEstimate};
use crate::lake::{Gap, Query, Spread, StatementKind, Usd, WorkflowKind};

const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    as_of: String,
    price: Price<'a>,
    queries: Vec<Entry<'a>>,
    machines: Vec<Machine<'a>>,
    total: Total,
    /// Null where no history knows any of the statements.
    calibration: Option<history::Calibrated>,
    /// What could not be listed where no table is known.
    incomplete: &'a [Gap],
}

/// What scanned bytes cost, and who says so.
#[derive(Serialize)]
pub(in crate::output) struct Price<'a> {
    usd_per_tb: f64,
    tb_bytes: u64,
    region: &'a str,
    engine: Engine,
    source: &'a str,
    as_of: Option<&'a str>,
    assumption: Option<&'a str>,
}

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    file: &'a str,
    line: u32,
    kind: &'static str,
    bytes: Spread<Option<u64>>,
    usd: Spread<Option<Usd>>,
    /// Null when nothing says how often the statement runs.
    runs_per_month: Option<f64>,
    /// What says how often it runs.
    runs_from: Option<&'static str>,
    usd_per_month: Option<Usd>,
    requests: RequestCounts,
    basis: String,
    assumptions: Vec<&'a str>,
    /// Null where no history knows the statement.
    history: Option<history::Runs<'a>>,
    reads: Vec<Read<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain: Option<Vec<String>>,
}

#[derive(Serialize)]
struct RequestCounts {
    get: Option<u64>,
    list: Option<u64>,
    glue: Option<u64>,
    usd: Option<Usd>,
}

#[derive(Serialize)]
struct Read<'a> {
    table: String,
    partitions: Option<Partitions>,
    columns: Option<Columns<'a>>,
    files: Option<u64>,
    bytes: Spread<Option<u64>>,
}

#[derive(Serialize)]
struct Partitions {
    total: u64,
    low: u64,
    high: u64,
}

#[derive(Serialize)]
struct Columns<'a> {
    total: usize,
    read: &'a [String],
}

#[derive(Serialize)]
struct Machine<'a> {
    name: &'a str,
    file: &'a str,
    line: u32,
    /// Null when the files do not say.
    kind: Option<&'static str>,
    transitions: Spread<Option<u64>>,
    usd: Spread<Option<Usd>>,
    runs_per_month: Option<f64>,
    usd_per_month: Option<Usd>,
    basis: String,
    assumptions: Vec<&'a str>,
    parts: Vec<MachinePart<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain: Option<Vec<String>>,
}

#[derive(Serialize)]
struct MachinePart<'a> {
    what: &'a str,
    kind: &'static str,
    /// Null for the machine as a whole.
    state: Option<&'a str>,
    count: Spread<Option<u64>>,
    each: Spread<Option<Usd>>,
    usd: Spread<Option<Usd>>,
}

#[derive(Serialize)]
struct Total {
    queries: usize,
    free: usize,
    unknown: usize,
    without_frequency: usize,
    unreadable: usize,
    bytes: Spread<u64>,
    usd: Spread<Option<Usd>>,
    usd_per_month: Option<Usd>,
    machines: usize,
    machines_usd_per_month: Option<Usd>,
}

/// The document, with a final line feed.
pub(super) fn render(bill: &Bill<'_>, estimator: &Estimator<'_>, view: &View) -> String {
    let pricing = estimator.pricing;
    let document = Document {
        version: VERSION,
        as_of: estimator.as_of.0.date().to_string(),
        price: Price::of(pricing),
        queries: bill.queries.iter().map(|priced| entry(priced, estimator, view)).collect(),
        machines: bill.machines.iter().map(|machine| self::machine(machine, view)).collect(),
        total: Total {
            queries: bill.queries.len(),
            free: bill.free,
            unknown: bill.unknown,
            without_frequency: bill.without_frequency,
            unreadable: estimator.lake.unreadable.len(),
            bytes: bill.bytes,
            usd: known(bill.usd, None),
            usd_per_month: bill.usd_per_month,
            machines: bill.machines.len(),
            machines_usd_per_month: bill.machines_usd_per_month,
        },
        calibration: history::Calibrated::of(bill),
        incomplete: &estimator.lake.gaps,
    };
    serde_json::to_string_pretty(&document).expect("no map keys, no errors") + "\n"
}

impl<'a> Price<'a> {
    pub(in crate::output) fn of(pricing: &'a Pricing) -> Price<'a> {
        Price {
            usd_per_tb: pricing.usd_per_tb,
            tb_bytes: pricing.tb_bytes,
            region: &pricing.region,
            engine: pricing.engine,
            source: &pricing.source,
            as_of: pricing.as_of.as_deref(),
            assumption: pricing.assumption.as_deref(),
        }
    }
}

fn entry<'a>(priced: &'a Priced<'a>, estimator: &Estimator<'_>, view: &View) -> Entry<'a> {
    let estimate = &priced.estimate;
    Entry {
        name: &priced.name,
        file: priced.file,
        line: priced.line,
        kind: kind(priced.query.kind),
        bytes: known(estimate.bytes, (estimate.at_least > 0).then_some(estimate.at_least)),
        usd: known(estimate.usd, None),
        runs_per_month: estimate.runs_per_month,
        runs_from: estimate.runs_from.map(history::runs_from),
        usd_per_month: estimate.usd_per_month(),
        requests: RequestCounts {
            get: estimate.requests.get,
            list: estimate.requests.list,
            glue: estimate.requests.glue,
            usd: estimate.requests.usd(),
        },
        basis: estimate.basis.to_string(),
        assumptions: estimate.basis.assumptions.iter().chain(&estimate.basis.unknown).map(String::as_str).collect(),
        history: history::Runs::of(priced.query, estimate),
        reads: estimate
            .reads
            .iter()
            .enumerate()
            .map(|(i, read)| self::read(priced.query, i, read, estimator))
            .collect(),
        explain: (view.explain && estimate.billed).then(|| explain::lines(priced, estimator)),
    }
}

fn machine<'a>(machine: &'a PricedMachine<'a>, view: &View) -> Machine<'a> {
    let PricedMachine { workflow, file, line, estimate } = machine;
    let part = |part: &'a Part| MachinePart {
        what: &part.what,
        kind: part_kind(part.kind),
        state: part.state.map(|id| workflow.state(id).name.as_str()),
        count: part.count,
        each: part.each,
        usd: part.usd,
    };
    Machine {
        name: &workflow.name,
        file,
        line: *line,
        kind: workflow.kind.map(machine_kind),
        transitions: estimate.transitions,
        usd: estimate.usd,
        runs_per_month: estimate.runs_per_month,
        usd_per_month: estimate.usd_per_month(),
        basis: estimate.basis.to_string(),
        assumptions: estimate.basis.assumptions.iter().chain(&estimate.basis.unknown).map(String::as_str).collect(),
        parts: estimate.parts.iter().map(part).collect(),
        explain: view.explain.then(|| machines::explain(machine)),
    }
}

fn part_kind(kind: PartKind) -> &'static str {
    match kind {
        PartKind::Execution => "execution",
        PartKind::Query => "query",
        PartKind::Child => "state-machine",
        PartKind::GlueJob => "glue-job",
        PartKind::Lambda => "lambda",
        PartKind::Job => "job",
    }
}

fn read<'a>(query: &Query, index: usize, read: &'a ReadEstimate, estimator: &Estimator<'_>) -> Read<'a> {
    let partitions = |p: crate::cost::Partitions| Partitions { total: p.total, low: p.low, high: p.high };
    Read {
        table: estimator.lake.catalog.get(query.reads[index].table).name.to_string(),
        partitions: read.partitions.map(partitions),
        columns: read.columns.as_ref().map(|columns| Columns { total: columns.total, read: &columns.read }),
        files: read.files,
        bytes: known(read.bytes, None),
    }
}

pub(in crate::output) fn known<T: Copy>(spread: Option<Spread<T>>, at_least: Option<T>) -> Spread<Option<T>> {
    match spread {
        Some(spread) => spread.map(Some),
        None => Spread { low: at_least, likely: None, high: None },
    }
}

pub(in crate::output) fn machine_kind(kind: WorkflowKind) -> &'static str {
    match kind {
        WorkflowKind::Standard => "standard",
        WorkflowKind::Express => "express",
    }
}

pub(super) fn kind(kind: StatementKind) -> &'static str {
    use StatementKind::*;
    match kind {
        Select => "select",
        Ctas => "ctas",
        Insert => "insert",
        CreateView => "create-view",
        Unload => "unload",
        Merge => "merge",
        Delete => "delete",
        Update => "update",
        Optimize => "optimize",
        Vacuum => "vacuum",
        Explain => "explain",
        ExplainAnalyze => "explain-analyze",
        Ddl => "ddl",
    }
}
