//! The statement that adds up an inventory table. It is written for Trino, which Athena runs
//! (<https://docs.aws.amazon.com/athena/latest/ug/functions-env3.html>).

use std::fmt::Write as _;

use anyhow::{Result, bail};

use super::row::{DATA, DELETE_MARKER, EMPTY, HIDDEN, MARKER, NONCURRENT};
use crate::input::layout::{CODECS, FORMATS, HIDDEN_STARTS, MARKER_END, STRAYS, TallyKind, TallyName};
use crate::input::layout::{EXAMPLES, LARGEST};
use crate::lake::SizeHistogram;

/// Smallest names kept of versions, of which many have one name: enough for [`EXAMPLES`] different ones, mostly.
const VERSION_NAMES: usize = 64;

/// Columns of a table with their types, in lower case, as the catalog has them.
pub(crate) type Columns = [(String, String)];

/// An inventory table
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-athena-query.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inventory {
    pub database: String,
    pub table: String,
    /// SQL of the values that count, from the table's columns.
    fields: Fields,
    /// How [`Fields::modified`] comes back.
    pub time: Time,
}

/// What a column of the times of change holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Time {
    Missing,
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970, as older tables declare the column of Parquet files.
    Millis,
    /// `2024-01-05T12:00:00.000Z`.
    Text,
}

/// One SQL expression each.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fields {
    key: String,
    size: String,
    modified: String,
    class: String,
    is_latest: String,
    is_delete_marker: String,
}

impl Inventory {
    /// Reads the columns. Tables over CSV files have texts only, and keys that are URL-encoded.
    pub(crate) fn of(database: &str, table: &str, columns: &Columns) -> Result<Inventory> {
        let shown = format!("{database}.{table}");
        let kind = |name: &str| columns.iter().find(|(column, _)| column == name).map(|(_, kind)| kind.as_str());
        for name in ["bucket", "key"] {
            match kind(name) {
                Some(kind) if is_text(kind) => {}
                Some(kind) => bail!("`{shown}` is no S3 Inventory table: its column `{name}` is of type `{kind}`"),
                None => bail!("`{shown}` is no S3 Inventory table: it has no column `{name}`"),
            }
        }
        let Some(size_kind) = kind("size") else {
            bail!(
                "`{shown}` has no column `size`: add `Size` to the optional fields of the inventory's configuration, and the \
                 column to the table"
            );
        };
        let is_csv = is_text(size_kind);
        let size = match size_kind {
            _ if is_csv => "coalesce(CAST(nullif(size, '') AS bigint), 0)",
            "bigint" | "int" | "integer" => "coalesce(CAST(size AS bigint), 0)",
            other => bail!("the column `size` of `{shown}` is of type `{other}`: expected `bigint` or `string`"),
        };
        let (modified, time) = match kind("last_modified_date") {
            None => ("CAST(NULL AS varchar)", Time::Missing),
            Some("timestamp") => ("last_modified_date", Time::Seconds),
            Some("bigint") => ("last_modified_date", Time::Millis),
            Some(kind) if is_text(kind) => ("nullif(last_modified_date, '')", Time::Text),
            Some(other) => {
                bail!("the column `last_modified_date` of `{shown}` is of type `{other}`: expected `timestamp`")
            }
        };
        let class = match kind("storage_class") {
            None => "CAST(NULL AS varchar)",
            Some(_) if is_csv => "nullif(storage_class, '')",
            Some(_) => "storage_class",
        };
        Ok(Inventory {
            database: database.to_string(),
            table: table.to_string(),
            time,
            fields: Fields {
                key: if is_csv { "url_decode(key)" } else { "key" }.to_string(),
                size: size.to_string(),
                modified: modified.to_string(),
                class: class.to_string(),
                is_latest: flag("is_latest", kind("is_latest"), "true"),
                is_delete_marker: flag("is_delete_marker", kind("is_delete_marker"), "false"),
            },
        })
    }

