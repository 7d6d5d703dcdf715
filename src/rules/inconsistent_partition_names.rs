//! Partition folders do not spell the keys or values as the table declares them.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::lake::{Bytes, Count, Table};

pub const RULE: Rule = rule!("inconsistent-partition-names", Check::Table(check));

fn check(table: &Table, cx: &mut Context<'_>) {
    let Some(layout) = &table.layout else { return };
    let odd = &layout.oddities.inconsistent_names;
    if odd.objects == 0 {
        return;
    }
    let keys: Vec<String> = table.partition_keys.iter().map(|key| format!("`{}`", key.name)).collect();
    let (bytes, name) = (Bytes(odd.bytes), &table.name);
    let message = match odd.objects {
        1 => format!("1 object ({bytes}) of `{name}` is in a folder that spells the partition keys differently"),
        n => format!(
            "{} objects ({bytes}) of `{name}` are in folders that spell the partition keys differently",
            Count(n)
        ),
    };
    let examples: Vec<String> = odd.examples.iter().map(|name| format!("`{name}`")).collect();
    let help =
        format!("move {} to folders that are named like the others (keys: {})", examples.join(", "), keys.join(", "));
    let report = cx.report_table(table, message).help(help);
    match odd.examples.first() {
        Some(example) => report.object(example),
        None => report,
    };
}

#[cfg(test)]
mod tests {
    use super::super::example::{findings, table};

    #[test]
    fn folders_that_differ_are_named() {
        let mut orders = table("lake.orders", &["dt"], &[("2024-01-05", 1, 100)]);
        assert!(findings("inconsistent-partition-names", vec![orders.clone()]).is_empty());
        if let Some(layout) = &mut orders.layout {
            layout.oddities.inconsistent_names.add("date=2024-01-06", 5_000);
        }
        let found = findings("inconsistent-partition-names", vec![orders]);
        assert_eq!(
            found[0].message,
            "1 object (5 kB) of `lake.orders` is in a folder that spells the partition keys differently"
        );
        assert_eq!(found[0].object.as_deref(), Some("date=2024-01-06"));
    }
}
