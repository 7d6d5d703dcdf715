//! The Glue Data Catalog as tables, their registered partitions and views: output of `aws glue get-tables`, `get-table` and
//! `get-partitions`, and what the service itself answers.

use std::collections::BTreeMap;
use std::io::BufRead;

use serde::Deserialize;

use super::athena_view;
use crate::expr::ColumnType;
use crate::lake::{
    Column, DeclaredBy, FileFormat, Location, PartitionKey, PartitionPlace, Properties, Table, TableKind, TableName,
    Transform,
};

/// Partition values of one table, in the order of its keys; `None` is NULL.
type Registered = Vec<Vec<Option<Box<str>>>>;

/// What a Glue export describes.
#[derive(Debug, Default)]
pub(super) struct Export {
    pub tables: Vec<Table>,
    pub partitions: BTreeMap<TableName, Registered>,
    /// Where partitions are, of those that tell it.
    pub places: BTreeMap<TableName, Vec<PartitionPlace>>,
    /// `CREATE VIEW` statements of Athena views.
    pub views: BTreeMap<TableName, String>,
}

impl Export {
    /// Adds what another export says; of two descriptions of one view the first stays.
    pub(super) fn extend(&mut self, other: Export) {
        self.tables.extend(other.tables);
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
        self.tables.push(table(name, glue));
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

/// One page of any of the three commands.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    table_list: Option<Vec<GlueTable>>,
    table: Option<GlueTable>,
    #[serde(alias = "PartitionList")]
    partitions: Option<Vec<GluePartition>>,
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

/// Where the files of a partition are.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PartitionStorage {
    pub location: Option<String>,
}

/// Reads all pages of a file.
pub(super) fn read(input: impl BufRead, export: &mut Export) -> serde_json::Result<Extent> {
    let mut extent = Extent::Whole;
    for page in serde_json::Deserializer::from_reader(input).into_iter::<Page>() {
        let page = page?;
        extent = if page.next_token.is_some() { Extent::Truncated } else { Extent::Whole };
        page.table_list.into_iter().flatten().chain(page.table).for_each(|table| export.add_table(table));
        page.partitions.into_iter().flatten().for_each(|partition| export.add_partition(partition));
    }
    Ok(extent)
}

fn table(name: TableName, glue: GlueTable) -> Table {
    let mut table = Table::new(name, DeclaredBy::Glue);
    let storage = glue.storage_descriptor.unwrap_or_default();
    let own = properties(glue.parameters);
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
                "StorageDescriptor": {"Columns": [{"Name": "Id", "Type": "bigint"}, {"Name": "note"}],
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
