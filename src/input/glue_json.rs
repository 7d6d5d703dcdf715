//! The Glue Data Catalog as tables, their registered partitions, partition indexes and views: output of `aws glue get-tables`,
//! `get-table`, `get-partitions` and `get-partition-indexes`, and what the service itself answers.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

use serde::Deserialize;
use serde::de::Error as _;

use super::athena_view;
use crate::expr::ColumnType;
use crate::lake::{
    Column, DeclaredBy, Documented, FileFormat, Location, PartitionIndexes, PartitionKey, PartitionPlace, Properties,
    Table, TableKind, TableName, Transform,
};

/// Partition values of one table, in the order of its keys; `None` is NULL.
type Registered = Vec<Vec<Option<Box<str>>>>;

/// The property of a table whose partitions Athena looks up in indexes.
const FILTERING: &str = "partition_filtering.enabled";

/// What a Glue export describes.
#[derive(Debug, Default)]
pub(super) struct Export {
    pub tables: Vec<Table>,
    pub partitions: BTreeMap<TableName, Registered>,
    /// Where partitions are, of those that tell it.
    pub places: BTreeMap<TableName, Vec<PartitionPlace>>,
    /// `CREATE VIEW` statements of Athena views.
    pub views: BTreeMap<TableName, String>,
    /// Tables of which Athena looks partitions up in indexes.
    filtering: BTreeSet<TableName>,
}

impl Export {
    /// Adds what another export says; of two descriptions of one view the first stays.
    pub(super) fn extend(&mut self, other: Export) {
        self.tables.extend(other.tables);
        self.filtering.extend(other.filtering);
        for (name, values) in other.partitions {
            self.partitions.entry(name).or_default().extend(values);
        }
        for (name, places) in other.places {
            self.places.entry(name).or_default().extend(places);
        }
        for (name, text) in other.views {
            self.views.entry(name).or_insert(text);
        }
    }

    /// Adds an entry of a database. Views are no tables of objects, and a link says nothing of the table that it leads to: of
    /// those only views of Athena are kept, as statements.
    pub(super) fn add_table(&mut self, glue: GlueTable) {
        if glue.target_table.is_some() {
            return;
        }
        let name = TableName::new(glue.database_name.iter().chain([&glue.name]));
        if glue.table_type.as_deref().is_some_and(|t| t.ends_with("_VIEW")) {
            let text = glue.view_original_text.and_then(|text| athena_view::statement(&name, &text));
            self.views.extend(text.map(|text| (name, text)));
            return;
        }
        let is_filtering = |text: &Option<String>| text.as_ref().is_some_and(|text| text.eq_ignore_ascii_case("true"));
        if glue.parameters.as_ref().and_then(|all| all.get(FILTERING)).is_some_and(is_filtering) {
            self.filtering.insert(name.clone());
        }
        self.tables.push(table(name, glue));
    }

    /// Says which partition indexes of a table are ready, by their keys.
    pub(super) fn add_indexes(&mut self, name: &TableName, mut keys: Vec<Vec<String>>) {
        keys.sort();
        let are_used = self.filtering.contains(name);
        if let Some(table) = self.tables.iter_mut().find(|table| table.name == *name) {
            table.partition_indexes = Some(PartitionIndexes { keys, are_used });
        }
    }

    pub(super) fn add_partition(&mut self, partition: GluePartition) {
        let (Some(values), Some(name)) = (partition.values, partition.table_name) else { return };
        let name = TableName::new(partition.database_name.into_iter().chain([name]));
        let null = |v: String| (v != "__HIVE_DEFAULT_PARTITION__").then(|| v.into_boxed_str());
        let values: Vec<_> = values.into_iter().map(null).collect();
        if let Some(location) = partition.storage_descriptor.and_then(|s| s.location).filter(|l| !l.is_empty()) {
            let place = PartitionPlace { values: values.clone(), location: Location::parse(&location) };
            self.places.entry(name.clone()).or_default().push(place);
        }
        self.partitions.entry(name).or_default().push(values);
    }
}

