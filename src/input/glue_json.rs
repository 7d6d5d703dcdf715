//! Output of `aws glue get-tables`, `get-table` and `get-partitions` as tables and their registered partitions.

use std::collections::BTreeMap;
use std::io::BufRead;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::expr::ColumnType;
use crate::lake::{
    Column, DeclaredBy, FileFormat, Location, PartitionKey, Properties, Table, TableKind, TableName, Transform,
};

/// Partition values of one table, in the order of its keys; `None` is NULL.
type Registered = Vec<Vec<Option<Box<str>>>>;

/// What a Glue export describes.
#[derive(Debug, Default)]
pub(super) struct Export {
    pub tables: Vec<Table>,
    pub partitions: BTreeMap<TableName, Registered>,
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
        for (name, text) in other.views {
            self.views.entry(name).or_insert(text);
        }
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

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GlueTable {
    name: String,
    database_name: Option<String>,
    storage_descriptor: Option<Storage>,
    partition_keys: Option<Vec<GlueColumn>>,
    table_type: Option<String>,
    /// A link to a table of another catalog.
    target_table: Option<IgnoredAny>,
    parameters: Option<BTreeMap<String, Option<String>>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Storage {
    columns: Option<Vec<GlueColumn>>,
    location: Option<String>,
    input_format: Option<String>,
    serde_info: Option<Serde>,
    parameters: Option<BTreeMap<String, Option<String>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Serde {
    serialization_library: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GlueColumn {
    name: String,
    r#type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GluePartition {
    values: Option<Vec<String>>,
    database_name: Option<String>,
    table_name: Option<String>,
}

/// Reads all pages of a file.
pub(super) fn read(input: impl BufRead, export: &mut Export) -> serde_json::Result<Extent> {
    let mut extent = Extent::Whole;
    for page in serde_json::Deserializer::from_reader(input).into_iter::<Page>() {
        let page = page?;
        extent = if page.next_token.is_some() { Extent::Truncated } else { Extent::Whole };
        export.tables.extend(page.table_list.into_iter().flatten().chain(page.table).filter_map(table));
        for partition in page.partitions.into_iter().flatten() {
            let (Some(values), Some(name)) = (partition.values, partition.table_name) else { continue };
            let name = TableName::new(partition.database_name.into_iter().chain([name]));
            let null = |v: String| (v != "__HIVE_DEFAULT_PARTITION__").then(|| v.into_boxed_str());
            export.partitions.entry(name).or_default().push(values.into_iter().map(null).collect());
        }
    }
    Ok(extent)
}

/// Views are no tables of objects, and a link says nothing of the table that it leads to: they are left out.
fn table(glue: GlueTable) -> Option<Table> {
    if glue.target_table.is_some() || glue.table_type.as_deref().is_some_and(|t| t.ends_with("_VIEW")) {
        return None;
    }
    let mut table = Table::new(TableName::new(glue.database_name.into_iter().chain([glue.name])), DeclaredBy::Glue);
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
    Some(table)
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
