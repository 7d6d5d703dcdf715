//! Wording that several rules share: how much a read takes in, and the predicate that would bound it.

use super::partition_filter::bounding_keys;
use super::saving::Days;
use crate::expr::AsOf;
use crate::lake::{Bytes, Count, DateKey, Table, TableRead};

/// `all 1,095 partitions of` or, when the layout is unknown, `every partition of`; to be followed by the table's name.
pub fn all_partitions(table: &Table) -> String {
    match &table.layout {
        Some(layout) => match layout.partitions.len() as u64 {
            1 => "the only partition of".to_string(),
            n => format!("all {} partitions of", Count(n)),
        },
        None => "every partition of".to_string(),
    }
}

/// ``all 1,095 partitions of `orders` (4.1 TB)``: what a read takes in that nothing limits.
pub fn whole_table(read: &TableRead, table: &Table) -> String {
    let bytes = table.layout.as_ref().map(|layout| layout.bytes());
    format!("{} `{}`{}", all_partitions(table), read.name, size(bytes))
}

/// ` (4.1 TB)`, or nothing when the size is unknown.
pub fn size(bytes: Option<Bytes>) -> String {
    bytes.map_or(String::new(), |bytes| format!(" ({bytes})"))
}

/// A predicate that keeps the days before the run: `dt BETWEEN '2025-06-23' AND '2025-06-29'`. Without a date key it names the
/// keys, with values where some are known: `` on `region`, such as 'de' ``.
pub fn last_days(table: &Table, days: u64, as_of: AsOf) -> String {
    match (DateKey::of(table), Days::before(as_of.0.date(), days)) {
        (Some(date), Some(Days { from, to })) => format!("such as `{}`", date.predicate(table, from, to)),
        _ => on_keys(table),
    }
}

/// The predicate of an incremental run over the last days: ``such as `dt >= current_date - interval '3' day` ``. Without a date key
/// it names the keys.
pub fn recent_days(table: &Table, days: u64) -> String {
    match DateKey::of(table).and_then(|date| date.recent(table, days)) {
        Some(predicate) => format!("such as `{predicate}`"),
        None => on_keys(table),
    }
}

fn on_keys(table: &Table) -> String {
    let keys: Vec<String> =
        bounding_keys(table).iter().map(|key| format!("`{}`", table.partition_keys[*key].name)).collect();
    let example = bounding_keys(table).first().and_then(|key| {
        let partitions = &table.layout.as_ref()?.partitions;
        partitions.iter().find_map(|p| p.values.get(*key)?.as_deref())
    });
    let example = example.map_or(String::new(), |value| format!(", such as '{value}'"));
    format!("on {}{example}", keys.join(" or "))
}
