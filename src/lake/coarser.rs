//! The same data in fewer partitions: what a table would look like with a key dropped, or with a coarser date.

use std::collections::{BTreeMap, HashMap};

use super::{Bytes, DateKey, Granularity, Layout, Partition, Table, median};

/// A coarser way to partition a table, measured on its layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coarser {
    /// Names of the keys that it does without.
    pub dropped: Vec<String>,
    /// The date's new granularity and the present one, where it changes.
    pub grain: Option<(Granularity, Granularity)>,
    /// The same as indices.
    without: Vec<usize>,
    /// Characters of the values that remain, of the keys that carry the date: 0 is none, and the others stay as they are.
    pub(super) kept: BTreeMap<usize, usize>,
    pub partitions: usize,
    /// Median size of the partitions that hold anything.
    pub median: Bytes,
}

/// Names of keys that hold the hour of a date in another key.
const HOUR_NAMES: [&str; 4] = ["hour", "hr", "hh", "h"];

/// A coarser date: how many leading characters of which keys' values remain.
struct Grain {
    to: Granularity,
    from: Granularity,
    kept: HashMap<usize, usize>,
}

impl Table {
    /// Coarser partitionings, those with fewer changes first: the date at each coarser granularity, with the other keys or
    /// without any of them, and each other key dropped alone.
    pub fn coarser(&self, layout: &Layout) -> Vec<Coarser> {
        let date = DateKey::of(self);
        let grains = date.as_ref().map(grains).unwrap_or_default();
        let is_date = |key: usize| match &date {
            Some(DateKey::Single { key: date, .. }) => key == *date,
            Some(DateKey::Split(parts)) => {
                [Some(parts.year), parts.month, parts.day, parts.hour].into_iter().flatten().any(|part| part == key)
            }
            None => false,
        };
        let others: Vec<usize> = (0..self.partition_keys.len()).filter(|key| !is_date(*key)).collect();
        // An hour beside the date is part of it: it goes before the date gets coarser.
        let hour = others.iter().copied().find(|key| HOUR_NAMES.contains(&self.partition_keys[*key].name.as_str()));
        let categories = others.len() - usize::from(hour.is_some());
        let mut drops: Vec<Vec<usize>> = vec![Vec::new()];
        drops.extend(others.iter().rev().map(|key| vec![*key]));
        if others.len() > 1 {
            drops.push(others);
        }
        let mut found = Vec::new();
        for dropped in &drops {
            let unchanged = dropped.is_empty();
            let unpartitioned = dropped.len() == self.partition_keys.len();
            if !unchanged && !unpartitioned {
                found.push(measure(self, layout, dropped, None));
            }
            let keeps_hour = hour.is_some_and(|hour| !dropped.contains(&hour));
            let dropped_categories = dropped.iter().filter(|key| Some(**key) != hour).count();
            if !keeps_hour && (dropped_categories == 0 || dropped_categories == categories) {
                found.extend(grains.iter().map(|grain| measure(self, layout, dropped, Some(grain))));
            }
        }
        found
    }
}

/// The granularities that are coarser than the date's, finest first.
fn grains(date: &DateKey) -> Vec<Grain> {
    use Granularity::{Day, Hour, Month, Year};
    let coarser = |now: Granularity| [Day, Month, Year].into_iter().filter(move |to| *to < now);
    match date {
        DateKey::Single { key, granularity, format } => {
            let format = format.as_deref().unwrap_or("yyyy-MM-dd HH");
            let grain = |to: Granularity| {
                let letter = match to {
                    Year => 'y',
                    Month => 'M',
                    _ => 'd',
                };
                // Leading characters tell the granularity only where the pattern runs from the year down.
                let starts_with_year = format.starts_with('y') && !format.contains('\'');
                let end = format.rfind(letter).filter(|_| starts_with_year)? + 1;
                Some(Grain { to, from: *granularity, kept: HashMap::from([(*key, end)]) })
            };
            coarser(*granularity).filter_map(grain).collect()
        }
        DateKey::Split(parts) => {
            let levels = [(Month, parts.month), (Day, parts.day), (Hour, parts.hour)];
            let from = levels.iter().rev().find(|(_, key)| key.is_some()).map_or(Year, |(level, _)| *level);
            let kept = |to: Granularity| {
                levels.iter().filter(|(level, _)| *level > to).filter_map(|(_, key)| Some(((*key)?, 0))).collect()
            };
            coarser(from).map(|to| Grain { to, from, kept: kept(to) }).collect()
        }
    }
}

