//! The statement that writes a table anew: compacted, in another format, or with other partitions.

use std::collections::HashSet;
use std::hash::Hash;

use super::MOST_PARTITIONS;
use super::batch::Batch;
use super::identifier::{in_query, literal};
use crate::expr::ColumnType;
use crate::lake::{Coarser, Count, FileFormat, Granularity, Layout, Partition, Table, TableKind};

/// More columns than this are written as `*` where their order allows it.
const LISTED: usize = 12;

/// A new table with the rows of an old one.
#[derive(Debug, Clone)]
pub struct Rewrite<'a> {
    table: &'a Table,
    layout: &'a Layout,
    /// What the new table's name ends with.
    suffix: &'static str,
    format: FileFormat,
    /// What is selected after the plain columns: data columns that were keys, then the keys.
    freed: Vec<String>,
    keys: Vec<Key>,
    /// Iceberg's `partitioning`, and no other keys.
    transforms: Vec<String>,
    /// Files of each new partition; `None` leaves them to the writers.
    files: Option<u64>,
}

/// A partition key of the new table.
#[derive(Debug, Clone)]
struct Key {
    name: String,
    /// `substr(dt, 1, 7)`; `None` is the column itself.
    made_of: Option<String>,
}

impl<'a> Rewrite<'a> {
    fn new(table: &'a Table, suffix: &'static str) -> Option<Rewrite<'a>> {
        let layout = table.layout.as_ref()?;
        let keys = table.partition_keys.iter().map(|key| Key { name: key.name.clone(), made_of: None });
        // Row text goes to Parquet: its delimiters are not known here, and a rewrite is paid for in any case.
        let format = table.main_format().filter(|format| format.is_columnar() || *format == FileFormat::Avro);
        Some(Rewrite {
            table,
            layout,
            suffix,
            format: format.unwrap_or(FileFormat::Parquet),
            freed: Vec::new(),
            keys: if table.kind == TableKind::Iceberg { Vec::new() } else { keys.collect() },
            transforms: Vec::new(),
            files: None,
        })
    }

    /// The same rows in files of about `target` bytes.
    pub fn compacted(table: &'a Table, target: u64) -> Option<String> {
        if table.kind == TableKind::Iceberg {
            return Some(format!("`OPTIMIZE {} REWRITE DATA USING BIN_PACK`", query_name(table)));
        }
        let mut rewrite = Rewrite::new(table, "_compacted")?;
        let largest = rewrite.layout.partitions.iter().map(|partition| partition.bytes).max()?;
        rewrite.files = Some(largest.div_ceil(target.max(1)).max(1));
        rewrite.statements(|partition| partition.values.clone())
    }

    /// The same partitions in another format.
    pub fn to_format(table: &'a Table, format: FileFormat, suffix: &'static str) -> Option<String> {
        let rewrite = Rewrite { format, ..Rewrite::new(table, suffix)? };
        rewrite.statements(|partition| partition.values.clone())
    }

    /// Partitioned anew by the day of a date or timestamp column.
    pub fn by_day_of(table: &'a Table, column: &str) -> Option<String> {
        let mut rewrite = Rewrite::new(table, "_by_day")?;
        let column = in_query(column);
        if table.kind == TableKind::Iceberg {
            rewrite.transforms = vec![format!("day({column})")];
        } else {
            let day = format!("CAST(CAST({column} AS date) AS varchar)");
            rewrite.keys = vec![Key { name: "dt".to_string(), made_of: Some(day) }];
        }
        if table.columns.iter().any(|column| column.name == "dt") {
            return None;
        }
        // How many days there are is not known: the last ones first.
        let create = rewrite.create()?;
        Some(format!(
            "`{create} WHERE {column} >= current_date - interval '{MOST_PARTITIONS}' day`, then INSERT INTO for what is \
             older, {MOST_PARTITIONS} days in a statement at most"
        ))
    }

    /// In fewer partitions.
    pub fn coarser(table: &'a Table, coarser: &Coarser) -> Option<String> {
        let mut rewrite = Rewrite::new(table, "_repartitioned")?;
        if table.kind == TableKind::Iceberg {
            let (to, _) = coarser.grain.filter(|_| coarser.dropped.is_empty())?;
            let column = &table.partition_keys.iter().enumerate().find(|(i, _)| coarser.kept.contains_key(i))?.1.name;
            rewrite.transforms = vec![format!("{}({})", name(to)?, in_query(column))];
            return Some(format!("`{}`", rewrite.create()?));
        }
        rewrite.keys.clear();
        for (index, key) in table.partition_keys.iter().enumerate() {
            let column = in_query(&key.name);
            match coarser.kept.get(&index) {
                None if coarser.dropped.contains(&key.name) => rewrite.freed.push(column),
                None => rewrite.keys.push(Key { name: key.name.clone(), made_of: None }),
                Some(0) => rewrite.freed.push(column),
                Some(kept) => {
                    let name = name(coarser.grain?.0)?;
                    rewrite.freed.push(column.clone());
                    let text = match key.data_type {
                        ColumnType::String => column,
                        _ => format!("CAST({column} AS varchar)"),
                    };
                    rewrite
                        .keys
                        .push(Key { name: name.to_string(), made_of: Some(format!("substr({text}, 1, {kept})")) });
                }
            }
        }
        let is_taken = |key: &Key| key.made_of.is_some() && table.columns.iter().any(|column| column.name == key.name);
        if rewrite.keys.iter().any(is_taken) {
            return None;
        }
        rewrite.statements(|partition| coarser.group(partition))
    }

    /// The statement, and what to run for the rest of the table.
    fn statements<G: Eq + Hash>(mut self, group: impl Fn(&'a Partition) -> G) -> Option<String> {
        if self.keys.is_empty() {
            return Some(format!("`{}`", self.create()?));
        }
        let partitions = self.layout.partitions.iter().map(&group).collect::<HashSet<G>>().len();
        // INSERT INTO takes no bucketed table, so buckets are for tables that one statement writes.
        let buckets = self.files.filter(|files| partitions as u64 * files <= MOST_PARTITIONS);
        self.files = buckets.filter(|_| self.bucket_column().is_some());
        let Batch { predicate, left } = Batch::newest(self.table, self.layout, MOST_PARTITIONS, group)?;
        let create = self.create()?;
        Some(match predicate {
            None => format!("`{create}`"),
            Some(predicate) => {
                let target = self.target();
                format!(
                    "`{create} WHERE {predicate}`, then `INSERT INTO {target} {} WHERE ...` for the other {} partitions, at \
                     most {MOST_PARTITIONS} in a statement",
                    self.select()?,
                    Count(left)
                )
            }
        })
    }

    /// CREATE TABLE AS without a WHERE.
    fn create(&self) -> Option<String> {
        let mut with: Vec<String> = Vec::new();
        if self.table.kind == TableKind::Iceberg {
            with.extend(["table_type = 'ICEBERG'".to_string(), "is_external = false".to_string()]);
        }
        with.push(format!("format = '{}'", self.format.name().to_uppercase()));
        if self.format.is_columnar() {
            with.push("write_compression = 'ZSTD'".to_string());
        }
        let list = |names: Vec<String>| names.iter().map(|name| literal(name)).collect::<Vec<_>>().join(", ");
        if !self.transforms.is_empty() {
            with.push(format!("partitioning = ARRAY[{}]", list(self.transforms.clone())));
        } else if !self.keys.is_empty() {
            let keys = self.keys.iter().map(|key| key.name.clone()).collect();
            with.push(format!("partitioned_by = ARRAY[{}]", list(keys)));
        }
        if let (Some(files), Some(column)) = (self.files, self.bucket_column()) {
            with.push(format!("bucketed_by = ARRAY[{}], bucket_count = {files}", literal(column)));
        }
        if let Some(location) = self.table.location.as_ref().filter(|location| location.bucket.is_some()) {
            let property = if self.table.kind == TableKind::Iceberg { "location" } else { "external_location" };
            let place = location.to_string();
            with.push(format!("{property} = {}", literal(&format!("{}{}/", place.trim_end_matches('/'), self.suffix))));
        }
        Some(format!("CREATE TABLE {} WITH ({}) AS {}", self.target(), with.join(", "), self.select()?))
    }

    fn target(&self) -> String {
        let mut name = self.table.name.clone();
        if let Some(last) = name.0.last_mut() {
            last.push_str(self.suffix);
        }
        parts(&name.0)
    }

    /// `SELECT a, b, dt FROM t`: the keys come last, in their order.
    fn select(&self) -> Option<String> {
        let is_unchanged = self.freed.is_empty() && self.keys.iter().all(|key| key.made_of.is_none());
        let columns = &self.table.columns;
        let mut items: Vec<String> = columns.iter().map(|column| in_query(&column.name)).collect();
        items.extend(self.freed.iter().cloned());
        match is_unchanged && (columns.is_empty() || columns.len() > LISTED) {
            true => items = vec!["*".to_string()],
            false if columns.is_empty() => return None,
            false => items.extend(self.keys.iter().map(Key::selected)),
        }
        Some(format!("SELECT {} FROM {}", items.join(", "), query_name(self.table)))
    }

    /// A column whose values spread rows evenly: an id if there is one.
    fn bucket_column(&self) -> Option<&'a str> {
        let spreads = |data_type: &ColumnType| matches!(data_type, ColumnType::Integer(_) | ColumnType::String);
        let mut columns = self.table.columns.iter().filter(|column| spreads(&column.data_type));
        let first = columns.clone().next();
        columns.find(|column| column.name.ends_with("id")).or(first).map(|column| column.name.as_str())
    }
}

impl Key {
    fn selected(&self) -> String {
        match &self.made_of {
            Some(expression) => format!("{expression} AS {}", in_query(&self.name)),
            None => in_query(&self.name),
        }
    }
}

fn name(granularity: Granularity) -> Option<&'static str> {
    match granularity {
        Granularity::Year => Some("year"),
        Granularity::Month => Some("month"),
        Granularity::Day => Some("day"),
        Granularity::Hour => Some("hour"),
        Granularity::Instant => None,
    }
}

fn query_name(table: &Table) -> String {
    parts(&table.name.0)
}

fn parts(name: &[String]) -> String {
    name.iter().map(|part| in_query(part)).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests;
