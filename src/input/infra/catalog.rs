//! Tables that templates declare, as Glue will describe them once they are deployed. What only the deployment knows is left out,
//! so that nothing is said about it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::views::is_view;
use crate::document::placeholders;
use crate::input::glue_json::{self, GlueTable};
use crate::input::iceberg;
use crate::lake::{Column, DeclaredBy, Location, PartitionKey, Span, Table, TableName};

/// Names and values, as properties and parameters of a table; `None` is a value that only the deployment knows.
pub(super) type Parameters = BTreeMap<String, Option<String>>;

pub(super) const TEMPLATE: &str = "storage.location.template";

/// What the input of an Iceberg table says in the terms of Iceberg's metadata
/// (<https://docs.aws.amazon.com/glue/latest/webapi/API_CreateIcebergTableInput.html>).
pub(super) struct IcebergInput {
    pub location: Option<String>,
    pub properties: Parameters,
    /// Empty when some of them are computed.
    pub columns: Vec<Column>,
    pub keys: Vec<PartitionKey>,
}

/// A field of a schema: its id, its name, and its type as JSON.
pub(super) type IcebergField = (f64, String, serde_json::Value);

impl IcebergInput {
    /// `None` where it has partition keys that cannot be told. Of a partition field, the id of its source and its transform.
    pub fn new(fields: Option<Vec<IcebergField>>, spec: Option<Vec<(f64, String)>>) -> Option<IcebergInput> {
        let spec = spec?;
        let Some(fields) = fields else {
            let none = IcebergInput { location: None, properties: Parameters::new(), columns: vec![], keys: vec![] };
            return spec.is_empty().then_some(none);
        };
        let field = |(id, name, kind): IcebergField| json!({ "id": id as i32, "name": name, "type": kind });
        let key = |(source, transform): (f64, String)| json!({ "source-id": source as i32, "transform": transform });
        let fields: Vec<_> = fields.into_iter().map(field).collect();
        let spec: Vec<_> = spec.into_iter().map(key).collect();
        let (columns, keys) = iceberg::declared(json!({ "fields": fields }), json!({ "fields": spec }))?;
        Some(IcebergInput { location: None, properties: Parameters::new(), columns, keys })
    }
}

/// The type of a field: JSON in a text, or the name of a primitive one.
pub(super) fn iceberg_type(text: &str) -> serde_json::Value {
    serde_json::from_str(text.trim()).unwrap_or_else(|_| text.trim().into())
}

/// The table of a template whose name stands at `at`. `None` for views and links, and where too much is open to know the table by.
pub(super) fn table(mut glue: GlueTable, iceberg: Option<IcebergInput>, at: Span) -> Option<Table> {
    if let Some(iceberg) = &iceberg {
        let parameters = glue.parameters.get_or_insert_default();
        parameters.extend(iceberg.properties.clone());
        let storage = glue.storage_descriptor.get_or_insert_default();
        storage.location = storage.location.take().or_else(|| iceberg.location.clone());
    }
    if is_view(glue.table_type.as_deref()) || glue.target_table.is_some() || !is_one_name(&glue.name) {
        return None;
    }
    let database = glue.database_name.get_or_insert_with(|| "${database}".to_string());
    if is_one_of_many(database) {
        return None;
    }
    let name = TableName::new([&*database, &glue.name]);
    let keys: Vec<String> = glue.partition_keys.iter().flatten().map(|key| key.name.to_lowercase()).collect();
    let is_placed = glue.parameters.as_mut().is_none_or(|parameters| drop_unknown(parameters, &keys));
    if let Some(storage) = &mut glue.storage_descriptor {
        storage.location.take_if(|location| !is_placed || is_open(location));
        storage.parameters.iter_mut().for_each(|parameters| parameters.retain(|_, value| !value.is_none()));
    }
    let mut table = Table { declared_by: DeclaredBy::Template, declared_at: Some(at), ..glue_json::table(name, glue) };
    if let Some(iceberg) = iceberg.filter(|iceberg| !iceberg.columns.is_empty()) {
        (table.columns, table.partition_keys) = (iceberg.columns, iceberg.keys);
    }
    Some(table)
}

/// Bucket and path of a location of which only the deployment knows a part; `bucket` says what stands for a bucket. The path ends
/// before what is not known.
pub(super) fn open_place(location: Option<String>, bucket: impl Fn(&str) -> String) -> Option<Location> {
    let location = location.filter(|location| location.contains("${"))?;
    let rest = location.trim().strip_prefix("s3://")?;
    let mut depth = 0_usize;
    let end = rest.find(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == '/' && depth == 0
    });
    let (name, path) = rest.split_at(end.unwrap_or(rest.len()));
    let known = path.find("${").map_or(path, |open| &path[..path[..open].rfind('/').unwrap_or(0)]);
    Some(Location { bucket: Some(bucket(name)), ..Location::parse(known) })
}

/// Whether only the deployment knows some of a value.
pub(super) fn is_open(text: &str) -> bool {
    text.contains("${") || text.contains("{{resolve:")
}

/// A name of which something is written, and which is of one table.
pub(super) fn is_one_name(name: &str) -> bool {
    let open: usize = placeholders(name).iter().map(|(range, _)| range.len()).sum();
    open < name.trim().len() && !is_one_expression(name.trim()) && !is_one_of_many(name)
}

/// `${aws_glue_catalog_table.t["a"].name}`, which is no placeholder of SQL.
fn is_one_expression(name: &str) -> bool {
    let inner = name.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    inner.is_some_and(|inner| !inner.contains(['{', '}']))
}

/// What `for_each` and `count` fill in.
fn is_one_of_many(name: &str) -> bool {
    let is_instance = |name: &str| name.contains("each.") || name.contains("count.index");
    name.contains("{{resolve:") || placeholders(name).iter().any(|(_, name)| is_instance(name))
}

/// Drops what is said of a projected key of which a part is open. `false` when the folders of the partitions are open.
fn drop_unknown(parameters: &mut Parameters, keys: &[String]) -> bool {
    let is_known = |value: &Option<String>| value.as_deref().is_some_and(|value| !is_open(value));
    let of_key = |name: &str| {
        keys.iter().find(|key| {
            let rest = name.strip_prefix("projection.").and_then(|rest| rest.strip_prefix(key.as_str()));
            rest.is_some_and(|rest| rest.starts_with('.'))
        })
    };
    let open = parameters.iter().filter(|(_, value)| !is_known(value));
    let open_keys: BTreeSet<String> = open.filter_map(|(name, _)| of_key(&name.to_lowercase())).cloned().collect();
    let is_folder = |value: &str| placeholders(value).iter().all(|(_, name)| keys.contains(&name.to_lowercase()));
    let template = parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case(TEMPLATE));
    let is_placed = template.is_none_or(|(_, value)| value.as_deref().is_some_and(is_folder));
    parameters.retain(|name, value| match name.to_lowercase() {
        name if name == TEMPLATE => is_placed,
        name => is_known(value) && of_key(&name).is_none_or(|key| !open_keys.contains(key)),
    });
    is_placed
}
