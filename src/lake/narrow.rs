//! Partition projection that fits what is stored: narrower ranges for a table that projects too much, and ranges for one that
//! projects nothing.

use std::collections::BTreeSet;

use super::date_key::declared_format;
use super::{DateKey, Partition, Projection, ProjectionKind, Table, TableKind};
use crate::expr::date_format::Pattern;
use crate::expr::{AsOf, ColumnType};

/// A projection, and the table properties that change to get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrow {
    pub projection: Projection,
    /// Names and values.
    pub properties: Vec<(String, String)>,
}

/// Athena advises "a few dozen" values of an enum at most
/// (<https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html>).
const ENUM_VALUES: usize = 36;

impl Table {
    /// The projected partitions that hold files; `None` unless all keys are projected with values that can be told.
    pub fn projected_and_stored(&self, as_of: AsOf) -> Option<Vec<&Partition>> {
        let (projection, layout) = (self.projection.as_ref()?, self.layout.as_ref()?);
        let kinds: Vec<&ProjectionKind> =
            self.partition_keys.iter().map(|key| projection.keys.get(&key.name)).collect::<Option<_>>()?;
        if kinds.iter().any(|kind| matches!(kind, ProjectionKind::Injected | ProjectionKind::Invalid(_))) {
            return None;
        }
        let holds = |partition: &&Partition| {
            let mut values = kinds.iter().zip(&partition.values);
            partition.files > 0 && values.all(|(kind, value)| kind.holds(value.as_deref(), as_of))
        };
        Some(layout.partitions.iter().filter(holds).collect())
    }

    /// The projection without what lies outside of the stored values; `None` when nothing can be narrowed.
    pub fn narrow_projection(&self, as_of: AsOf) -> Option<Narrow> {
        let stored = self.projected_and_stored(as_of).filter(|stored| !stored.is_empty())?;
        let mut narrow = Narrow { projection: self.projection.clone()?, properties: Vec::new() };
        for (index, key) in self.partition_keys.iter().enumerate() {
            let values: BTreeSet<&str> = stored.iter().filter_map(|p| p.values.get(index)?.as_deref()).collect();
            let kind = narrow.projection.keys.get(&key.name)?;
            let Some((kind, property, value)) = narrowed(kind, &values, as_of) else { continue };
            narrow.projection.keys.insert(key.name.clone(), kind);
            narrow.properties.push((format!("projection.{}.{property}", key.name), value));
        }
        (!narrow.properties.is_empty()).then_some(narrow)
    }

    /// The properties that would project the stored partitions; `None` where they cannot be told from the values.
    pub fn would_project(&self) -> Option<Vec<(String, String)>> {
        let layout = self.layout.as_ref()?;
        if self.kind != TableKind::Hive || self.projection.is_some() || !self.is_partitioned() {
            return None;
        }
        let date = match DateKey::of(self) {
            Some(DateKey::Single { key, format, .. }) => Some((key, format)),
            _ => None,
        };
        let mut properties = vec![("projection.enabled".to_string(), "true".to_string())];
        for (index, key) in self.partition_keys.iter().enumerate() {
            let texts = layout.partitions.iter().map(|partition| partition.values.get(index)?.as_deref());
            let values: BTreeSet<&str> = texts.collect::<Option<_>>()?;
            let mut add =
                |name: &str, value: String| properties.push((format!("projection.{}.{name}", key.name), value));
            match &date {
                Some((at, format)) if *at == index => {
                    let format = format.as_deref().or(declared_format(self, index)).or(match key.data_type {
                        ColumnType::Date => Some("yyyy-MM-dd"),
                        _ => None,
                    })?;
                    let pattern = Pattern::java(format)?;
                    // A pattern that ends before the hour needs no unit.
                    let is_daily = format.trim_end_matches(|c: char| !c.is_ascii_alphabetic()).ends_with(['d', 'M']);
                    let oldest = values.iter().filter_map(|text| Some((pattern.parse(text)?, *text))).min()?.1;
                    if !is_daily || values.iter().any(|text| pattern.parse(text).is_none()) {
                        return None;
                    }
                    add("type", "date".to_string());
                    add("format", format.to_string());
                    add("range", format!("{oldest},NOW"));
                }
                _ if numbers(&values).is_some() => {
                    let (range, digits) = numbers(&values)?;
                    add("type", "integer".to_string());
                    add("range", range);
                    if let Some(digits) = digits {
                        add("digits", digits.to_string());
                    }
                }
                _ if values.len() <= ENUM_VALUES && !values.iter().any(|value| value.contains(',')) => {
                    add("type", "enum".to_string());
                    add("values", values.into_iter().collect::<Vec<_>>().join(","));
                }
                _ => return None,
            }
        }
        Some(properties)
    }
}

