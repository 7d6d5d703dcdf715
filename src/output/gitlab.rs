//! GitLab Code Quality: findings in the merge request.
//! <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use serde_json::{Value, json};

use super::said::{home, whole};
use super::{Look, from_root};
use crate::finding::Severity;
use crate::triage::{Found, Report};

/// GitLab compares the fingerprints of two branches: what both have is not shown.
pub(super) fn render(report: &Report, look: &Look) -> String {
    let issues: Vec<Value> = report.findings.iter().map(|found| issue(found, look)).collect();
    let mut text = serde_json::to_string_pretty(&issues).expect("strings, numbers and lists only");
    text.push('\n');
    text
}

fn issue(found: &Found, look: &Look) -> Value {
    let home = home(found, look);
    json!({
        "check_name": found.finding.rule,
        "description": whole(found),
        "fingerprint": found.fingerprint,
        "severity": severity(found.finding.severity),
        "location": {
            // Without a leading `./`, which GitLab does not take.
            "path": from_root(home, look).unwrap_or_else(|| home.to_string()),
            // GitLab wants a line of every finding: a whole file is shown at its first.
            "lines": { "begin": found.place.range.map_or(1, |(start, _)| start.line) },
        },
    })
}

/// The middle three of GitLab's five: nothing that lakelint finds is mere `info`, and `blocker` is what must never be merged, while
/// waste may be worth its money. That is for `--fail-on` to say.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::output::Format;
    use crate::output::tests::{folder, odd, priced, usual};

    #[test]
    fn an_issue_says_where_and_what_it_costs() {
        let report: Value =
            serde_json::from_str(&priced(usual(), 12.5).render(Format::Gitlab, &folder())).expect("JSON");
        assert_eq!(
            report,
            json!([{
                "check_name": "missing-partition-filter",
                "description": "reads all 1,095 partitions (4.1 TB) of `lake.orders`\n\
                    help: add a predicate on `dt`, as in `dt >= date_format(current_date - interval '7' day, '%Y-%m-%d')`\n\
                    cost: 4.1 TB ($20.50) a run -> 26.2 GB ($0.13) with `dt = '2025-06-29'`; saves $12.50 a month (measured)",
                "fingerprint": usual().report().findings[0].fingerprint,
                "severity": "critical",
                "location": { "path": "data/sql/queries/revenue.sql", "lines": { "begin": 2 } },
            }])
        );
    }

    #[test]
    fn what_has_no_line_or_no_file_has_a_place() {
        let report: Value = serde_json::from_str(&odd().render(Format::Gitlab, &folder())).expect("JSON");
        let places: Vec<String> = report
            .as_array()
            .expect("a list")
            .iter()
            .map(|i| format!("{}:{}", i["location"]["path"].as_str().expect("a path"), i["location"]["lines"]["begin"]))
            .collect();
        let odd = "data/sql/a dir/50%, é:1.sql";
        assert_eq!(
            places,
            [
                "data/x.sql:1".into(),
                format!("{odd}:1"),
                format!("{odd}:1"),
                format!("{odd}:2"),
                "data/sql/lakelint.toml:1".into()
            ]
        );
    }
}
