//! What a rule function may use, and how it reports.

use crate::cost::{Days, Estimator};
use crate::expr::AsOf;
use crate::finding::{Confidence, Finding, Patch, Place, Related, Severity, Waste};
use crate::lake::{Conjunct, Lake, Model, Query, Span, Table, TableRead};

use super::{Params, Rule, RuleSettings};

/// One rule's view of the run.
pub struct Context<'a> {
    pub lake: &'a Lake,
    /// When relative dates are evaluated.
    pub as_of: AsOf,
    /// What statements cost, as they are and with a fix.
    pub estimator: Estimator<'a>,
    rule: &'static Rule,
    settings: &'a RuleSettings,
    findings: Vec<Finding>,
}

/// A finding being completed: `cx.report(place, message).help(...).table(...)`.
pub struct Report<'a>(&'a mut Finding);

impl<'a> Context<'a> {
    pub(super) fn new(rule: &'static Rule, settings: &'a RuleSettings, estimator: &Estimator<'a>) -> Self {
        let Estimator { lake, as_of, .. } = *estimator;
        Context { lake, as_of, estimator: *estimator, rule, settings, findings: Vec::new() }
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    /// The dbt model whose query a statement is.
    pub fn model(&self, query: &Query) -> Option<&'a Model> {
        self.lake.model(query)
    }

    /// Reports what a model's configuration says, where it says it: at the first of some settings that stands beside its query.
    pub fn report_model(&mut self, model: &Model, settings: &[&str], message: impl Into<String>) -> Report<'_> {
        let place = model.setting(settings, &self.lake.sources);
        self.report(Place::Span(place), message).table(model.relation.to_string())
    }

    /// The rule's thresholds.
    pub fn params(&self) -> &'a Params {
        &self.settings.params
    }

    /// The name of a field where a place is: as Terraform spells it, or as CloudFormation does.
    pub fn field(&self, place: Span, terraform: &'static str, cloudformation: &'static str) -> &'static str {
        let is_terraform = self.lake.sources.get(place.file).path.ends_with(".tf");
        if is_terraform { terraform } else { cloudformation }
    }

    /// Reports at the rule's severity and high confidence.
    pub fn report(&mut self, place: Place, message: impl Into<String>) -> Report<'_> {
        self.findings.push(Finding {
            rule: self.rule.id,
            severity: self.settings.severity,
            confidence: Confidence::High,
            place,
            message: message.into(),
            help: None,
            table: None,
            object: None,
            related: Vec::new(),
            waste: None,
            patch: None,
        });
        Report(self.findings.last_mut().expect("just pushed"))
    }

    /// Reports on a whole table: where it is declared, or, when only the lake knows it, by its location.
    pub fn report_table(&mut self, table: &Table, message: impl Into<String>) -> Report<'_> {
        let place = table.declared_at.map_or(Place::Lake, Place::Span);
        let report = self.report(place, message).table(table.name.to_string()).incomplete(table);
        match (&table.declared_at, &table.location) {
            (None, Some(location)) => report.object(location.to_string()),
            _ => report,
        }
    }

    /// Reports a read where the statement causes it: at the table's name, or at the use of the view that leads to it.
    pub fn report_read(&mut self, read: &TableRead, message: impl Into<String>) -> Report<'_> {
        let report = self.report(Place::Span(read.place()), message).table(&read.name);
        if read.through.is_empty() { report } else { report.related(read.span, "the table that the view reads") }
    }

    /// Reports a whole statement, at its first line.
    pub fn report_statement(&mut self, query: &Query, message: impl Into<String>) -> Report<'_> {
        let text = self.lake.sources.text(query.span);
        let first_line = text.find(['\r', '\n']).unwrap_or(text.len());
        let start = query.span.range().start;
        self.report(Place::Span(Span::new(query.span.file, start..start + first_line)), message)
    }

    /// Reports a predicate on a read, with the table beside it.
    pub fn report_predicate(
        &mut self,
        conjunct: &Conjunct,
        read: &TableRead,
        message: impl Into<String>,
    ) -> Report<'_> {
        let report = self.report(Place::Span(conjunct.span), message).table(&read.name);
        report.related(read.span, "the table that is read")
    }

    /// A statement's finding in the text of a view whose file nobody asked about moves to the use of the view.
    pub(super) fn bring_home(&mut self, query: &Query, from: usize) {
        for finding in &mut self.findings[from..] {
            let Place::Span(span) = finding.place else { continue };
            if !self.lake.sources.get(span.file).is_context {
                continue;
            }
            let leads_to = |read: &&TableRead| read.span == span || read.conjuncts.iter().any(|c| c.span == span);
            let through = query.reads.iter().filter(|read| !read.through.is_empty());
            let Some(read) = through.clone().find(leads_to).or(through.clone().next()) else { continue };
            finding.place = Place::Span(read.place());
            finding.related.insert(0, Related { place: Place::Span(span), message: "here, in the view".to_string() });
        }
    }

    /// What may be an example, or go on elsewhere, is no certain finding.
    pub(super) fn soften(&mut self, query: &Query, from: usize) {
        if !self.lake.unrun.contains(&query.span.file) {
            return;
        }
        for finding in &mut self.findings[from..] {
            finding.confidence = finding.confidence.min(Confidence::Medium);
            finding.severity = finding.severity.min(Severity::Medium);
        }
    }

    /// How many findings there are.
    pub(super) fn count(&self) -> usize {
        self.findings.len()
    }

    /// The days that a rule's help suggests: so many before the run's date.
    pub fn last_days(&self, count: u64) -> Option<Days> {
        Days::before(self.as_of.0.date(), count)
    }

    /// Whether a table is worth a finding: `None` when it is known to be smaller than `min` bytes, high confidence when it is
    /// known to be at least that, medium when its size is unknown.
    pub fn worth(&self, table: &Table, min: u64) -> Option<Confidence> {
        match &table.layout {
            None => Some(Confidence::Medium),
            Some(layout) if layout.bytes().0 < min => None,
            Some(_) => Some(Confidence::High),
        }
    }
}

impl Report<'_> {
    /// Says that a part of the table could not be listed, if so.
    fn incomplete(self, table: &Table) -> Self {
        let note = table.incomplete().map(|message| Related { place: Place::Lake, message });
        self.0.related.extend(note);
        self
    }

    pub fn help(self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    pub fn table(self, name: impl Into<String>) -> Self {
        self.0.table = Some(name.into());
        self
    }

    pub fn object(self, object: impl Into<String>) -> Self {
        self.0.object = Some(object.into());
        self
    }

    pub fn confidence(self, confidence: Confidence) -> Self {
        self.0.confidence = confidence;
        self
    }

    /// Lowers the severity; a rule never raises it over its setting.
    pub fn at_most(self, severity: Severity) -> Self {
        self.0.severity = self.0.severity.min(severity);
        self
    }

    /// What the fix saves; nothing is said where it saves nothing.
    pub fn waste(self, waste: Option<Waste>) -> Self {
        self.0.waste = waste.filter(Waste::is_any);
        self
    }

    pub fn patch(self, patch: Option<Patch>) -> Self {
        self.0.patch = patch;
        self
    }

    pub fn related(self, span: Span, message: impl Into<String>) -> Self {
        self.0.related.push(Related { place: Place::Span(span), message: message.into() });
        self
    }
}
