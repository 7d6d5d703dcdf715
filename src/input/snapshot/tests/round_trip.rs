//! What is written is read back as it was.

use std::ops::Range;

use chrono::DateTime;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::expr::Value;
use crate::lake::{
    ChunkValues, Codec, Deletes, Documented, FileFormat, IcebergFacts, LeafColumn, ObjectRef, Oddities, Oddity,
    PartitionIndexes, Projection, ProjectionKind, Removed, TableKind, Transform, Usage,
};

fn column_type() -> impl Strategy<Value = ColumnType> {
    let names = ["string", "bigint", "tinyint", "double", "float", "decimal(12,2)", "date", "timestamp", "binary"];
    let nested = "(array|struct|map|row)<[a-z]{1,5}:[a-z<>, ()\"]{0,12}>";
    prop_oneof![
        proptest::sample::select(names.to_vec()).prop_map(ColumnType::parse),
        nested.prop_map(|text| ColumnType::parse(&text)),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let date = |days: i32| NaiveDate::from_num_days_from_ce_opt(days).expect("a date");
    prop_oneof![
        any::<i64>().prop_map(Value::Int),
        any::<bool>().prop_map(Value::Bool),
        (proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL | proptest::num::f64::INFINITE)
            .prop_map(Value::Float),
        any::<String>().prop_map(Value::String),
        (-4_000_000..4_000_000i32).prop_map(move |days| Value::Date(date(days))),
        (any::<i32>(), 0..1_000_000_000u32).prop_map(|(seconds, nanos)| {
            Value::Timestamp(DateTime::from_timestamp(i64::from(seconds), nanos).expect("a time").naive_utc())
        }),
    ]
}

fn chunk() -> impl Strategy<Value = ChunkValues> {
    (option::of((value(), value())), option::of(any::<u64>())).prop_map(|(range, nulls)| ChunkValues { range, nulls })
}

fn leaf(groups: usize) -> impl Strategy<Value = LeafColumn> {
    let values = prop_oneof![Just(Vec::new()), vec(chunk(), groups)];
    (any::<String>(), column_type(), vec(0..=LARGEST, groups), values)
        .prop_map(|(path, data_type, bytes, values)| LeafColumn { path, data_type, bytes, values })
}

/// Footers of files of these partitions, each with so many row groups.
fn footers(files: Vec<(u32, u32)>) -> impl Strategy<Value = Footers> {
    let groups: usize = files.iter().map(|(_, groups)| *groups as usize).sum();
    let sizes = proptest::array::uniform3(0..=LARGEST);
    let parts = (vec(sizes, files.len()), vec((0..=LARGEST, any::<u64>()), groups), vec(leaf(groups), 0..3));
    (parts, any::<u64>(), vec(".*", 0..3)).prop_map(move |((sizes, starts, columns), of_files, unreadable)| {
        let mut end = 0;
        let file = |((partition, groups), [bytes, footer, indexes]): (&(u32, u32), [u64; 3])| {
            let row_groups: Range<u32> = end..end + groups;
            end += groups;
            FileFooter { partition: *partition, bytes, footer, indexes, row_groups }
        };
        Footers {
            of_manifests: of_files % 2 == 1,
            files: files.iter().zip(sizes).map(file).collect(),
            starts: starts.iter().map(|(start, _)| *start).collect(),
            rows: starts.iter().map(|(_, rows)| *rows).collect(),
            columns,
            of_files,
            unreadable,
        }
    })
}

type Values = Vec<Option<Box<str>>>;

fn values(keys: usize) -> impl Strategy<Value = Vec<Values>> {
    let text = option::of(any::<String>().prop_map(String::into_boxed_str));
    let most = if keys == 0 { 2 } else { 8 };
    btree_set(vec(text, keys), 0..most).prop_map(|rows| rows.into_iter().collect())
}

fn oddity() -> impl Strategy<Value = Oddity> {
    (0..9u64, 0..9u64, vec(any::<String>(), 0..3)).prop_map(|(objects, bytes, examples)| Oddity {
        objects,
        bytes,
        examples,
    })
}

fn layout(keys: usize) -> impl Strategy<Value = Layout> {
    let format = option::of(proptest::sample::select(vec![FileFormat::Parquet, FileFormat::Csv, FileFormat::Ion]));
    let codec = proptest::sample::select(vec![Codec::None, Codec::Gzip, Codec::Bzip2, Codec::Lzo]);
    let usage = (any::<u64>(), any::<u64>()).prop_map(|(files, bytes)| Usage { files, bytes });
    let partitions = values(keys).prop_flat_map(|rows| {
        let numbers = vec((0..1u64 << 40, 0..1u64 << 50, any::<u64>(), any::<Option<i64>>()), rows.len());
        let partition = |(values, (files, bytes, largest, newest))| Partition { values, files, bytes, largest, newest };
        numbers.prop_map(move |numbers| rows.iter().cloned().zip(numbers).map(partition).collect::<Vec<_>>())
    });
    let with_footers = partitions.prop_flat_map(|partitions| {
        let files = vec((0..partitions.len().max(1) as u32, 0..4u32), if partitions.is_empty() { 0..1 } else { 0..5 });
        let footers = files.prop_flat_map(|mut files| {
            files.sort();
            footers(files)
        });
        (Just(partitions), option::of(footers))
    });
    let sizes = vec(any::<u32>(), 0..9);
    let unsplittable = vec((any::<String>(), any::<u64>()), 0..3);
    (with_footers, btree_map((format, codec), usage, 0..4), vec(oddity(), 9), sizes, unsplittable, ".*").prop_map(
        |((partitions, footers), formats, mut odd, sizes, unsplittable, source)| {
            let mut next = || odd.pop().unwrap_or_default();
            let oddities = Oddities {
                hidden: next(),
                zero_byte: next(),
                archived: next(),
                outside_partitions: next(),
                stray: next(),
                inconsistent_names: next(),
                noncurrent: next(),
                delete_markers: next(),
                unfinished_uploads: next(),
            };
            let unsplittable = unsplittable.into_iter().map(|(key, bytes)| ObjectRef { key, bytes }).collect();
            let mut layout =
                Layout { source, partitions, formats, oddities, unsplittable, footers, ..Layout::default() };
            layout.iceberg = (sizes.len() % 2 == 1).then(|| iceberg_facts(&sizes));
            sizes.iter().for_each(|size| layout.histogram.add(u64::from(*size)));
            layout
        },
    )
}

fn iceberg_facts(numbers: &[u32]) -> IcebergFacts {
    let number = |at: usize| numbers.get(at).copied().map(u64::from);
    let removed = |bytes: &u32| Removed { last_named: -i64::from(*bytes), bytes: u64::from(*bytes) };
    IcebergFacts {
        format_version: 2,
        oldest: number(0).map(|n| n as i64),
        removed: number(1).map(|_| numbers.iter().map(removed).collect()),
        target_file_size: 1 << 29,
        equality_deletes: Deletes { files: 1, bytes: number(2).unwrap_or(7), rows: 3 },
        deletes_since: number(2).map(|n| n as i64),
        unnamed: number(3).map(|bytes| Usage { files: 1, bytes }),
        ..IcebergFacts::default()
    }
}

fn key() -> impl Strategy<Value = PartitionKey> {
    let transform = prop_oneof![
        Just(Transform::Identity),
        Just(Transform::Day),
        Just(Transform::Hour),
        any::<u32>().prop_map(Transform::Bucket),
        any::<u32>().prop_map(Transform::Truncate),
    ];
    ("[a-z ]{0,6}", column_type(), transform, option::of(".*"))
        .prop_map(|(name, data_type, transform, format)| PartitionKey { name, data_type, transform, format })
}

fn projection() -> impl Strategy<Value = Projection> {
    let kind = prop_oneof![
        vec(any::<String>(), 0..3).prop_map(|values| ProjectionKind::Enum { values }),
        (any::<i64>(), any::<i64>(), any::<u64>(), option::of(any::<u32>()))
            .prop_map(|(min, max, interval, digits)| ProjectionKind::Integer { min, max, interval, digits }),
        (any::<String>(), any::<String>(), any::<String>(), any::<u64>(), option::of(any::<String>()))
            .prop_map(|(from, to, format, interval, unit)| ProjectionKind::Date { from, to, format, interval, unit }),
        Just(ProjectionKind::Injected),
        any::<String>().prop_map(ProjectionKind::Invalid),
    ];
    (btree_map(any::<String>(), kind, 0..3), option::of(any::<String>()))
        .prop_map(|(keys, template)| Projection { keys, template })
}

fn table() -> impl Strategy<Value = Table> {
    use DeclaredBy::*;
    let by = [Config, Glue, Template, Ddl, Ctas, Layout];
    let name = vec("[a-z0-9_ ./\"-]{1,6}", 1..4).prop_map(TableName);
    let declared = (name, any::<bool>(), proptest::sample::select(by.to_vec()), option::of(any::<u32>()));
    let columns = vec(("[a-z\"]{0,4}", column_type()), 0..4);
    let location = option::of((option::of(any::<String>()), any::<String>()));
    let stored = vec(key(), 0..4).prop_flat_map(|keys| {
        let (registered, layout) = (values(keys.len()), layout(keys.len()));
        (Just(keys), option::of(registered), option::of(layout), option::of(projection()))
    });
    (declared, columns, location, stored).prop_map(
        |((name, iceberg, by, days), columns, location, (keys, registered, layout, projection))| {
            let mut table = Table::new(name, by);
            table.kind = if iceberg { TableKind::Iceberg } else { TableKind::Hive };
            table.format = iceberg.then_some(FileFormat::Orc);
            table.max_range_days = days;
            table.columns = columns.into_iter().map(|(name, data_type)| Column { name, data_type }).collect();
            table.documented = Documented { table: iceberg, columns: table.columns.len() / 2 };
            table.location = location.map(|(bucket, path)| Location { bucket, path });
            table.partition_keys = keys;
            table.partition_indexes = registered.as_ref().map(|rows| PartitionIndexes {
                keys: table.partition_keys.iter().map(|key| vec![key.name.clone()]).collect(),
                are_used: rows.is_empty(),
            });
            table.registered_partitions = registered;
            table.layout = layout;
            table.projection = projection;
            table
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn tables_are_read_as_they_were_written(tables in vec(table(), 0..4)) {
        let (_dir, folder) = written(&tables);
        let read = read_all(&folder).expect("read");
        prop_assert_eq!(format!("{read:#?}"), format!("{tables:#?}"));
        let text = |folder: &Path| fs::read(folder.join("snapshot.json")).expect("bytes");
        let first = text(&folder);
        write(&folder, "lake", &read).expect("written");
        prop_assert_eq!(first, text(&folder));
    }
}
