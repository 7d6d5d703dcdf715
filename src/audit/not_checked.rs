//! What an audit says nothing about, and why.

use crate::cost::{Bill, Estimator};
use crate::lake::{Count, Gap, UnreadableKind};
use crate::triage::Report;

/// One kind of thing that is missing from the numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotChecked {
    /// For people: `12 tables without a layout`.
    pub what: String,
    pub count: usize,
    pub why: String,
    /// What to do about it.
    pub help: String,
}

/// Names that are listed before "and so many more".
const NAMED: usize = 5;

/// What is not analysed: one, many, and what to do.
const NOT_ANALYSED: [(UnreadableKind, &str, &str, &str); 2] = [
    (
        UnreadableKind::Sql,
        "place whose SQL is not analysed",
        "places whose SQL is not analysed",
        "give what is computed a plain value: in the template or program, in a file, in `[dbt] vars`; or let dbt compile the model",
    ),
    (
        UnreadableKind::StateMachine,
        "state machine whose definition is computed",
        "state machines whose definition is computed",
        "scan with `--sfn` to read what is deployed",
    ),
];

pub(super) fn of(estimator: &Estimator<'_>, bill: &Bill<'_>, report: &Report) -> Vec<NotChecked> {
    let lake = estimator.lake;
    let mut all = Vec::new();
    let mut add = |count: usize, what: String, why: String, help: &str| {
        if count > 0 {
            all.push(NotChecked { what, count, why, help: help.to_string() });
        }
    };
    let unknown = &report.summary.tables_not_checked;
    add(
        unknown.len(),
        counted(unknown.len(), "table that nothing describes", "tables that nothing describes"),
        format!("statements read {}, which no definition, snapshot or setting tells apart or names", named(unknown)),
        "describe them with CREATE TABLE, a snapshot of `lakelint scan --glue`, or `[[tables]]` in lakelint.toml",
    );
    let tables = lake.catalog.iter().filter(|(_, table)| table.layout.is_none());
    let without: Vec<String> = tables.map(|(_, table)| table.name.to_string()).collect();
    add(
        without.len(),
        counted(without.len(), "table without a layout", "tables without a layout"),
        format!("no bytes are known of {}: neither what reads there nor the storage is priced", named(&without)),
        "scan their bucket, an S3 Inventory or a listing: `lakelint scan s3://bucket/prefix/`",
    );
    add(
        bill.unknown,
        counted(bill.unknown, "statement whose bytes are unknown", "statements whose bytes are unknown"),
        "a table that is read is not described or has no layout".to_string(),
        "`lakelint cost --explain` says for each what is missing",
    );
    let without_frequency = if estimator.pricing.is_metered() { bill.without_frequency } else { 0 };
    add(
        without_frequency,
        counted(without_frequency, "statement without a frequency", "statements without a frequency"),
        "without it they count in no sum of a month".to_string(),
        "scan with `--athena-history`, or set `[runs]` in lakelint.toml",
    );
    let machines = bill.machines.iter().filter(|machine| machine.estimate.own_usd_per_month().is_none()).count();
    add(
        machines,
        counted(machines, "state machine without a monthly cost", "state machines without a monthly cost"),
        "no file says how often it is started, or what one of its parts costs".to_string(),
        "declare their schedule beside them, or set `[runs]` in lakelint.toml",
    );
    add(
        report.summary.unreadable,
        counted(report.summary.unreadable, "part that cannot be read", "parts that cannot be read"),
        "statements, definitions or files that are not understood".to_string(),
        "`lakelint check` names each with its place",
    );
    for (kind, one, many, help) in NOT_ANALYSED {
        let all: Vec<_> = report.summary.not_analysed.iter().filter(|missing| missing.kind == kind).collect();
        let why = all.first().map_or(String::new(), |first| format!("{}:{}: {}", first.file, first.line, first.reason));
        add(all.len(), counted(all.len(), one, many), why, help);
    }
    let all_gaps = lake.catalog.iter().filter_map(|(_, table)| table.layout.as_ref());
    let gaps: Vec<&Gap> = all_gaps.flat_map(|layout| &layout.gaps).chain(&lake.gaps).collect();
    add(
        gaps.len(),
        counted(gaps.len(), "prefix that could not be listed", "prefixes that could not be listed"),
        gaps.first()
            .map_or(String::new(), |gap| format!("`{}`: {}; what lies there is in no number", gap.prefix, gap.reason)),
        "allow the scan to list it, and scan again",
    );
    let parts = lake.catalog.iter().filter(|(_, table)| table.layout.as_ref().is_some_and(|l| !l.parts.is_empty()));
    let parts: Vec<String> = parts.map(|(_, table)| table.name.to_string()).collect();
    add(
        parts.len(),
        counted(parts.len(), "table of which only a part was scanned", "tables of which only parts were scanned"),
        format!("what else {} may hold is in no number", named(&parts)),
        "scan the whole location",
    );
    let unread: Vec<&String> = lake.history.records.iter().flat_map(|record| &record.gaps).collect();
    add(
        unread.len(),
        counted(unread.len(), "gap in the history", "gaps in the history"),
        unread.first().map_or(String::new(), |gap| gap.to_string()),
        "scan the history again with access to all of it",
    );
    let unclassed = lake.catalog.iter().filter_map(|(_, table)| table.layout.as_ref());
    let unclassed = unclassed.filter(|layout| layout.classes.is_empty() && layout.files() > 0).count();
    add(
        unclassed,
        counted(unclassed, "table without storage classes", "tables without storage classes"),
        "their source does not tell classes: the price of S3 Standard is assumed".to_string(),
        "scan the bucket or an inventory with the field `StorageClass`",
    );
    all
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", Count(count as u64), if count == 1 { one } else { many })
}

/// `` `a`, `b` and 3 more ``
fn named(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {} more", shown.join(", "), Count(more as u64)),
    }
}
