//! What the statements say, and that Athena's limits hold for them.

use proptest::prelude::*;

use super::*;
use crate::expr::AsOf;
use crate::lake::{Catalog, Column, DeclaredBy, Location, PartitionKey, Sources, TableName};
use crate::sql::{Views, outline, read};

const MB: u64 = 1_000_000;

fn table(keys: &[&str], rows: &[Vec<String>]) -> Table {
    let mut table = Table::new(TableName::parse("lake.orders"), DeclaredBy::Ddl);
    table.format = Some(FileFormat::Parquet);
    let column = |(name, data_type): (&str, ColumnType)| Column { name: name.to_string(), data_type };
    table.columns = [("amount", ColumnType::Float(8)), ("order_id", ColumnType::String)].map(column).to_vec();
    table.partition_keys = keys.iter().map(|key| PartitionKey::new(key, ColumnType::String)).collect();
    table.location = Some(Location::parse("s3://lake/curated/orders/"));
    let partition = |row: &Vec<String>| Partition {
        values: row.iter().map(|value| Some(value.as_str().into())).collect(),
        files: 9,
        bytes: 200 * MB,
        largest: 90 * MB,
        newest: None,
    };
    table.layout = Some(Layout { partitions: rows.iter().map(partition).collect(), ..Layout::default() });
    table
}

fn days(count: u64) -> Vec<Vec<String>> {
    let first = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).expect("a date");
    (0..count).map(|day| vec![(first + chrono::Days::new(day)).to_string()]).collect()
}

/// The first statement of a help line.
fn first(help: &str) -> &str {
    help.split('`').nth(1).expect("a statement in backticks")
}

#[test]
fn small_tables_are_written_in_buckets_of_the_right_size() {
    let help = Rewrite::compacted(&table(&["dt"], &days(30)), 128 << 20).expect("known columns");
    assert_eq!(
        help,
        "`CREATE TABLE lake.orders_compacted WITH (format = 'PARQUET', write_compression = 'ZSTD', partitioned_by = \
         ARRAY['dt'], bucketed_by = ARRAY['order_id'], bucket_count = 2, external_location = \
         's3://lake/curated/orders_compacted/') AS SELECT amount, order_id, dt FROM lake.orders`"
    );
    let help = Rewrite::compacted(&table(&["dt"], &days(51)), 128 << 20).expect("known columns");
    assert!(!help.contains("bucket"), "51 partitions of 2 buckets are more than 100: {help}");
}

#[test]
fn large_tables_take_several_statements() {
    let help = Rewrite::compacted(&table(&["dt"], &days(366)), 128 << 20).expect("known columns");
    assert!(help.contains("WHERE dt BETWEEN '2024-09-23' AND '2024-12-31'`, then `INSERT INTO"), "{help}");
    assert!(help.contains("for the other 266 partitions, at most 100 in a statement"), "{help}");
}

#[test]
fn iceberg_compacts_itself() {
    let mut iceberg = table(&["dt"], &days(3));
    iceberg.kind = TableKind::Iceberg;
    let help = Rewrite::compacted(&iceberg, 128 << 20);
    assert_eq!(help.as_deref(), Some("`OPTIMIZE lake.orders REWRITE DATA USING BIN_PACK`"));
}

proptest! {
    /// What is suggested can be read, and writes at most a hundred partitions.
    #[test]
    fn suggested_statements_keep_to_the_limit(count in 1u64..400, regions in 1usize..5) {
        let rows: Vec<Vec<String>> = days(count).into_iter().flat_map(|day| {
            (0..regions).map(move |region| vec![day[0].clone(), format!("r{region}")])
        }).collect();
        let table = table(&["dt", "region"], &rows);
        let help = Rewrite::to_format(&table, FileFormat::Orc, "_orc").expect("a day has few regions");
        let sql = first(&help).to_string();
        let mut sources = Sources::default();
        let file = sources.add("help.sql", sql.as_str());
        let catalog = Catalog::new(vec![table]);
        let as_of = AsOf(chrono::NaiveDate::from_ymd_opt(2025, 6, 30).and_then(|d| d.and_hms_opt(0, 0, 0)).expect("a date"));
        let facts = read(&outline(file, &sql), &sources, &catalog, &Views::default(), as_of);
        prop_assert_eq!(facts.queries.len(), 1, "{}", sql);
        let query = &facts.queries[0];
        prop_assert_eq!(query.reads.len(), 1);
        let kept = crate::cost::kept(&query.reads[0], catalog.get(query.reads[0].table), as_of).count();
        prop_assert!(kept > 0 && kept <= 100, "{} of {}: {}", kept, rows.len(), sql);
    }
}
