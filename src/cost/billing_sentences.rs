//! Every sentence of the price pages that an offline tool can hold itself to, one test each.
//!
//! Sentences without a link are those of <https://aws.amazon.com/athena/pricing/>.

use chrono::NaiveDate;
use proptest::prelude::*;

use super::{Engine, Estimate, PriceChoice, Pricing, Requests, Terms};
use crate::expr::{AsOf, ColumnType};
use crate::lake::{
    Catalog, Codec, Column, DeclaredBy, FileFooter, FileFormat, Footers, Lake, Layout, LeafColumn, Partition, Sources,
    Spread, Table, TableName, Usage,
};
use crate::sql::{Views, outline, read};

const MB: u64 = 1_000_000;
const TB: u64 = 1_000_000_000_000;

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * a.abs().max(b.abs()).max(1.0)
}

/// A table of one stored file of that many bytes.
fn stored(name: &str, format: FileFormat, codec: Codec, bytes: u64) -> Table {
    let mut table = Table::new(TableName::parse(name), DeclaredBy::Ddl);
    let column = |name: &str| Column { name: name.to_string(), data_type: ColumnType::String };
    table.columns = ["a", "b", "c"].map(column).to_vec();
    let partition = Partition { files: 1, bytes, largest: bytes, ..Partition::default() };
    let mut layout = Layout { source: "listing.txt".to_string(), partitions: vec![partition], ..Layout::default() };
    layout.formats.insert((Some(format), codec), Usage { files: 1, bytes });
    table.layout = Some(layout);
    table
}

/// `tiny`: 1 MB of CSV. `text`: 52,000,001 bytes of CSV. `gzipped`: as many, compressed. `columns`: Parquet, whose columns a, b, c hold 10, 30 and 60
/// MB, and whose footer has 1,000 bytes.
fn tables() -> Vec<Table> {
    let mut columns = stored("columns", FileFormat::Parquet, Codec::None, 100 * MB + 1_004);
    let leaf = |name: &str, bytes: u64| LeafColumn {
        path: name.to_string(),
        data_type: ColumnType::String,
        bytes: vec![bytes],
        values: Vec::new(),
    };
    if let Some(layout) = &mut columns.layout {
        layout.footers = Some(Footers {
            of_manifests: false,
            files: vec![FileFooter {
                partition: 0,
                bytes: 100 * MB + 1_004,
                footer: 1_000,
                indexes: 0,
                row_groups: 0..1,
            }],
            starts: vec![4],
            rows: vec![1_000],
            columns: vec![leaf("a", 10 * MB), leaf("b", 30 * MB), leaf("c", 60 * MB)],
            of_files: 1,
            unreadable: Vec::new(),
        });
    }
    let text = |name, codec| stored(name, FileFormat::Csv, codec, 52 * MB + 1);
    let tiny = stored("tiny", FileFormat::Csv, Codec::None, MB);
    vec![tiny, text("text", Codec::None), text("gzipped", Codec::Gzip), columns]
}

/// The estimate of the last statement of a text, at $5 per TB.
fn estimate(sql: &str) -> Estimate {
    estimate_of(tables(), "", sql)
}

/// The same with a table that a definition adds.
fn estimate_with(create: &str, sql: &str) -> Estimate {
    estimate_of(Vec::new(), create, sql)
}

fn estimate_of(mut tables: Vec<Table>, create: &str, sql: &str) -> Estimate {
    let mut sources = Sources::default();
    let file = sources.add("q.sql", sql);
    let mut outline = outline(file, sql);
    let views = Views::new(std::mem::take(&mut outline.views));
    let as_of = AsOf(NaiveDate::from_ymd_opt(2025, 6, 30).and_then(|day| day.and_hms_opt(0, 0, 0)).expect("a date"));
    tables.extend(crate::sql::outline(file, create).tables);
    let catalog = Catalog::new(tables);
    let facts = read(&outline, &sources, &catalog, &views, as_of);
    assert!(facts.unreadable.is_empty(), "{:?}", facts.unreadable);
    let lake = Lake { sources, catalog, queries: facts.queries, ..Lake::default() };
    let terms = Terms::default();
    terms.estimator(&lake, as_of).query(lake.queries.last().expect("a statement"))
}

fn likely_usd(sql: &str) -> f64 {
    estimate(sql).usd.expect("known").likely.0
}

/// What `bytes` cost in a region.
fn bill(engine: Engine, region: &str, bytes: u64) -> f64 {
    let choice = PriceChoice { engine, region: region.to_string(), ..PriceChoice::default() };
    Pricing::of(&choice).expect("in dollars").bill(bytes).expect("metered").0
}

const ONE_SCAN: f64 = 53e6 / 1e12 * 5.0;

