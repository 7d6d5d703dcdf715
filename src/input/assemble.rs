//! One table per name out of all that describes it: Glue, then templates, then DDL, then CTAS; the configuration fills gaps.

use std::collections::BTreeMap;

use super::layout;
use crate::config::{KeyConfig, TableConfig};
use crate::lake::{DateKey, DeclaredBy, Location, PartitionKey, PartitionPlace, Table, TableKind, TableName};

/// Partition values in the order of the keys; `None` is NULL.
type Values = Vec<Option<Box<str>>>;

/// Merges declarations, given in file order, into one table per name.
pub(super) fn merge(mut declared: Vec<Table>, configured: &[TableConfig]) -> Vec<Table> {
    // Stable: among equals the first in file order wins.
    declared.sort_by_key(|t| precedence(t.declared_by));
    let mut by_table: BTreeMap<String, Vec<Table>> = BTreeMap::new();
    for table in declared {
        let tables = by_table.entry(table.name.table().to_string()).or_default();
        match tables.iter_mut().find(|t| t.name == table.name) {
            Some(first) => fill_gaps(first, table),
            None => tables.push(table),
        }
    }
    let mut tables: Vec<Table> = by_table.into_values().flat_map(merge_short_names).collect();
    for config in configured {
        overlay(config, &mut tables);
    }
    tables
}

/// Lower wins conflicts.
fn precedence(declared_by: DeclaredBy) -> u8 {
    match declared_by {
        DeclaredBy::Glue => 0,
        DeclaredBy::Template => 1,
        DeclaredBy::Ddl => 2,
        DeclaredBy::Ctas => 3,
        DeclaredBy::Config => 4,
        DeclaredBy::Layout => 5,
    }
}

/// `sales` is `lake.sales` when no other table ends like that and the two are not at different places. All tables given have
/// the same unqualified name.
fn merge_short_names(mut tables: Vec<Table>) -> Vec<Table> {
    let mut names: Vec<TableName> = tables.iter().map(|t| t.name.clone()).collect();
    names.sort_by_key(|name| name.0.len());
    for short in names {
        let longer: Vec<usize> =
            (0..tables.len()).filter(|i| tables[*i].name != short && tables[*i].name.matches(&short)).collect();
        let ([longer], Some(at)) = (&longer[..], tables.iter().position(|t| t.name == short)) else { continue };
        let (a, b) = (&tables[at], &tables[*longer]);
        if b.name.0.len() < short.0.len() || !same_place(a, b) {
            continue;
        }
        // They are sorted by precedence: the lower index wins conflicts.
        let (name, first, second) = (b.name.clone(), at.min(*longer), at.max(*longer));
        let other = tables.remove(second);
        fill_gaps(&mut tables[first], other);
        tables[first].name = name;
    }
    tables
}

/// Gives tables their registered partitions, sorted. Partitions with another number of values than the table has keys are of
/// another table.
pub(super) fn register(tables: &mut [Table], partitions: BTreeMap<TableName, Vec<Values>>) {
    for (name, mut values) in partitions {
        values.sort();
        values.dedup();
        let mut named = tables.iter_mut().filter(|t| t.name.matches(&name));
        if let (Some(table), None) = (named.next(), named.next())
            && values.iter().all(|v| v.len() == table.partition_keys.len())
        {
            table.registered_partitions = Some(values);
        }
    }
}

/// Gives tables the partitions that were registered with a place that their own folders do not tell. Partition projection goes
/// before what is registered.
pub(super) fn place(tables: &mut [Table], places: BTreeMap<TableName, Vec<PartitionPlace>>) {
    for (name, mut places) in places {
        let mut named = tables.iter_mut().filter(|t| t.name.matches(&name));
        let (Some(table), None) = (named.next(), named.next()) else { continue };
        if table.projection.is_some() || table.kind != TableKind::Hive {
            continue;
        }
        places.retain(|p| p.values.len() == table.partition_keys.len() && !layout::lies_in_own_folder(table, p));
        places.sort_by(|a, b| {
            (&a.location.path, &a.location.bucket, &a.values).cmp(&(&b.location.path, &b.location.bucket, &b.values))
        });
        places.dedup();
        table.placed_partitions = places;
    }
}

