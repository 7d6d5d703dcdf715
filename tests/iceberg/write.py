"""Writes Iceberg tables with pyiceberg, and what pyiceberg plans to read of them.

write.py FOLDER makes FOLDER/wh/lake/<table> and prints JSON: per table its files, bytes, rows and bytes per leaf column from the
footers of its files, and per predicate the files and bytes of `scan().plan_files()`.
"""

import datetime as dt
import decimal
import json
import os
import sys

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import (
    BucketTransform,
    DayTransform,
    IdentityTransform,
    MonthTransform,
    TruncateTransform,
)
from pyiceberg.types import (
    DateType,
    DecimalType,
    DoubleType,
    ListType,
    LongType,
    MapType,
    NestedField,
    StringType,
    StructType,
    TimestampType,
)

ROWS = 400


def schema():
    return Schema(
        NestedField(1, "id", LongType(), required=False),
        NestedField(2, "ts", TimestampType(), required=False),
        NestedField(3, "Region", StringType(), required=False),
        NestedField(4, "name", StringType(), required=False),
        NestedField(5, "price", DecimalType(9, 2), required=False),
        NestedField(6, "day", DateType(), required=False),
        NestedField(7, "score", DoubleType(), required=False),
        NestedField(8, "tags", ListType(20, StringType(), False), required=False),
        NestedField(
            9,
            "user",
            StructType(NestedField(30, "age", LongType(), required=False), NestedField(31, "city", StringType(), required=False)),
            required=False,
        ),
        NestedField(10, "extra", MapType(40, StringType(), 41, LongType(), False), required=False),
    )


def rows(start, first_day, days):
    ids = list(range(start, start + ROWS))
    day = [first_day + dt.timedelta(days=i % days) for i in ids]
    regions = ["de", "fr", None, "a/b c", "null"]
    return pa.table(
        {
            "id": pa.array(ids, pa.int64()),
            "ts": pa.array([dt.datetime.combine(d, dt.time(i % 24, i % 60)) for i, d in zip(ids, day)], pa.timestamp("us")),
            "Region": pa.array([regions[i % 5] for i in ids]),
            "name": pa.array([f"n{i % 40:03d}-{'x' * (i % 30)}" for i in ids]),
            "price": pa.array([decimal.Decimal(i).scaleb(-2) for i in ids], pa.decimal128(9, 2)),
            "day": pa.array(day, pa.date32()),
            "score": pa.array([i / 7 for i in ids], pa.float64()),
            "tags": pa.array([["a", "b"][: i % 3] for i in ids], pa.list_(pa.string())),
            "user": pa.array(
                [{"age": i % 90, "city": f"c{i % 7}"} for i in ids], pa.struct([("age", pa.int64()), ("city", pa.string())])
            ),
            "extra": pa.array([[(f"k{i % 3}", i)] for i in ids], pa.map_(pa.string(), pa.int64())),
        }
    )


def spec(*fields):
    return PartitionSpec(*[PartitionField(s, 1000 + i, t, f"p{i}_{n}") for i, (s, t, n) in enumerate(fields)])


JANUARY = dt.date(2024, 1, 1)
MARCH = dt.date(2024, 3, 1)

# SQL, and the same for pyiceberg.
ON_TIME = [
    ("ts >= timestamp '2024-01-03 00:00:00'", "ts >= '2024-01-03T00:00:00'"),
    ("ts >= timestamp '2024-01-03 12:00:00' and ts < timestamp '2024-01-05 00:00:00'", "ts >= '2024-01-03T12:00:00' and ts < '2024-01-05T00:00:00'"),
    ("ts < timestamp '2023-01-01 00:00:00'", "ts < '2023-01-01T00:00:00'"),
    ("ts >= timestamp '2024-03-02 00:00:00'", "ts >= '2024-03-02T00:00:00'"),
]
ON_REGION = [
    ("region = 'de'", "Region = 'de'"),
    ("region = 'a/b c'", "Region = 'a/b c'"),
    ("region = 'null'", "Region = 'null'"),
    ("region is null", "Region is null"),
    ("region in ('fr', 'xx')", "Region in ('fr', 'xx')"),
]
ON_DATA = [
    ("id between 100 and 120", "id >= 100 and id <= 120"),
    ("id = 5", "id = 5"),
    ("id < 0", "id < 0"),
    ("score > 100.5", "score > 100.5"),
    ("day = date '2024-01-02'", "day = '2024-01-02'"),
    ("price >= 7.50", "price >= 7.50"),
    ("name >= 'n03'", "name >= 'n03'"),
    ("id > 10000000", "id > 10000000"),
]


