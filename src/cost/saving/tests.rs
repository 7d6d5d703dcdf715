//! Each fix over a small lake whose every byte is known.

use std::path::Path;

use super::*;
use crate::cost::{Frequency, PriceChoice, Pricing, Runs, Terms};
use crate::expr::{AsOf, ColumnType};
use crate::lake::{
    Catalog, Column, DeclaredBy, FileFooter, FileFormat, Footers, Lake, Layout, LeafColumn, Partition, PartitionKey,
    Sources, TableName, Usage,
};
use crate::sql::{Views, outline, read};

const GB: u64 = 1_000_000_000;
const MB: u64 = 1_000_000;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn as_of() -> AsOf {
    AsOf(day("2025-06-30").and_hms_opt(0, 0, 0).expect("midnight"))
}

/// Ten days with a file of 4 GB each; the newest is 2025-06-29.
fn table(name: &str, format: FileFormat, columns: &[&str]) -> Table {
    let mut table = Table::new(TableName::parse(name), DeclaredBy::Ddl);
    table.format = Some(format);
    table.partition_keys = vec![PartitionKey::new("dt", ColumnType::String)];
    let column = |name: &&str| Column { name: name.to_string(), data_type: ColumnType::Integer(8) };
    table.columns = columns.iter().map(column).collect();
    let days = day("2025-06-20").iter_days().take(10);
    let partition = |day: NaiveDate| Partition {
        values: vec![Some(day.to_string().as_str().into())],
        files: 1,
        bytes: 4 * GB,
        largest: 4 * GB,
        newest: None,
    };
    let mut layout = Layout { partitions: days.map(partition).collect(), ..Layout::default() };
    layout.formats.insert((Some(format), Codec::None), Usage { files: 10, bytes: 40 * GB });
    table.layout = Some(layout);
    table
}

/// Parquet: of each file `a` takes 1 GB, `b` 2 GB and `c` 960 MB, the footer 40 MB.
fn with_footers() -> Table {
    let mut table = table("lake.t", FileFormat::Parquet, &["a", "b", "c"]);
    let leaf = |(path, bytes): (&str, u64)| LeafColumn {
        path: path.to_string(),
        data_type: ColumnType::Integer(8),
        bytes: vec![bytes; 10],
        values: Vec::new(),
    };
    let file =
        |at: u32| FileFooter { partition: at, bytes: 4 * GB, footer: 40 * MB, indexes: 0, row_groups: at..at + 1 };
    let footers = Footers {
        of_manifests: false,
        files: (0..10).map(file).collect(),
        starts: vec![4; 10],
        rows: vec![1000; 10],
        columns: [("a", GB), ("b", 2 * GB), ("c", 960 * MB)].map(leaf).to_vec(),
        of_files: 10,
        unreadable: Vec::new(),
    };
    table.layout.as_mut().expect("a layout").footers = Some(footers);
    table
}

/// The statements over `lake.t` (Parquet), `lake.csv` (CSV of two columns) and `lake.unseen`, whose layout nobody knows.
fn lake(sql: &str) -> Lake {
    let mut unseen = table("lake.unseen", FileFormat::Parquet, &["a"]);
    unseen.layout = None;
    let catalog = Catalog::new(vec![with_footers(), table("lake.csv", FileFormat::Csv, &["x", "y"]), unseen]);
    let mut sources = Sources::default();
    let file = sources.add("q.sql", sql);
    let facts = read(&outline(file, sql), &sources, &catalog, &Views::default(), as_of());
    Lake { sources, catalog, queries: facts.queries, ..Lake::default() }
}

fn terms(usd_per_tb: f64, runs: Option<f64>) -> Terms {
    let entries = runs.map(|runs| ("q.sql".to_string(), Frequency::PerMonth(runs))).into_iter().collect();
    let choice = PriceChoice { usd_per_tb: Some(usd_per_tb), ..PriceChoice::default() };
    Terms {
        pricing: Pricing::of(&choice).expect("in dollars"),
        runs: Runs::new(&entries, as_of(), Path::new("/repo"), None),
        ..Terms::default()
    }
}

/// Bytes of the first statement before and after fixes, in MB.
fn megabytes(sql: &str, fixes: &[(usize, Fix)]) -> Option<(u64, u64)> {
    let (lake, terms) = (lake(sql), terms(5.0, None));
    let waste = terms.estimator(&lake, as_of()).saved(&lake.queries[0], fixes, "fixed")?;
    Some((waste.bytes.before / MB, waste.bytes.after / MB))
}

fn days(from: &str, to: &str) -> Fix {
    Fix::Days(Days { from: day(from), to: day(to) })
}

#[test]
fn a_predicate_on_days_keeps_the_partitions_of_these_days() {
    let all = "select a from lake.t";
    assert_eq!(megabytes(all, &[(0, days("2025-06-28", "2025-06-29"))]), Some((10_400, 2_080)));
    // The other predicates stay.
    let one = "select a from lake.t where dt = '2025-06-28'";
    assert_eq!(megabytes(one, &[(0, days("2025-06-28", "2025-06-29"))]), Some((1_040, 1_040)));
    // Nothing is stored that late: the newest days stand for them.
    assert_eq!(megabytes(all, &[(0, days("2025-07-01", "2025-07-03"))]), Some((10_400, 3_120)));
}

#[test]
fn a_column_that_is_not_named_is_not_read() {
    let without = |column: &str| [(0, Fix::Without(column.to_string()))];
    assert_eq!(megabytes("select * from lake.t", &without("b")), Some((40_000, 20_000)));
    assert_eq!(megabytes("select a, b from lake.t", &without("b")), Some((30_400, 10_400)));
    assert_eq!(megabytes("select a from lake.t", &without("b")), None);
}

