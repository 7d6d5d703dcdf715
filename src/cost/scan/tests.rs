//! Estimates of reads over a small lake whose every byte is known.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::*;
use crate::cost::Certainty;
use crate::expr::{Bound, ColumnType, Domain, Value};
use crate::lake::{
    Bytes, Class, Column, ColumnsUsed, Conjunct, DeclaredBy, FileFooter, FileFormat, FileId, Footers, KeyFilter,
    LeafColumn, Partition, PartitionKey, Span, TableId, TableName,
};

const MIB: u64 = 1 << 20;

fn as_of() -> AsOf {
    AsOf(NaiveDate::from_ymd_opt(2025, 6, 30).and_then(|d| d.and_hms_opt(0, 0, 0)).expect("a date"))
}

fn leaf(path: &str, bytes: [u64; 4], values: [(i64, i64); 4]) -> LeafColumn {
    let range =
        |(low, high)| crate::lake::ChunkValues { range: Some((Value::Int(low), Value::Int(high))), nulls: Some(0) };
    LeafColumn {
        path: path.to_string(),
        data_type: ColumnType::Integer(8),
        bytes: bytes.to_vec(),
        values: values.map(range).to_vec(),
    }
}

/// Two days with one file of two row groups each: `id` takes 10 and `user.*` 100 and 1000 bytes of a row group, a footer 7.
fn table() -> Table {
    let mut table = Table::new(TableName::parse("lake.t"), DeclaredBy::Ddl);
    table.format = Some(FileFormat::Parquet);
    table.partition_keys = vec![PartitionKey::new("dt", ColumnType::String)];
    let column = |name: &str, data_type| Column { name: name.to_string(), data_type };
    let user = ColumnType::Other("struct<name:string,mail:string>".to_string());
    table.columns = vec![column("id", ColumnType::Integer(8)), column("user", user)];
    let partition =
        |day: &str| Partition { values: vec![Some(day.into())], files: 1, bytes: 2234, largest: 2234, newest: None };
    let file = |partition: u32| FileFooter {
        partition,
        bytes: 2234,
        footer: 7,
        indexes: 0,
        row_groups: 2 * partition..2 * partition + 2,
    };
    let values = [(1, 10), (11, 20), (21, 30), (31, 40)];
    let footers = Footers {
        of_manifests: false,
        files: vec![file(0), file(1)],
        starts: vec![4, 1114, 4, 1114],
        rows: vec![10; 4],
        columns: vec![
            leaf("id", [10; 4], values),
            leaf("user.name", [100; 4], [(0, 0); 4]),
            leaf("user.mail", [1000; 4], [(0, 0); 4]),
        ],
        of_files: 2,
        unreadable: Vec::new(),
    };
    table.layout = Some(Layout {
        partitions: vec![partition("2025-06-28"), partition("2025-06-29")],
        footers: Some(footers),
        ..Layout::default()
    });
    table
}

fn read(columns: &[&str]) -> TableRead {
    let span = Span::new(FileId(0), 0..1);
    TableRead {
        table: TableId(0),
        name: "t".to_string(),
        span,
        through: Vec::new(),
        columns: ColumnsUsed::Some(columns.iter().map(|c| c.to_string()).collect()),
        fields: Default::default(),
        scans: 1,
        conjuncts: Vec::new(),
        keys: vec![KeyFilter::all()],
        bare_limit: None,
        stops_early: false,
        splits_by: Vec::new(),
        pruning: Default::default(),
        truncated: false,
    }
}

/// A predicate on `id`.
fn limited(mut read: TableRead, domain: Domain) -> TableRead {
    read.conjuncts.push(Conjunct {
        span: read.span,
        class: Class::None,
        keys: Vec::new(),
        columns: BTreeSet::from(["id".to_string()]),
        data_domains: [("id".to_string(), domain)].into(),
        partners: Vec::new(),
        expr: None,
        placeholder: false,
        moves: false,
        or_with_unfiltered_branch: false,
        alternatives: Vec::new(),
    });
    read
}

fn estimate(read: &TableRead, table: &Table) -> ReadEstimate {
    scan(StatementKind::Select, read, table, as_of())
}

fn bytes(read: &TableRead, table: &Table) -> (u64, u64, u64) {
    let bytes = estimate(read, table).bytes.expect("a layout");
    (bytes.low, bytes.likely, bytes.high)
}

#[test]
fn columns_cost_their_chunks_and_small_files_may_cost_everything() {
    let table = table();
    assert_eq!(bytes(&read(&["id"]), &table), (40, 54, 4468));
    assert_eq!(bytes(&read(&["id", "dt"]), &table), (40, 54, 4468), "a partition key is no column of the files");
    assert_eq!(bytes(&read(&["user"]), &table), (4400, 4414, 4468));
    assert_eq!(bytes(&read(&[]), &table), (0, 14, 4468), "count(*) reads footers");
    let star = TableRead { columns: ColumnsUsed::All(Span::new(FileId(0), 0..1)), ..read(&[]) };
    assert_eq!(bytes(&star, &table), (4440, 4454, 4468));
    assert_eq!(estimate(&star, &table).basis.to_string(), "measured (2 footers of 2 files)");
}

