//! Findings that one change mends, ranked by what the change saves.

use std::collections::{BTreeMap, BTreeSet};

use super::account::{Ledger, Payer};
use super::{Numbers, Range};
use crate::cost::Estimator;
use crate::finding::{Billed, Change, Confidence, Finding, Place, Severity, Waste};
use crate::lake::{Lookup, Span, TableId, TableName, Usd, Workflow, WorkflowId};
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
    /// What is left of it by the fixes that are made before: those that are sure, then the dearer ones; `None` when no frequency is
    /// known.
    pub usd_per_month: Option<Range>,
    /// One run of each statement concerned, credited as above; `None` when dollars are unknown.
    pub usd_per_run: Option<Usd>,
    /// Statements concerned whose frequency is unknown.
    pub without_frequency: usize,
    /// What is scanned, stored or requested, before and after, each statement once.
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
    about: About,
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Table(TableId),
    /// A table that nothing declares, as a statement writes it.
    Unknown(String),
    Machine(WorkflowId),
    File(Option<String>),
}

/// A fix before it is credited.
struct Draft {
    subject: Subject,
    findings: Vec<usize>,
    savings: BTreeMap<Payer, Saving>,
    /// Dollars of a month, or of one run where no month is known.
    worth: f64,
    severity: Severity,
}

/// What the findings of a fix save of one bill together.
#[derive(Debug, Clone, Copy, Default)]
struct Saving {
    usd: f64,
    /// The part of it that is sure to be saved.
    sure: f64,
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
    let draft = |(subject, findings): (Subject, Vec<usize>)| {
        let all = || findings.iter().map(|number| &report.findings[*number].finding);
        let savings = savings(all(), &subject.about);
        let worth = savings.iter().map(|(payer, saving)| ledger.worth(payer, saving.usd)).sum();
        let severity = all().map(|finding| finding.severity).max().unwrap_or(Severity::Low);
        Draft { savings, worth, severity, subject, findings }
    };
    let mut drafts: Vec<Draft> = subjects.into_iter().map(draft).collect();
    drafts.retain(|draft| draft.worth > 0.0 || draft.severity >= Severity::Medium);
    let is_sure = |draft: &Draft| draft.savings.values().any(|saving| saving.sure > 0.0);
    // Stable: what is worth the same stays in the order of rules and names.
    drafts.sort_by(|a, b| is_sure(b).cmp(&is_sure(a)).then(b.worth.total_cmp(&a.worth)));
    let mut fixes: Vec<RankedFix> =
        drafts.into_iter().map(|draft| fix(draft, report, estimator, numbers, ledger)).collect();
    let usd = |fix: &RankedFix| {
        let month = fix.usd_per_month.map(|month| month.high);
        month.or(fix.usd_per_run).unwrap_or_default().0
    };
    fixes.sort_by(|a, b| usd(b).total_cmp(&usd(a)).then(b.severity.cmp(&a.severity)));
    fixes
}

/// What findings save of each bill, in one run of a statement or a month of storage.
fn savings<'f>(findings: impl Iterator<Item = &'f Finding>, about: &About) -> BTreeMap<Payer, Saving> {
    let mut savings: BTreeMap<Payer, Saving> = BTreeMap::new();
    for finding in findings {
        let Some(waste) = &finding.waste else { continue };
        let is_sure = is_sure(finding, waste);
        let mut add = |payer: Payer, usd: Change<Usd>| {
            let saved = usd.before.0 - usd.after.0;
            let saving = savings.entry(payer).or_default();
            saving.usd += saved;
            saving.sure += if is_sure { saved } else { 0.0 };
        };
        match (waste.billed, about) {
            (Billed::Storage, About::Table(table)) => add(Payer::Storage(*table), waste.usd),
            (Billed::Storage, _) => {}
            _ => waste.shares.iter().for_each(|share| add(Payer::Query(share.query), share.usd)),
        }
    }
    savings
}

/// Of stored bytes whose class is not known nobody knows what they cost at least; nor what a typical ratio saves at least.
fn is_sure(finding: &Finding, waste: &Waste) -> bool {
    let may_be_less = waste.is_most || waste.by_ratio || (waste.is_assumed && waste.billed == Billed::Storage);
    !may_be_less && finding.confidence == Confidence::High
}

fn subject(found: &Found, estimator: &Estimator<'_>) -> Subject {
    let finding = &found.finding;
    let about = match &finding.table {
        Some(name) => match table_of(name, estimator) {
            Some(id) => About::Table(id),
            None => About::Unknown(name.clone()),
        },
        None => match machine_of(finding, estimator) {
            Some(machine) => About::Machine(machine),
            None => About::File(found.place.file.clone()),
        },
    };
    Subject { rule: finding.rule, about }
}

/// Findings about tables have their names as declared, findings in statements as these write them.
fn table_of(name: &str, estimator: &Estimator<'_>) -> Option<TableId> {
    let catalog = &estimator.lake.catalog;
    match catalog.lookup(&TableName::parse(name)) {
        Lookup::Found(id) => Some(id),
        _ => catalog.iter().find(|(_, table)| table.name.to_string() == name).map(|(id, _)| id),
    }
}