#[test]
fn bytes_are_rounded_up_to_the_next_megabyte() {
    assert_eq!(Pricing::billed_bytes(52 * MB), 52 * MB);
    assert_eq!(Pricing::billed_bytes(52 * MB + 1), 53 * MB);
    assert!(close(likely_usd("select a from text"), ONE_SCAN));
}

#[test]
fn a_query_is_billed_for_10_mb_at_least() {
    assert_eq!([0, 1, 10 * MB].map(Pricing::billed_bytes), [10 * MB; 3]);
    assert_eq!(Pricing::billed_bytes(10 * MB + 1), 11 * MB);
    // 10 MB at $5 per TB.
    assert!(close(bill(Engine::Athena, "us-east-1", 1), 0.00005));
}

#[test]
fn the_minimum_is_per_query_and_not_per_table() {
    let twice = estimate("select t.a from tiny t join tiny u on t.a = u.b");
    assert_eq!(twice.bytes.expect("known").likely, 2 * MB);
    assert!(close(twice.usd.expect("known").likely.0, 10e6 / 1e12 * 5.0));
    let both = estimate("select t.a from text t join gzipped g on t.a = g.a").bytes.expect("known");
    assert_eq!(both.likely, 104 * MB + 2);
}

#[test]
fn ddl_is_free() {
    for sql in [
        "create external table new (a int) partitioned by (dt string) stored as parquet location 's3://b/new/'",
        "drop table text",
        "alter table text rename to other",
        "create view v as select * from text",
    ] {
        let estimate = estimate(sql);
        assert!(!estimate.billed, "{sql}");
        assert_eq!(estimate.usd, Some(Spread::default()), "{sql}");
    }
}

#[test]
fn statements_about_partitions_are_free() {
    for sql in ["alter table text add partition (dt = '2025-01-01')", "msck repair table text", "show partitions text"]
    {
        assert!(!estimate(sql).billed, "{sql}");
        assert_eq!(estimate(sql).usd, Some(Spread::default()), "{sql}");
    }
}

/// <https://docs.aws.amazon.com/athena/latest/ug/athena-explain-statement.html>
#[test]
fn explain_is_free() {
    assert_eq!(likely_usd("explain select a from text"), 0.0);
    assert!(!estimate("explain (type io) select a from text").billed);
}

/// <https://docs.aws.amazon.com/athena/latest/ug/athena-explain-statement.html>: it runs the query.
#[test]
fn explain_analyze_is_billed() {
    assert!(close(likely_usd("explain analyze select a from text"), ONE_SCAN));
}

/// <https://docs.aws.amazon.com/athena/latest/ug/service-limits.html>: CTAS, INSERT and UNLOAD are DML.
#[test]
fn statements_that_write_are_billed_for_what_their_select_scans() {
    for sql in [
        "create table copy with (format = 'PARQUET') as select a from text",
        "insert into gzipped select a, b, c from text",
        "unload (select a from text) to 's3://b/out/' with (format = 'PARQUET')",
    ] {
        assert!(estimate(sql).billed, "{sql}");
        assert!(close(likely_usd(sql), ONE_SCAN), "{sql}");
    }
}

/// <https://docs.aws.amazon.com/athena/latest/ug/optimize-statement.html>: "charged by the amount of data scanned during the
/// rewrite process".
#[test]
fn optimize_is_billed() {
    let optimize = estimate("optimize columns rewrite data using bin_pack");
    assert!(optimize.billed);
    assert!(optimize.usd.expect("known").high.0 > 0.0);
}

#[test]
fn only_the_columns_that_are_needed_count() {
    let bytes = |sql: &str| estimate(sql).bytes.expect("known").likely;
    assert_eq!(bytes("select a from columns"), 10 * MB + 1_000);
    assert_eq!(bytes("select a from columns where b = 'x'"), 40 * MB + 1_000);
    assert_eq!(bytes("select * from columns"), 100 * MB + 1_000);
    // Text has no columns to leave out.
    assert_eq!(bytes("select a from text"), bytes("select * from text"));
}

#[test]
fn compressed_bytes_count_as_stored() {
    assert_eq!(estimate("select a from gzipped").bytes.expect("known").likely, 52 * MB + 1);
}

/// AWS's example: 3 TB of text cost $15; compressed 3:1 and a third of the columns, $1.25 is what it says for a columnar format
/// of a twelfth of the bytes.
#[test]
fn three_terabytes_cost_15_dollars_and_a_twelfth_of_them_a_dollar_and_a_quarter() {
    assert!(close(bill(Engine::Athena, "us-east-1", 3 * TB), 15.0));
    assert!(close(bill(Engine::Athena, "us-east-1", 3 * TB / 12), 1.25));
}

