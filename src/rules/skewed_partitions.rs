//! One partition is far larger than the rest, or rows without a key value pile up in the NULL partition.

use std::collections::BTreeMap;

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::finding::Severity;
use crate::lake::{Bytes, DateKey, Layout, Partition, Table, median};

pub const RULE: Rule = rule!("skewed-partitions", Check::Table(check));

fn check(table: &Table, cx: &mut Context<'_>) {
    let Some(layout) = &table.layout else { return };
    if table.is_partitioned() {
        null_partition(table, layout, cx);
        largest_partition(table, layout, cx);
    }
}

fn null_partition(table: &Table, layout: &Layout, cx: &mut Context<'_>) {
    let null = layout.partitions.iter().filter(|p| p.values.iter().any(Option::is_none));
    let bytes = Bytes(null.clone().map(|p| p.bytes).sum());
    let share = bytes.0 as f64 / layout.bytes().0.max(1) as f64;
    if bytes.0 < cx.params().bytes("min-null-partition") || share < cx.params().number("null-share") {
        return;
    }
    let position = null.clone().find_map(|p| p.values.iter().position(Option::is_none));
    let Some(key) = position.and_then(|i| table.partition_keys.get(i)) else { return };
    let message = format!(
        "{bytes} of `{}` ({:.0} %) lie in the NULL partition of `{}`: a filter on `{}` leaves them out",
        table.name,
        share * 100.0,
        key.name,
        key.name
    );
    cx.report_table(table, message)
        .object(format!("{}={}", key.name, Partition::NULL))
        .help(format!("find out which writer leaves `{}` empty, and rewrite those rows with a value", key.name));
}

fn largest_partition(table: &Table, layout: &Layout, cx: &mut Context<'_>) {
    let date = DateKey::of(table);
    let keys: Vec<usize> = match &date {
        Some(DateKey::Single { key, .. }) => vec![*key],
        Some(DateKey::Split(parts)) => {
            [Some(parts.year), parts.month, parts.day, parts.hour].into_iter().flatten().collect()
        }
        None => (0..table.partition_keys.len()).collect(),
    };
    let mut sizes: BTreeMap<Vec<&str>, u64> = BTreeMap::new();
    for partition in &layout.partitions {
        // The NULL partition has its own finding.
        let values: Option<Vec<&str>> = keys.iter().map(|key| partition.values.get(*key)?.as_deref()).collect();
        if let Some(values) = values {
            *sizes.entry(values).or_default() += partition.bytes;
        }
    }
    let Some(median) = median(sizes.values().copied().collect()).filter(|median| median.0 > 0) else { return };
    let Some((values, largest)) = sizes.iter().max_by_key(|(_, bytes)| **bytes) else { return };
    let times = *largest as f64 / median.0 as f64;
    if (sizes.len() as u64) < cx.params().count("min-partitions")
        || *largest < cx.params().bytes("min-largest")
        || times < cx.params().number("max-over-median")
    {
        return;
    }
    let named: Vec<String> =
        keys.iter().zip(values).map(|(key, value)| format!("{}={value}", table.partition_keys[*key].name)).collect();
    let object = named.join("/");
    let message = format!(
        "`{object}` of `{}` holds {}, {times:.0} times the median partition ({median})",
        table.name,
        Bytes(*largest)
    );
    // Categories are uneven by nature; days are not.
    let (severity, help) = match date {
        Some(_) => (
            Severity::Medium,
            "look for a backfill or a default date in it, and move its rows to the dates they belong to",
        ),
        None => (Severity::Low, "add a date to the partition keys, or bucket the large values by another column"),
    };
    cx.report_table(table, message).object(object).at_most(severity).help(help);
}

#[cfg(test)]
mod tests {
    use super::super::example::{GIB, days, even, messages, table};

    #[test]
    fn a_partition_far_over_the_median_is_found_when_it_is_large() {
        let days = days("2025-01-01", 60);
        let found = |extra: u64| {
            let mut partitions = even(&days, 4, GIB);
            partitions.push(("1970-01-01", 100, extra));
            messages("skewed-partitions", vec![table("lake.t", &["dt"], &partitions)])
        };
        assert_eq!(
            found(40 * GIB),
            ["`dt=1970-01-01` of `lake.t` holds 42.9 GB, 40 times the median partition (1.1 GB)"]
        );
        assert!(found(5 * GIB).is_empty());
    }

    #[test]
    fn the_null_partition_has_its_own_message() {
        let days = days("2025-01-01", 60);
        let mut partitions = even(&days, 4, GIB);
        partitions.push(("NULL", 100, 20 * GIB));
        let found = messages("skewed-partitions", vec![table("lake.t", &["dt"], &partitions)]);
        assert_eq!(
            found,
            ["21.5 GB of `lake.t` (25 %) lie in the NULL partition of `dt`: a filter on `dt` leaves them out"]
        );
    }
}
