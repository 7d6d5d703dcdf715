//! JUnit XML, for the test reports of CI servers. There is no standard of it; this is what Jenkins' schema
//! (<https://github.com/jenkinsci/xunit-plugin>, `junit-10.xsd`) allows and GitLab and others read.

use std::fmt::Write as _;

use super::said::{home, place, whole};
use super::xml::escaped;
use super::{Look, from_root};
use crate::triage::{Found, Report};

/// A failed test for each finding, and a passed one for each rule that ran and found nothing: a report without any test looks to
/// servers like a job that did not run.
pub(super) fn render(report: &Report, look: &Look) -> String {
    let finds = |rule: &&&str| report.findings.iter().any(|found| found.finding.rule == **rule);
    let passed: Vec<&&str> = report.rules.iter().filter(|rule| !finds(rule)).collect();
    let failures = report.findings.len();
    let counts =
        format!("name=\"lakelint\" tests=\"{}\" failures=\"{failures}\" errors=\"0\"", failures + passed.len());
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = write!(out, "<testsuites {counts}>\n  <testsuite {counts}>\n");
    for found in &report.findings {
        push_failure(&mut out, found, look);
    }
    for rule in passed {
        let _ = writeln!(out, "    <testcase classname=\"lakelint\" name=\"{}\"/>", escaped(rule));
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

/// Servers know a test by its class and name: the file and the fingerprint, which stay the same while lines move. A test fails or
/// passes and nothing between: the severity is the type of the failure.
fn push_failure(out: &mut String, found: &Found, look: &Look) {
    let finding = &found.finding;
    let home = home(found, look);
    let class = from_root(home, look).unwrap_or_else(|| home.to_string());
    let name = format!("{} {}", finding.rule, found.fingerprint);
    let _ = writeln!(out, "    <testcase classname=\"{}\" name=\"{}\">", escaped(&class), escaped(&name));
    let _ = write!(out, "      <failure type=\"{}\" message=\"{}\">", finding.severity, escaped(&finding.message));
    // GitLab shows the text and not the message (<https://gitlab.com/gitlab-org/gitlab-foss/-/issues/53668>).
    out.push_str(&escaped(&format!("{}\n{}", place(found), whole(found))));
    out.push_str("</failure>\n    </testcase>\n");
}

#[cfg(test)]
mod tests {
    use crate::output::tests::{folder, odd, priced, usual};
    use crate::output::{Format, Look};
    use crate::rules::RULES;
    use crate::triage::Fixture;

    #[test]
    fn a_finding_is_a_failed_test_with_everything_in_its_text() {
        let text = priced(usual(), 12.5).render(Format::Junit, &folder());
        let document = roxmltree::Document::parse(&text).expect("XML");
        let failures: Vec<_> = document.descendants().filter(|node| node.has_tag_name("failure")).collect();
        let [failure] = failures[..] else { panic!("{text}") };
        assert_eq!(failure.attribute("type"), Some("high"));
        assert_eq!(failure.attribute("message"), Some("reads all 1,095 partitions (4.1 TB) of `lake.orders`"));
        let said = failure.text().expect("text");
        assert!(said.starts_with("queries/revenue.sql:2:6\nreads all 1,095"), "{said}");
        assert!(said.ends_with("saves $12.50 a month (measured)"), "{said}");
        let case = failure.parent().expect("a test case");
        assert_eq!(case.attribute("classname"), Some("data/sql/queries/revenue.sql"));
        let name = format!("missing-partition-filter {}", usual().report().findings[0].fingerprint);
        assert_eq!(case.attribute("name"), Some(name.as_str()));
    }

    #[test]
    fn a_clean_run_has_a_passed_test_for_every_rule() {
        let text = Fixture::default().render(Format::Junit, &Look::default());
        let ran = Fixture::default().report().rules.len();
        assert_eq!(text.matches("<testcase classname=\"lakelint\"").count(), ran);
        assert!(ran > RULES.len() / 2 && !text.contains("<failure"), "{text}");
        assert!(text.contains(&format!("tests=\"{ran}\" failures=\"0\"")));
    }

    #[test]
    fn no_two_tests_have_the_same_name() {
        let text = odd().render(Format::Junit, &folder());
        let document = roxmltree::Document::parse(&text).expect("XML");
        let cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
        let mut names: Vec<_> = cases.map(|case| (case.attribute("classname"), case.attribute("name"))).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
