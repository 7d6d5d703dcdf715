//! Laws of estimates that hold whatever the files hold.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::expr::{Bound, ColumnType, Domain, Value};
use crate::lake::{
    ChunkValues, Class, Column, ColumnsUsed, Conjunct, DeclaredBy, FileFooter, FileFormat, FileId, Footers, KeyFilter,
    LeafColumn, Partition, PartitionKey, Pruning, Span, Survivor, TableId, TableName,
};

const COLUMNS: [&str; 4] = ["a", "b", "c", "d"];

/// Per partition some files, per file whether its footer was read and its row groups: bytes and least value per column.
type Files = Vec<Vec<(bool, Vec<[(u64, i64); 4]>)>>;

fn files() -> impl Strategy<Value = Files> {
    let bytes = prop_oneof![1u64..1_000, 1_000u64..5_000_000];
    let group = proptest::array::uniform4((bytes, -50i64..50));
    let file = (prop::bool::weighted(0.8), prop::collection::vec(group, 1..4));
    prop::collection::vec(prop::collection::vec(file, 1..3), 1..4)
}

fn table(files: &Files) -> Table {
    let mut table = Table::new(TableName::parse("t"), DeclaredBy::Ddl);
    table.format = Some(FileFormat::Parquet);
    table.partition_keys = vec![PartitionKey::new("dt", ColumnType::String)];
    table.columns = COLUMNS.map(|name| Column { name: name.to_string(), data_type: ColumnType::Integer(8) }).to_vec();
    let leaf = |name: &str| LeafColumn {
        path: name.to_string(),
        data_type: ColumnType::Integer(8),
        bytes: Vec::new(),
        values: Vec::new(),
    };
    let mut footers = Footers {
        of_manifests: false,
        files: Vec::new(),
        starts: Vec::new(),
        rows: Vec::new(),
        columns: COLUMNS.map(leaf).to_vec(),
        of_files: files.iter().map(|partition| partition.len() as u64).sum(),
        unreadable: Vec::new(),
    };
    let mut partitions = Vec::new();
    for (index, partition) in files.iter().enumerate() {
        let mut stored = Partition { values: vec![Some(format!("{index}").into())], ..Partition::default() };
        for (is_measured, groups) in partition {
            let bytes = 12 + 50 + groups.iter().flatten().map(|(bytes, _)| bytes).sum::<u64>();
            stored.files += 1;
            stored.bytes += bytes;
            stored.largest = stored.largest.max(bytes);
            if *is_measured {
                add_file(&mut footers, index as u32, bytes, groups);
            }
        }
        partitions.push(stored);
    }
    table.layout = Some(Layout { partitions, footers: Some(footers), ..Layout::default() });
    table
}

fn add_file(footers: &mut Footers, partition: u32, bytes: u64, groups: &[[(u64, i64); 4]]) {
    let first = footers.rows.len() as u32;
    let mut start = 4;
    for group in groups {
        footers.starts.push(start);
        footers.rows.push(100);
        for (leaf, (bytes, least)) in footers.columns.iter_mut().zip(group) {
            leaf.bytes.push(*bytes);
            let range = Some((Value::Int(*least), Value::Int(least + 20)));
            leaf.values.push(ChunkValues { range, nulls: Some(0) });
            start += bytes;
        }
    }
    let row_groups = first..footers.rows.len() as u32;
    footers.files.push(FileFooter { partition, bytes, footer: 50, indexes: 0, row_groups });
}

fn read(columns: &BTreeSet<usize>, limits: &[(usize, i64)]) -> TableRead {
    let span = Span::new(FileId(0), 0..1);
    let limit = |(column, most): &(usize, i64)| Conjunct {
        span,
        class: Class::None,
        keys: Vec::new(),
        columns: [COLUMNS[*column].to_string()].into(),
        data_domains: [(
            COLUMNS[*column].to_string(),
            Domain::range(Bound::Unbounded, Bound::Included(Value::Int(*most))),
        )]
        .into(),
        partners: Vec::new(),
        expr: None,
        placeholder: false,
        moves: false,
        or_with_unfiltered_branch: false,
        alternatives: Vec::new(),
    };
    TableRead {
        table: TableId(0),
        name: "t".to_string(),
        span,
        through: Vec::new(),
        columns: ColumnsUsed::Some(columns.iter().map(|column| COLUMNS[*column].to_string()).collect()),
        fields: Default::default(),
        scans: 1,
        conjuncts: limits.iter().map(limit).collect(),
        keys: vec![KeyFilter::all()],
        bare_limit: None,
        stops_early: false,
        splits_by: Vec::new(),
        pruning: Default::default(),
        truncated: false,
    }
}

/// Estimates a read of the first partitions, of which some are certain.
fn bytes(read: &TableRead, table: &Table, kept: &[bool]) -> Spread<u64> {
    let count = table.layout.as_ref().map_or(0, |layout| layout.partitions.len());
    let survivors = kept.iter().take(count).enumerate();
    let survivors =
        survivors.map(|(partition, is_certain)| Survivor { partition: partition as u32, is_certain: *is_certain });
    let pruning = Pruning { survivors: survivors.collect(), ..Pruning::default() };
    scan_of(StatementKind::Select, read, table, &pruning).bytes.expect("a layout")
}

fn needed() -> impl Strategy<Value = BTreeSet<usize>> {
    prop::collection::btree_set(0usize..4, 0..=4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn bounds_are_in_order(
        files in files(),
        columns in needed(),
        limits in prop::collection::vec((0usize..4, -60i64..60), 0..3),
        kept in prop::collection::vec(any::<bool>(), 4),
    ) {
        let Spread { low, likely, high } = bytes(&read(&columns, &limits), &table(&files), &kept);
        prop_assert!(low <= likely && likely <= high, "{low} {likely} {high}");
    }

    #[test]
    fn a_column_less_costs_no_more(files in files(), columns in needed(), dropped in 0usize..4) {
        let table = table(&files);
        let mut fewer = columns.clone();
        fewer.remove(&dropped);
        let (all, less) = (bytes(&read(&columns, &[]), &table, &[true; 4]), bytes(&read(&fewer, &[]), &table, &[true; 4]));
        // Of a sample, fewer columns may differ less from file to file: the low bound comes closer.
        let is_sample = files.iter().flatten().any(|(is_measured, _)| !is_measured);
        prop_assert!(is_sample || less.low <= all.low, "{less:?} {all:?}");
        prop_assert!(less.likely <= all.likely && less.high <= all.high, "{less:?} {all:?}");
    }

    #[test]
    fn a_predicate_more_raises_nothing(
        files in files(),
        columns in needed(),
        limits in prop::collection::vec((0usize..4, -60i64..60), 1..4),
    ) {
        let table = table(&files);
        let fewer = bytes(&read(&columns, &limits[1..]), &table, &[true; 4]);
        let more = bytes(&read(&columns, &limits), &table, &[true; 4]);
        prop_assert!(more.low <= fewer.low && more.likely <= fewer.likely && more.high <= fewer.high, "{more:?} {fewer:?}");
    }

    #[test]
    fn fewer_certain_partitions_lower_the_low_bound_alone(files in files(), columns in needed(), kept in prop::collection::vec(any::<bool>(), 4)) {
        let (read, table) = (read(&columns, &[]), table(&files));
        let (all, some) = (bytes(&read, &table, &[true; 4]), bytes(&read, &table, &kept));
        prop_assert!(some.low <= all.low);
        prop_assert_eq!((some.likely, some.high), (all.likely, all.high));
    }
}
