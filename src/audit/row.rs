//! Tables, statements and machines, row by row, with what is avoidable of each.

use std::collections::BTreeMap;

use super::account::Ledger;
use super::fix::{RankedFix, machine_of};
use super::{Numbers, Range};
use crate::cost::machine::try_starts;
use crate::cost::{Bill, Estimator, Priced, Stored};
use crate::finding::{Finding, Place};
use crate::lake::{Layout, Spread, StateId, Table, TableId, Usd, WorkflowId};
use crate::rules::{Check, RULES};
use crate::triage::Report;

/// One table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableRow {
    pub table: TableId,
    /// `None` without a layout.
    pub storage: Option<Usd>,
    /// Its part of what the statements that read it scan in a month; `None` when no frequency is known.
    pub scanned: Option<Usd>,
    /// Credits of the fixes about it.
    pub avoidable: Range,
    /// Statements that read it, as numbers, sorted.
    pub queries: Vec<usize>,
    /// Findings of the fixes about it, sorted.
    pub findings: Vec<usize>,
    pub chart: Option<Chart>,
}

/// Bytes and files over the partitions, in their order; several share a bar where there are many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    pub partitions_per_bar: usize,
    pub bars: Vec<Bar>,
}

/// Neighbouring partitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// The folder of the first: `dt=2024-01-01`.
    pub first: String,
    pub files: u64,
    pub bytes: u64,
}

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryRow {
    /// What the fixes save of it in a month; `None` when its frequency or its bill is unknown.
    pub avoidable: Option<Usd>,
    pub tables: Vec<TableId>,
    /// Findings in it.
    pub findings: Vec<usize>,
}

/// One machine.
#[derive(Debug, Clone, PartialEq)]
pub struct MachineRow {
    pub findings: Vec<usize>,
    /// Its states that retry.
    pub retries: Vec<Retries>,
}

/// When the tries of a state begin, one after the other has failed at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Retries {
    pub state: StateId,
    /// Seconds; the first is 0. `None` when only the deployment knows the numbers.
    pub starts: Option<Vec<f64>>,
    /// More tries than are listed.
    pub more: u64,
}

/// A chart with more bars cannot be read.
const BARS: usize = 60;
/// Tries that a timeline shows.
const TRIES: usize = 40;

pub(super) fn tables(
    estimator: &Estimator<'_>,
    statements: &[&Priced<'_>],
    stored: &[Option<Stored>],
    fixes: &[RankedFix],
) -> Vec<TableRow> {
    let mut rows: Vec<TableRow> = estimator
        .lake
        .catalog
        .iter()
        .zip(stored)
        .map(|((id, table), stored)| TableRow {
            table: id,
            storage: stored.map(|stored| stored.usd_per_month),
            scanned: None,
            avoidable: Range::default(),
            queries: Vec::new(),
            findings: Vec::new(),
            chart: table.layout.as_ref().and_then(|layout| chart(table, layout)),
        })
        .collect();
    for (number, priced) in statements.iter().enumerate() {
        let month = priced.estimate.usd_per_month();
        let reads = priced.estimate.reads.iter().filter_map(|read| read.bytes);
        let all = reads.fold(0u64, |sum, bytes| sum.saturating_add(bytes.likely));
        for (read, estimate) in priced.query.reads.iter().zip(&priced.estimate.reads) {
            let row = &mut rows[read.table.0 as usize];
            if row.queries.last() != Some(&number) {
                row.queries.push(number);
            }
            if let (Some(month), Some(Spread { likely, .. })) = (month, estimate.bytes) {
                let part = if all > 0 { likely as f64 / all as f64 } else { 0.0 };
                row.scanned = Some(Usd(row.scanned.unwrap_or_default().0 + month.0 * part));
            }
        }
    }
    for fix in fixes {
        for table in &fix.tables {
            let row = &mut rows[table.0 as usize];
            row.avoidable = fix.usd_per_month.map_or(row.avoidable, |usd| row.avoidable.plus(usd));
            row.findings.extend(&fix.findings);
        }
    }
    rows.iter_mut().for_each(|row| row.findings.sort_unstable());
    rows
}

/// `None` of a table without partitions.
fn chart(table: &Table, layout: &Layout) -> Option<Chart> {
    if layout.partitions.len() < 2 {
        return None;
    }
    let partitions_per_bar = layout.partitions.len().div_ceil(BARS);
    let bar = |partitions: &[crate::lake::Partition]| Bar {
        first: partitions.first().map_or(String::new(), |first| table.folder_of(first)),
        files: partitions.iter().fold(0, |sum, partition| partition.files.saturating_add(sum)),
        bytes: partitions.iter().fold(0, |sum, partition| partition.bytes.saturating_add(sum)),
    };
    Some(Chart { partitions_per_bar, bars: layout.partitions.chunks(partitions_per_bar).map(bar).collect() })
}

pub(super) fn queries(
    report: &Report,
    numbers: &Numbers,
    statements: &[&Priced<'_>],
    ledger: &Ledger,
) -> Vec<QueryRow> {
    let mut findings: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (finding, found) in report.findings.iter().enumerate() {
        let inside = match found.finding.place {
            Place::Span(span) => numbers.around(span),
            _ => None,
        };
        // A finding in a view is one of every statement that reads it; one about a table is none of a statement.
        let shares = found.finding.waste.iter().flat_map(|waste| &waste.shares);
        let through = shares.filter_map(|share| numbers.of_query(share.query)).filter(|_| is_of_query(&found.finding));
        let mut of: Vec<usize> = inside.into_iter().chain(through).collect();
        of.sort_unstable();
        of.dedup();
        of.into_iter().for_each(|query| findings.entry(query).or_default().push(finding));
    }
    let row = |(number, priced): (usize, &&Priced<'_>)| {
        let mut tables: Vec<TableId> = priced.query.reads.iter().map(|read| read.table).collect();
        tables.sort_unstable();
        tables.dedup();
        QueryRow {
            avoidable: ledger.saved_of(priced.query.span),
            tables,
            findings: findings.remove(&number).unwrap_or_default(),
        }
    };
    statements.iter().enumerate().map(row).collect()
}

fn is_of_query(finding: &Finding) -> bool {
    RULES.iter().any(|rule| rule.id == finding.rule && matches!(rule.check, Check::Query(_)))
}

pub(super) fn machines(report: &Report, estimator: &Estimator<'_>, bill: &Bill<'_>) -> Vec<MachineRow> {
    let mut findings: BTreeMap<WorkflowId, Vec<usize>> = BTreeMap::new();
    for (number, found) in report.findings.iter().enumerate() {
        if let Some(machine) = machine_of(&found.finding, estimator) {
            findings.entry(machine).or_default().push(number);
        }
    }
    let retries = |workflow: &crate::lake::Workflow| {
        let states = workflow.states.iter().filter(|state| !state.retriers.is_empty());
        let of_state = |state: &crate::lake::State| {
            let (starts, more) = try_starts(workflow, state, TRIES).unzip();
            Retries { state: state.id, starts, more: more.unwrap_or(0) }
        };
        states.map(of_state).collect()
    };
    let row = |machine: &crate::cost::PricedMachine<'_>| MachineRow {
        findings: (estimator.lake.id_of(machine.workflow))
            .and_then(|id| findings.get(&id).cloned())
            .unwrap_or_default(),
        retries: retries(machine.workflow),
    };
    bill.machines.iter().map(row).collect()
}
