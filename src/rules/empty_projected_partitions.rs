//! Partition projection spans far more partitions than are stored.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::{Partitioning, listing};
use crate::finding::Severity;
use crate::lake::{Count, Table, statement};

pub const RULE: Rule = rule!("empty-projected-partitions", Check::Table(check));

fn check(table: &Table, cx: &mut Context<'_>) {
    let Some(projected) = table.projection.as_ref().and_then(|p| p.combinations(cx.as_of)) else { return };
    // What could not be listed may hold files; beyond the limit the number itself is the problem (too-many-partitions).
    let is_known = table.layout.is_some() && table.incomplete().is_none();
    if !is_known || projected > cx.params().count("max-partitions") {
        return;
    }
    let stored = table.projected_and_stored(cx.as_of).map_or(0, |stored| stored.len() as u64);
    let empty = projected.saturating_sub(stored);
    let share = empty as f64 / projected.max(1) as f64;
    if stored == 0 || empty < cx.params().count("min-empty") || share < cx.params().number("empty-share") {
        return;
    }
    let message = format!(
        "`{}` projects {} partitions, and {} hold data: a query that limits no key makes {} for the others",
        table.name,
        Count(projected),
        Count(stored),
        listing(empty)
    );
    let severity = if empty >= cx.params().count("many-empty") { Severity::Medium } else { Severity::Low };
    let (help, waste) = fix(table, projected, stored, cx);
    cx.report_table(table, message).waste(waste).at_most(severity).help(help);
}

/// Narrower ranges where they get rid of most, else registered partitions.
fn fix(table: &Table, projected: u64, stored: u64, cx: &Context<'_>) -> (String, Option<crate::finding::Waste>) {
    let narrow = table.narrow_projection(cx.as_of);
    let left = narrow.as_ref().and_then(|narrow| narrow.projection.combinations(cx.as_of)).unwrap_or(projected);
    if let Some(narrow) = narrow.filter(|_| left - stored.min(left) <= (projected - stored) / 2) {
        let set = statement::set_properties(table, &narrow.properties);
        let mut narrowed = Table { layout: None, projection: Some(narrow.projection), ..table.clone() };
        narrowed.memo = Default::default();
        let how = format!("with {} projected partitions, in a run of each statement that reads it", Count(left));
        let waste = cx.estimator.saved_requests(table, Partitioning::Projected(&narrowed), how);
        return (format!("`{set}`: {} partitions", Count(left)), waste);
    }
    let off = statement::set_properties(table, &[("projection.enabled".to_string(), "false".to_string())]);
    let then = match statement::is_repairable(table) {
        true => format!("then `{}`", statement::repair(table)),
        false => "then register those that are stored with ALTER TABLE ... ADD PARTITION".to_string(),
    };
    let how = "with registered partitions, in a run of each statement that reads it";
    let waste = cx.estimator.saved_requests(table, Partitioning::Registered, how);
    (format!("the gaps lie between the stored values, so register partitions instead: `{off}`, {then}"), waste)
}

#[cfg(test)]
mod tests {
    use super::super::example::{MIB, days, even, findings_in, lake_of, reading_all, table};
    use super::*;
    use crate::finding::{Billed, Finding};
    use crate::lake::{Gap, Projection, ProjectionKind};

    fn projected(from: &str, count: usize, step: usize) -> Table {
        let days: Vec<String> = days("2025-01-01", count).into_iter().step_by(step).collect();
        let mut table = table("lake.t", &["dt"], &even(&days, 2, 64 * MIB));
        let kind = ProjectionKind::Date {
            from: from.to_string(),
            to: "NOW".to_string(),
            format: "yyyy-MM-dd".to_string(),
            interval: 1,
            unit: None,
        };
        table.projection = Some(Projection { keys: [("dt".to_string(), kind)].into(), template: None });
        table
    }

    fn found(table: Table) -> Option<Finding> {
        findings_in("empty-projected-partitions", &reading_all(table)).pop()
    }

    #[test]
    fn a_range_that_starts_too_early_is_narrowed() {
        let finding = found(projected("2010-01-01", 181, 1)).expect("15 empty years");
        let help = finding.help.expect("a statement");
        assert!(help.contains("'projection.dt.range'='2025-01-01,NOW'"), "{help}");
        let waste = finding.waste.expect("a statement reads it");
        assert_eq!(waste.billed, Billed::Requests);
        let requests = waste.requests.expect("requests");
        assert!(requests.before > 5_000 && requests.after < 200, "{requests:?}");
        assert!(waste.usd.after.0 > 0.0 && waste.usd_per_month.is_none());
        assert!(found(projected("2025-01-01", 181, 1)).is_none());
    }

    #[test]
    fn gaps_between_values_call_for_registration() {
        let help = found(projected("2010-01-01", 4_000, 40)).and_then(|finding| finding.help);
        assert!(help.is_none_or(|help| help.contains("projection.")));
        let sparse = found(projected("2022-01-01", 1, 1));
        assert!(sparse.is_some());
    }

    #[test]
    fn what_could_not_be_listed_may_hold_files() {
        let mut table = projected("2010-01-01", 181, 1);
        if let Some(layout) = &mut table.layout {
            layout.gaps.push(Gap { prefix: "s3://lake/t/dt=2011/".into(), reason: "access denied".into() });
        }
        assert!(found(table).is_none());
        let unread = projected("2010-01-01", 181, 1);
        let lake = lake_of(
            unread,
            super::super::example::writing(
                crate::lake::StatementKind::Insert,
                "x",
                crate::lake::WriteFormat::NotApplicable,
            ),
        );
        let finding = findings_in("empty-projected-partitions", &lake).pop().expect("still empty");
        assert_eq!(finding.waste, None);
    }

    proptest::proptest! {
        #[test]
        fn a_saving_is_never_negative_nor_more_than_what_is_paid(year in 1990i32..2025, count in 1usize..181, step in 1usize..9) {
            let Some(finding) = found(projected(&format!("{year}-01-01"), count, step)) else { return Ok(()) };
            if let Some(waste) = finding.waste {
                let requests = waste.requests.expect("requests");
                proptest::prop_assert!(requests.after < requests.before);
                proptest::prop_assert!(0.0 <= waste.usd.after.0 && waste.usd.after.0 <= waste.usd.before.0);
            }
        }
    }
}
