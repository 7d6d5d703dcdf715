//! Objects under a table's location that Athena reads although they are no data, or does not read although they are.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::lake::{Bytes, Count, Oddity, Table, TableKind};

pub const RULE: Rule = rule!("stray-files-in-table", Check::Table(check));

fn check(table: &Table, cx: &mut Context<'_>) {
    let Some(layout) = &table.layout else { return };
    // Iceberg reads the files that its metadata names, whatever lies beside them.
    if table.kind == TableKind::Iceberg {
        return;
    }
    let odd = &layout.oddities;
    report(
        table,
        &odd.stray,
        "under the location of `{}` are no table data, but Athena reads them as rows",
        "delete them or move them away; names that start with `_` or `.` are not read",
        cx,
    );
    report(
        table,
        &odd.outside_partitions,
        "of `{}` lie outside the partition folders: no query reads them",
        "move them into the partition they belong to, or out of the table's location",
        cx,
    );
    report(
        table,
        &odd.archived,
        "of `{}` are archived (Glacier): Athena skips them, so their rows are missing from every result without an error",
        "restore them, or move them out of the location so that the table's history ends where its data does",
        cx,
    );
}

fn report(table: &Table, odd: &Oddity, what: &str, help: &str, cx: &mut Context<'_>) {
    if odd.objects == 0 {
        return;
    }
    let s = if odd.objects == 1 { "" } else { "s" };
    let what = what.replace("{}", &table.name.to_string());
    let example = odd.examples.first().map_or(String::new(), |key| format!("; the first is `{key}`"));
    let message = format!("{} object{s} ({}) {what}{example}", Count(odd.objects), Bytes(odd.bytes));
    let report = cx.report_table(table, message).help(help);
    if let Some(key) = odd.examples.first() {
        report.object(key);
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{GIB, messages, table};

    #[test]
    fn each_kind_of_object_has_its_own_message() {
        let mut orders = table("lake.orders", &["dt"], &[("2025-01-01", 9, GIB)]);
        if let Some(layout) = &mut orders.layout {
            layout.oddities.hidden.add("orders/_SUCCESS", 0);
            layout.oddities.zero_byte.add("orders/dt=2025-01-01/", 0);
        }
        assert!(messages("stray-files-in-table", vec![orders.clone()]).is_empty());
        if let Some(layout) = &mut orders.layout {
            layout.oddities.stray.add("orders/dt=2025-01-01/README.md", 900);
            layout.oddities.archived.add("orders/dt=2019-01-01/part-0.parquet", 4_000_000);
        }
        let found = messages("stray-files-in-table", vec![orders]);
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("1 object (900 B) under the location of `lake.orders`"), "{}", found[0]);
        assert!(found[1].contains("are archived (Glacier)"), "{}", found[1]);
    }
}
