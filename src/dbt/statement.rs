//! The statements that dbt-athena runs for a query: inside of the CREATE VIEW, CTAS, INSERT or MERGE of its materialization
//! (<https://docs.getdbt.com/reference/resource-configs/athena-configs>).

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use minijinja::value::{Value, ValueKind};

use super::render::{Piece, Rendered};
use super::settings::Config;
use super::values::FILTERED;
use crate::lake::{FileId, Materialized, ModelKind, Strategy, TextMap};
use crate::sql::split;

/// A text that stands inside of a model's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    pub text: String,
    pub map: TextMap,
    /// It only says what the model's relation is like: an incremental run, or a query that reads the relation, is what dbt runs.
    pub is_definition: bool,
}

/// What becomes of a query.
pub(super) fn materialized(kind: ModelKind, config: &Config) -> Materialized {
    let configured = config.get("materialized");
    match (kind, configured.and_then(Value::as_str)) {
        (ModelKind::Test | ModelKind::Analysis, _) => Materialized::Query,
        (ModelKind::Snapshot, _) => Materialized::Snapshot,
        (ModelKind::Model, None) if is_unknown(configured) => Materialized::Other,
        (ModelKind::Model, None | Some("view")) => Materialized::View,
        (ModelKind::Model, Some("ephemeral")) => Materialized::Ephemeral,
        (ModelKind::Model, Some("table")) => Materialized::Table,
        (ModelKind::Model, Some("incremental")) if is_refreshed(config) => Materialized::Table,
        (ModelKind::Model, Some("incremental")) => Materialized::Incremental(strategy(config)),
        (ModelKind::Model, Some(_)) => Materialized::Other,
    }
}

/// Whether an incremental model is built anew at every run, as with `--full-refresh`
/// (<https://docs.getdbt.com/reference/resource-configs/full_refresh>).
pub(super) fn is_refreshed(config: &Config) -> bool {
    let is_true = |setting: &Value| match setting.kind() {
        ValueKind::Bool => setting.is_true(),
        _ => setting.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true")),
    };
    let is_incremental = config.get("materialized").and_then(Value::as_str) == Some("incremental");
    is_incremental && config.get("full_refresh").is_some_and(is_true)
}

/// Whether a macro computes a setting from what is not known.
fn is_unknown(configured: Option<&Value>) -> bool {
    configured.is_some_and(|value| !value.is_none() && !value.is_undefined())
}

/// What is configured; by default dbt-athena overwrites partitions. Without partition keys it appends all the same.
fn strategy(config: &Config) -> Strategy {
    let configured = config.get("incremental_strategy");
    match configured.and_then(Value::as_str) {
        None if is_unknown(configured) => Strategy::Other,
        None | Some("insert_overwrite") => Strategy::InsertOverwrite,
        Some("append") => Strategy::Append,
        Some("merge") => Strategy::Merge,
        Some("microbatch") => Strategy::Microbatch,
        Some(_) => Strategy::Other,
    }
}

/// Where the statements of a query stand.
pub(super) struct Place {
    pub file: FileId,
    /// What stands around the query is shown here.
    pub head: Range<usize>,
}

/// The statements of one query. `rebuild` is what a full refresh runs where that is another text.
pub(super) fn statements(
    name: &str,
    materialized: Materialized,
    rendered: &Rendered,
    rebuild: Option<&Rendered>,
    config: &Config,
    place: &Place,
) -> Vec<Statement> {
    let around = |before: &str, rendered: &Rendered, after: &str, is_definition| {
        let rendered = &apart_from_common_tables(rendered);
        let mut map = TextMap::empty(place.file);
        map.push(before.len(), place.head.clone());
        for piece in &rendered.pieces {
            map.push(piece.rendered.len(), piece.file.clone());
        }
        map.push(after.len(), place.head.clone());
        let text = without_end(&rendered.text);
        Statement { text: format!("{before}{text}{after}"), map, is_definition }
    };
    let view = format!("create or replace view {name} as ");
    match materialized {
        Materialized::View => vec![around(&view, rendered, "", false)],
        Materialized::Ephemeral => vec![around(&view, rendered, "", true)],
        Materialized::Table => vec![around(&create_table(name, config), rendered, "", false)],
        Materialized::Incremental(strategy) => {
            let table = around(&create_table(name, config), rebuild.unwrap_or(rendered), "", true);
            let run = match (strategy, conditions(config)) {
                (Strategy::Merge, Some(conditions)) => {
                    let keys = quoted_all(config.get("unique_key"));
                    // A comment at the query's end must not take the bracket along.
                    let after = format!(
                        "\n) as src on {conditions} when not matched then insert ({}) values ({})",
                        keys.join(", "),
                        keys.iter().map(|key| format!("src.{key}")).collect::<Vec<_>>().join(", ")
                    );
                    around(&format!("merge into {name} as target using ("), rendered, &after, false)
                }
                _ => around(&format!("insert into {name} "), rendered, "", false),
            };
            vec![table, run]
        }
        Materialized::Snapshot | Materialized::Query | Materialized::Other => vec![around("", rendered, "", false)],
    }
}