/// The machine in which a finding is: the one whose states lie nearest around it, as a template holds several.
pub(super) fn machine_of(finding: &Finding, estimator: &Estimator<'_>) -> Option<WorkflowId> {
    let Place::Span(span) = finding.place else { return None };
    let whole = |workflow: &Workflow| {
        let spans = || workflow.states.iter().map(|state| state.span).chain([workflow.span]);
        let start = spans().map(|span| span.start).min().unwrap_or(0);
        (start, spans().map(|span| span.end).max().unwrap_or(0))
    };
    let workflows = estimator.lake.workflows.iter().enumerate();
    let around = workflows.filter(|(_, workflow)| workflow.file == span.file);
    let around = around.map(|(number, workflow)| (whole(workflow), number));
    let around = around.filter(|((start, end), _)| *start <= span.start && span.end <= *end);
    around.min_by_key(|((start, end), _)| end - start).map(|(_, number)| WorkflowId(number as u32))
}

fn fix(draft: Draft, report: &Report, estimator: &Estimator<'_>, numbers: &Numbers, ledger: &mut Ledger) -> RankedFix {
    let Draft { subject, findings, savings, severity, .. } = draft;
    let lake = estimator.lake;
    let rule = RULES.iter().find(|rule| rule.id == subject.rule);
    let all = || findings.iter().map(|number| &report.findings[*number].finding);
    let dearest = all().find(|finding| finding.waste.is_some()).or_else(|| all().next());
    let (table, machine, tables) = match subject.about {
        About::Table(id) => (Some(lake.catalog.get(id).name.to_string()), None, vec![id]),
        About::Unknown(name) => (Some(name), None, Vec::new()),
        About::Machine(id) => (None, Some(lake.workflow(id).name.clone()), Vec::new()),
        About::File(_) => (None, None, Vec::new()),
    };
    let wastes = || all().filter_map(|finding| Some((finding, finding.waste.as_ref()?)));
    let mut fix = RankedFix {
        rule: subject.rule,
        title: rule.map_or(subject.rule, |rule| rule.page().title),
        severity,
        confidence: all().map(|finding| finding.confidence).max().unwrap_or(Confidence::Low),
        table,
        machine,
        usd_per_month: None,
        usd_per_run: None,
        without_frequency: 0,
        change: change(wastes().map(|(_, waste)| waste)),
        how: dearest.and_then(|finding| Some(finding.waste.as_ref()?.fix.clone())),
        help: dearest.and_then(|finding| finding.help.clone()),
        is_assumed: wastes().any(|(finding, waste)| waste.is_assumed || !is_sure(finding, waste)),
        queries: queries(all(), numbers),
        tables,
        findings: Vec::new(),
    };
    for (payer, saving) in &savings {
        fix.credit(payer, saving, ledger);
    }
    fix.findings = findings;
    fix
}

/// Statements that findings are in, or that they save something of.
fn queries<'f>(findings: impl Iterator<Item = &'f Finding>, numbers: &Numbers) -> Vec<usize> {
    let mut queries = BTreeSet::new();
    for finding in findings {
        if let Place::Span(span) = finding.place {
            queries.extend(numbers.around(span));
        }
        let shares = finding.waste.iter().flat_map(|waste| &waste.shares);
        queries.extend(shares.filter_map(|share| numbers.of_query(share.query)));
    }
    queries.into_iter().collect()
}

/// Of what the first finding saves, other quantities cannot be added: each statement once before, and after without what its
/// findings save.
fn change<'f>(wastes: impl Iterator<Item = &'f Waste>) -> Option<(Billed, Change<u64>)> {
    let mut billed = None;
    let mut statements: BTreeMap<Span, Change<u64>> = BTreeMap::new();
    let mut stored = Change { before: 0u64, after: 0 };
    for waste in wastes {
        if *billed.get_or_insert(waste.billed) != waste.billed {
            continue;
        }
        if waste.billed == Billed::Storage {
            stored.before = stored.before.saturating_add(waste.bytes.before);
            stored.after = stored.after.saturating_add(waste.bytes.after);
        }
        for share in &waste.shares {
            let saved = share.amount.before.saturating_sub(share.amount.after);
            let change = statements.entry(share.query).or_insert(Change { after: share.amount.before, ..share.amount });
            change.after = change.after.saturating_sub(saved);
        }
    }
    let sum = |sum: Change<u64>, one: &Change<u64>| Change {
        before: sum.before.saturating_add(one.before),
        after: sum.after.saturating_add(one.after),
    };
    Some((billed?, statements.values().fold(stored, sum)))
}

impl RankedFix {
    /// What is saved of one bill.
    fn credit(&mut self, payer: &Payer, saving: &Saving, ledger: &mut Ledger) {
        let Some(credit) = ledger.credit(payer, saving.usd) else { return };
        if matches!(payer, Payer::Query(_)) {
            self.usd_per_run = Some(Usd(self.usd_per_run.unwrap_or_default().0 + credit.run));
        }
        let Some(month) = credit.month else {
            self.without_frequency += 1;
            return;
        };
        let sure = if saving.usd > 0.0 { (saving.sure / saving.usd).clamp(0.0, 1.0) } else { 0.0 };
        let more = Range { low: Usd((credit.at_least * sure).min(month)), high: Usd(month) };
        self.usd_per_month = Some(self.usd_per_month.unwrap_or_default().plus(more));
    }

    /// Whether anybody knows what it saves.
    pub(crate) fn is_priced(&self) -> bool {
        self.change.is_some()
    }
}
