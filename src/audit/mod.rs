//! The audit: what a lake costs in a month, what of that is avoidable, and what to do first.
//!
//! Everything is joined from what the other parts know: the bill, the findings, the layouts. Nothing is estimated here.

mod account;
pub(crate) mod checklist;
mod fix;
mod not_checked;
mod row;
mod spend;

use std::collections::BTreeMap;

use crate::cost::{Bill, Estimator, Priced};
use crate::lake::{Span, Usd};
use crate::triage::Report;
use account::Ledger;

pub use checklist::{Answer, Answered, QUESTIONS, Question, Reason};
pub use fix::RankedFix;
pub use not_checked::NotChecked;
pub use row::{Bar, Chart, MachineRow, QueryRow, Retries, TableRow};
pub use spend::{Part, PartOf, Spend};

/// An amount that is known within bounds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Range {
    /// Where statements scan no more than they must, and nothing of what may not be saved at all.
    pub low: Usd,
    pub high: Usd,
}

/// Counts of what was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    pub tables: usize,
    pub tables_with_layout: usize,
    /// Sums over the tables whose layout is known; `None` where none is.
    pub partitions: Option<u64>,
    pub objects: Option<u64>,
    pub bytes: Option<u64>,
    /// Statements that are billed.
    pub queries: usize,
    pub machines: usize,
    /// Where the layouts come from, for people; sorted, each once.
    pub sources: Vec<String>,
}

/// One page about a lake.
#[derive(Debug)]
pub struct Audit<'a> {
    pub estimator: Estimator<'a>,
    pub totals: Totals,
    pub spend: Spend,
    /// In a month: the sum of the credits of all fixes; `None` when none of them has a frequency.
    pub avoidable: Option<Range>,
    /// How many fixes, from the first, make up four fifths of what is avoidable.
    pub top: usize,
    pub fixes: Vec<RankedFix>,
    /// By name.
    pub tables: Vec<TableRow>,
    /// Statements that are billed, in the order of the bill: numbers of statements are places in this list.
    pub statements: Vec<&'a Priced<'a>>,
    /// One for each of them.
    pub queries: Vec<QueryRow>,
    /// As in the bill.
    pub machines: Vec<MachineRow>,
    /// As [`QUESTIONS`].
    pub checklist: Vec<Answered>,
    pub not_checked: Vec<NotChecked>,
    pub bill: &'a Bill<'a>,
    /// Its findings are what indices of findings mean.
    pub report: &'a Report,
}

/// The share of what is avoidable that the top fixes make up.
const MOST: f64 = 0.8;

impl<'a> Audit<'a> {
    /// Joins the bill and the report of the same lake.
    pub fn of(estimator: Estimator<'a>, bill: &'a Bill<'a>, report: &'a Report) -> Audit<'a> {
        let stored = spend::stored(&estimator);
        let mut ledger = Ledger::of(&estimator, bill, &stored);
        let statements: Vec<&Priced<'_>> = bill.billed().collect();
        let numbers = Numbers::of(&statements);
        let fixes = fix::ranked(report, &estimator, &numbers, &mut ledger);
        let credits = fixes.iter().filter_map(|fix| fix.usd_per_month).reduce(Range::plus);
        let has_unknown = fixes.iter().any(|fix| fix.usd_per_run.is_some());
        let avoidable = credits.or((!has_unknown).then(Range::default));
        let machines = row::machines(report, &estimator, bill);
        let queries = row::queries(report, &numbers, &statements, &ledger);
        let tables = row::tables(&estimator, &statements, &stored, &fixes);
        Audit {
            totals: totals(&estimator, bill),
            spend: spend::of(&estimator, bill, &stored),
            top: top(&fixes, avoidable.unwrap_or_default()),
            avoidable,
            fixes,
            tables,
            statements,
            queries,
            machines,
            checklist: checklist::answered(&checklist::Evidence { estimator, bill, report }),
            not_checked: not_checked::of(&estimator, bill, report),
            estimator,
            bill,
            report,
        }
    }
}

impl Range {
    pub(crate) fn plus(self, other: Range) -> Range {
        Range { low: Usd(self.low.0 + other.low.0), high: Usd(self.high.0 + other.high.0) }
    }
}

/// Where statements stand in the list of those that are billed.
#[derive(Debug)]
struct Numbers(BTreeMap<Span, usize>);

impl Numbers {
    fn of(statements: &[&Priced<'_>]) -> Numbers {
        Numbers(statements.iter().enumerate().map(|(number, priced)| (priced.query.span, number)).collect())
    }

    /// The statement that a place lies in.
    fn around(&self, place: Span) -> Option<usize> {
        let (span, number) = self.0.range(..=Span { end: u32::MAX, ..place }).next_back()?;
        (span.file == place.file && span.start <= place.start && place.end <= span.end).then_some(*number)
    }

    fn of_query(&self, span: Span) -> Option<usize> {
        self.0.get(&span).copied()
    }
}

fn totals(estimator: &Estimator<'_>, bill: &Bill<'_>) -> Totals {
    let mut totals = Totals { queries: bill.billed().count(), machines: bill.machines.len(), ..Totals::default() };
    let plus = |sum: &mut Option<u64>, more: u64| *sum = Some(sum.unwrap_or(0).saturating_add(more));
    for (_, table) in estimator.lake.catalog.iter() {
        totals.tables += 1;
        if let Some(layout) = &table.layout {
            totals.tables_with_layout += 1;
            plus(&mut totals.partitions, layout.partitions.len() as u64);
            plus(&mut totals.objects, layout.files());
            plus(&mut totals.bytes, layout.bytes().0);
            totals.sources.push(layout.source.clone());
        }
    }
    totals.sources.sort();
    totals.sources.dedup();
    totals
}

/// Fixes without a month stand between the others, and count for nothing.
fn top(fixes: &[RankedFix], avoidable: Range) -> usize {
    let mut sum = 0.0;
    let reaches_most = |fix: &RankedFix| {
        sum += fix.usd_per_month.map_or(0.0, |range| range.high.0);
        sum >= MOST * avoidable.high.0
    };
    if avoidable.high.0 > 0.0 { fixes.iter().position(reaches_most).map_or(fixes.len(), |last| last + 1) } else { 0 }
}
