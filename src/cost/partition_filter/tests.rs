//! One verdict per read, from statements.

use chrono::NaiveDate;

use super::PartitionFilter;
use crate::expr::{AsOf, ColumnType};
use crate::lake::{
    Catalog, Column, DeclaredBy, FileFormat, Lake, PartitionKey, Sources, Table, TableKind, TableName, Transform,
};
use crate::sql::{Views, outline, read};

fn table(name: &str, columns: &[(&str, ColumnType)], keys: &[(&str, ColumnType)]) -> Table {
    let mut table = Table::new(TableName::parse(name), DeclaredBy::Ddl);
    let column =
        |(name, data_type): &(&str, ColumnType)| Column { name: name.to_string(), data_type: data_type.clone() };
    table.columns = columns.iter().map(column).collect();
    table.partition_keys = keys.iter().map(|(name, data_type)| PartitionKey::new(name, data_type.clone())).collect();
    table
}

/// The verdict on each read of a statement, by name.
fn verdicts(sql: &str) -> Vec<String> {
    let columns = &[("id", ColumnType::String), ("made_at", ColumnType::Timestamp)];
    let orders = table("orders", columns, &[("region", ColumnType::String), ("dt", ColumnType::String)]);
    let items = table("items", columns, &[("dt", ColumnType::String)]);
    let days = table("days", &[("dt", ColumnType::String), ("kind", ColumnType::String)], &[]);
    let mut text = table("text", columns, &[("dt", ColumnType::String)]);
    text.format = Some(FileFormat::Csv);
    let mut clicks = table("clicks", columns, &[("made_at", ColumnType::Timestamp)]);
    clicks.kind = TableKind::Iceberg;
    clicks.partition_keys[0].transform = Transform::Day;
    let mut users = table("users", columns, &[("id", ColumnType::String)]);
    users.kind = TableKind::Iceberg;
    users.partition_keys[0].transform = Transform::Bucket(16);
    let mut sources = Sources::default();
    let file = sources.add("q.sql", sql);
    let noon = NaiveDate::from_ymd_opt(2025, 6, 30).and_then(|d| d.and_hms_opt(12, 0, 0)).expect("a date");
    let catalog = Catalog::new(vec![orders, items, days, text, clicks, users]);
    let facts = read(&outline(file, sql), &sources, &catalog, &Views::new(Vec::new()), AsOf(noon));
    let lake = Lake { catalog, ..Lake::default() };
    let query = facts.queries.first().expect("a statement");
    let name = |index: usize| format!("{:?}", PartitionFilter::of(query, index, &lake));
    let word = |debug: String| debug.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("").to_string();
    (0..query.reads.len()).map(|index| word(name(index))).collect()
}

#[test]
fn every_read_has_the_verdict_of_its_one_cause() {
    for (sql, expected) in [
        ("select id from items", "Missing"),
        ("select id from items where dt is not null", "Missing"),
        ("select id from items where dt = '2025-06-29'", "Limited"),
        ("select id from items where substr(dt, 1, 4) = '2025'", "Limited"),
        ("select id from items limit 3", "BareLimit"),
        ("select id from items where dt = 'a' or id = 'b'", "OrDefeats"),
        ("select id from items where (dt = 'a' and id = 'b') or dt = 'c'", "Limited"),
        ("select id from items where ? = 'all' or dt = ?", "Limited"),
        ("select id from items where {{ filter }}", "Unknown"),
        ("select id from items where made_at > timestamp '2025-06-29 00:00:00'", "EventTime"),
        ("select id from items where made_at is not null", "Missing"),
        ("select id from orders where region = 'eu' and made_at > now() - interval '1' day", "EventTime"),
        ("select id from orders where region = 'eu'", "OtherKeys"),
        ("select id from orders where region = 'eu' and dt in (select dt from days)", "Unknown NotExpected"),
        ("select id from items where dt in (select dt from days)", "RunTime NotExpected"),
        ("select i.id from items i join days d on i.dt = d.dt where d.kind = 'x'", "RunTime NotExpected"),
        ("select i.id, o.id from items i join orders o on i.dt = o.dt", "Missing Missing"),
        ("select i.id, o.id from items i join orders o on i.dt = o.dt and o.dt = 'a'", "Limited Limited"),
        ("select count(*) from items", "NotExpected"),
        ("select max(dt) from items", "NotExpected"),
        ("select count(*) from text", "Missing"),
        ("select id from users", "NotExpected"),
        ("select id from clicks where date_format(made_at, '%Y') = '2025'", "NotPruned"),
        ("select id from clicks where date(made_at) = current_date", "Limited"),
        ("select id from clicks where id = 'a'", "Missing"),
        ("delete from clicks", ""),
        ("delete from clicks where id = 'a'", "Missing"),
    ] {
        assert_eq!(verdicts(sql).join(" "), expected, "{sql}");
    }
}
