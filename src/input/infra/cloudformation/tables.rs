//! `AWS::Glue::Table`.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-glue-table.html>

use super::scope::{Number, Scope, call, is_computed};
use crate::document::{Entry, Node, Value, json, parse_json};
use crate::input::glue_json::{GlueColumn, GlueTable, Serde, Storage, TargetTable};
use crate::input::infra::Missing;
use crate::input::infra::catalog::{self, IcebergInput, Parameters};
use crate::input::infra::saved::SavedQuery;
use crate::input::infra::views::{self, ViewSql, is_view};
use crate::lake::Table;

/// The table of a resource; `None` when its name, its partition keys or all of its parameters are computed. Its names and its place are
/// those of the defaults, what is said of it is what holds with any values that the template allows.
pub(super) fn read(properties: &Node, scope: &Scope) -> Option<Table> {
    let (input, name) = input(properties)?;
    let settled = scope.settled();
    let text = |key: &str| settled.string(input.get(key));
    let mut parameters = parameters(input.get("Parameters"), settled)?;
    let template = |node: &Node| node.get(catalog::TEMPLATE).and_then(|template| scope.string(Some(template)));
    if let Some(template) = input.get("Parameters").and_then(template) {
        parameters.insert(catalog::TEMPLATE.to_string(), Some(template));
    }
    let mut declared = None;
    if let Some(format) = properties.get("OpenTableFormatInput").filter(|format| is_computed_or_iceberg(format)) {
        let table = format.get("IcebergInput")?.get("IcebergTableInput");
        declared = match table {
            Some(table) => {
                Some(IcebergInput { location: scope.written(table.get("Location")), ..iceberg(table, settled)? })
            }
            None => None,
        };
        parameters.insert("table_type".to_string(), Some("ICEBERG".to_string()));
    }
    let place = scope.text(name)?;
    let glue = GlueTable {
        name: place.value.trim().to_string(),
        database_name: database(properties, scope),
        description: text("Description"),
        storage_descriptor: storage(input.get("StorageDescriptor"), settled).map(|storage| Storage {
            location: scope.written(input.at(&["StorageDescriptor", "Location"])),
            ..storage
        }),
        partition_keys: Some(columns(input.get("PartitionKeys"), settled)?),
        table_type: text("TableType"),
        view_original_text: None,
        target_table: input.get("TargetTable").map(|_| TargetTable {}),
        parameters: Some(parameters),
    };
    let at = if name.as_text().is_some() { place.map.span(0..place.value.len()) } else { name.span };
    let location = scope.string(input.at(&["StorageDescriptor", "Location"]));
    let open_place = catalog::open_place(location, |bucket| scope.bucket(bucket));
    catalog::table(glue, declared, at).map(|table| Table { open_place, ..table })
}

/// The view of a resource, unless only the deployment knows its SQL; `None` when it is none of Athena.
pub(super) fn view(entry: &Entry, properties: &Node, scope: &Scope) -> Option<Result<SavedQuery, Missing>> {
    let (input, name) = input(properties)?;
    let written = input.get("ViewOriginalText").filter(|_| is_view(scope.string(input.get("TableType")).as_deref()))?;
    let name = scope.string(Some(name)).filter(|name| catalog::is_one_name(name))?;
    let definition = match encoded(written) {
        Some(inner) => match call(inner) {
            Some(("Fn::ToJsonString", object)) => Some(scope.resolve(object)),
            _ => scope.text(inner).and_then(|text| parse_json(&text).ok()).map(|document| document.root),
        },
        None => views::decoded(&scope.text(written)?),
    };
    Some(match ViewSql::of(&definition?) {
        Ok(sql) => Ok(sql.saved(database(properties, scope), &name, entry.key_span)),
        Err(reason) => Err(Missing::sql(written.span, name, reason)),
    })
}

/// The input of a table, which may be computed or missing, and its name. A table with `IcebergTableInput` has its name beside it.
fn input(properties: &Node) -> Option<(&Node, &Node)> {
    let input = properties.get("TableInput").unwrap_or(properties);
    Some((input, input.get("Name").filter(|_| call(input).is_none())?))
}

fn database(properties: &Node, scope: &Scope) -> Option<String> {
    properties.get("DatabaseName").and_then(|database| name_of(database, scope))
}

/// What a value writes in base64.
fn encoded(node: &Node) -> Option<&Node> {
    match (&node.value, call(node)) {
        (_, Some(("Fn::Base64", inner))) => Some(inner),
        (Value::Map(map), _) => map.entries.iter().find_map(|entry| encoded(&entry.value)),
        (Value::List(items), _) => items.iter().find_map(encoded),
        _ => None,
    }
}

