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
        "no table data, but Athena reads",
        "as rows",
        "delete such files or move them away; names that start with `_` or `.` are not read",
        cx,
    );
    report(
        table,
        &odd.outside_partitions,
        "outside the partition folders: no query reads",
        "",
        "move such files into the partition they belong to, or out of the table's location",
        cx,
    );
}

/// `what` and `then` stand around the pronoun for the objects.
fn report(table: &Table, odd: &Oddity, what: &str, then: &str, help: &str, cx: &mut Context<'_>) {
    let Some(example) = odd.examples.first().filter(|_| odd.objects > 0) else { return };
    let bytes = Bytes(odd.bytes);
    let subject = match odd.objects {
        1 => format!("`{example}` ({bytes}) of `{}` is {what} it", table.name),
        n => format!("{} objects ({bytes}) of `{}`, such as `{example}`, are {what} them", Count(n), table.name),
    };
    let message = format!("{subject} {then}");
    cx.report_table(table, message.trim_end()).object(example).help(help);
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
            layout.oddities.outside_partitions.add("orders/part-0.parquet", 4_000_000);
        }
        let found = messages("stray-files-in-table", vec![orders]);
        assert_eq!(found.len(), 2);
        assert_eq!(
            found[0],
            "`orders/dt=2025-01-01/README.md` (900 B) of `lake.orders` is no table data, but Athena reads it as rows"
        );
        assert!(found[1].contains("is outside the partition folders: no query reads it"), "{}", found[1]);
    }
}
