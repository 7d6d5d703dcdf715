//! Objects under a table's location that Athena reads although they are no data, or does not read although they are.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::{Fix, Stored};
use crate::finding::Waste;
use crate::lake::{Bytes, Count, Layout, Oddity, Table, TableKind};

pub const RULE: Rule = rule!("stray-files-in-table", Check::Table(check));

fn check(table: &Table, cx: &mut Context<'_>) {
    let Some(layout) = &table.layout else { return };
    // Iceberg reads the files that its metadata names, whatever lies beside them.
    if table.kind == TableKind::Iceberg {
        return;
    }
    let odd = &layout.oddities;
    let format = table.main_format().filter(|format| !format.is_text());
    let stray = Kind {
        what: "no table data, but Athena reads",
        then: format.map_or("as rows".to_string(), |format| format!("as {}, which fails", format.name())),
        help: "delete such files or move them away; names that start with `_` or `.` are not read",
        waste: read_as_rows(table, layout, cx).or_else(|| stored(layout, &odd.stray)),
    };
    report(table, &odd.stray, stray, cx);
    let outside = Kind {
        what: "outside the partition folders: no query reads",
        then: String::new(),
        help: "move such files into the partition they belong to, or out of the table's location",
        waste: stored(layout, &odd.outside_partitions),
    };
    report(table, &odd.outside_partitions, outside, cx);
}

/// What there is to say about one kind of object.
struct Kind {
    /// Stands before the pronoun for the objects, and `then` behind it.
    what: &'static str,
    then: String,
    help: &'static str,
    waste: Option<Waste>,
}

/// What queries read of files that are no data. Only readers of text take them for rows: others fail, and failed queries are free.
fn read_as_rows(table: &Table, layout: &Layout, cx: &Context<'_>) -> Option<Waste> {
    let stray = layout.oddities.stray.bytes;
    if !table.main_format()?.is_text() {
        return None;
    }
    let rest = 1.0 - stray as f64 / layout.bytes().0.max(1) as f64;
    cx.estimator.saved_on(
        table,
        &Fix::Part(rest),
        "without them, in a run of each statement that reads the whole table",
    )
}

/// What they cost as long as they lie there.
fn stored(layout: &Layout, odd: &Oddity) -> Option<Waste> {
    (odd.bytes > 0).then(|| Stored::readable(layout, odd.bytes).gone("if nobody needs them and they are deleted", true))
}

fn report(table: &Table, odd: &Oddity, kind: Kind, cx: &mut Context<'_>) {
    let Kind { what, then, help, waste } = kind;
    let Some(example) = odd.examples.first().filter(|_| odd.objects > 0) else { return };
    let bytes = Bytes(odd.bytes);
    let subject = match odd.objects {
        1 => format!("`{example}` ({bytes}) of `{}` is {what} it", table.name),
        n => format!("{} objects ({bytes}) of `{}`, such as `{example}`, are {what} them", Count(n), table.name),
    };
    let message = format!("{subject} {then}");
    cx.report_table(table, message.trim_end()).object(example).waste(waste).help(help);
}

#[cfg(test)]
mod tests {
    use super::super::example::{GIB, findings_in, messages, reading, table};
    use crate::finding::Billed;
    use crate::lake::FileFormat;

    #[test]
    fn files_that_are_read_in_vain_cost_what_is_scanned_else_what_is_stored() {
        let waste = |format, sql: &str| {
            let mut logs = table("lake.logs", &["dt"], &[("2025-01-01", 9, 9 * GIB), ("2025-01-02", 1, GIB)]);
            logs.format = Some(format);
            if let Some(layout) = &mut logs.layout {
                layout.oddities.stray.add("lake/logs/dt=2025-01-02/all.zip", GIB);
            }
            let found = findings_in("stray-files-in-table", &reading(logs, sql));
            let waste = found[0].waste.clone().expect("a waste");
            (waste.billed, waste.bytes.before / GIB, waste.bytes.after / GIB)
        };
        let all = "SELECT * FROM lake.logs";
        assert_eq!(waste(FileFormat::Json, all), (Billed::Scan, 10, 9));
        // Whether the file lies in the partitions that are read is not known.
        assert_eq!(waste(FileFormat::Json, "SELECT * FROM lake.logs WHERE dt = '2025-01-01'"), (Billed::Storage, 1, 0));
        assert_eq!(waste(FileFormat::Parquet, all), (Billed::Storage, 1, 0));
    }

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
