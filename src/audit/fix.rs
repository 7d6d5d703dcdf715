//! Findings that one change mends, ranked by what the change saves.

use std::collections::{BTreeMap, BTreeSet};

use super::account::Ledger;
use super::{Numbers, Range};
use crate::cost::Estimator;
use crate::finding::{Billed, Change, Confidence, Finding, Place, Severity};
use crate::lake::{Lookup, TableId, TableName, Usd, Workflow};
use crate::rules::RULES;
use crate::triage::{Found, Report};

/// One thing to do: a rule's findings about one table, one machine or one file.
#[derive(Debug, Clone, PartialEq)]
pub struct RankedFix {
    pub rule: &'static str,
    /// The title of the rule's page.
    pub title: &'static str,
    /// The highest of its findings.
    pub severity: Severity,
    pub confidence: Confidence,
    /// The declared name; as a statement writes it where nothing declares the table.
    pub table: Option<String>,
    pub machine: Option<String>,
    /// Credited after the fixes before it; `None` when no frequency is known.
    pub usd_per_month: Option<Range>,
    /// One run of each statement concerned, credited as above; `None` when dollars are unknown.
    pub usd_per_run: Option<Usd>,
    /// Statements concerned whose frequency is unknown.
    pub without_frequency: usize,
    /// What is scanned, stored or requested, before and after: the sums of its findings.
    pub change: Option<(Billed, Change<u64>)>,
    /// What to change, as the dearest finding has it: ``with `dt = '2025-06-29'` ``.
    pub how: Option<String>,
    /// The help of the dearest finding.
    pub help: Option<String>,
    /// Some of its figures were taken for granted, or may be less.
    pub is_assumed: bool,
    /// Numbers in the report, dearest first.
    pub findings: Vec<usize>,
    /// Numbers of statements, sorted.
    pub queries: Vec<usize>,
    pub tables: Vec<TableId>,
}

/// What findings share that one change mends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Subject {
    rule: &'static str,
    table: Option<String>,
    /// A machine, or a file where there is no table either.
    other: Option<String>,
}

/// Fixes of all findings that cost money or matter without: dearest first, then by severity.
pub(super) fn ranked(
    report: &Report,
    estimator: &Estimator<'_>,
    numbers: &Numbers,
    ledger: &mut Ledger,
) -> Vec<RankedFix> {
    let mut subjects: BTreeMap<Subject, Vec<usize>> = BTreeMap::new();
    for (number, found) in report.findings.iter().enumerate() {
        subjects.entry(subject(found, estimator)).or_default().push(number);
    }
    // Dollars of a month, and of one run where no month is known, which is what a month saves at least.
    let worth = |findings: &[usize]| -> f64 {
        let waste = findings.iter().filter_map(|number| report.findings[*number].finding.waste.as_ref());
        waste.map(|waste| waste.usd_per_month.map_or(waste.usd.before.0 - waste.usd.after.0, |month| month.0)).sum()
    };
    let mut ranked: Vec<(f64, Subject, Vec<usize>)> =
        subjects.into_iter().map(|(subject, findings)| (worth(&findings), subject, findings)).collect();
    let severity = |findings: &[usize]| findings.iter().map(|number| report.findings[*number].finding.severity).max();
    // Stable: what is worth the same stays in the order of rules and names.
    ranked.sort_by(|(usd, _, a), (usd_too, _, b)| usd_too.total_cmp(usd).then(severity(b).cmp(&severity(a))));
    let is_worth_doing =
        |(usd, _, findings): &(f64, Subject, Vec<usize>)| *usd > 0.0 || severity(findings) >= Some(Severity::Medium);
    let fix = |(_, subject, findings)| fix(subject, findings, report, estimator, numbers, ledger);
    ranked.into_iter().filter(is_worth_doing).map(fix).collect()
}

fn subject(found: &Found, estimator: &Estimator<'_>) -> Subject {
    let finding = &found.finding;
    let catalog = &estimator.lake.catalog;
    let declared = |name: &String| match catalog.lookup(&TableName::parse(name)) {
        Lookup::Found(id) => catalog.get(id).name.to_string(),
        _ => name.clone(),
    };
    let table = finding.table.as_ref().map(declared);
    let other =
        if table.is_some() { None } else { machine_of(finding, estimator).or_else(|| found.place.file.clone()) };
    Subject { rule: finding.rule, table, other }
}

