//! Schemas and partition specifications as tables describe them.

use std::collections::HashMap;

use super::metadata::{FieldJson, Metadata, NestedJson, SchemaJson, Spec, TypeJson};
use crate::expr::ColumnType;
use crate::lake::{Column, PartitionKey, Transform};

/// A primitive field: what statistics are kept of.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Leaf {
    pub id: i32,
    /// Lower-case names from the root, joined with dots: `tags.element`.
    pub path: String,
    pub kind: Kind,
}

/// How the values of a primitive type are stored, and what they are compared as.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kind {
    pub data_type: ColumnType,
    pub stored: Stored,
}

/// The serialisation of single values (<https://iceberg.apache.org/spec/#appendix-d-single-value-serialization>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    Boolean,
    Integer,
    Float,
    Double,
    /// The scale.
    Decimal(u32),
    Days,
    Micros,
    Nanos,
    Text,
    Bytes,
    /// Times of day, UUIDs, geometries, variants: not compared.
    Other,
}

/// The columns of a schema.
pub(super) fn columns(schema: &SchemaJson) -> Vec<Column> {
    let column = |field: &FieldJson| Column {
        name: field.name.to_lowercase(),
        data_type: match &field.r#type {
            TypeJson::Primitive(name) => kind(name).data_type,
            nested => ColumnType::Other(spelled(nested)),
        },
    };
    schema.fields.iter().map(column).collect()
}

