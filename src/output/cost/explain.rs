//! How an estimate came about, read by read and then the bill.

use super::domain::domain;
use super::{history, words};
use crate::cost::{Estimate, Estimator, Priced, Pricing, ReadEstimate, Requests};
use crate::lake::{Bytes, Class, Conjunct, Count, Table, TableRead};
use crate::output::terminal::clean;

/// Most columns that are named.
const NAMED: usize = 20;

/// Indented lines under the statement's name.
pub(super) fn render(priced: &Priced<'_>, estimator: &Estimator<'_>) -> String {
    lines(priced, estimator).iter().fold(String::new(), |mut out, line| {
        out.push_str(clean(line).trim_end());
        out.push('\n');
        out
    })
}

/// The same, line by line.
pub(super) fn lines(priced: &Priced<'_>, estimator: &Estimator<'_>) -> Vec<String> {
    let place = format!("{}:{}", priced.file, priced.line);
    let mut out = vec![if priced.name == place { place } else { format!("{} ({place})", priced.name) }];
    let mut index = 0;
    for (read, estimate) in priced.query.reads.iter().zip(&priced.estimate.reads) {
        index += 1;
        let table = estimator.lake.catalog.get(read.table);
        let times = if read.scans > 1 { format!(", scanned {} times", read.scans) } else { String::new() };
        out.push(format!("  read {index}: `{}`{times}", read.name));
        out.extend(of_read(read, estimate, table, estimator).into_iter().map(|line| format!("    {line}")));
    }
    out.extend(bill(priced, estimator).into_iter().map(|line| format!("  {line}")));
    out
}

fn of_read(read: &TableRead, estimate: &ReadEstimate, table: &Table, estimator: &Estimator<'_>) -> Vec<String> {
    let mut out: Vec<String> = read.conjuncts.iter().map(|conjunct| predicate(conjunct, estimator)).collect();
    for (key, filter) in table.partition_keys.iter().zip(&read.keys) {
        out.push(format!("key `{}`: {}", key.name, domain(&filter.domain)));
    }
    if let Some(partitions) = &estimate.partitions
        && !table.partition_keys.is_empty()
    {
        let certain = match partitions.low == partitions.high {
            true => String::new(),
            false => format!(", {} of them for certain", Count(partitions.low)),
        };
        let (kept, total) = (Count(partitions.high), Count(partitions.total));
        out.push(format!("partitions: {kept} of {total}{certain}"));
    }
    out.extend(columns(estimate));
    if let Some(files) = estimate.files {
        out.push(format!("files: {}", Count(files)));
    }
    let bytes = estimate.bytes.map_or("unknown".to_string(), words::bytes);
    out.push(format!("bytes: {bytes}, {}", estimate.basis));
    out.extend(estimate.basis.assumptions.iter().map(|text| format!("assumed: {text}")));
    out.extend(estimate.basis.unknown.iter().map(|text| format!("unknown: {text}")));
    out
}

/// ``predicate `dt = '2025-06-29'`: metastore``.
fn predicate(conjunct: &Conjunct, estimator: &Estimator<'_>) -> String {
    let text = estimator.lake.sources.text(conjunct.span);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let class = match conjunct.class {
        Class::Metastore => "metastore: prunes partitions by their values",
        Class::PlanTime => "plan-time: evaluated for each partition",
        Class::RunTime => "run-time: may prune once the query runs",
        Class::None => "prunes no partition",
    };
    let placeholder = if conjunct.placeholder { ", with a placeholder" } else { "" };
    format!("predicate `{text}`: {class}{placeholder}")
}

/// ``columns: 2 of 41: `id` (10.1 %), `amount` ``.
fn columns(estimate: &ReadEstimate) -> Option<String> {
    let columns = estimate.columns.as_ref()?;
    let shares = columns.shares.iter().copied().chain(std::iter::repeat(None));
    let named: Vec<String> = columns
        .read
        .iter()
        .zip(shares)
        .take(NAMED)
        .map(|(name, share)| match share {
            Some(share) => format!("`{name}` ({:.1} %)", share * 100.0),
            None => format!("`{name}`"),
        })
        .collect();
    let more = match columns.read.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {} more", Count(more as u64)),
    };
    let (read, total) = (Count(columns.read.len() as u64), Count(columns.total as u64));
    let list = if named.is_empty() { String::new() } else { format!(": {}{more}", named.join(", ")) };
    Some(format!("columns: {read} of {total}{list}"))
}

/// Requests beside the bytes, where they are worth a word.
fn requests(estimate: &Estimate) -> Option<String> {
    let usd = estimate.notable_requests()?;
    let Requests { get, list, glue } = estimate.requests;
    let (get, list, glue) = (Count(get?), Count(list?), Count(glue?));
    Some(format!("requests: {get} GET, {list} LIST, {glue} to Glue: {usd} more"))
}

/// The billing step: sum, rounding, price, month.
fn bill(priced: &Priced<'_>, estimator: &Estimator<'_>) -> Vec<String> {
    let estimate = &priced.estimate;
    let mut out = history::explain(priced.query, estimate);
    let Some(bytes) = estimate.bytes else {
        out.push(format!("bill: unknown, because {}", words::reasons(estimate)));
        return out;
    };
    let billed = Pricing::billed_bytes(bytes.likely);
    let rounding = if billed > bytes.likely.next_multiple_of(1_000_000) { "the minimum" } else { "rounded up to a MB" };
    let megabytes = format!("{} MB", Count(billed / 1_000_000));
    out.push(match estimate.usd {
        Some(usd) => format!(
            "bill: {}, {rounding}: {megabytes} at ${} per {} = {}",
            Bytes(bytes.likely),
            estimator.pricing.usd_per_tb,
            estimator.pricing.terabyte(),
            usd.likely
        ),
        None => format!("bill: {}, no dollars: capacity is provisioned", Bytes(bytes.likely)),
    });
    if let Some(usd) = estimate.usd.filter(|usd| usd.low != usd.high) {
        out.push(format!("between {} and {}", usd.low, usd.high));
    }
    out.extend(requests(estimate));
    if let (Some(runs), Some(month)) = (estimate.runs_per_month, estimate.usd_per_month()) {
        let runs = format!("{runs:.2}");
        let runs = runs.trim_end_matches('0').trim_end_matches('.');
        let source = history::source_of_runs(priced.query, estimate);
        out.push(format!("{runs} runs a month{source}: {month}"));
    }
    out
}
