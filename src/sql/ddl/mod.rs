//! Table definitions: Hive's and Athena's `CREATE EXTERNAL TABLE`, Iceberg's, Trino's `WITH (...)`, and the head of a CTAS.

use std::ops::Range;

use super::cursor::{Cursor, Properties, array, property};
use super::lexemes::Lexemes;
use super::parse::ParseError;
use crate::expr::ColumnType;
use crate::lake::{Column, DeclaredBy, Documented, FileId, Location, PartitionKey, Span, Table, TableKind, TableName};

mod columns;
mod format;
mod partitioning;
mod projection;

/// What a `CREATE TABLE` says.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) table: Table,
    /// The parts of the name, with their places.
    pub(super) name: Vec<(String, Range<usize>)>,
    /// `WITH (...)` or `TBLPROPERTIES (...)`.
    pub(super) properties: Properties,
    /// The query of a CTAS.
    pub(super) query: Option<Range<usize>>,
}

/// Clauses met so far.
#[derive(Debug, Default)]
struct Clauses {
    columns: Vec<Column>,
    documented: Documented,
    keys: Vec<PartitionKey>,
    stored_as: Option<String>,
    serde: Option<String>,
    delimited: bool,
    location: Option<String>,
    properties: Properties,
    iceberg: bool,
    query: Option<Range<usize>>,
}

/// Reads a statement that starts with CREATE ... TABLE; `None` when it starts otherwise.
pub(super) fn create_table(file: FileId, statement: Lexemes) -> Result<Option<Definition>, ParseError> {
    let mut cursor = Cursor::new(statement);
    cursor.expect("create")?;
    cursor.eat_all(&["or", "replace"]);
    for modifier in ["external", "temporary", "temp", "transient"] {
        cursor.eat(modifier);
    }
    if !cursor.eat("table") {
        return Ok(None);
    }
    cursor.eat_all(&["if", "not", "exists"]);
    let name = cursor.name()?;
    let mut clauses = Clauses::default();
    if cursor.is("(") {
        (clauses.columns, clauses.documented.columns) = columns::columns(&mut cursor)?;
    }
    while !cursor.at_end() {
        clause(&mut cursor, &mut clauses, statement.end)?;
    }
    Ok(Some(assemble(file, name, clauses)))
}

fn clause(cursor: &mut Cursor, clauses: &mut Clauses, end: usize) -> Result<(), ParseError> {
    if cursor.eat("comment") {
        cursor.eat("=");
        clauses.documented.table = !cursor.string()?.trim().is_empty();
    } else if cursor.eat_all(&["partitioned", "by"]) {
        clauses.keys = partitioning::partitioned_by(cursor, &clauses.columns)?;
    } else if cursor.eat_all(&["row", "format"]) {
        row_format(cursor, clauses)?;
    } else if cursor.eat_all(&["with", "serdeproperties"]) {
        let properties = cursor.properties()?;
        clauses.delimited |= property(&properties, "field.delim").or(property(&properties, "separatorchar")).is_some();
    } else if cursor.eat_all(&["stored", "as"]) {
        stored_as(cursor, clauses)?;
    } else if cursor.eat_all(&["stored", "by"]) {
        let handler = cursor.string()?;
        clauses.iceberg |= handler.to_lowercase().contains("iceberg");
    } else if cursor.eat("location") {
        clauses.location = Some(cursor.string()?);
    } else if cursor.eat("tblproperties") || cursor.is("with") && cursor.nth_is(1, "(") && cursor.eat("with") {
        clauses.properties.extend(cursor.properties()?);
    } else if cursor.eat("using") {
        let format = cursor.identifier()?;
        clauses.iceberg |= format.eq_ignore_ascii_case("iceberg");
        clauses.stored_as = Some(format);
    } else if cursor.eat("options") {
        cursor.properties()?;
    } else if cursor.is("clustered") || cursor.is("sorted") || cursor.is("skewed") {
        bucketing(cursor);
    } else if cursor.eat("like") {
        cursor.name()?;
        while ["including", "excluding", "properties"].iter().any(|w| cursor.eat(w)) {}
    } else if cursor.eat("as") {
        clauses.query = Some(query(cursor, end)?);
    } else {
        return Err(cursor.error("a clause of CREATE TABLE such as `partitioned by`, `stored as`, `location`"));
    }
    Ok(())
}

