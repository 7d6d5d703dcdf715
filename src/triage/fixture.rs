//! A small lake with findings, built by hand, for the tests of triage and output.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Report, Sift, triage};
use crate::cost::Terms;
use crate::expr::AsOf;
use crate::finding::{Confidence, Finding, Patch, Place, Related, Severity};
use crate::ignore::{Ignore, Scope};
use crate::lake::{Catalog, DeclaredBy, FileId, Lake, Query, Span, StatementKind, Table, TableName};
use crate::output::{self, Format, Look};
use crate::rules::Settings;

/// Files, statements, tables and ignores as `input` would read them, and findings as rules would report them.
#[derive(Default)]
pub(crate) struct Fixture {
    pub(crate) lake: Lake,
    pub(crate) findings: Vec<Finding>,
    tables: Vec<(TableName, Span)>,
}

impl Fixture {
    pub(crate) fn file(mut self, path: &str, text: &str) -> Self {
        self.lake.sources.add(path, text);
        self.lake.files += 1;
        self
    }

    /// The first place of a text in a file.
    pub(crate) fn span(&self, file: u32, needle: &str) -> Span {
        let start = self.lake.sources.get(FileId(file)).text.find(needle).expect("in the file");
        Span::new(FileId(file), start..start + needle.len())
    }

    pub(crate) fn found(mut self, rule: &'static str, severity: Severity, place: Place, message: &str) -> Self {
        self.findings.push(Finding {
            rule,
            severity,
            confidence: Confidence::High,
            place,
            message: message.to_string(),
            help: None,
            table: None,
            object: None,
            related: Vec::new(),
            waste: None,
            patch: None,
        });
        self
    }

    /// A finding on a text of the first file.
    pub(crate) fn at(self, needle: &str, severity: Severity, message: &str) -> Self {
        let span = self.span(0, needle);
        self.found("missing-partition-filter", severity, Place::Span(span), message)
    }

    fn last(mut self, change: impl FnOnce(&mut Finding, &Fixture)) -> Self {
        let mut finding = self.findings.pop().expect("a finding");
        change(&mut finding, &self);
        self.findings.push(finding);
        self
    }

    pub(crate) fn help(self, help: &str) -> Self {
        self.last(|finding, _| finding.help = Some(help.to_string()))
    }

    pub(crate) fn table(self, table: &str) -> Self {
        self.last(|finding, _| finding.table = Some(table.to_string()))
    }

    pub(crate) fn object(self, object: &str) -> Self {
        self.last(|finding, _| finding.object = Some(object.to_string()))
    }

    pub(crate) fn related(self, file: u32, needle: &str, message: &str) -> Self {
        self.last(|finding, fixture| {
            let place = Place::Span(fixture.span(file, needle));
            finding.related.push(Related { place, message: message.to_string() });
        })
    }

    /// A patch of the last finding.
    pub(crate) fn patch(self, patch: impl FnOnce(&Lake) -> Option<Patch>) -> Self {
        self.last(|finding, fixture| finding.patch = patch(&fixture.lake))
    }

    /// A statement that was understood, with the names of the tables that nobody describes.
    pub(crate) fn statement(mut self, file: u32, text: &str, unknown: &[&str]) -> Self {
        let span = self.span(file, text);
        self.lake.statements += 1;
        self.lake.queries.push(Query {
            step: None,
            model: None,
            span,
            name: None,
            kind: StatementKind::Select,
            reads: Vec::new(),
            unknown_tables: unknown.iter().map(|name| (TableName::parse(name), span)).collect(),
            write: None,
            limit: None,
            cross_joins: Vec::new(),
            truncated: false,
            workgroup: None,
            past: None,
        });
        self
    }

    /// A table whose name is declared at a text of a file; it has no layout.
    pub(crate) fn declared(mut self, name: &str, file: u32, needle: &str) -> Self {
        self.tables.push((TableName::parse(name), self.span(file, needle)));
        let tables = self.tables.iter().map(|(name, span)| {
            let mut table = Table::new(name.clone(), DeclaredBy::Ddl);
            table.declared_at = Some(*span);
            table
        });
        self.lake.catalog = Catalog::new(tables.collect());
        self
    }

    /// An ignore that is written as a text of a file.
    pub(crate) fn ignore(
        mut self,
        rules: &[&str],
        file: u32,
        comment: &str,
        scope: Scope,
        until: Option<&str>,
    ) -> Self {
        let span = self.span(file, comment);
        self.lake.ignores.push(Ignore {
            rules: rules.iter().map(|rule| (rule.to_string(), span)).collect(),
            reason: "for a test".to_string(),
            until: until.map(|until| until.parse().expect("a date")),
            invalid_until: None,
            span,
            scope,
        });
        self
    }

    pub(crate) fn report(&self) -> Report {
        self.report_of(self.findings.clone(), &[])
    }

    /// The report of some findings, with only the selected rules on (all when there are none), from `/repo/models` with a
    /// configuration in `/repo`.
    pub(crate) fn report_of(&self, findings: Vec<Finding>, select: &[&str]) -> Report {
        let select: Vec<String> = select.iter().map(|rule| rule.to_string()).collect();
        let settings = Settings::resolve(&BTreeMap::new(), &select, &[]).expect("defaults");
        let as_of = AsOf("2025-06-30T00:00:00".parse().expect("a time"));
        let base = Path::new("/repo/models");
        let terms = Terms::default();
        let estimator = terms.estimator(&self.lake, as_of);
        triage(findings, &self.lake, &Sift { settings: &settings, estimator, base, globs_from: base.parent() })
    }

    /// Rule and message of what is left.
    pub(crate) fn kept(&self) -> Vec<String> {
        let findings = self.report().findings;
        findings.iter().map(|found| format!("{}: {}", found.finding.rule, found.finding.message)).collect()
    }

    pub(crate) fn render(&self, format: Format, look: &Look) -> String {
        output::render(format, &self.report(), &self.lake, look)
    }

    pub(crate) fn terminal(&self, width: usize) -> String {
        self.render(Format::Terminal, &Look { width, paths: vec![".".to_string()], ..Look::default() })
    }
}
