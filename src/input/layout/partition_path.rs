//! From the folders below a table's location to partition values.

use regex::Regex;

use super::object::is_hidden;
use crate::lake::{Partition, PartitionKey, Table, TableKind, Transform, date_pattern};

/// Partition values, aligned with the table's keys.
pub(super) type Values = Vec<Option<Box<str>>>;

/// How a table's folders carry its partition values.
#[derive(Debug)]
pub(super) enum Scheme {
    /// All files are one partition without values.
    Unpartitioned,
    /// `key=value` folders directly below the location; the declared key names.
    Hive(Vec<String>),
    /// `storage.location.template`: how many folders it spans, its pattern, and per key the capture group.
    Template { depth: usize, pattern: Regex, groups: Vec<usize> },
    /// Iceberg: `data/`, maybe a hash, then folders named after the partition fields.
    Iceberg(Vec<String>),
    /// Nobody declared the keys: every leading `key=value` folder counts, and the keys are chosen at the end.
    Derived,
}

/// What a folder path below the location is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place<'a> {
    /// In a partition; the part of the path that names it, and the values (empty while the keys are not known).
    Partition(&'a str, Values),
    /// Under folders with other keys than the declared ones; the part of the path that shows it.
    OtherKeys(&'a str),
    /// Above or beside the partition folders.
    Outside,
    /// Iceberg's own files.
    Metadata,
}

impl Scheme {
    pub(super) fn of(table: &Table) -> Scheme {
        let names = || table.partition_keys.iter().map(|k| k.name.clone()).collect::<Vec<_>>();
        if table.kind == TableKind::Iceberg {
            return Scheme::Iceberg(table.partition_keys.iter().map(|k| field_name(&k.name, k.transform)).collect());
        }
        if table.partition_keys.is_empty() {
            return Scheme::Unpartitioned;
        }
        template(table).unwrap_or_else(|| Scheme::Hive(names()))
    }

    /// Whether a folder lies in a partition that a query would read: not when a part of its path is hidden.
    pub(super) fn is_partition(&self, folders: &str) -> bool {
        !folders.split('/').any(is_hidden) && matches!(self.place(folders), Place::Partition(..))
    }

    /// Whether folders are those of a partition with these values, and no more.
    pub(super) fn names(&self, folders: &str, values: &[Option<Box<str>>]) -> bool {
        matches!(self.place(folders), Place::Partition(path, found) if path == folders && found == values)
    }

    /// Reads the folders between the location and the file name (`dt=2024-01-01/hour=05`).
    pub(super) fn place<'a>(&self, folders: &'a str) -> Place<'a> {
        match self {
            Scheme::Unpartitioned => Place::Partition("", Vec::new()),
            Scheme::Hive(names) => hive(folders, names),
            Scheme::Derived => match key_values(folders, usize::MAX) {
                "" => Place::Outside,
                run => Place::Partition(run, Vec::new()),
            },
            Scheme::Template { depth, pattern, groups } => {
                let Some(path) = leading(folders, *depth) else { return Place::Outside };
                match pattern.captures(path) {
                    Some(found) => {
                        let value = |group: &usize| found.get(*group).and_then(|m| value(m.as_str()));
                        Place::Partition(path, groups.iter().map(value).collect())
                    }
                    None => Place::OtherKeys(path),
                }
            }
            Scheme::Iceberg(fields) => iceberg(folders, fields),
        }
    }
}

/// The folder name of an Iceberg partition field, as the reference implementation names it.
fn field_name(source: &str, transform: Transform) -> String {
    match transform {
        Transform::Identity => source.to_string(),
        Transform::Year => format!("{source}_year"),
        Transform::Month => format!("{source}_month"),
        Transform::Day => format!("{source}_day"),
        Transform::Hour => format!("{source}_hour"),
        Transform::Bucket(_) => format!("{source}_bucket"),
        Transform::Truncate(_) => format!("{source}_trunc"),
    }
}

fn hive<'a>(folders: &'a str, names: &[String]) -> Place<'a> {
    let run = key_values(folders, names.len());
    if run.is_empty() {
        return Place::Outside;
    }
    let pairs: Vec<(&str, &str)> = run.split('/').filter_map(key_value).collect();
    if pairs.iter().any(|(key, _)| !names.iter().any(|n| n.eq_ignore_ascii_case(key))) {
        return Place::OtherKeys(run);
    }
    match aligned(&pairs, names) {
        Some(values) => Place::Partition(run, values),
        None => Place::Outside,
    }
}

