//! Objects of a table lie in an archive, where Athena does not read them, or will.

use std::collections::BTreeMap;

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::Stored;
use crate::finding::{Place, Severity};
use crate::lake::{Bytes, Count, Lake, Layout, Resource, Span, Table, TableKind, Transition, statement};

pub const RULE: Rule = rule!("archived-objects-in-table", Check::Lake(check));

/// Days that a restored copy is kept for, in help lines.
const RESTORED_DAYS: u64 = 7;

fn check(lake: &Lake, cx: &mut Context<'_>) {
    let mut to_come: BTreeMap<Span, (&Resource, &Transition, Vec<&Table>)> = BTreeMap::new();
    // Iceberg's snapshots need not name them any more.
    for (_, table) in lake.catalog.iter().filter(|(_, table)| table.kind == TableKind::Hive) {
        match &table.layout {
            Some(layout) if !layout.oddities.archived.examples.is_empty() => stored(table, layout, cx),
            _ => {
                if let Some((rule, transition)) = lake.archiving(table) {
                    to_come.entry(transition.span).or_insert((rule, transition, Vec::new())).2.push(table);
                }
            }
        }
    }
    to_come.into_values().for_each(|(rule, transition, tables)| archiving(rule, transition, &tables, cx));
}

/// What a lifecycle rule will archive of tables.
fn archiving(rule: &Resource, transition: &Transition, tables: &[&Table], cx: &mut Context<'_>) {
    let Some((first, others)) = tables.split_first() else { return };
    let others = match others.len() {
        0 => String::new(),
        1 => " and of 1 more table".to_string(),
        n => format!(" and of {n} more tables"),
    };
    let when = transition.days.map_or("some day".to_string(), |days| format!("after {days} days"));
    let message = format!(
        "lifecycle rule `{}` archives objects of `{}`{others} in S3 Glacier {when}: from then on queries skip their rows without \
         an error",
        rule.name, first.name
    );
    let help = "let it use GLACIER_IR or STANDARD_IA, which Athena reads; if old rows are history, drop their partitions at the \
                same age, so that nobody takes the rest for all";
    let report = cx.report(Place::Span(transition.span), message).table(first.name.to_string()).at_most(Severity::Low);
    let report = report.help(help);
    if let Some(declared) = first.declared_at {
        report.related(declared, "the table");
    }
}

fn stored(table: &Table, layout: &Layout, cx: &mut Context<'_>) {
    let archived = &layout.oddities.archived;
    let Some(example) = archived.examples.first() else { return };
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
    let rule = cx.lake.archiving(table);
    let which = rule.map_or("that archives them".to_string(), |(rule, _)| format!("`{}`", rule.name));
    let help = format!(
        "to read them: {restore}, and `{read}`; if they are history, move them out of the table's prefix, or let the \
         lifecycle rule {which} use GLACIER_IR, which Athena reads"
    );
    let report = cx.report_table(table, message).object(example).help(help);
    if let Some((_, transition)) = rule {
        report.related(transition.span, "the lifecycle rule that archives them");
    }
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