/// The range of several numbers without a gap, and how many digits all of them have if they are padded.
fn numbers(texts: &BTreeSet<&str>) -> Option<(String, Option<usize>)> {
    let numbers: BTreeSet<u64> = texts.iter().map(|text| text.parse().ok()).collect::<Option<_>>()?;
    let (first, last) = (*numbers.first()?, *numbers.last()?);
    let is_dense = numbers.len() > 2 && numbers.len() == texts.len() && last - first == numbers.len() as u64 - 1;
    let width = texts.first()?.len();
    let is_padded = texts.iter().any(|text| text.len() > 1 && text.starts_with('0'));
    if !is_dense || is_padded && texts.iter().any(|text| text.len() != width) {
        return None;
    }
    let written = |number: u64| if is_padded { format!("{number:0width$}") } else { number.to_string() };
    let digits = is_padded.then_some(width);
    numbers.iter().all(|number| texts.contains(written(*number).as_str())).then(|| (format!("{first},{last}"), digits))
}

/// A projected key with only what the stored values need, and the property that says so.
fn narrowed(
    kind: &ProjectionKind,
    stored: &BTreeSet<&str>,
    as_of: AsOf,
) -> Option<(ProjectionKind, &'static str, String)> {
    let narrower = match kind {
        ProjectionKind::Enum { values } => {
            ProjectionKind::Enum { values: values.iter().filter(|v| stored.contains(v.as_str())).cloned().collect() }
        }
        ProjectionKind::Integer { interval, digits, .. } => {
            let numbers = || stored.iter().filter_map(|text| text.parse::<i64>().ok());
            let (min, max) = (numbers().min()?, numbers().max()?);
            ProjectionKind::Integer { min, max, interval: *interval, digits: *digits }
        }
        ProjectionKind::Date { from, to, format, interval, unit } => {
            let pattern = Pattern::java(format)?;
            let mut times: Vec<_> = stored.iter().filter_map(|text| Some((pattern.parse(text)?, *text))).collect();
            times.sort();
            let ((_, oldest), (newest, last)) = (*times.first()?, *times.last()?);
            // New data goes on to arrive: the end follows the clock unless it was a date in the past.
            let to = match to.trim() {
                "NOW" => "NOW",
                _ if newest > as_of.0 => last,
                end if pattern.parse(end).is_some_and(|end| end < as_of.0) => end,
                end if end.starts_with("NOW-") => end,
                _ => "NOW",
            };
            let from = if is_sliding(from) && kind.values(as_of)? <= stored.len() as u64 * 2 { from } else { oldest };
            ProjectionKind::Date {
                from: from.to_string(),
                to: to.to_string(),
                format: format.clone(),
                interval: *interval,
                unit: unit.clone(),
            }
        }
        ProjectionKind::Injected | ProjectionKind::Invalid(_) => return None,
    };
    if narrower.values(as_of)? >= kind.values(as_of)? {
        return None;
    }
    let (property, value) = match &narrower {
        ProjectionKind::Enum { values } => ("values", values.join(",")),
        ProjectionKind::Integer { min, max, .. } => ("range", format!("{min},{max}")),
        ProjectionKind::Date { from, to, .. } => ("range", format!("{from},{to}")),
        ProjectionKind::Injected | ProjectionKind::Invalid(_) => return None,
    };
    Some((narrower, property, value))
}

/// `NOW-3YEARS` moves with the retention of the data.
fn is_sliding(from: &str) -> bool {
    from.trim().starts_with("NOW-")
}

#[cfg(test)]
mod tests {
    use super::super::{DeclaredBy, Layout, PartitionKey, TableName};
    use super::*;
    use chrono::NaiveDate;
    use proptest::prelude::*;

    fn as_of() -> AsOf {
        AsOf(NaiveDate::from_ymd_opt(2025, 6, 30).and_then(|day| day.and_hms_opt(0, 0, 0)).expect("a date"))
    }

