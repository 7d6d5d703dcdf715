//! Old versions of a table's objects are kept and paid for.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::Stored;
use crate::finding::Severity;
use crate::lake::{Bytes, Count, Table, statement};

pub const RULE: Rule = rule!("noncurrent-versions", Check::Table(check));

fn check(table: &Table, cx: &mut Context<'_>) {
    let Some(layout) = &table.layout else { return };
    let (old, markers) = (&layout.oddities.noncurrent, layout.oddities.delete_markers.objects);
    if old.bytes < cx.params().bytes("min-bytes") && markers < cx.params().count("min-delete-markers").max(1) {
        return;
    }
    let beside = match markers {
        0 => String::new(),
        1 => " and 1 delete marker".to_string(),
        n => format!(" and {} delete markers", Count(n)),
    };
    let s = if old.objects == 1 { "" } else { "s" };
    let message = format!(
        "{} old version{s} ({}){beside} {} under `{}`, beside {} that queries read",
        Count(old.objects),
        Bytes(old.bytes),
        if s.is_empty() { "lies" } else { "lie" },
        table.name,
        layout.bytes()
    );
    // Some are kept on purpose, to undo a mistake; more than the table itself holds is no safety net any more.
    let share = old.bytes as f64 / layout.bytes().0.max(1) as f64;
    let severity = if share >= cx.params().number("many-share") { Severity::Medium } else { Severity::Low };
    let days = cx.params().count("keep-days").max(1);
    let rules = cx.lake.lifecycle_of(table).filter_map(|(resource, rule)| Some((rule.noncurrent_days?, resource)));
    let declared = rules.min_by_key(|(days, _)| *days);
    if let Some((declared, rule)) = declared.filter(|(declared, _)| *declared <= days) {
        let help = format!(
            "lifecycle rule `{}` expires them after {declared} days: deploy it, if that has not been done; younger ones stay",
            rule.name
        );
        cx.report_table(table, message).at_most(Severity::Low).help(help).related(rule.span, "the lifecycle rule");
        return;
    }
    let help = match declared {
        Some((declared, rule)) => {
            format!("lifecycle rule `{}` keeps them {declared} days: let it expire them after {days}", rule.name)
        }
        None => add_rule(table, days),
    };
    let how = format!("without the versions that are older than {days} days");
    let waste = (old.bytes > 0).then(|| Stored::readable(layout, old.bytes).gone(how, true));
    cx.report_table(table, message).waste(waste).at_most(severity).help(help);
}

fn add_rule(table: &Table, days: u64) -> String {
    match (statement::expire_noncurrent(table, days), table.location.as_ref().and_then(|l| l.bucket.as_ref())) {
        (Some(rule), Some(bucket)) => {
            format!(
                "add a rule to the lifecycle configuration of bucket `{bucket}` that keeps them {days} days: `{rule}`"
            )
        }
        (Some(rule), None) => format!("add a rule to the bucket's lifecycle configuration: `{rule}`"),
        (None, _) => format!("let a lifecycle rule expire noncurrent versions after {days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::lifecycle::found_with;
    use super::super::example::{GIB, findings, table};
    use super::*;

    #[test]
    fn a_lifecycle_rule_of_a_template_is_named() {
        let mut events = table("lake.events", &[], &[("", 10, 100 * GIB)]);
        if let Some(layout) = &mut events.layout {
            layout.oddities.noncurrent.add("lake/events/a", 200 * GIB);
        }
        let of = |days: Option<u64>| {
            let found = found_with("noncurrent-versions", events.clone(), |rule| rule.noncurrent_days = days);
            (found.severity, found.help.unwrap_or_default(), found.waste.is_some())
        };
        let (severity, help, is_waste) = of(Some(30));
        assert!(
            severity == Severity::Low
                && !is_waste
                && help.starts_with("lifecycle rule `old` expires them after 30 days")
        );
        let (severity, help, is_waste) = of(Some(90));
        assert!(severity == Severity::Medium && is_waste);
        assert_eq!(help, "lifecycle rule `old` keeps them 90 days: let it expire them after 30");
        assert!(of(None).1.starts_with("add a rule"));
    }

    fn found(bytes: u64, markers: u64) -> Vec<(Severity, f64)> {
        let mut events = table("lake.events", &[], &[("", 10, 100 * GIB)]);
        if let Some(layout) = &mut events.layout {
            layout.oddities.noncurrent.add("lake/events/a", bytes);
            layout.oddities.delete_markers.objects = markers;
        }
        let found = findings("noncurrent-versions", vec![events]).into_iter();
        found.map(|f| (f.severity, f.waste.and_then(|waste| waste.usd_per_month).map_or(0.0, |usd| usd.0))).collect()
    }

    #[test]
    fn many_old_bytes_or_markers_are_found() {
        assert_eq!(found(0, 0), []);
        assert_eq!(found(GIB, 5), []);
        assert_eq!(found(50 * GIB, 0), [(Severity::Low, 50.0 * 0.023)]);
        assert_eq!(found(200 * GIB, 0), [(Severity::Medium, 200.0 * 0.023)]);
        assert_eq!(found(0, 200_000), [(Severity::Low, 0.0)]);
    }
}