/// One page of any of the four commands.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    table_list: Option<Vec<GlueTable>>,
    table: Option<GlueTable>,
    #[serde(alias = "PartitionList")]
    partitions: Option<Vec<GluePartition>>,
    partition_index_descriptor_list: Option<Vec<GlueIndex>>,
    /// More pages follow.
    next_token: Option<String>,
}

/// Whether an export holds all that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    Whole,
    /// Pages are missing after the last one.
    Truncated,
}

/// A table, view or link as the service describes it.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct GlueTable {
    pub name: String,
    pub database_name: Option<String>,
    pub description: Option<String>,
    pub storage_descriptor: Option<Storage>,
    pub partition_keys: Option<Vec<GlueColumn>>,
    pub table_type: Option<String>,
    pub view_original_text: Option<String>,
    /// A link to a table of another catalog.
    pub target_table: Option<TargetTable>,
    pub parameters: Option<BTreeMap<String, Option<String>>>,
}

/// Where a link leads, which does not matter.
#[derive(Deserialize, Default)]
pub(super) struct TargetTable {}

/// How and where the files of a table are stored.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Storage {
    pub columns: Option<Vec<GlueColumn>>,
    pub location: Option<String>,
    pub input_format: Option<String>,
    pub serde_info: Option<Serde>,
    pub parameters: Option<BTreeMap<String, Option<String>>>,
}

/// The library that reads the files.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Serde {
    pub serialization_library: Option<String>,
}

/// A column or partition key.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GlueColumn {
    pub name: String,
    pub r#type: Option<String>,
    pub comment: Option<String>,
}

/// A registered partition.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GluePartition {
    pub values: Option<Vec<String>>,
    pub database_name: Option<String>,
    pub table_name: Option<String>,
    pub storage_descriptor: Option<PartitionStorage>,
}

/// A partition index, which does not say whose it is.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GlueIndex {
    keys: Vec<GlueColumn>,
    index_status: String,
}

/// Where the files of a partition are.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PartitionStorage {
    pub location: Option<String>,
}

/// Reads all pages of a file. Partition indexes are those of its only table.
pub(super) fn read(input: impl BufRead, export: &mut Export) -> serde_json::Result<Extent> {
    let mut extent = Extent::Whole;
    let (first, mut indexes) = (export.tables.len(), None::<Vec<GlueIndex>>);
    for page in serde_json::Deserializer::from_reader(input).into_iter::<Page>() {
        let page = page?;
        extent = if page.next_token.is_some() { Extent::Truncated } else { Extent::Whole };
        page.table_list.into_iter().flatten().chain(page.table).for_each(|table| export.add_table(table));
        page.partitions.into_iter().flatten().for_each(|partition| export.add_partition(partition));
        if let Some(more) = page.partition_index_descriptor_list {
            indexes.get_or_insert_default().extend(more);
        }
    }
    if let Some(indexes) = indexes {
        let [table] = &export.tables[first..] else {
            return Err(serde_json::Error::custom(
                "partition indexes do not say whose they are: put them into a file with `aws glue get-table` of their table",
            ));
        };
        let name = table.name.clone();
        let ready = indexes.into_iter().filter(|index| index.index_status == "ACTIVE");
        let keys = ready.map(|index| index.keys.into_iter().map(|key| key.name.to_lowercase()).collect());
        export.add_indexes(&name, keys.collect());
    }
    Ok(extent)
}