#[test]
fn text_shrinks_to_a_third_and_parquet_to_the_needed_columns_of_that() {
    let one = "select x from lake.csv where dt = '2025-06-28'";
    assert_eq!(megabytes(one, &[(0, Fix::Compressed)]), Some((4_000, 1_333)));
    assert_eq!(megabytes(one, &[(0, Fix::AsParquet)]), Some((4_000, 666)));
    let whole = "select * from lake.csv where dt = '2025-06-28'";
    assert_eq!(megabytes(whole, &[(0, Fix::AsParquet)]), Some((4_000, 1_333)));
}

#[test]
fn one_scan_takes_in_the_columns_of_all() {
    let twice = "with r as (select a from lake.t) select * from r x join r y on x.a = y.a";
    let lake_of_two = lake(twice);
    let reads = lake_of_two.queries[0].reads.len();
    let fixes: Vec<(usize, Fix)> =
        (0..reads).map(|i| (i, if i == 0 { Fix::Once((0..reads).collect()) } else { Fix::Shared })).collect();
    assert_eq!(megabytes(twice, &fixes), Some((20_800, 10_400)));
    let apart = "select count(a) from lake.t union all select count(c) from lake.t";
    let fixes = [(0, Fix::Once(vec![0, 1])), (1, Fix::Shared)];
    assert_eq!(megabytes(apart, &fixes), Some((20_400, 20_000)));
}

#[test]
fn compaction_saves_footers_and_gets_and_coarser_partitions_save_lists() {
    let (lake, terms) = (lake("select a from lake.t"), terms(5.0, None));
    let estimator = terms.estimator(&lake, as_of());
    let saved = |fix: Fix| estimator.saved(&lake.queries[0], &[(0, fix)], "fixed").expect("known bytes");
    let compacted = saved(Fix::Compacted(0.1));
    assert_eq!((compacted.bytes.before / MB, compacted.bytes.after / MB), (10_400, 10_040));
    let coarser = saved(Fix::Coarser(0.1));
    assert_eq!(coarser.bytes.before, coarser.bytes.after);
    // Nine LISTs at $0.005 per 1,000 are saved, and no page from Glue.
    let usd = coarser.usd.before.0 - coarser.usd.after.0;
    assert!((usd - 9.0 * 0.005 / 1000.0).abs() < 1e-9, "{usd}");
}

#[test]
fn the_month_counts_the_runs_and_provisioned_capacity_has_no_dollars() {
    let lake = lake("select a from lake.t");
    let saved = |usd_per_tb: f64, runs| {
        let terms = terms(usd_per_tb, runs);
        let fixes = [(0, days("2025-06-29", "2025-06-29"))];
        terms.estimator(&lake, as_of()).saved(&lake.queries[0], &fixes, "fixed").expect("known bytes")
    };
    let metered = saved(5.0, Some(30.0));
    assert!((metered.usd.before.0 - 0.052).abs() < 1e-9 && (metered.usd.after.0 - 0.0052).abs() < 1e-9);
    assert!((metered.usd_per_month.expect("known").0 - 30.0 * 0.0468).abs() < 1e-9);
    assert_eq!((metered.is_assumed, metered.is_most), (false, false));
    assert_eq!(saved(5.0, None).usd_per_month, None);
    let provisioned = saved(0.0, Some(30.0));
    assert_eq!((provisioned.usd.before, provisioned.usd.after, provisioned.usd_per_month), (Usd(0.0), Usd(0.0), None));
    assert_eq!(provisioned.bytes, metered.bytes);
}

#[test]
fn unknown_bytes_save_an_unknown_amount() {
    let fixes = [(0, days("2025-06-29", "2025-06-29"))];
    assert_eq!(megabytes("select a from lake.unseen", &fixes), None);
    // Nor is anything said of a statement that is known in part.
    assert_eq!(megabytes("select t.a from lake.t t join lake.unseen u on t.a = u.a", &fixes), None);
}

#[test]
fn what_a_limit_may_save_ranks_below_what_is_saved() {
    let (lake, terms) = (lake("select * from lake.t limit 10; select a from lake.t"), terms(5.0, None));
    let estimator = terms.estimator(&lake, as_of());
    let saved = |index: usize| {
        let fixes = [(0, days("2025-06-29", "2025-06-29"))];
        estimator.saved(&lake.queries[index], &fixes, "fixed").expect("known bytes")
    };
    assert!(saved(0).is_most && saved(0).bytes.before > saved(1).bytes.before);
    assert!(saved(0).rank() < saved(1).rank());
}

#[test]
fn the_statements_that_read_a_table_save_together() {
    let sql = "select x from lake.csv where dt = '2025-06-28'; select a from lake.t; \
               select l.x from lake.csv l join lake.csv r on l.x = r.y where l.dt = '2025-06-28' and r.dt = '2025-06-29'";
    let (lake, terms) = (lake(sql), terms(5.0, Some(10.0)));
    let (_, csv) = lake.catalog.iter().find(|(_, table)| table.name.to_string() == "lake.csv").expect("declared");
    let waste = terms.estimator(&lake, as_of()).saved_on(csv, &Fix::Compressed, "compressed").expect("known");
    assert_eq!((waste.bytes.before / MB, waste.bytes.after / MB, waste.fix.as_str()), (12_000, 3_999, "compressed"));
    let month = waste.usd_per_month.expect("known").0;
    assert!((month - 10.0 * 0.04).abs() < 1e-3, "{month}");
}
