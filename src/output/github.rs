//! GitHub workflow commands: annotations on the lines of a pull request.

use std::cmp::Reverse;
use std::fmt::Write as _;

use super::said::{verdict, whole};
use super::{Look, from_root};
use crate::finding::Severity;
use crate::lake::Count;
use crate::triage::{Found, Report};

/// GitHub shows ten annotations of each level of a step and drops the others without a word
/// (<https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md#limitations>). Ten in all, whatever their levels, so
/// that the last of them can tell what is missing.
const SHOWN: usize = 10;

/// Dearest first, then what has no price by severity.
pub(super) fn render(report: &Report, look: &Look) -> String {
    let mut findings: Vec<&Found> = report.findings.iter().collect();
    findings.sort_by_key(|found| match found.finding.waste {
        // The order of the report.
        Some(_) => (false, None),
        None => (true, Some(Reverse(found.finding.severity))),
    });
    let shown = if findings.len() > SHOWN { SHOWN - 1 } else { findings.len() };
    let (shown, more) = findings.split_at(shown);
    let mut out: String = shown.iter().map(|found| command(found, look)).collect();
    if !more.is_empty() {
        let count = |severity| more.iter().filter(|found| found.finding.severity == severity).count();
        let _ = writeln!(
            out,
            "::notice title=lakelint::{} more findings: {}; GitHub shows {SHOWN} annotations of a step, `lakelint check` prints all",
            Count(more.len() as u64),
            verdict(count(Severity::High), count(Severity::Medium), count(Severity::Low)),
        );
    }
    out
}

fn command(found: &Found, look: &Look) -> String {
    let finding = &found.finding;
    let level = match finding.severity {
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "notice",
    };
    let mut line = format!("::{level} ");
    if let Some(file) = &found.place.file {
        let path = from_root(file, look).unwrap_or_else(|| file.clone());
        let _ = write!(line, "file={},", property(&path));
    }
    if let Some((start, end)) = found.place.range {
        let _ = write!(line, "line={},endLine={},", start.line, end.line);
        // GitHub takes columns only where the range ends on the line it starts on.
        if start.line == end.line {
            let _ = write!(line, "col={},endColumn={},", start.column, end.column);
        }
    }
    let title = property(&format!("{}[{}]", finding.severity, finding.rule));
    let _ = writeln!(line, "title={title}::{}", data(&whole(found)));
    line
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use crate::finding::Severity;
    use crate::output::tests::{folder, odd, priced};
    use crate::output::{Format, Look};
    use crate::triage::Fixture;

    #[test]
    fn what_has_no_price_comes_highest_severity_first_and_escaped() {
        insta::assert_snapshot!(odd().render(Format::Github, &folder()), @r#"
        ::error file=data/x.sql,title=high[unreadable-sql]::is not UTF-8
        ::warning file=data/sql/a dir/50%25%2C é%3A1.sql,title=medium[small-files]::a whole file
        ::warning file=data/sql/a dir/50%25%2C é%3A1.sql,line=2,endLine=3,title=medium[missing-partition-filter]::two lines
        ::notice file=data/sql/a dir/50%25%2C é%3A1.sql,line=1,endLine=1,col=8,endColumn=12,title=low[missing-partition-filter]::100%25 of `t`,%0Aand: more
        ::notice title=low[small-files]::1,200 files below 1 MB (s3://lake/curated/orders/dt=2025-06-01/)%0Ahelp: merge them
        "#);
    }

    /// Findings of a line each, the dearest last in the file, with some that have no price.
    fn many(count: usize) -> Fixture {
        let text: String = (0..count).map(|i| format!("select {i:03}\n")).collect();
        (0..count).fold(Fixture::default().file("a.sql", &text), |fixture, i| {
            let severity = [Severity::Low, Severity::Medium, Severity::High][i % 3];
            let fixture = fixture.at(&format!("{i:03}"), severity, &format!("number {i}"));
            if i % 4 == 0 { fixture } else { priced(fixture, i as f64) }
        })
    }

    #[test]
    fn ten_are_shown_dearest_first_and_the_last_tells_of_the_others() {
        let shown = |count| many(count).render(Format::Github, &Look::default());
        assert_eq!(shown(10).lines().count(), 10);
        assert!(!shown(10).contains("more findings"));
        let text = shown(23);
        let numbers: Vec<&str> =
            text.lines().filter_map(|line| line.split("::number ").nth(1)?.split('%').next()).collect();
        assert_eq!(numbers, ["22", "21", "19", "18", "17", "15", "14", "13", "11"]);
        let last = "::notice title=lakelint::14 more findings: 4 high, 5 medium, 5 low; GitHub shows 10 annotations of a step, `lakelint check` prints all";
        assert_eq!(text.lines().nth(9), Some(last));
        assert_eq!(text.lines().count(), 10);
    }

    #[test]
    fn the_dearest_comes_before_the_most_severe() {
        let fixture = Fixture::default().file("a.sql", "select a, b");
        let fixture = priced(fixture.at("a", Severity::Low, "dear"), 3.0).at("b", Severity::High, "without a price");
        let text = fixture.render(Format::Github, &Look::default());
        assert!(
            text.starts_with("::notice ") && text.lines().nth(1).is_some_and(|l| l.starts_with("::error ")),
            "{text}"
        );
    }
}