/// The machine in which a finding is: the one whose states lie nearest around it, as a template holds several.
pub(super) fn machine_of(finding: &Finding, estimator: &Estimator<'_>) -> Option<String> {
    let Place::Span(span) = finding.place else { return None };
    let whole = |workflow: &Workflow| {
        let spans = || workflow.states.iter().map(|state| state.span).chain([workflow.span]);
        let start = spans().map(|span| span.start).min().unwrap_or(0);
        (start, spans().map(|span| span.end).max().unwrap_or(0))
    };
    let around = estimator.lake.workflows.iter().filter(|workflow| workflow.file == span.file);
    let around = around.map(|workflow| (whole(workflow), workflow));
    let around = around.filter(|((start, end), _)| *start <= span.start && span.end <= *end);
    around.min_by_key(|((start, end), _)| end - start).map(|(_, workflow)| workflow.name.clone())
}

fn fix(
    subject: Subject,
    findings: Vec<usize>,
    report: &Report,
    estimator: &Estimator<'_>,
    numbers: &Numbers,
    ledger: &mut Ledger,
) -> RankedFix {
    let rule = RULES.iter().find(|rule| rule.id == subject.rule);
    let all = || findings.iter().map(|number| &report.findings[*number].finding);
    let dearest = all().find(|finding| finding.waste.is_some()).or_else(|| all().next());
    let machine = all().find_map(|finding| machine_of(finding, estimator)).filter(|_| subject.table.is_none());
    let mut fix = RankedFix {
        rule: subject.rule,
        title: rule.map_or(subject.rule, |rule| rule.page().title),
        severity: all().map(|finding| finding.severity).max().unwrap_or(Severity::Low),
        confidence: all().map(|finding| finding.confidence).max().unwrap_or(Confidence::Low),
        machine,
        usd_per_month: None,
        usd_per_run: None,
        without_frequency: 0,
        change: None,
        how: dearest.and_then(|finding| Some(finding.waste.as_ref()?.fix.clone())),
        help: dearest.and_then(|finding| finding.help.clone()),
        is_assumed: false,
        queries: Vec::new(),
        tables: Vec::new(),
        table: subject.table,
        findings: Vec::new(),
    };
    let (mut queries, mut tables) = (BTreeSet::new(), BTreeSet::new());
    for finding in all() {
        fix.add(finding, ledger);
        let place = match finding.place {
            Place::Span(span) => numbers.around(span),
            _ => None,
        };
        queries.extend(place);
        let shares = finding.waste.iter().flat_map(|waste| &waste.shares);
        queries.extend(shares.filter_map(|share| numbers.of_query(share.query)));
    }
    if let Some(Lookup::Found(id)) =
        fix.table.as_ref().map(|name| estimator.lake.catalog.lookup(&TableName::parse(name)))
    {
        tables.insert(id);
    }
    (fix.queries, fix.tables) = (queries.into_iter().collect(), tables.into_iter().collect());
    fix.findings = findings;
    fix
}

impl RankedFix {
    /// What one of its findings saves.
    fn add(&mut self, finding: &Finding, ledger: &mut Ledger) {
        let Some(waste) = &finding.waste else { return };
        let credit = ledger.credit(waste, self.table.as_deref());
        // Of stored bytes whose class is not known nobody knows what they cost at least.
        let is_sure = !waste.is_most && finding.confidence == Confidence::High;
        let is_sure = is_sure && !(waste.is_assumed && waste.billed == Billed::Storage);
        self.is_assumed |= waste.is_assumed || !is_sure;
        self.without_frequency += credit.without_frequency;
        if let Some(month) = credit.month {
            let low = if is_sure { credit.at_least.min(month) } else { 0.0 };
            let more = Range { low: Usd(low), high: Usd(month) };
            self.usd_per_month = Some(self.usd_per_month.unwrap_or_default().plus(more));
        }
        if waste.billed != Billed::Storage {
            self.usd_per_run = Some(Usd(self.usd_per_run.unwrap_or_default().0 + credit.run));
        }
        let quantity = waste.requests.filter(|_| waste.billed == Billed::Requests).unwrap_or(waste.bytes);
        match &mut self.change {
            None => self.change = Some((waste.billed, quantity)),
            Some((billed, sum)) if *billed == waste.billed => {
                sum.before = sum.before.saturating_add(quantity.before);
                sum.after = sum.after.saturating_add(quantity.after);
            }
            // Another quantity cannot be added.
            Some(_) => {}
        }
    }

    /// Rules whose findings it mends come by severity where nothing says what they cost.
    pub(crate) fn is_priced(&self) -> bool {
        self.usd_per_month.is_some() || self.usd_per_run.is_some_and(|usd| usd.0 > 0.0)
    }
}