/// `IcebergTableInput`; `None` when its partition keys are computed.
fn iceberg(input: &Node, scope: &Scope) -> Option<IcebergInput> {
    fn list<T>(node: Option<&Node>, item: impl Fn(&Node) -> Option<T>) -> Option<Vec<T>> {
        match node {
            None => Some(Vec::new()),
            Some(node) => node.get("Fields")?.as_list()?.iter().map(item).collect(),
        }
    }
    let field = |node: &Node| {
        let kind = node.get("Type")?;
        let kind = match kind.as_map().filter(|_| call(kind).is_none()) {
            Some(_) => catalog::iceberg_type(&json(&scope.resolve(kind))),
            None => catalog::iceberg_type(&scope.written(Some(kind))?),
        };
        Some((Number::of(node.get("Id")).known()?, scope.written(node.get("Name"))?, kind))
    };
    let key = |node: &Node| Some((Number::of(node.get("SourceId")).known()?, scope.written(node.get("Transform"))?));
    let declared = IcebergInput::new(list(input.get("Schema"), field), list(input.get("PartitionSpec"), key))?;
    Some(IcebergInput { properties: parameters(input.get("Properties"), scope).unwrap_or_default(), ..declared })
}

/// A name; what computes all of it stands for one that nobody knows.
pub(super) fn name_of(node: &Node, scope: &Scope) -> Option<String> {
    scope.string(Some(node)).or_else(|| call(node).map(|(function, _)| format!("${{{function}}}")))
}

fn is_computed_or_iceberg(format: &Node) -> bool {
    is_computed(Some(format)) || format.get("IcebergInput").is_some()
}

fn storage(node: Option<&Node>, scope: &Scope) -> Option<Storage> {
    let node = node.filter(|node| call(node).is_none())?;
    let text = |path: &[&str]| scope.written(node.at(path));
    Some(Storage {
        columns: columns(node.get("Columns"), scope),
        location: None,
        input_format: text(&["InputFormat"]),
        serde_info: Some(Serde { serialization_library: text(&["SerdeInfo", "SerializationLibrary"]) }),
        parameters: parameters(node.get("Parameters"), scope),
    })
}

/// All columns; `None` when one of them is computed, for the others say nothing then.
fn columns(node: Option<&Node>, scope: &Scope) -> Option<Vec<GlueColumn>> {
    let Some(node) = node.filter(|node| node.value != Value::Null) else { return Some(Vec::new()) };
    let column = |node: &Node| {
        Some(GlueColumn {
            name: scope.written(node.get("Name"))?,
            r#type: Some(scope.written(node.get("Type")).unwrap_or_default()),
            comment: scope.string(node.get("Comment")),
        })
    };
    node.as_list()?.iter().map(column).collect()
}