fn iceberg<'a>(folders: &'a str, fields: &[String]) -> Place<'a> {
    if folders == "metadata" || folders.starts_with("metadata/") {
        return Place::Metadata;
    }
    if fields.is_empty() {
        return Place::Partition("", Vec::new());
    }
    let Some(start) = first_key(folders) else { return Place::Outside };
    let run = key_values(&folders[start..], fields.len());
    let pairs: Vec<(&str, &str)> = run.split('/').filter_map(key_value).collect();
    aligned(&pairs, fields).map_or(Place::OtherKeys(run), |values| Place::Partition(run, values))
}

/// Values in the order of the declared keys; `None` when a key is missing.
pub(super) fn aligned(pairs: &[(&str, &str)], names: &[String]) -> Option<Values> {
    let of = |name: &String| pairs.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| value(v));
    names.iter().map(of).collect()
}

/// A folder's value, unescaped (`%3A` is `:`); `None` is NULL.
fn value(text: &str) -> Option<Box<str>> {
    (text != Partition::NULL).then(|| unescape(text).into())
}

/// The folders that hold a partition unless it is placed elsewhere.
pub(super) fn usual_folders(table: &Table, values: &[Option<Box<str>>]) -> String {
    let one = |(key, value): (&PartitionKey, &Option<Box<str>>)| {
        format!("{}={}", key.name, value.as_deref().unwrap_or(Partition::NULL))
    };
    table.partition_keys.iter().zip(values).map(one).collect::<Vec<_>>().join("/")
}

/// Splits `key=value`; the key looks like a column name.
pub(super) fn key_value(segment: &str) -> Option<(&str, &str)> {
    let (key, value) = segment.split_once('=')?;
    let first = key.chars().next()?;
    let is_name =
        (first.is_alphabetic() || first == '_') && key.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c));
    is_name.then_some((key, value))
}

/// The leading `key=value` folders, at most `limit`.
fn key_values(folders: &str, limit: usize) -> &str {
    let mut end = 0;
    for segment in folders.split('/').take(limit) {
        if key_value(segment).is_none() {
            break;
        }
        end += segment.len() + 1;
    }
    &folders[..end.saturating_sub(1)]
}

/// Where the first `key=value` folder starts.
pub(super) fn first_key(folders: &str) -> Option<usize> {
    let mut start = 0;
    for segment in folders.split('/') {
        if key_value(segment).is_some() {
            return Some(start);
        }
        start += segment.len() + 1;
    }
    None
}

/// The folders above the first that is a year or a date: `raw/events` of `raw/events/2024/01/05`, as Firehose writes. The whole
/// path when there is none, or nothing above it.
pub(super) fn above_dates(folders: &str) -> &str {
    let mut start = 0;
    for segment in folders.split('/') {
        let is_year = segment.len() == 4 && segment.parse().is_ok_and(|year| (1990..=2100).contains(&year));
        if start > 0 && (is_year || date_pattern(segment).is_some()) {
            return &folders[..start - 1];
        }
        start += segment.len() + 1;
    }
    folders
}

/// The first `depth` folders; `None` when there are fewer.
fn leading(folders: &str, depth: usize) -> Option<&str> {
    let mut ends = folders.match_indices('/').map(|(i, _)| i).chain([folders.len()]);
    ends.nth(depth.checked_sub(1)?).map(|end| &folders[..end])
}

/// The whole folders of a location template before its first placeholder.
pub(super) fn template_root(template: &str) -> &str {
    let fixed = template.find("${").map_or(template, |i| &template[..i]);
    fixed.rfind('/').map_or("", |i| &fixed[..i])
}

/// A projection template as a pattern over the folders below [`template_root`].
fn template(table: &Table) -> Option<Scheme> {
    let template = table.projection.as_ref()?.template.as_deref()?;
    let mut rest = template[template_root(template).len()..].trim_matches('/');
    let (mut pattern, mut depth, mut captured) = ("^".to_string(), 1, Vec::new());
    while let Some((before, name, after)) =
        rest.split_once("${").and_then(|(before, r)| r.split_once('}').map(|(name, after)| (before, name, after)))
    {
        let key = table.key_index(name)?;
        // A date format such as yyyy/MM/dd makes one value span several folders.
        let slashes = date_format(table, key).map_or(0, |f| f.matches('/').count());
        depth += before.matches('/').count() + slashes;
        pattern += &regex::escape(before);
        pattern += &format!("([^/]+(?:/[^/]+){{{slashes}}})");
        captured.push(key);
        rest = after;
    }
    depth += rest.matches('/').count();
    pattern += &format!("{}$", regex::escape(rest));
    let group_of = |key: usize| captured.iter().position(|k| *k == key).map(|i| i + 1);
    let groups: Option<Vec<usize>> = (0..table.partition_keys.len()).map(group_of).collect();
    Some(Scheme::Template { depth, pattern: Regex::new(&pattern).ok()?, groups: groups? })
}