/// The leaves of a schema, in its order.
pub(super) fn leaves(schema: &SchemaJson) -> Vec<Leaf> {
    let mut found = Vec::new();
    for field in &schema.fields {
        add(field.id, field.name.to_lowercase(), &field.r#type, &mut found);
    }
    found
}

fn add(id: i32, path: String, data_type: &TypeJson, found: &mut Vec<Leaf>) {
    let below = |name: &str| format!("{path}.{}", name.to_lowercase());
    match data_type {
        TypeJson::Primitive(name) => found.push(Leaf { id, path, kind: kind(name) }),
        TypeJson::Nested(nested) => match &**nested {
            NestedJson::Struct { fields } => {
                fields.iter().for_each(|field| add(field.id, below(&field.name), &field.r#type, found));
            }
            NestedJson::List { element_id, element } => add(*element_id, below("element"), element, found),
            NestedJson::Map { key_id, key, value_id, value } => {
                add(*key_id, below("key"), key, found);
                add(*value_id, below("value"), value, found);
            }
        },
    }
}

fn kind(name: &str) -> Kind {
    let name = name.trim().to_lowercase();
    let (data_type, stored) = match name.split(['(', '[', '<']).next().unwrap_or_default().trim() {
        "boolean" => (ColumnType::Boolean, Stored::Boolean),
        "int" => (ColumnType::Integer(4), Stored::Integer),
        "long" => (ColumnType::Integer(8), Stored::Integer),
        "float" => (ColumnType::Float(4), Stored::Float),
        "double" => (ColumnType::Float(8), Stored::Double),
        "decimal" => match ColumnType::parse(&name) {
            ColumnType::Decimal(precision, scale) => {
                (ColumnType::Decimal(precision, scale), Stored::Decimal(u32::from(scale)))
            }
            other => (other, Stored::Other),
        },
        "date" => (ColumnType::Date, Stored::Days),
        "timestamp" | "timestamptz" => (ColumnType::Timestamp, Stored::Micros),
        "timestamp_ns" | "timestamptz_ns" => (ColumnType::Timestamp, Stored::Nanos),
        "string" => (ColumnType::String, Stored::Text),
        "binary" | "fixed" => (ColumnType::Binary, Stored::Bytes),
        _ => (ColumnType::Other(name.clone()), Stored::Other),
    };
    Kind { data_type, stored }
}

/// A type as Hive spells it: `array<struct<a:int>>`.
fn spelled(data_type: &TypeJson) -> String {
    match data_type {
        TypeJson::Primitive(name) => kind(name).data_type.to_string(),
        TypeJson::Nested(nested) => match &**nested {
            NestedJson::Struct { fields } => {
                let field = |field: &FieldJson| format!("{}:{}", field.name.to_lowercase(), spelled(&field.r#type));
                format!("struct<{}>", fields.iter().map(field).collect::<Vec<_>>().join(","))
            }
            NestedJson::List { element, .. } => format!("array<{}>", spelled(element)),
            NestedJson::Map { key, value, .. } => format!("map<{},{}>", spelled(key), spelled(value)),
        },
    }
}

/// A field of a partition specification.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SpecKey {
    /// The id of the source column.
    pub source: i32,
    pub transform: Transform,
    /// Of the source column.
    pub kind: Kind,
    /// Position in the partition tuples of manifests.
    pub position: usize,
}

/// The fields of a specification that limit anything: not those that were dropped (`void`), nor transforms that are not known or take
/// several columns, nor those of columns that are gone.
pub(super) fn spec_keys(spec: &Spec, leaves: &HashMap<i32, &Leaf>) -> Vec<SpecKey> {
    let key = |(position, field): (usize, &super::metadata::SpecField)| {
        let source = field.source_id?;
        let kind = leaves.get(&source)?.kind.clone();
        Some(SpecKey { source, transform: Transform::parse(&field.transform)?, kind, position })
    };
    spec.fields.iter().enumerate().filter_map(key).collect()
}

/// What queries filter on: the source columns of the current specification.
pub(super) fn partition_keys(keys: &[SpecKey], leaves: &HashMap<i32, &Leaf>) -> Vec<PartitionKey> {
    let key = |key: &SpecKey| PartitionKey {
        name: leaves.get(&key.source).map(|leaf| leaf.path.clone()).unwrap_or_default(),
        data_type: key.kind.data_type.clone(),
        transform: key.transform,
        format: None,
    };
    keys.iter().map(key).collect()
}

/// The leaves of every schema by id: a column that was dropped since may still be what old files are partitioned by.
pub(super) fn all_leaves(metadata: &Metadata) -> Vec<Leaf> {
    let current = metadata.current_schema().map(leaves).unwrap_or_default();
    let mut all = current;
    for leaf in metadata.schemas.iter().rev().flat_map(leaves) {
        if !all.iter().any(|known| known.id == leaf.id) {
            all.push(leaf);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> SchemaJson {
        let text = r#"{"schema-id": 0, "type": "struct", "fields": [
            {"id": 1, "name": "Id", "required": true, "type": "long"},
            {"id": 2, "name": "price", "required": false, "type": "decimal(9, 2)"},
            {"id": 3, "name": "user", "required": false, "type": {"type": "struct", "fields": [
                {"id": 4, "name": "Name", "required": false, "type": "string"},
                {"id": 5, "name": "tags", "required": false, "type": {"type": "map", "key-id": 6, "key": "string",
                    "value-id": 7, "value": {"type": "list", "element-id": 8, "element": "timestamptz_ns"}}}]}},
            {"id": 9, "name": "shape", "required": false, "type": "geometry(srid:4326)"}]}"#;
        serde_json::from_str(text).expect("schema")
    }

    #[test]
    fn nested_types_are_spelled_as_hive_does() {
        let columns: Vec<(String, String)> =
            columns(&schema()).into_iter().map(|column| (column.name, column.data_type.to_string())).collect();
        let expected = [
            ("id", "bigint"),
            ("price", "decimal(9,2)"),
            ("user", "struct<name:string,tags:map<string,array<timestamp>>>"),
            ("shape", "geometry(srid:4326)"),
        ];
        assert_eq!(columns, expected.map(|(name, kind)| (name.to_string(), kind.to_string())));
    }

    #[test]
    fn leaves_have_paths_and_ids() {
        let found: Vec<(i32, String)> = leaves(&schema()).into_iter().map(|leaf| (leaf.id, leaf.path)).collect();
        let expected = [
            (1, "id"),
            (2, "price"),
            (4, "user.name"),
            (6, "user.tags.key"),
            (8, "user.tags.value.element"),
            (9, "shape"),
        ];
        assert_eq!(found, expected.map(|(id, path)| (id, path.to_string())));
    }

    #[test]
    fn transforms_that_limit_nothing_are_no_keys() {
        let leaves = leaves(&schema());
        let by_id: HashMap<i32, &Leaf> = leaves.iter().map(|leaf| (leaf.id, leaf)).collect();
        let spec: Spec = serde_json::from_str(
            r#"{"spec-id": 1, "fields": [{"source-id": 1, "transform": "void"}, {"source-id": 1, "transform": "bucket[8]"},
                {"source-ids": [1, 2], "transform": "zorder"}, {"source-id": 77, "transform": "identity"},
                {"source-id": 4, "transform": "truncate[3]"}, {"source-id": 2, "transform": "identity"}]}"#,
        )
        .expect("spec");
        let keys = spec_keys(&spec, &by_id);
        let found: Vec<(usize, Transform)> = keys.iter().map(|key| (key.position, key.transform)).collect();
        assert_eq!(found, [(1, Transform::Bucket(8)), (4, Transform::Truncate(3)), (5, Transform::Identity)]);
        let names: Vec<String> = partition_keys(&keys, &by_id).into_iter().map(|key| key.name).collect();
        assert_eq!(names, ["id", "user.name", "price"]);
    }
}