#[test]
fn a_star_over_a_declared_table_reads_the_columns_that_are_declared() {
    let star = TableRead { columns: ColumnsUsed::All(Span::new(FileId(0), 0..1)), ..read(&[]) };
    let mut narrow = table();
    narrow.columns.retain(|column| column.name == "id");
    assert_eq!(bytes(&star, &narrow), (40, 54, 4468));
    narrow.declared_by = DeclaredBy::Layout;
    assert_eq!(bytes(&star, &narrow), (4440, 4454, 4468), "nobody says which columns there are");
    narrow.declared_by = DeclaredBy::Ddl;
    narrow.columns[0].name = "other".to_string();
    assert_eq!(bytes(&star, &narrow), (4440, 4454, 4468), "the files name their columns in another way");
}

#[test]
fn a_field_costs_its_leaf() {
    let mut of_name = read(&["user"]);
    of_name.fields.insert("user".to_string(), BTreeSet::from(["name".to_string()]));
    assert_eq!(bytes(&of_name, &table()), (400, 414, 4468));
    assert_eq!(estimate(&of_name, &table()).columns.expect("columns").read, ["user.name"]);
}

#[test]
fn partitions_and_row_groups_are_pruned_and_the_high_bound_knows_partitions_only() {
    let table = table();
    let mut of_day = read(&["id"]);
    of_day.keys[0].domain = Domain::single(Value::String("2025-06-29".to_string()));
    assert_eq!(bytes(&of_day, &table), (20, 27, 2234));
    let point = limited(read(&["id"]), Domain::single(Value::Int(12)));
    assert_eq!(bytes(&point, &table), (10, 24, 4468));
    let above = limited(read(&["id"]), Domain::range(Bound::Excluded(Value::Int(30)), Bound::Unbounded));
    assert_eq!(bytes(&above, &table), (10, 24, 4468));
    let null = limited(read(&["id"]), Domain::null());
    assert_eq!(bytes(&null, &table), (0, 14, 4468), "no row group has NULLs");
    let nowhere = limited(limited(read(&["id"]), Domain::single(Value::Int(1))), Domain::single(Value::Int(40)));
    assert_eq!(bytes(&nowhere, &table), (0, 0, 0), "no row can pass both");
}

#[test]
fn an_or_over_two_columns_lowers_the_low_bound_only() {
    let mut either = limited(read(&["id"]), Domain::all());
    let conjunct = &mut either.conjuncts[0];
    conjunct.data_domains.clear();
    let is = |name: &str, value| [(name.to_string(), Domain::single(Value::Int(value)))].into();
    conjunct.alternatives = vec![is("id", 12), is("user.name", 7)];
    assert_eq!(bytes(&either, &table()), (10, 54, 4468));
    either.conjuncts[0].alternatives.push(Default::default());
    assert_eq!(bytes(&either, &table()), (40, 54, 4468), "a branch that nothing is known of keeps everything");
}

#[test]
fn a_file_that_lacks_the_column_may_be_skipped() {
    let mut table = table();
    let footers = table.layout.as_mut().and_then(|layout| layout.footers.as_mut()).expect("footers");
    footers.columns[0].bytes[0] = 0;
    footers.columns[0].values[0] = Default::default();
    let point = limited(read(&["user"]), Domain::range(Bound::Included(Value::Int(1)), Bound::Unbounded));
    assert_eq!(bytes(&point, &table), (3300, 4414, 4468));
}

#[test]
fn every_scan_is_paid_and_a_limit_lowers_the_low_bound_only() {
    let table = table();
    assert_eq!(bytes(&TableRead { scans: 3, ..read(&["id"]) }, &table), (40, 162, 13404));
    assert_eq!(bytes(&TableRead { stops_early: true, ..read(&["id"]) }, &table), (0, 54, 4468));
}

#[test]
fn files_that_were_not_measured_are_like_those_that_were_and_the_error_is_stated() {
    let mut table = table();
    let layout = table.layout.as_mut().expect("a layout");
    layout.partitions[1] = Partition { files: 3, bytes: 3 * 2234, ..layout.partitions[1].clone() };
    layout.footers.as_mut().expect("footers").of_files = 4;
    let found = estimate(&read(&["id"]), &table);
    assert_eq!(found.bytes.map(|b| (b.low, b.likely, b.high)), Some((40, 108, 4 * 2234)));
    assert_eq!(found.basis.to_string(), "measured (2 footers of 4 files)");
    let note = "files without a footer read are like the 2 of 4 that were read (within 0.0 %)";
    assert_eq!(found.basis.assumptions, [note], "both files have the same share");
    // A partition without any measured file is as sure as the whole sample.
    let layout = table.layout.as_mut().expect("a layout");
    let footers = layout.footers.as_mut().expect("footers");
    footers.files.truncate(1);
    let mut of_day = read(&["id"]);
    of_day.keys[0].domain = Domain::single(Value::String("2025-06-29".to_string()));
    let found = estimate(&of_day, &table);
    assert_eq!(found.bytes.map(|b| (b.low, b.likely, b.high)), Some((0, 81, 3 * 2234)), "one file tells no error");
    assert_eq!(found.basis.certainty, Certainty::Assumed);
}