#[test]
fn every_region_has_its_price() {
    for (region, usd) in [
        ("us-east-1", 5.00),
        ("eu-west-1", 5.00),
        ("ap-southeast-1", 5.00),
        ("eu-central-1", 5.00),
        ("us-west-1", 6.75),
        ("ca-central-1", 5.50),
        ("sa-east-1", 9.00),
        ("eu-west-3", 7.00),
        ("eu-south-1", 5.25),
        ("me-south-1", 6.50),
        ("af-south-1", 6.00),
        ("ap-east-1", 5.50),
        ("ap-northeast-3", 6.00),
        ("ap-southeast-2", 5.75),
        // Not listed.
        ("us-west-2", 5.00),
    ] {
        assert!(close(bill(Engine::Athena, region, TB), usd), "{region}");
    }
    let china = PriceChoice { region: "cn-northwest-1".to_string(), ..PriceChoice::default() };
    let error = Pricing::of(&china).expect_err("34.34 are not dollars").to_string();
    assert_eq!(
        error,
        "the price of `cn-northwest-1` is in CNY (34.34 per TB in cn-northwest-1 as of 2026-08), set `usd-per-tb`"
    );
}

/// <https://repost.aws/knowledge-center/redshift-spectrum-query-charges>: "$5 to $6.25 per TB", "always rounded up to the next
/// megabyte, with a minimum of 10 MB per query".
#[test]
fn redshift_spectrum_rounds_the_same_way_and_costs_5_dollars_and_more() {
    assert!(close(bill(Engine::RedshiftSpectrum, "us-east-1", TB), 5.0));
    assert!(close(bill(Engine::RedshiftSpectrum, "us-east-1", 1), 0.00005));
}

/// <https://docs.aws.amazon.com/athena/latest/ug/capacity-management-requirements.html>: no charge for scanned bytes in a reservation.
#[test]
fn provisioned_capacity_has_bytes_and_no_dollars() {
    let pricing = Pricing::of(&PriceChoice { usd_per_tb: Some(0.0), ..PriceChoice::default() }).expect("valid");
    assert_eq!(pricing.bill(TB), None);
}

#[test]
fn a_terabyte_of_2_to_the_40_costs_a_tenth_less_per_byte() {
    let pricing = Pricing::of(&PriceChoice { tb_bytes: 1 << 40, ..PriceChoice::default() }).expect("valid");
    let ratio = bill(Engine::Athena, "us-east-1", TB) / pricing.bill(TB).expect("metered").0;
    assert!((ratio - 1.0995).abs() < 0.0001);
}

/// <https://docs.aws.amazon.com/athena/latest/ug/performance-tuning-data-optimization-techniques.html>: a projected key with a
/// million values and no filter on it needs "at least one million S3 list operations".
#[test]
fn a_million_projected_partitions_cost_5_dollars_of_lists() {
    let create = "create external table projected (a string) partitioned by (id int) location 's3://b/p/' tblproperties \
                  ('projection.enabled' = 'true', 'projection.id.type' = 'integer', 'projection.id.range' = '1,1000000')";
    let lists = |filter: &str| estimate_with(create, &format!("select a from projected {filter}")).requests.list;
    assert_eq!(lists(""), Some(1_000_000));
    assert_eq!(lists("where id in (7, 8, 9)"), Some(3));
    let usd = Requests { get: Some(0), list: Some(1_000_000), glue: Some(0) }.usd().expect("known").0;
    assert!(close(usd, 5.0));
}

/// GETs cost $0.0004 per 1,000, and a text file is at least one.
#[test]
fn a_million_files_cost_40_cents_of_gets() {
    let mut table = stored("many", FileFormat::Csv, Codec::None, 100_000 * MB);
    if let Some(layout) = &mut table.layout {
        layout.partitions[0].files = 1_000_000;
    }
    let estimate = estimate_of(vec![table], "", "select a from many");
    assert_eq!((estimate.requests.get, estimate.requests.list), (Some(1_000_000), Some(1_000)));
    let usd = estimate.requests.usd().expect("known").0;
    assert!(close(usd, 0.40 + 0.005 + 0.000_001), "{usd}");
    assert!(close(estimate.usd.expect("known").likely.0, 0.50));
    assert!(estimate.notable_requests().is_some());
}

proptest! {
    #[test]
    fn the_price_is_linear_in_bytes_past_the_minimum(megabytes in 10u64..100_000_000, factor in 2u64..50) {
        let pricing = Pricing::default();
        let usd = |megabytes: u64| pricing.bill(megabytes * MB).expect("metered").0;
        prop_assert!(close(usd(megabytes) * factor as f64, usd(megabytes * factor)));
        prop_assert!(close(usd(megabytes) + usd(factor * 10), usd(megabytes + factor * 10)));
    }

    #[test]
    fn more_bytes_never_cost_less(a in any::<u64>(), b in any::<u64>()) {
        let pricing = Pricing::default();
        let usd = |bytes| pricing.bill(bytes).expect("metered").0;
        prop_assert!(usd(a.min(b)) <= usd(a.max(b)));
    }
}