/// A table of objects as the catalog describes it.
pub(super) fn table(name: TableName, glue: GlueTable) -> Table {
    let mut table = Table::new(name, DeclaredBy::Glue);
    let storage = glue.storage_descriptor.unwrap_or_default();
    let own = properties(glue.parameters);
    let says = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    table.documented = Documented {
        table: says(&glue.description) || own.get("comment").is_some_and(|text| !text.trim().is_empty()),
        columns: storage.columns.iter().flatten().filter(|column| says(&column.comment)).count(),
    };
    table.partition_keys = glue
        .partition_keys
        .into_iter()
        .flatten()
        .map(|k| PartitionKey {
            name: k.name.to_lowercase(),
            data_type: ColumnType::parse(k.r#type.as_deref().unwrap_or("string")),
            transform: Transform::Identity,
            format: None,
        })
        .collect();
    let column = |c: GlueColumn| Column {
        name: c.name.to_lowercase(),
        data_type: ColumnType::parse(&c.r#type.unwrap_or_default()),
    };
    table.columns = storage.columns.into_iter().flatten().map(column).collect();
    table.location = storage.location.filter(|l| !l.is_empty()).map(|l| Location::parse(&l));
    if own.get("table_type").is_some_and(|t| t.eq_ignore_ascii_case("iceberg")) {
        table.kind = TableKind::Iceberg;
        table.metadata_location = own.get("metadata_location").map(str::to_string);
    }
    let names = [
        own.get("classification").map(str::to_string),
        properties(storage.parameters).get("classification").map(str::to_string),
        storage.serde_info.and_then(|s| s.serialization_library),
        storage.input_format.clone(),
    ];
    table.format = names.iter().flatten().find_map(|n| FileFormat::of_name(n));
    if table.format.is_none() && table.kind == TableKind::Iceberg {
        table.format =
            Some(own.get("write.format.default").and_then(FileFormat::of_name).unwrap_or(FileFormat::Parquet));
    }
    if table.format.is_none() && storage.input_format.is_some_and(|f| f.ends_with(".TextInputFormat")) {
        table.format = Some(FileFormat::Text);
    }
    table.projection = own.projection(&table.partition_keys);
    table
}

fn properties(parameters: Option<BTreeMap<String, Option<String>>>) -> Properties {
    Properties::new(parameters.into_iter().flatten().filter_map(|(name, value)| Some((name, value?))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &str) -> Export {
        let mut export = Export::default();
        read(text.as_bytes(), &mut export).expect("json");
        export
    }

    #[test]
    fn tables_have_columns_keys_format_location_and_projection() {
        let export = read_all(
            r#"{"TableList": [{"Name": "Events", "DatabaseName": "lake", "TableType": "EXTERNAL_TABLE",
                "StorageDescriptor": {"Columns": [{"Name": "Id", "Type": "bigint", "Comment": "of a row"}, {"Name": "note", "Comment": " "}],
                    "Location": "s3://b/events", "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
                    "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe", "Parameters": {}}},
                "PartitionKeys": [{"Name": "dt", "Type": "string"}],
                "Parameters": {"projection.enabled": "true", "projection.dt.type": "injected", "comment": null}},
               {"Name": "link", "DatabaseName": "lake", "TargetTable": {"CatalogId": "2", "Name": "y"}},
               {"Name": "v", "DatabaseName": "lake", "TableType": "VIRTUAL_VIEW", "StorageDescriptor": null}]}"#,
        );
        let [table] = &export.tables[..] else { panic!("{export:?}") };
        assert_eq!(table.name.to_string(), "lake.events");
        assert_eq!(table.format, Some(FileFormat::Json));
        assert_eq!(table.columns[0], Column { name: "id".into(), data_type: ColumnType::Integer(8) });
        assert_eq!(table.documented, Documented { table: false, columns: 1 });
        assert_eq!(table.partition_keys, [PartitionKey::new("dt", ColumnType::String)]);
        assert_eq!(table.location, Some(Location::parse("s3://b/events/")));
        assert!(table.projection.as_ref().is_some_and(|p| p.keys.contains_key("dt")));
    }

    #[test]
    fn views_of_athena_are_statements_and_partitions_tell_where_they_are() {
        let export = read_all(
            r#"{"TableList": [{"Name": "V", "DatabaseName": "lake", "TableType": "VIRTUAL_VIEW", "ViewOriginalText":
                "/* Presto View: eyJvcmlnaW5hbFNxbCI6ICJTRUxFQ1QgMSBhIiwgInNjaGVtYSI6ICJsYWtlIn0= */"}]}
               {"Partitions": [{"Values": ["1"], "DatabaseName": "lake", "TableName": "e",
                                "StorageDescriptor": {"Location": "s3://b/elsewhere/"}},
                               {"Values": ["2"], "DatabaseName": "lake", "TableName": "e", "StorageDescriptor": {}}]}"#,
        );
        assert!(export.tables.is_empty());
        assert_eq!(export.views[&TableName::parse("lake.v")], "CREATE VIEW \"lake\".\"v\" AS\nSELECT 1 a\n");
        let name = TableName::parse("lake.e");
        assert_eq!(export.partitions[&name].len(), 2);
        let place = PartitionPlace { values: vec![Some("1".into())], location: Location::parse("s3://b/elsewhere") };
        assert_eq!(export.places[&name], [place]);
    }

    #[test]
    fn partition_indexes_are_those_of_the_only_table() {
        let table = |name: &str, filtering: &str| {
            format!(
                r#"{{"Table": {{"Name": "{name}", "DatabaseName": "d", "PartitionKeys": [{{"Name": "dt"}}, {{"Name": "Region"}}],
                    "Parameters": {{"partition_filtering.enabled": "{filtering}"}}}}}}"#
            )
        };
        let indexes = r#"{"PartitionIndexDescriptorList": [
            {"IndexName": "b", "Keys": [{"Name": "Region", "Type": "string"}, {"Name": "dt", "Type": "string"}], "IndexStatus": "ACTIVE"},
            {"IndexName": "a", "Keys": [{"Name": "dt", "Type": "string"}], "IndexStatus": "ACTIVE"},
            {"IndexName": "c", "Keys": [{"Name": "Region", "Type": "string"}], "IndexStatus": "CREATING"}]}"#;
        let of = |filtering: &str, indexes: &str| read_all(&(table("t", filtering) + indexes)).tables.remove(0);
        let off = of("false", indexes);
        let keys = vec![vec!["dt".to_string()], vec!["region".to_string(), "dt".to_string()]];
        assert_eq!(off.partition_indexes, Some(PartitionIndexes { keys, are_used: false }));
        assert_eq!(off.unused_index().map(|keys| keys.join(" ")).as_deref(), Some("region dt"));
        assert_eq!(of("TRUE", indexes).unused_index(), None);
        let none = of("false", r#"{"PartitionIndexDescriptorList": []}"#);
        assert_eq!((none.unused_index(), none.partition_indexes.clone()), (None, Some(PartitionIndexes::default())));
        assert_eq!(of("false", "").partition_indexes, None);
        for text in [indexes.to_string(), table("t", "") + indexes + &table("u", "")] {
            let error = read(text.as_bytes(), &mut Export::default()).expect_err("whose?").to_string();
            assert!(error.contains("do not say whose they are"), "{error}");
        }
    }

    #[test]
    fn an_export_whose_last_page_names_a_next_one_is_truncated() {
        let extent = |text: &str| read(text.as_bytes(), &mut Export::default()).expect("json");
        assert_eq!(extent(r#"{"TableList": [], "NextToken": "x"} {"TableList": []}"#), Extent::Whole);
        assert_eq!(extent(r#"{"TableList": []} {"TableList": [], "NextToken": "x"}"#), Extent::Truncated);
    }

    #[test]
    fn one_table_iceberg_and_partitions() {
        let export = read_all(
            r#"{"Table": {"Name": "t", "DatabaseName": "d", "Parameters": {"table_type": "ICEBERG"}}}
               {"Partitions": [{"Values": ["2024-01-01"], "DatabaseName": "d", "TableName": "e"},
                               {"Values": ["__HIVE_DEFAULT_PARTITION__"], "DatabaseName": "d", "TableName": "e"}]}"#,
        );
        assert_eq!(export.tables[0].kind, TableKind::Iceberg);
        assert_eq!(export.tables[0].format, Some(FileFormat::Parquet));
        assert_eq!(export.partitions[&TableName::parse("d.e")], [vec![Some("2024-01-01".into())], vec![None]]);
    }
}