/// By hand: files with 24 and 16 bytes of `id` vary by 32 around their mean; of two files that one stands for, the sum varies by
/// 32 * (2 + 2 * 2 / 1).
#[test]
fn the_error_is_that_of_the_files_that_were_not_measured() {
    let mut table = table();
    let layout = table.layout.as_mut().expect("a layout");
    let footers = layout.footers.as_mut().expect("footers");
    footers.columns[0].bytes = vec![12, 12, 8, 8];
    footers.of_files = 4;
    let day = |day: &str, files| Partition {
        values: vec![Some(day.into())],
        files,
        bytes: files * 2234,
        largest: 2234,
        newest: None,
    };
    layout.partitions = vec![day("2025-06-28", 1), day("2025-06-29", 3)];
    let within = |read: &TableRead, table: &Table| estimate(read, table).basis.assumptions.concat();
    let ends = |text: String, expected: &str| assert!(text.ends_with(expected), "{text}");
    assert_eq!(bytes(&read(&["id"]), &table), (24 + 16, 24 + 3 * 16 + 4 * 7, 4 * 2234));
    ends(within(&read(&["id"]), &table), "(within 27.2 %)");
    let mut of_day = read(&["id"]);
    of_day.keys[0].domain = Domain::single(Value::String("2025-06-29".to_string()));
    ends(within(&of_day, &table), "(within 39.4 %)");
    let layout = table.layout.as_mut().expect("a layout");
    layout.partitions[0] = day("2025-06-28", 3);
    ends(within(&read(&["id"]), &table), "(within 23.8 %)");
    // Both files together stand for those of a partition without any: 32 * (2 + 2 * 2 / 2).
    let layout = table.layout.as_mut().expect("a layout");
    layout.partitions = vec![day("2025-06-28", 1), day("2025-06-29", 1), day("2025-06-30", 2)];
    assert_eq!(bytes(&read(&["id"]), &table).0, 24 + 16);
    ends(within(&read(&["id"]), &table), "(within 20.6 %)");
}

#[test]
fn without_footers_columns_weigh_what_their_types_do() {
    let mut table = table();
    let layout = table.layout.as_mut().expect("a layout");
    layout.footers = None;
    layout.partitions.iter_mut().for_each(|p| p.bytes = 40 * MIB);
    let share = |columns: &[&str]| {
        let found = estimate(&read(columns), &table);
        assert_eq!(found.basis.certainty, Certainty::Assumed);
        found.bytes.map(|b| (Bytes(b.low), Bytes(b.likely), Bytes(b.high)))
    };
    let all = Bytes(80 * MIB);
    assert_eq!(share(&["id"]), Some((Bytes(8 * MIB), Bytes(16 * MIB), all)));
    assert_eq!(share(&["id", "user"]), Some((Bytes(40 * MIB), all, all)));
    assert_eq!(share(&["dt"]), Some((Bytes(0), Bytes(0), all)));
    let point = limited(read(&["id"]), Domain::single(Value::Int(12)));
    assert_eq!(bytes(&point, &table).0, 0, "statistics may skip every row group");
}

#[test]
fn text_is_read_whole_and_an_unknown_layout_is_no_zero() {
    let mut table = table();
    table.format = Some(FileFormat::Csv);
    assert_eq!(bytes(&read(&[]), &table), (4468, 4468, 4468));
    table.format = Some(FileFormat::Json);
    assert_eq!(bytes(&read(&["id"]), &table), (4468, 4468, 4468));
    table.layout = None;
    let found = estimate(&read(&["id"]), &table);
    assert_eq!((found.bytes, found.basis.certainty), (None, Certainty::Unknown));
    assert_eq!(found.basis.unknown, ["no layout of `lake.t`"]);
}

#[test]
fn a_placeholder_most_likely_picks_one_value() {
    use crate::expr::{BinaryOp, ColumnId, Expr};
    let table = table();
    let with = |op| {
        let mut read = limited(read(&["id"]), Domain::all());
        let conjunct = &mut read.conjuncts[0];
        (conjunct.class, conjunct.keys, conjunct.placeholder) = (Class::Metastore, vec![0], true);
        conjunct.columns.clear();
        conjunct.data_domains.clear();
        conjunct.expr = Some(Expr::binary(op, Expr::Column(ColumnId(0)), Expr::Placeholder));
        estimate(&read, &table)
    };
    let one = with(BinaryOp::Eq);
    assert_eq!(one.bytes.map(|b| (b.low, b.likely, b.high)), Some((0, 27, 4468)));
    assert_eq!(one.basis.assumptions, ["a placeholder picks one of 2 values of `dt`"]);
    let open = with(BinaryOp::GtEq);
    assert_eq!(open.bytes.map(|b| (b.low, b.likely, b.high)), Some((0, 54, 4468)), "a range may keep everything");
}