/// The query of a CTAS, without a closing WITH [NO] DATA.
fn query(cursor: &mut Cursor, end: usize) -> Result<Range<usize>, ParseError> {
    if !["select", "with", "(", "values", "table"].iter().any(|w| cursor.is(w)) {
        return Err(cursor.error("a query"));
    }
    let start = cursor.offset();
    let mut stop = end;
    while !cursor.at_end() {
        let no = usize::from(cursor.nth_is(1, "no"));
        if cursor.is("with") && cursor.nth_is(1 + no, "data") && cursor.nth(2 + no).is_none() {
            stop = cursor.passed();
        }
        cursor.advance();
    }
    Ok(start..stop)
}

fn row_format(cursor: &mut Cursor, clauses: &mut Clauses) -> Result<(), ParseError> {
    if cursor.eat("serde") {
        clauses.serde = Some(cursor.string()?);
        return Ok(());
    }
    cursor.expect("delimited")?;
    let parts: [&[&str]; 6] = [
        &["fields", "terminated", "by"],
        &["escaped", "by"],
        &["collection", "items", "terminated", "by"],
        &["map", "keys", "terminated", "by"],
        &["lines", "terminated", "by"],
        &["null", "defined", "as"],
    ];
    while let Some(part) = parts.iter().position(|words| cursor.eat_all(words)) {
        cursor.string()?;
        clauses.delimited |= part == 0;
    }
    Ok(())
}

fn stored_as(cursor: &mut Cursor, clauses: &mut Clauses) -> Result<(), ParseError> {
    if cursor.eat("inputformat") {
        clauses.stored_as = Some(cursor.string()?);
        cursor.expect("outputformat")?;
        cursor.string()?;
    } else {
        clauses.stored_as = Some(cursor.identifier()?);
    }
    Ok(())
}

/// CLUSTERED BY, SORTED BY, INTO n BUCKETS, SKEWED BY: nothing that pruning or pricing needs.
fn bucketing(cursor: &mut Cursor) {
    cursor.advance();
    cursor.eat("by");
    cursor.skip_brackets();
    if cursor.eat("on") {
        cursor.skip_brackets();
    }
    cursor.eat_all(&["stored", "as", "directories"]);
    if cursor.eat("into") {
        cursor.advance();
        cursor.eat("buckets");
    }
}

fn assemble(file: FileId, name: Vec<(String, Range<usize>)>, clauses: Clauses) -> Definition {
    let Clauses {
        mut columns,
        documented,
        mut keys,
        stored_as,
        serde,
        delimited,
        location,
        properties,
        iceberg,
        query,
    } = clauses;
    let is_ctas = query.is_some();
    let declared_by = if is_ctas { DeclaredBy::Ctas } else { DeclaredBy::Ddl };
    let mut table = Table::new(TableName::new(name.iter().map(|(part, _)| part)), declared_by);
    let named = |key: &str| property(&properties, key);
    let partitioning = named("partitioning").map(array);
    let is_iceberg =
        iceberg || partitioning.is_some() || named("table_type").is_some_and(|t| t.eq_ignore_ascii_case("iceberg"));
    if is_iceberg {
        table.kind = TableKind::Iceberg;
    }
    if let Some(transforms) = partitioning {
        keys = transforms.iter().map(|t| partitioning::transform(t, &columns)).collect();
    } else if let Some(names) = named("partitioned_by").map(array) {
        keys = names.iter().map(|n| PartitionKey::new(n, type_of(&columns, n))).collect();
    }
    // Hive's keys are not in the files.
    if !is_iceberg {
        columns.retain(|c| !keys.iter().any(|k| k.name == c.name));
    }
    table.projection = projection::projection(&properties);
    if let Some(projection) = &table.projection {
        projection::copy_formats(projection, &mut keys);
    }
    table.columns = columns;
    table.documented = documented;
    table.documented.table |= property(&properties, "comment").is_some_and(|text| !text.trim().is_empty());
    table.partition_keys = keys;
    table.format =
        format::format(stored_as.as_deref(), serde.as_deref(), delimited, &properties, is_ctas || is_iceberg);
    let location = location.as_deref().or(named("external_location")).or(named("location"));
    table.location = location.map(Location::parse);
    if let (Some((_, first)), Some((_, last))) = (name.first(), name.last()) {
        table.declared_at = Some(Span::new(file, first.start..last.end));
    }
    Definition { table, name, properties, query }
}

/// The type of a column by name; unknown when the definition does not list it.
fn type_of(columns: &[Column], name: &str) -> ColumnType {
    let column = columns.iter().find(|c| c.name.eq_ignore_ascii_case(name));
    column.map_or(ColumnType::Other(String::new()), |c| c.data_type.clone())
}

#[cfg(test)]
mod tests;
