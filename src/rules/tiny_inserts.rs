//! `INSERT ... VALUES` writes a file for a handful of rows.

use std::collections::BTreeMap;

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::finding::{Place, Severity};
use crate::lake::{Count, FileId, Lake, Span, TableName};

pub const RULE: Rule = rule!("tiny-inserts", Check::Lake(check));

/// The inserts of one file into one table.
#[derive(Default)]
struct Inserts {
    spans: Vec<Span>,
    rows: u64,
}

fn check(lake: &Lake, cx: &mut Context<'_>) {
    let most = cx.params().count("max-rows");
    let mut by_target: BTreeMap<(FileId, &TableName), Inserts> = BTreeMap::new();
    for write in lake.queries.iter().filter_map(|query| query.write.as_ref()) {
        if let (Some(name), Some(rows)) = (&write.name, write.value_rows.filter(|rows| *rows <= most)) {
            let inserts = by_target.entry((write.span.file, name)).or_default();
            inserts.spans.push(write.span);
            inserts.rows += rows;
        }
    }
    let many = cx.params().count("many-statements");
    for ((_, name), inserts) in by_target {
        let statements = inserts.spans.len() as u64;
        let severity = if statements >= many { Severity::Medium } else { Severity::Low };
        let rows = format!("{} row{}", Count(inserts.rows), if inserts.rows == 1 { "" } else { "s" });
        let message = match statements {
            1 => format!("inserts {rows} into `{name}`: each INSERT writes at least one file"),
            n => format!("{} INSERTs write {rows} into `{name}`: each writes at least one file", Count(n)),
        };
        let report =
            cx.report(Place::Span(inserts.spans[0]), message).table(name.to_string()).at_most(severity).help(
                "put the rows into one INSERT, or into a file under the table's location; load streams in batches",
            );
        if let Some(last) = inserts.spans.last().filter(|_| statements > 1) {
            report.related(*last, "the last of them");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{findings_in, writing};
    use super::*;
    use crate::lake::{StatementKind, WriteFormat};

    #[test]
    fn inserts_of_one_file_into_one_table_are_one_finding() {
        let found = |rows: &[Option<u64>]| -> Vec<(Severity, String)> {
            let insert = |rows: &Option<u64>| {
                let mut query = writing(StatementKind::Insert, "lake.rates", WriteFormat::NotApplicable);
                if let Some(write) = &mut query.write {
                    write.value_rows = *rows;
                }
                query
            };
            let lake = Lake { queries: rows.iter().map(insert).collect(), ..Lake::default() };
            findings_in("tiny-inserts", &lake).into_iter().map(|f| (f.severity, f.message)).collect()
        };
        let many = found(&[Some(1); 12]);
        let message = "12 INSERTs write 12 rows into `lake.rates`: each writes at least one file";
        assert_eq!(many, [(Severity::Medium, message.to_string())]);
        assert_eq!(found(&[Some(3)])[0].0, Severity::Low);
        assert!(found(&[Some(5_000), None]).is_empty());
    }
}