    fn table(keys: &[(&str, ProjectionKind)], rows: &[Vec<String>]) -> Table {
        let mut table = Table::new(TableName::parse("lake.t"), DeclaredBy::Ddl);
        table.partition_keys = keys.iter().map(|(name, _)| PartitionKey::new(name, ColumnType::String)).collect();
        let keys = keys.iter().map(|(name, kind)| (name.to_string(), kind.clone())).collect();
        table.projection = Some(Projection { keys, template: None });
        let partition = |row: &Vec<String>| Partition {
            values: row.iter().map(|value| Some(value.as_str().into())).collect(),
            files: 1,
            bytes: 1,
            ..Partition::default()
        };
        table.layout = Some(Layout { partitions: rows.iter().map(partition).collect(), ..Layout::default() });
        table
    }

    fn date(from: &str, to: &str) -> ProjectionKind {
        let (from, to, format) = (from.to_string(), to.to_string(), "yyyy-MM-dd".to_string());
        ProjectionKind::Date { from, to, format, interval: 1, unit: None }
    }

    fn row(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| value.to_string()).collect()
    }

    #[test]
    fn ranges_start_where_the_data_starts_and_end_now() {
        let rows = [row(&["2025-06-01", "de"]), row(&["2025-06-29", "de"])];
        let kinds = |to: &str| {
            let regions = ProjectionKind::Enum { values: row(&["de", "fr"]) };
            table(&[("dt", date("2015-01-01", to)), ("region", regions)], &rows)
        };
        let properties = |to: &str| kinds(to).narrow_projection(as_of()).expect("narrower").properties;
        let pair = |name: &str, value: &str| (name.to_string(), value.to_string());
        let region = pair("projection.region.values", "de");
        for to in ["NOW", "2035-12-31", "NOW+1YEAR"] {
            assert_eq!(properties(to), [pair("projection.dt.range", "2025-06-01,NOW"), region.clone()], "{to}");
        }
        let fits = table(&[("dt", date("2025-06-01", "NOW"))], &[row(&["2025-06-01"])]);
        assert_eq!(fits.narrow_projection(as_of()), None);
        let injected = table(&[("dt", ProjectionKind::Injected)], &[row(&["x"])]);
        assert_eq!(injected.narrow_projection(as_of()), None);
    }

    #[test]
    fn tables_without_projection_get_ranges_of_their_values() {
        let mut plain = table(
            &[("dt", date("", "")), ("region", date("", ""))],
            &[row(&["2025-06-01", "de"]), row(&["2025-06-02", "fr"])],
        );
        plain.projection = None;
        let properties = plain.would_project().expect("a date and a few values");
        let text: Vec<String> = properties.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            text,
            [
                "projection.enabled=true",
                "projection.dt.type=date",
                "projection.dt.format=yyyy-MM-dd",
                "projection.dt.range=2025-06-01,NOW",
                "projection.region.type=enum",
                "projection.region.values=de,fr",
            ]
        );
    }

    #[test]
    fn numbers_without_a_gap_are_a_range() {
        let found = |texts: &[&str]| numbers(&texts.iter().copied().collect());
        assert_eq!(found(&["0", "1", "10", "2", "3", "4", "5", "6", "7", "8", "9"]), Some(("0,10".to_string(), None)));
        assert_eq!(found(&["08", "09", "10"]), Some(("8,10".to_string(), Some(2))));
        assert_eq!(found(&["8", "09", "10"]), None);
        assert_eq!(found(&["1", "3", "5"]), None);
        assert_eq!(found(&["de", "fr", "it"]), None);
    }

    proptest! {
        #[test]
        fn narrower_projections_still_hold_everything_that_is_stored(
            days in proptest::collection::btree_set(0u64..900, 1..30), shops in proptest::collection::btree_set(0i64..50, 1..5)
        ) {
            let first = NaiveDate::from_ymd_opt(2023, 1, 1).expect("a date");
            let rows: Vec<Vec<String>> = days.iter().flat_map(|day| {
                let day = (first + chrono::Days::new(*day)).to_string();
                shops.iter().map(move |shop| vec![day.clone(), shop.to_string()])
            }).collect();
            let shops = ProjectionKind::Integer { min: 0, max: 99, interval: 1, digits: None };
            let wide = table(&[("dt", date("2020-01-01", "NOW+1YEAR")), ("shop", shops)], &rows);
            let narrow = wide.narrow_projection(as_of()).expect("both are too wide");
            prop_assert!(narrow.projection.combinations(as_of()) <= wide.projection.as_ref().and_then(|p| p.combinations(as_of())));
            let mut after = wide.clone();
            after.projection = Some(narrow.projection);
            prop_assert_eq!(after.projected_and_stored(as_of()).map(|stored| stored.len()), Some(rows.len()));
        }
    }
}
