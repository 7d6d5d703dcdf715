//! Each format over a small hand-built lake.

use super::*;
use crate::expr::AsOf;
use crate::finding::{Confidence, Finding, Place, Related, Severity};
use crate::lake::{FileId, Span};
use crate::rules::Settings;
use crate::triage::{Sift, triage};

/// A lake of files without queries, and findings on it.
#[derive(Default)]
struct Fixture {
    lake: Lake,
    findings: Vec<Finding>,
}

impl Fixture {
    fn file(mut self, path: &str, text: &str) -> Self {
        self.lake.sources.add(path, text);
        self.lake.files += 1;
        self
    }

    fn span(&self, file: u32, needle: &str) -> Span {
        let start = self.lake.sources.get(FileId(file)).text.find(needle).expect("in the file");
        Span::new(FileId(file), start..start + needle.len())
    }

    fn found(mut self, rule: &'static str, severity: Severity, place: Place, message: &str) -> Self {
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
        });
        self
    }

    fn at(self, needle: &str, severity: Severity, message: &str) -> Self {
        let span = self.span(0, needle);
        self.found("missing-partition-filter", severity, Place::Span(span), message)
    }

    fn last(mut self, change: impl FnOnce(&mut Finding, &Fixture)) -> Self {
        let mut finding = self.findings.pop().expect("a finding");
        change(&mut finding, &self);
        self.findings.push(finding);
        self
    }

    fn help(self, help: &str) -> Self {
        self.last(|finding, _| finding.help = Some(help.to_string()))
    }

    fn related(self, file: u32, needle: &str, message: &str) -> Self {
        self.last(|finding, fixture| {
            let place = Place::Span(fixture.span(file, needle));
            finding.related.push(Related { place, message: message.to_string() });
        })
    }

    fn report(&self) -> Report {
        let settings = Settings::resolve(&Default::default(), &[], &[]).expect("defaults");
        let as_of = AsOf("2025-06-30T00:00:00".parse().expect("a time"));
        let sift = Sift { settings: &settings, as_of, base: "/repo".as_ref(), globs_from: None };
        triage(self.findings.clone(), &self.lake, &sift)
    }

    fn render(&self, format: Format, look: &Look) -> String {
        render(format, &self.report(), &self.lake, look)
    }

    fn terminal(&self, width: usize) -> String {
        self.render(Format::Terminal, &Look { width, paths: vec![".".to_string()], ..Look::default() })
    }
}

const QUERY: &str = "SELECT sum(amount)\nFROM lake.orders o\nJOIN lake.items i ON i.id = o.id\nWHERE o.ts > 1;\n";

fn usual() -> Fixture {
    Fixture::default()
        .file("queries/revenue.sql", QUERY)
        .file("ddl/orders.sql", "CREATE TABLE lake.orders (id int)\n")
        .at("lake.orders", Severity::High, "reads all 1,095 partitions (4.1 TB) of `lake.orders`")
        .help("add a predicate on `dt`, as in `dt >= date_format(current_date - interval '7' day, '%Y-%m-%d')`")
        .related(0, "o.ts > 1", "`ts` is no partition key")
        .related(1, "lake.orders", "declared here")
}

#[test]
fn a_finding_has_its_lines_its_related_places_and_a_help_that_can_be_copied() {
    insta::assert_snapshot!(usual().terminal(80), @r"
    high[missing-partition-filter]: reads all 1,095 partitions (4.1 TB) of
        `lake.orders`
     --> queries/revenue.sql:2:6
      |
    2 | FROM lake.orders o
      |      ^^^^^^^^^^^
    3 | JOIN lake.items i ON i.id = o.id
    4 | WHERE o.ts > 1;
      |       -------- `ts` is no partition key
      |
     ::: ddl/orders.sql:1:14
      |
    1 | CREATE TABLE lake.orders (id int)
      |              ----------- declared here
      |
      = help: add a predicate on `dt`, as in
              `dt >= date_format(current_date - interval '7' day, '%Y-%m-%d')`

    checked 2 files, 0 statements: 1 high
    ");
}