fn date_format(table: &Table, key: usize) -> Option<&str> {
    let key = &table.partition_keys[key];
    match table.projection.as_ref().and_then(|p| p.keys.get(&key.name)) {
        Some(crate::lake::ProjectionKind::Date { format, .. }) => Some(format),
        _ => key.format.as_deref(),
    }
}

/// Decodes `%XX`; what is no valid escape stays as it is.
pub(crate) fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex = |at: usize| bytes.get(at).and_then(|b| (*b as char).to_digit(16));
        match (bytes[i], hex(i + 1), hex(i + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                i += 3;
            }
            (byte, ..) => {
                out.push(byte);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::ColumnType;
    use crate::lake::{DeclaredBy, PartitionKey, Projection, ProjectionKind, TableName};

    fn table(keys: &[&str]) -> Table {
        let mut table = Table::new(TableName::parse("t"), DeclaredBy::Ddl);
        table.partition_keys = keys.iter().map(|k| PartitionKey::new(k, ColumnType::String)).collect();
        table
    }

    fn values(place: Place<'_>) -> Vec<Option<String>> {
        match place {
            Place::Partition(_, values) => values.into_iter().map(|v| v.map(String::from)).collect(),
            other => panic!("{other:?}"),
        }
    }

    fn some(texts: &[&str]) -> Vec<Option<String>> {
        texts.iter().map(|t| Some(t.to_string())).collect()
    }

    #[test]
    fn hive_folders_are_aligned_by_name_and_unescaped() {
        let scheme = Scheme::of(&table(&["dt", "hour"]));
        assert_eq!(values(scheme.place("Hour=05/DT=2024-01-01/x")), some(&["2024-01-01", "05"]));
        assert_eq!(values(scheme.place("dt=a%3Ab%zz/hour=__HIVE_DEFAULT_PARTITION__")), [Some("a:b%zz".into()), None]);
        assert_eq!(scheme.place("dt=2024-01-01"), Place::Outside);
        assert_eq!(scheme.place(""), Place::Outside);
        assert_eq!(scheme.place("2024/01"), Place::Outside);
        assert_eq!(scheme.place("date=2024-01-01/hour=1"), Place::OtherKeys("date=2024-01-01/hour=1"));
    }

    #[test]
    fn templates_give_values_by_position_and_dates_may_span_folders() {
        let mut split = table(&["month", "year"]);
        split.projection =
            Some(Projection { template: Some("s3://b/t/${year}/m-${month}/".into()), ..Projection::default() });
        let scheme = Scheme::of(&split);
        assert_eq!(values(scheme.place("2024/m-03/sub")), some(&["03", "2024"]));
        assert_eq!(scheme.place("2024/03"), Place::OtherKeys("2024/03"));
        assert_eq!(scheme.place("2024"), Place::Outside);

        let mut dated = table(&["dt"]);
        let date = ProjectionKind::Date {
            from: "2024/01/01".into(),
            to: "NOW".into(),
            format: "yyyy/MM/dd".into(),
            interval: 1,
            unit: None,
        };
        dated.projection =
            Some(Projection { keys: [("dt".to_string(), date)].into(), template: Some("s3://b/t/${dt}".into()) });
        assert_eq!(values(Scheme::of(&dated).place("2024/03/05")), some(&["2024/03/05"]));
        assert_eq!(template_root("s3://b/t/x${dt}/"), "s3://b/t");
    }

    #[test]
    fn iceberg_folders_are_named_after_the_partition_fields() {
        let mut iceberg = table(&["ts"]);
        iceberg.kind = TableKind::Iceberg;
        iceberg.partition_keys[0].transform = Transform::Day;
        let scheme = Scheme::of(&iceberg);
        assert_eq!(values(scheme.place("data/0a1b/ts_day=2024-01-01")), some(&["2024-01-01"]));
        assert_eq!(scheme.place("metadata"), Place::Metadata);
        assert_eq!(scheme.place("data"), Place::Outside);
    }
}