def tables(catalog):
    def make(name, partitions, properties=None):
        return catalog.create_table(f"lake.{name}", schema(), partition_spec=partitions, properties=properties or {})

    events = make("events", spec((2, DayTransform(), "day"), (3, IdentityTransform(), "region")))
    events.append(rows(0, JANUARY, 6))
    events.append(rows(ROWS, MARCH, 3))
    events.delete("id >= 20 and id < 60")
    events.delete("Region = 'fr' and ts < '2024-01-03T00:00:00'")
    yield events, ON_TIME + ON_REGION + ON_DATA

    buckets = make("buckets", spec((1, BucketTransform(8), "bucket"), (4, TruncateTransform(3), "trunc")), {"format-version": "1"})
    buckets.append(rows(0, JANUARY, 6))
    yield buckets, ON_DATA + ON_REGION + ON_TIME

    evolved = make("evolved", spec((2, MonthTransform(), "month")))
    evolved.append(rows(0, JANUARY, 60))
    evolved.append(rows(ROWS, MARCH, 5))
    with evolved.update_spec() as update:
        update.remove_field("p0_month")
        update.add_field("ts", DayTransform(), "ts_day")
        update.add_identity("Region")
    evolved.append(rows(2 * ROWS, MARCH, 5))
    with evolved.update_schema() as update:
        update.add_column("note", StringType())
    evolved.append(rows(3 * ROWS, JANUARY, 2))
    yield evolved, ON_TIME + ON_REGION + ON_DATA

    plain = make("plain", spec(), {"write.target-file-size-bytes": "1048576"})
    for i in range(5):
        plain.append(rows(i * ROWS, JANUARY, 6))
    plain.overwrite(rows(0, MARCH, 2), "id < 400")
    yield plain, ON_DATA + ON_TIME


def columns(paths):
    """Bytes of each leaf column, by the path that Iceberg gives it."""
    found = {}
    for path in paths:
        metadata = pq.ParquetFile(path).metadata
        for group in range(metadata.num_row_groups):
            for i in range(metadata.num_columns):
                chunk = metadata.row_group(group).column(i)
                name = chunk.path_in_schema.lower().replace("list.element", "element").replace("key_value.", "")
                found[name] = found.get(name, 0) + chunk.total_compressed_size
    return found


def main(folder):
    os.makedirs(folder, exist_ok=True)
    catalog = SqlCatalog("c", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{folder}/wh")
    catalog.create_namespace_if_not_exists("lake")
    truth = {}
    for table, predicates in tables(catalog):
        files = [task.file for task in table.scan().plan_files()]
        paths = [file.file_path.removeprefix("file://") for file in files]
        stored = [os.path.join(at, name) for at, _, names in os.walk(f"{table.location()}/data".removeprefix("file://")) for name in names]
        planned = []
        for sql, text in predicates:
            tasks = list(table.scan(row_filter=text).plan_files())
            planned.append({"sql": sql, "files": len(tasks), "bytes": sum(task.file.file_size_in_bytes for task in tasks)})
        truth[table.name()[-1]] = {
            "files": len(files),
            "bytes": sum(os.path.getsize(path) for path in paths),
            "rows": sum(pq.ParquetFile(path).metadata.num_rows for path in paths),
            "partitions": len({(file.spec_id, str(file.partition)) for file in files}),
            "columns": columns(paths),
            "snapshots": len(table.metadata.snapshots),
            "old_bytes": sum(os.path.getsize(path) for path in stored) - sum(os.path.getsize(path) for path in paths),
            "old_files": len(stored) - len(paths),
            "predicates": planned,
        }
    json.dump(truth, sys.stdout, indent=1)


main(sys.argv[1])