/// The layout with some keys dropped and the date at a granularity.
fn measure(table: &Table, layout: &Layout, dropped: &[usize], grain: Option<&Grain>) -> Coarser {
    let mut coarser = Coarser {
        dropped: dropped.iter().map(|key| table.partition_keys[*key].name.clone()).collect(),
        grain: grain.map(|grain| (grain.to, grain.from)),
        without: dropped.to_vec(),
        kept: grain.map_or_else(BTreeMap::new, |grain| grain.kept.iter().map(|(key, kept)| (*key, *kept)).collect()),
        partitions: 0,
        median: Bytes(0),
    };
    let mut sizes: HashMap<Vec<Option<&str>>, u64> = HashMap::new();
    for partition in layout.partitions.iter().filter(|p| p.files > 0) {
        *sizes.entry(coarser.group(partition)).or_default() += partition.bytes;
    }
    coarser.partitions = sizes.len();
    coarser.median = median(sizes.into_values().collect()).unwrap_or_default();
    coarser
}

impl Coarser {
    /// What remains of a partition's values: partitions with the same become one.
    pub fn group<'a>(&self, partition: &'a Partition) -> Vec<Option<&'a str>> {
        let values = partition.values.iter().enumerate().filter(|(i, _)| !self.without.contains(i));
        values
            .map(|(i, value)| {
                let value = value.as_deref()?;
                Some(self.kept.get(&i).and_then(|kept| value.get(..*kept)).unwrap_or(value))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DeclaredBy, PartitionKey, TableName};
    use super::*;
    use crate::expr::ColumnType;
    use proptest::prelude::*;

    fn table(keys: &[&str]) -> Table {
        let mut table = Table::new(TableName::parse("lake.t"), DeclaredBy::Ddl);
        table.partition_keys = keys.iter().map(|key| PartitionKey::new(key, ColumnType::String)).collect();
        table
    }

    fn partition(values: &[&str], bytes: u64) -> Partition {
        Partition {
            values: values.iter().map(|v| Some((*v).into())).collect(),
            files: 1,
            bytes,
            largest: bytes,
            newest: None,
        }
    }

    #[test]
    fn split_dates_lose_their_finest_parts_first() {
        let hours: Vec<Partition> = (0..48)
            .map(|h| partition(&["2025", "06", &format!("{:02}", 1 + h / 24), &format!("{:02}", h % 24)], 10))
            .collect();
        let layout = Layout { partitions: hours, ..Layout::default() };
        let found: Vec<(Option<Granularity>, usize, u64)> = table(&["year", "month", "day", "hour"])
            .coarser(&layout)
            .iter()
            .map(|c| (c.grain.map(|(to, _)| to), c.partitions, c.median.0))
            .collect();
        let grains = [(Granularity::Day, 2, 240), (Granularity::Month, 1, 480), (Granularity::Year, 1, 480)];
        assert_eq!(found, grains.map(|(to, partitions, median)| (Some(to), partitions, median)));
    }

    #[test]
    fn dates_in_one_key_are_cut_by_their_pattern() {
        let mut daily = table(&["dt"]);
        daily.partition_keys[0].format = Some("yyyyMMdd".to_string());
        let days = ["20250530", "20250531", "20250601", "20250602"].map(|day| partition(&[day], 10));
        let layout = Layout { partitions: days.to_vec(), ..Layout::default() };
        daily.layout = Some(layout.clone());
        let found: Vec<(usize, u64)> = daily.coarser(&layout).iter().map(|c| (c.partitions, c.median.0)).collect();
        assert_eq!(found, [(2, 20), (1, 40)]);
    }

    #[test]
    fn an_hour_goes_before_its_date_gets_coarser() {
        let hours: Vec<Partition> = (0..48)
            .map(|h| partition(&[&format!("2025-06-{:02}", 29 + h / 24), &format!("{:02}", h % 24)], 10))
            .collect();
        let layout = Layout { partitions: hours, ..Layout::default() };
        let mut hourly = table(&["dt", "hour"]);
        hourly.layout = Some(layout.clone());
        let found = hourly.coarser(&layout);
        assert!(found.iter().all(|c| c.dropped == ["hour"]), "{found:?}");
        let partitions: Vec<usize> = found.iter().map(|c| c.partitions).collect();
        assert_eq!(partitions, [2, 1, 1]);
    }

    proptest! {
        #[test]
        fn coarser_never_means_more_partitions(
            partitions in proptest::collection::vec((0u8..4, 0u8..4, 0u64..1000), 1..40)
        ) {
            let mut sizes: BTreeMap<(u8, u8), u64> = Default::default();
            for (a, b, bytes) in partitions {
                sizes.insert((a, b), bytes);
            }
            let partitions: Vec<Partition> =
                sizes.iter().map(|((a, b), bytes)| partition(&[&a.to_string(), &b.to_string()], *bytes)).collect();
            let layout = Layout { partitions, ..Layout::default() };
            for coarser in table(&["shop", "region"]).coarser(&layout) {
                prop_assert!(coarser.partitions <= layout.partitions.len());
                prop_assert!(coarser.median >= layout.partitions.iter().map(|p| Bytes(p.bytes)).min().unwrap_or_default());
            }
        }
    }
}
