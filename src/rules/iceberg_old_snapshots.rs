//! An Iceberg table keeps files that only its old snapshots name.

use chrono::DateTime;

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::Stored;
use crate::finding::{Confidence, Severity};
use crate::lake::{Bytes, Count, Table, statement};

pub const RULE: Rule = rule!("iceberg-old-snapshots", Check::Table(check));

const DAY: u64 = 86_400;

fn check(table: &Table, cx: &mut Context<'_>) {
    let Some(layout) = &table.layout else { return };
    let Some(facts) = &layout.iceberg else { return };
    // A handful may be kept on purpose.
    if facts.snapshots < cx.params().count("min-snapshots") {
        return;
    }
    let age = facts.max_snapshot_age.unwrap_or_else(|| cx.params().count("max-snapshot-age-days").saturating_mul(DAY));
    let cutoff = cx.as_of.0.and_utc().timestamp().saturating_sub_unsigned(age);
    let Some(freed) = facts.freed_before(cutoff) else { return };
    if freed < cx.params().bytes("min-bytes").max(1) {
        return;
    }
    let since = facts.oldest.and_then(|oldest| DateTime::from_timestamp(oldest, 0));
    let since = since.map_or(String::new(), |oldest| format!(" since {}", oldest.date_naive()));
    let days = age / DAY;
    let message = format!(
        "`{}` keeps {} that only snapshots older than {days} days name, beside {} that queries read; it has {} snapshots{since}",
        table.name,
        Bytes(freed),
        Bytes(facts.data.bytes),
        Count(facts.snapshots)
    );
    let share = freed as f64 / facts.data.bytes.max(1) as f64;
    let severity = if share >= cx.params().number("many-share") { Severity::Medium } else { Severity::Low };
    // What a listing shows beside the current snapshot must hold them.
    let is_listed = facts.unnamed.is_some_and(|unnamed| unnamed.bytes >= freed);
    let confidence = if is_listed { Confidence::High } else { Confidence::Medium };
    let vacuum = statement::vacuum(table);
    let help = match facts.max_snapshot_age {
        Some(_) => format!("let them expire: `{vacuum}`, after each `OPTIMIZE`"),
        None => format!(
            "let them expire: `{}`, then `{vacuum}` after each `OPTIMIZE`",
            statement::set_properties(table, &[("vacuum_max_snapshot_age_seconds".into(), age.to_string())])
        ),
    };
    let waste = Stored::readable(layout, freed).gone(format!("with snapshots of {days} days only"), true);
    cx.report_table(table, message).waste(Some(waste)).at_most(severity).confidence(confidence).help(help);
}

#[cfg(test)]
mod tests {
    use super::super::example::{GIB, findings, table};
    use super::*;
    use crate::lake::{IcebergFacts, Removed, Usage};

    /// Days before the run, and bytes.
    fn found(removed: Option<&[(i64, u64)]>, age: Option<u64>) -> Vec<(Severity, f64)> {
        let mut events = table("lake.events", &[], &[("", 100, 100 * GIB)]);
        let as_of = 1_751_241_600;
        let removed = removed.map(|removed| {
            removed.iter().map(|(days, bytes)| Removed { last_named: as_of - days * 86_400, bytes: *bytes }).collect()
        });
        let facts = IcebergFacts {
            data: Usage { files: 100, bytes: 100 * GIB },
            snapshots: 40,
            removed,
            max_snapshot_age: age,
            ..IcebergFacts::default()
        };
        events.layout.as_mut().expect("a layout").iceberg = Some(facts);
        let found = findings("iceberg-old-snapshots", vec![events]).into_iter();
        found.map(|f| (f.severity, f.waste.and_then(|waste| waste.usd_per_month).map_or(0.0, |usd| usd.0))).collect()
    }

    #[test]
    fn only_snapshots_beyond_the_age_count() {
        assert_eq!(found(Some(&[(1, 900 * GIB), (30, 50 * GIB)]), None), [(Severity::Low, 50.0 * 0.023)]);
        assert_eq!(found(Some(&[(10, 150 * GIB), (30, 50 * GIB)]), None), [(Severity::Medium, 200.0 * 0.023)]);
        assert_eq!(found(Some(&[(10, 150 * GIB)]), Some(20 * 86_400)), []);
        assert_eq!(found(Some(&[(6, 900 * GIB)]), None), [], "weekly maintenance is soon enough");
        assert_eq!(found(Some(&[(6, 900 * GIB)]), Some(5 * 86_400)).len(), 1, "the table asks for it");
        assert_eq!(found(None, None), []);
        assert_eq!(found(Some(&[(30, GIB)]), None), []);
    }
}