fn same_place(a: &Table, b: &Table) -> bool {
    match (&a.location, &b.location) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

/// Takes over what the first declaration does not say.
fn fill_gaps(table: &mut Table, other: Table) {
    if table.columns.is_empty() {
        table.columns = other.columns;
    }
    // Glue does not show the partition transforms of Iceberg tables.
    let may_take_keys = table.kind == TableKind::Iceberg || table.declared_by == DeclaredBy::Config;
    if table.partition_keys.is_empty() && may_take_keys {
        table.partition_keys = other.partition_keys;
    } else {
        for key in &mut table.partition_keys {
            if key.format.is_none() {
                key.format = other.partition_keys.iter().find(|k| k.name == key.name).and_then(|k| k.format.clone());
            }
        }
    }
    table.documented = table.documented.or(other.documented);
    table.format = table.format.or(other.format);
    table.location = table.location.take().or(other.location);
    table.open_place = table.open_place.take().or(other.open_place);
    table.projection = table.projection.take().or(other.projection);
    table.metadata_location = table.metadata_location.take().or(other.metadata_location);
    table.declared_at = table.declared_at.or(other.declared_at);
    if table.placed_partitions.is_empty() {
        table.placed_partitions = other.placed_partitions;
    }
    table.registered_partitions = table.registered_partitions.take().or(other.registered_partitions);
    table.partition_indexes = table.partition_indexes.take().or(other.partition_indexes);
}

/// Lays a `[[tables]]` entry over every table it matches, or adds the table that nobody else describes.
fn overlay(config: &TableConfig, tables: &mut Vec<Table>) {
    let name = TableName::parse(&config.name);
    let key = |key: &KeyConfig| PartitionKey::new(&key.name, key.data_type.clone());
    let keys: Vec<PartitionKey> = config.partition_keys.iter().flatten().map(key).collect();
    if !tables.iter().any(|t| t.name.matches(&name)) {
        tables.push(Table::new(name.clone(), DeclaredBy::Config));
    }
    for table in tables.iter_mut().filter(|t| t.name.matches(&name)) {
        if table.partition_keys.is_empty() {
            table.partition_keys.clone_from(&keys);
        }
        if let Some(location) = &config.location {
            table.location = Some(Location::parse(location));
        }
        if let Some(format) = &config.key_format
            && let Some(key) = date_key(table)
        {
            table.partition_keys[key].format = Some(format.clone());
        }
        table.max_range_days = config.max_range_days.or(table.max_range_days);
    }
}

/// The key that `key-format` is about.
fn date_key(table: &Table) -> Option<usize> {
    match (DateKey::of(table), table.partition_keys.len()) {
        (_, 1) => Some(0),
        (Some(DateKey::Single { key, .. }), _) => Some(key),
        _ => None,
    }
}

/// Adds the tables that only folders describe. One that ends like a described table without a place and a layout is that table;
/// any other of a described name is left out.
pub(super) fn add_derived(tables: &mut Vec<Table>, derived: Vec<Table>) {
    let described = tables.len();
    for table in derived {
        let mut named = tables[..described].iter_mut().filter(|t| t.name.matches(&table.name));
        match (named.next(), named.next()) {
            (None, _) => tables.push(table),
            (Some(known), None) if known.location.is_none() && known.layout.is_none() && same_keys(known, &table) => {
                known.layout = table.layout;
            }
            _ => {}
        }
    }
}

fn same_keys(a: &Table, b: &Table) -> bool {
    a.kind == TableKind::Hive && a.partition_keys.iter().map(|k| &k.name).eq(b.partition_keys.iter().map(|k| &k.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::ColumnType;
    use crate::lake::FileFormat;

    fn table(name: &str, by: DeclaredBy, location: Option<&str>, format: Option<FileFormat>) -> Table {
        let mut table = Table::new(TableName::parse(name), by);
        table.location = location.map(Location::parse);
        table.format = format;
        table
    }

    fn names(tables: &[Table]) -> Vec<String> {
        tables.iter().map(|t| t.name.to_string()).collect()
    }

    #[test]
    fn glue_wins_over_ddl_and_ddl_fills_gaps() {
        let tables = merge(
            vec![
                table("lake.sales", DeclaredBy::Ddl, Some("s3://b/sales"), Some(FileFormat::Csv)),
                table("lake.sales", DeclaredBy::Glue, None, Some(FileFormat::Parquet)),
            ],
            &[],
        );
        assert_eq!(names(&tables), ["lake.sales"]);
        assert_eq!(tables[0].declared_by, DeclaredBy::Glue);
        assert_eq!(tables[0].format, Some(FileFormat::Parquet));
        assert_eq!(tables[0].location, Some(Location::parse("s3://b/sales")));
    }

    #[test]
    fn a_short_name_is_the_only_table_that_ends_like_it() {
        let ddl = |name, location| table(name, DeclaredBy::Ddl, location, None);
        let tables = merge(vec![ddl("sales", Some("s3://b/s")), ddl("lake.sales", None), ddl("x", None)], &[]);
        assert_eq!(names(&tables), ["lake.sales", "x"]);
        assert!(tables[0].location.is_some());
        let apart = merge(vec![ddl("sales", Some("s3://b/s")), ddl("lake.sales", Some("s3://c/s"))], &[]);
        assert_eq!(names(&apart), ["sales", "lake.sales"]);
        let several = merge(vec![ddl("sales", None), ddl("a.sales", None), ddl("b.sales", None)], &[]);
        assert_eq!(several.len(), 3);
    }

    #[test]
    fn the_configuration_overlays_matches_and_adds_what_is_missing() {
        let config: crate::config::Config = toml::from_str(
            "[[tables]]\nname = \"sales\"\nkey-format = \"yyyyMMdd\"\nmax-range-days = 31\n\
             [[tables]]\nname = \"other\"\npartition-keys = [\"dt date\", \"region\"]\nlocation = \"s3://b/o\"\n",
        )
        .expect("config");
        let mut sales = table("lake.sales", DeclaredBy::Ddl, None, None);
        sales.partition_keys = vec![PartitionKey::new("day_id", ColumnType::String)];
        let tables = merge(vec![sales], &config.tables);
        assert_eq!(names(&tables), ["lake.sales", "other"]);
        assert_eq!(tables[0].partition_keys[0].format.as_deref(), Some("yyyyMMdd"));
        assert_eq!(tables[0].max_range_days, Some(31));
        assert_eq!(tables[1].declared_by, DeclaredBy::Config);
        assert_eq!(tables[1].partition_keys[0].data_type, ColumnType::Date);
        assert_eq!(tables[1].partition_keys[1].data_type, ColumnType::String);
    }

    #[test]
    fn derived_tables_never_make_a_described_name_ambiguous() {
        let mut tables =
            vec![table("lake.sales", DeclaredBy::Ddl, None, None), table("events", DeclaredBy::Ddl, Some("x"), None)];
        let derived =
            |name| Table { layout: Some(Default::default()), ..table(name, DeclaredBy::Layout, Some("y"), None) };
        add_derived(&mut tables, vec![derived("sales"), derived("raw.events"), derived("raw.new")]);
        assert_eq!(names(&tables), ["lake.sales", "events", "raw.new"]);
        assert!(tables[0].layout.is_some());
        assert!(tables[1].layout.is_none());
    }
}