/// A relation whose schema only the deployment knows has a name of one part, which a common table expression of that name would take.
/// dbt writes a schema: here an empty one stands for it.
fn apart_from_common_tables(rendered: &Rendered) -> Cow<'_, Rendered> {
    let taken = common_tables(&rendered.text);
    let is_taken = |piece: &Piece| {
        let name = of_relation(&rendered.text[piece.rendered.clone()]).1;
        name.is_some_and(|name| taken.contains(&name.to_lowercase()))
    };
    if !rendered.pieces.iter().any(is_taken) {
        return Cow::Borrowed(rendered);
    }
    let mut apart = Rendered { text: String::new(), pieces: Vec::new(), ..rendered.clone() };
    for piece in &rendered.pieces {
        let start = apart.text.len();
        let text = &rendered.text[piece.rendered.clone()];
        let (before, after) = text.split_at(of_relation(text).0);
        apart.text.push_str(before);
        apart.text.push_str(if is_taken(piece) { "\"\"." } else { "" });
        apart.text.push_str(after);
        apart.pieces.push(Piece { rendered: start..apart.text.len(), file: piece.file.clone() });
    }
    Cow::Owned(apart)
}

/// Where a relation begins in what is rendered of it, and its name where that is of one part.
fn of_relation(text: &str) -> (usize, Option<&str>) {
    let filtered = text.strip_prefix(FILTERED).and_then(|rest| Some(&rest[..rest.find("\" where ")? + 1]));
    let start = filtered.map_or(0, |_| FILTERED.len());
    let name = filtered.unwrap_or(text).strip_prefix('"').and_then(|name| name.strip_suffix('"'));
    (start, name)
}

/// The names before ` as (`.
fn common_tables(text: &str) -> BTreeSet<String> {
    let name_before = |(at, _): (usize, &str)| {
        let before = text[..at].trim_end();
        let (before, word) = before.split_at_checked(before.len().checked_sub("as".len())?)?;
        let name = before.trim_end();
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let name = match name.strip_suffix('"') {
            Some(quoted) => quoted.rsplit('"').next()?,
            None if name.len() == before.len() => return None,
            None => &name[name.trim_end_matches(is_part).len()..],
        };
        word.eq_ignore_ascii_case("as").then(|| name.to_lowercase())
    };
    text.match_indices('(').filter_map(name_before).collect()
}

/// The text of a statement with a space for the semicolon at its end: places stay. dbt-athena makes a table of the rows of a merge before it
/// merges them, which a semicolon does not hinder.
fn without_end(text: &str) -> Cow<'_, str> {
    let [statement] = &split(text)[..] else { return text.into() };
    let after = text[statement.end..].trim_start();
    let at = text.len() - after.len();
    match after.strip_prefix(';') {
        Some(rest) => format!("{} {rest}", &text[..at]).into(),
        None => text.into(),
    }
}

/// On what rows of a merge fit: the unique key, and the predicates on the table's side, which are written with the names that
/// dbt-athena gives to both sides.
fn conditions(config: &Config) -> Option<String> {
    let keys = quoted_all(config.get("unique_key"));
    let fits = keys.iter().map(|key| format!("target.{key} = src.{key}"));
    let predicates = texts(config.get("incremental_predicates").or_else(|| config.get("predicates")));
    let all: Vec<String> = fits.chain(predicates.into_iter().map(|predicate| format!("({predicate})"))).collect();
    (!keys.is_empty()).then(|| all.join(" and "))
}

fn create_table(name: &str, config: &Config) -> String {
    let text = |key: &str| config.get(key).and_then(Value::as_str).map(|text| text.replace('\'', "''"));
    let is_iceberg = is_iceberg(config);
    // "parquet" by default.
    let mut properties = vec![format!("format = '{}'", text("format").unwrap_or_else(|| "parquet".to_string()))];
    if is_iceberg {
        properties.push("table_type = 'ICEBERG'".to_string());
    }
    let keys = texts(config.get("partitioned_by"));
    if !keys.is_empty() {
        let keys: Vec<String> = keys.iter().map(|key| format!("'{}'", key.replace('\'', "''"))).collect();
        let property = if is_iceberg { "partitioning" } else { "partitioned_by" };
        properties.push(format!("{property} = array[{}]", keys.join(", ")));
    }
    if let Some(compression) = text("write_compression") {
        properties.push(format!("write_compression = '{compression}'"));
    }
    if let Some(location) = text("external_location") {
        properties.push(format!("external_location = '{location}'"));
    }
    format!("create table {name} with ({}) as ", properties.join(", "))
}

pub(super) fn is_iceberg(config: &Config) -> bool {
    let kind = config.get("table_type").and_then(Value::as_str);
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case("iceberg"))
}

/// A text, or the texts of a list.
pub(super) fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(value) if value.kind() == ValueKind::Seq => {
            value.try_iter().into_iter().flatten().filter_map(|item| item.as_str().map(str::to_string)).collect()
        }
        Some(value) => value.as_str().map(str::to_string).into_iter().collect(),
        None => Vec::new(),
    }
}

fn quoted_all(value: Option<&Value>) -> Vec<String> {
    texts(value).iter().map(|name| quoted(name)).collect()
}

/// A name as a delimited identifier.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