    /// The statement over one delivery, or over the whole table where it has no partitions. Each row is a part of one tally: of
    /// one folder, kind and slot of sizes.
    pub(crate) fn statement(&self, delivery: Option<(&str, &str)>) -> String {
        let Fields { key, size, modified, class, is_latest, is_delete_marker } = &self.fields;
        let filter = delivery.map_or_else(String::new, |(column, value)| {
            format!("\n  WHERE {} = {}", identifier(column), literal(value))
        });
        let newest = match self.time {
            Time::Seconds => "date_diff('second', TIMESTAMP '1970-01-01 00:00:00', max(modified))",
            Time::Missing | Time::Millis | Time::Text => "max(modified)",
        };
        let versions = list([NONCURRENT, DELETE_MARKER]);
        format!(
            "WITH entries AS (
  SELECT bucket, {key} AS key, {size} AS size, {modified} AS modified, {class} AS class,
    {is_latest} AS is_latest, {is_delete_marker} AS is_delete_marker
  FROM {table}{filter}
), named AS (
  SELECT bucket, size, modified, class, is_latest, is_delete_marker,
    substr(key, 1, greatest(strpos(key, '/', -1) - 1, 0)) AS folder,
    substr(key, strpos(key, '/', -1) + 1) AS name
  FROM entries
), split AS (
  SELECT *, {last} AS last, {stem} AS stem
  FROM named
), kinds AS (
  SELECT bucket, folder, name, size, modified, class, {slot} AS slot,
    {what} AS what
  FROM split
)
SELECT bucket, {folder} AS folder, what,
  CASE WHEN what IN ({versions}) THEN CAST(NULL AS varchar) ELSE class END AS class,
  slot, count(*) AS objects, sum(size) AS bytes, max(size) AS largest,
  {newest} AS newest,
  {examples} AS examples,
  {top} AS top
FROM kinds
GROUP BY bucket, kinds.folder, what, 4, slot",
            table = format_args!("{}.{}", identifier(&self.database), identifier(&self.table)),
            last = after_last_dot("name"),
            stem = "substr(name, 1, greatest(strpos(name, '.', -1) - 1, 0))",
            slot = slot(),
            what = what(),
            folder = json("ARRAY[kinds.folder]"),
            examples = json(&format!(
                "CASE WHEN what IN ({versions}) THEN slice(array_sort(array_distinct(min(name, {VERSION_NAMES}) FILTER (WHERE what \
                 IN ({versions})))), 1, {EXAMPLES}) ELSE min(name, {EXAMPLES}) FILTER (WHERE what NOT IN ({versions})) END"
            )),
            top = json(&format!(
                "min(lpad(CAST({} - size AS varchar), {}, '0') || name, {LARGEST}) FILTER (WHERE what IN ({}))",
                super::row::TOP,
                super::row::TOP_DIGITS,
                list(named_largest().iter().map(String::as_str))
            )),
        )
    }
}

/// A column of `true` and `false`, which tables over CSV hold as texts. Only what says so is true.
fn flag(name: &str, kind: Option<&str>, missing: &str) -> String {
    match kind {
        None => missing.to_string(),
        Some("boolean") => format!("coalesce({name}, false)"),
        Some(_) => format!("coalesce(lower({name}) = 'true', false)"),
    }
}

/// `string`, `varchar(10)`.
fn is_text(kind: &str) -> bool {
    kind == "string" || kind.starts_with("varchar") || kind.starts_with("char")
}

/// The slot of a size: how many binary digits follow its first one. Exact where logarithms are not.
fn slot() -> String {
    format!("least(length(to_base(greatest(size, 1), 2)) - 1, {})", SizeHistogram::SLOTS - 1)
}

/// What follows the last dot, or nothing.
fn after_last_dot(text: &str) -> String {
    format!("CASE WHEN strpos({text}, '.') = 0 THEN '' ELSE substr({text}, strpos({text}, '.', -1) + 1) END")
}

/// What state and name say of an object, as [`super::row`] reads it.
fn what() -> String {
    let starts = list(HIDDEN_STARTS.iter().map(char::to_string).collect::<Vec<_>>().iter().map(String::as_str));
    let mut sql = "CASE".to_string();
    let cases = [
        ("is_delete_marker".to_string(), DELETE_MARKER),
        ("NOT is_latest".to_string(), NONCURRENT),
        (format!("name = '' OR substr(name, -{}) = {}", MARKER_END.len(), literal(MARKER_END)), MARKER),
        (format!("substr(name, 1, 1) IN ({starts})"), HIDDEN),
        ("size = 0".to_string(), EMPTY),
    ];
    for (condition, word) in cases {
        // Writing to a string does not fail.
        let _ = write!(sql, "\n      WHEN {condition} THEN {}", literal(word));
    }
    let _ = write!(sql, "\n      ELSE {} || {} END", literal(DATA), ending());
    sql
}

/// The end of a name as far as it decides the content, of names that this tool tells apart; of all others nothing.
fn ending() -> String {
    let codecs = list(CODECS.iter().map(|(extension, _)| *extension));
    let known = list(known_extensions());
    let (last, inner) = (lower("last"), lower(&after_last_dot("stem")));
    format!(
        "CASE
        WHEN last IN ({codecs}) AND {inner} IN ({known}) THEN '.' || {inner} || '.' || last
        WHEN last IN ({codecs}) THEN '.' || last
        WHEN {last} IN ({codecs}) THEN {misspelt}
        WHEN {last} IN ({known}) THEN '.' || {last}
        ELSE '' END",
        misspelt = literal(&format!(".{}", CODECS[0].0.to_ascii_uppercase())),
    )
}

/// Extensions that tell a format, or that what has them is no data.
fn known_extensions() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().map(|(extension, _)| *extension).chain(STRAYS)
}

/// Kinds of data whose largest files are named.
fn named_largest() -> Vec<String> {
    let inner = || [""].into_iter().chain(known_extensions());
    let dotted = |text: &str| if text.is_empty() { String::new() } else { format!(".{text}") };
    let endings = CODECS.iter().flat_map(|(codec, _)| inner().map(move |inner| dotted(inner) + &dotted(codec)));
    let is_named = |ending: &String| {
        let name = TallyName::of(&format!("x{ending}"));
        TallyKind::Current { class: None, name }.names_largest()
    };
    endings.filter(is_named).map(|ending| format!("{DATA}{ending}")).collect()
}

/// ASCII letters in lower case, and no others.
fn lower(sql: &str) -> String {
    format!("translate({sql}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')")
}

/// As JSON: what a name holds does not meddle with the form of the result.
fn json(sql: &str) -> String {
    format!("json_format(CAST({sql} AS JSON))")
}

fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    texts.into_iter().map(literal).collect::<Vec<_>>().join(", ")
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
