//! Rows of an Iceberg table are deleted in files beside its data, which every query reads and applies.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::Fix;
use crate::finding::Severity;
use crate::lake::{Bytes, Count, Table, statement};

pub const RULE: Rule = rule!("iceberg-many-delete-files", Check::Table(check));

const DAY: u64 = 86_400;

fn check(table: &Table, cx: &mut Context<'_>) {
    let Some(facts) = table.layout.as_ref().and_then(|layout| layout.iceberg.as_ref()) else { return };
    let deletes = facts.deletes();
    if deletes.files < cx.params().count("min-delete-files").max(1) {
        return;
    }
    let age = cx.params().count("min-age-days").saturating_mul(DAY);
    let cutoff = cx.as_of.0.and_utc().timestamp().saturating_sub_unsigned(age);
    if facts.deletes_since.is_none_or(|since| since > cutoff) {
        return;
    }
    let per_file = deletes.files as f64 / facts.data.files.max(1) as f64;
    // Equality deletes have values of rows, not rows.
    let deleted = facts.position_deletes.rows as f64 / facts.rows.max(1) as f64;
    let is_much = per_file >= cx.params().number("many-per-data-file");
    let is_emptied = deleted >= cx.params().number("many-rows");
    let by_value = facts.equality_deletes.files;
    if !is_much && !is_emptied && by_value == 0 {
        return;
    }
    let kinds = match (facts.position_deletes.files, by_value) {
        (_, 0) => String::new(),
        (0, _) => ", all of them equality deletes,".to_string(),
        (_, n) => format!(", {} of them equality deletes,", Count(n)),
    };
    let message = format!(
        "`{}` has {} delete files{kinds} of {} beside {} data files: queries read and apply them",
        table.name,
        Count(deletes.files),
        Bytes(deletes.bytes),
        Count(facts.data.files)
    );
    let severity = if is_much || is_emptied { Severity::Medium } else { Severity::Low };
    let optimize = statement::Rewrite::compacted(table, facts.target_file_size).unwrap_or_default();
    let help = match is_much {
        true => format!("merge them into the data: {optimize}, and run it after the jobs that update or delete"),
        // Where a data file has one of them on average at most, Athena leaves it alone unless it is told otherwise.
        false => format!(
            "merge them into the data: `{}`, then {optimize}",
            statement::set_properties(table, &[("optimize_rewrite_delete_file_threshold".into(), "1".into())])
        ),
    };
    let fix = Fix::Merged(1.0 - deleted.clamp(0.0, 1.0));
    let waste = cx.estimator.saved_on(table, &fix, "without them, in a run of each statement that reads it");
    cx.report_table(table, message).waste(waste).at_most(severity).help(help);
}

#[cfg(test)]
mod tests {
    use super::super::example::{GIB, MIB, findings, findings_in, reading_all, table};
    use super::*;
    use crate::lake::{Deletes, IcebergFacts, Usage};

    const AS_OF: i64 = 1_751_241_600;

    /// A table with so many delete files, and rows deleted of a million, some days ago.
    fn events(position: u64, equality: u64, rows: u64, days: i64) -> Table {
        let mut events = table("lake.events", &[], &[("", 1_000, 100 * GIB)]);
        let deletes = |files: u64, rows| Deletes { files, bytes: files * MIB, rows };
        let facts = IcebergFacts {
            data: Usage { files: 1_000, bytes: 100 * GIB },
            rows: 1_000_000,
            position_deletes: deletes(position, rows),
            equality_deletes: deletes(equality, 0),
            deletes_since: Some(AS_OF - days * 86_400),
            ..IcebergFacts::default()
        };
        events.layout.as_mut().expect("a layout").iceberg = Some(facts);
        events
    }

    fn found(position: u64, equality: u64, rows: u64, days: i64) -> Vec<Severity> {
        let events = events(position, equality, rows, days);
        findings("iceberg-many-delete-files", vec![events]).iter().map(|f| f.severity).collect()
    }

    #[test]
    fn many_delete_files_or_rows_are_found() {
        assert_eq!(found(2_000, 0, 10, 9), [Severity::Medium]);
        assert_eq!(found(150, 0, 200_000, 9), [Severity::Medium]);
        assert_eq!(found(0, 150, 0, 9), [Severity::Low]);
        assert_eq!(found(1_500, 0, 10, 9), []);
        assert_eq!(found(50, 40, 900_000, 9), []);
        assert_eq!(found(2_000, 0, 900_000, 0), [], "they are of today");
    }

    #[test]
    fn their_bytes_and_the_deleted_rows_are_wasted_by_every_statement() {
        let found = findings_in("iceberg-many-delete-files", &reading_all(events(2_048, 0, 250_000, 9)));
        let bytes = found[0].waste.as_ref().expect("a waste").bytes;
        assert_eq!((bytes.before, bytes.after), (102 * GIB, 75 * GIB));
    }
}
