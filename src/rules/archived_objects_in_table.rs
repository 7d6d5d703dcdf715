//! Objects of a table lie in an archive, where Athena does not read them.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::Stored;
use crate::lake::{Bytes, Count, Table, TableKind, statement};

pub const RULE: Rule = rule!("archived-objects-in-table", Check::Table(check));

/// Days that a restored copy is kept for, in help lines.
const RESTORED_DAYS: u64 = 7;

fn check(table: &Table, cx: &mut Context<'_>) {
    let Some(layout) = &table.layout else { return };
    let archived = &layout.oddities.archived;
    // Iceberg's snapshots need not name them any more.
    let Some(example) = archived.examples.first().filter(|_| table.kind == TableKind::Hive) else { return };
    let of = layout.bytes().0.saturating_add(archived.bytes);
    let percent = archived.bytes as f64 / of.max(1) as f64 * 100.0;
    let stored = Stored::archived(layout);
    let s = if archived.objects == 1 { "" } else { "s" };
    let message = format!(
        "{} object{s} of `{}` ({}, {percent:.0} % of its bytes, {} a month) {} archived in S3 Glacier: queries skip the rows \
         without an error",
        Count(archived.objects),
        table.name,
        Bytes(archived.bytes),
        stored.usd_per_month,
        if s.is_empty() { "is" } else { "are" }
    );
    let read = statement::set_properties(table, &[("read_restored_glacier_objects".to_string(), "true".to_string())]);
    let restore = statement::restore(table, example, RESTORED_DAYS)
        .map_or("restore them".to_string(), |restore| format!("`{restore}` for each"));
    let help = format!(
        "to read them: {restore}, and `{read}`; if they are history, move them out of the table's prefix, or let the \
         lifecycle rule that archives them use GLACIER_IR, which Athena reads"
    );
    cx.report_table(table, message).object(example).help(help);
}

#[cfg(test)]
mod tests {
    use super::super::example::{GIB, findings, table};
    use super::*;
    use crate::lake::{StorageClass, Usage};

    #[test]
    fn what_is_archived_is_named_with_its_price() {
        let mut orders = table("lake.orders", &["dt"], &[("2025-06-29", 1, GIB)]);
        assert!(findings("archived-objects-in-table", vec![orders.clone()]).is_empty());
        if let Some(layout) = &mut orders.layout {
            layout.oddities.archived.add("lake/orders/dt=2019-01-01/a.parquet", 3 * GIB);
            layout.classes.insert(StorageClass::Glacier, Usage { files: 1, bytes: 3 * GIB });
        }
        let found = findings("archived-objects-in-table", vec![orders.clone()]);
        assert_eq!(
            found[0].message,
            "1 object of `lake.orders` (3.2 GB, 75 % of its bytes, $0.01 a month) is archived in S3 Glacier: queries skip \
             the rows without an error"
        );
        assert!(found[0].help.as_deref().is_some_and(|help| help.contains("--bucket lake --key lake/orders/dt=2019")));
        orders.kind = TableKind::Iceberg;
        assert!(findings("archived-objects-in-table", vec![orders]).is_empty());
    }
}