/// `None` when they are computed as a whole.
fn parameters(node: Option<&Node>, scope: &Scope) -> Option<Parameters> {
    let Some(node) = node.filter(|node| node.value != Value::Null) else { return Some(Parameters::new()) };
    let map = node.as_map().filter(|_| call(node).is_none())?;
    Some(map.entries.iter().map(|entry| (entry.key.clone(), scope.string(Some(&entry.value)))).collect())
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use crate::input::infra::example::{place, read_with};
    use crate::lake::{FileFormat, ProjectionKind, Sources, Table, TableKind};

    const HEAD: &str = "Parameters:\n  Env: {Type: String, Default: dev}\n  Free: {Type: String}\nResources:\n  \
        Lake:\n    Type: AWS::Glue::Database\n    Properties: {DatabaseInput: {Name: !Sub '${Env}_lake'}}\n  \
        Bucket:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: acme-lake}\n  \
        Orders:\n    Type: AWS::Glue::Table\n    Properties:\n";

    fn tables(properties: &str) -> (Vec<Table>, Sources) {
        let lines: String = properties.lines().map(|line| format!("      {line}\n")).collect();
        let (found, sources) = read_with(read, "template.yaml", &format!("{HEAD}{lines}")).expect("a template");
        (found.tables, sources)
    }

    fn table(properties: &str) -> Table {
        tables(properties).0.remove(0)
    }

    #[test]
    fn a_table_is_what_glue_will_say_of_it() {
        let (mut tables, sources) = tables(
            "DatabaseName: !Ref Lake\nTableInput:\n  Name: 'Orders'\n  Description: all orders\n  Parameters:\n    classification: parquet\n    \
             projection.enabled: true\n    projection.dt.type: date\n    projection.dt.range: 2024-01-01,NOW\n    projection.dt.format: yyyy-MM-dd\n    \
             storage.location.template: !Sub 's3://${Bucket}/orders/${!dt}/'\n  PartitionKeys: [{Name: dt, Type: string}]\n  \
             StorageDescriptor:\n    Location: !Sub 's3://${Bucket}/orders/'\n    Columns:\n      - {Name: ID, Type: bigint, Comment: the order}\n      \
             - {Name: items, Type: 'array<struct<sku:string>>'}",
        );
        let table = tables.remove(0);
        assert_eq!(table.name.to_string(), "dev_lake.orders");
        assert_eq!(place(&sources, table.declared_at.expect("a place")), (16, 16, "Orders".to_string()));
        assert_eq!(table.location.expect("a location").to_string(), "s3://acme-lake/orders/");
        assert_eq!(
            (table.format, table.kind, table.documented.table),
            (Some(FileFormat::Parquet), TableKind::Hive, true)
        );
        assert_eq!(table.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["id", "items"]);
        let projection = table.projection.expect("a projection");
        assert!(matches!(&projection.keys["dt"], ProjectionKind::Date { from, .. } if from == "2024-01-01"));
        assert_eq!(projection.template.as_deref(), Some("s3://acme-lake/orders/${dt}/"));
    }

    #[test]
    fn formats_are_told_as_in_an_export() {
        let format = |storage: &str| {
            table(&format!("DatabaseName: d\nTableInput: {{Name: t, StorageDescriptor: {{{storage}}}}}")).format
        };
        let serde = "SerdeInfo: {SerializationLibrary: org.openx.data.jsonserde.JsonSerDe}";
        assert_eq!(format(serde), Some(FileFormat::Json));
        assert_eq!(format("InputFormat: org.apache.hadoop.mapred.TextInputFormat"), Some(FileFormat::Text));
        assert_eq!(format("SerdeInfo: {SerializationLibrary: !Ref Free}"), None);
        let iceberg = table(
            "DatabaseName: d\nOpenTableFormatInput: {IcebergInput: {MetadataOperation: CREATE, Version: 2}}\nTableInput: {Name: t}",
        );
        assert_eq!((iceberg.kind, iceberg.format), (TableKind::Iceberg, Some(FileFormat::Parquet)));
        let by_type = table("DatabaseName: d\nTableInput: {Name: t, Parameters: {table_type: ICEBERG}}");
        assert_eq!(by_type.kind, TableKind::Iceberg);
    }

    #[test]
    fn what_only_the_deployment_knows_is_left_out() {
        let open = table(
            "DatabaseName: !Ref Free\nTableInput:\n  Name: !Sub '${Free}_orders'\n  Parameters:\n    projection.enabled: 'true'\n    \
             projection.dt.type: date\n    projection.dt.range: !Sub '${Free},NOW'\n    projection.h.type: integer\n    projection.h.range: 0,23\n    \
             storage.location.template: !Sub 's3://${Free}/${!dt}/${!h}'\n  PartitionKeys: [{Name: dt, Type: !Ref Free}, {Name: h, Type: int}]\n  \
             StorageDescriptor:\n    Location: s3://acme-lake/orders/\n    Columns: [{Name: a, Type: int}, !If [C, {Name: b}, !Ref AWS::NoValue]]",
        );
        assert_eq!(open.name.to_string(), "${free}.${free}_orders");
        assert!(open.columns.is_empty() && open.location.is_none(), "{open:?}");
        let projection = open.projection.expect("a projection");
        assert!(projection.keys.keys().eq(["h"]) && projection.template.is_none(), "{projection:?}");
    }

    #[test]
    fn of_several_values_that_a_template_allows_none_is_believed() {
        let of = |values: &str, format: &str| {
            let text = format!(
                "Parameters:\n  Format: {{Type: String, Default: csv, AllowedValues: [{values}]}}\nMappings:\n  \
                 M: {{csv: {{db: raw, format: csv}}, json: {{db: raw2, format: json}}}}\nResources:\n  T:\n    \
                 Type: AWS::Glue::Table\n    Properties:\n      DatabaseName: !FindInMap [M, !Ref Format, db]\n      \
                 TableInput:\n        Name: t\n        Parameters: {{classification: {format}}}\n        \
                 StorageDescriptor: {{Location: !Sub 's3://b/${{Format}}/'}}\n"
            );
            let (mut found, _) = read_with(read, "t.yaml", &text).expect("a template");
            let table = found.tables.remove(0);
            (table.name.to_string(), table.format, table.location.expect("a location").to_string())
        };
        let named = |format| ("raw.t".to_string(), format, "s3://b/csv/".to_string());
        for format in ["!Ref Format", "!FindInMap [M, !Ref Format, format]"] {
            assert_eq!(of("csv", format), named(Some(FileFormat::Csv)), "{format}");
            assert_eq!(of("csv, json", format), named(None), "{format}");
        }
        assert_eq!(of("csv, json", "!FindInMap [M, json, format]"), named(Some(FileFormat::Json)));
        assert_eq!(of("csv, json", "!FindInMap [M, gone, format]"), named(None));
    }

    #[test]
    fn a_table_that_is_mostly_open_is_none() {
        for properties in [
            "DatabaseName: d\nTableInput: {Name: !Ref Free}",
            "DatabaseName: d\nTableInput: {Name: t, PartitionKeys: !If [C, [], [{Name: dt}]]}",
            "DatabaseName: d\nTableInput: {Name: t, PartitionKeys: [{Name: !Ref Free}]}",
            "DatabaseName: d\nTableInput: {Name: t, Parameters: !If [C, {}, {}]}",
            "DatabaseName: d\nTableInput: {Name: t, TableType: VIRTUAL_VIEW}",
            "DatabaseName: d\nTableInput: {Name: t, TargetTable: {Name: x}}",
            "DatabaseName: d\nOpenTableFormatInput: !If [C, {}, {}]\nTableInput: {Name: t}",
            "DatabaseName: d\nTableInput: !If [C, {}, {}]",
            "DatabaseName: d",
        ] {
            assert!(tables(properties).0.is_empty(), "{properties}");
        }
    }
}
