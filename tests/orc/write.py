"""Writes the files of this folder: `python write.py` and `python write.py inventory` with pyarrow, `python write.py java` with pyspark."""

import datetime
import decimal
import glob
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROWS = 120


def with_pyarrow():
    import pyarrow as pa
    from pyarrow import orc

    rows = range(ROWS)
    table = pa.table({
        "Id": pa.array(rows, pa.int64()),
        "note": pa.array([None if i % 10 == 0 else f"note-{i:03}" for i in rows]),
        "amount": pa.array([decimal.Decimal(i - 50) / 100 for i in rows], pa.decimal128(9, 2)),
        "day": pa.array([datetime.date(2024, 1, 1) + datetime.timedelta(i) for i in rows]),
        "user": pa.array([None if i % 7 == 0 else {"Name": f"u{i % 5}", "age": i} for i in rows]),
        "tags": pa.array([[{"k": f"a{i % 3}"}] * (i % 3) for i in rows]),
    })
    for name in ["uncompressed", "zlib", "snappy", "lz4", "zstd"]:
        path = os.path.join(HERE, f"{name}.orc")
        with orc.ORCWriter(path, compression=name, stripe_size=1024, row_index_stride=1000, batch_size=60) as writer:
            writer.write(table)


def inventory():
    """Files of an S3 Inventory report with versions: texts stored directly and as dictionaries."""
    import pyarrow as pa
    from pyarrow import orc

    rows = range(2000)
    is_marker = [i % 20 == 0 for i in rows]
    start = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
    table = pa.table({
        "bucket": pa.array(["lake" for _ in rows]),
        "key": pa.array([f"t/dt={i % 3}/part-{i * 7919 % 2000:05}.parquet" for i in rows]),
        "is_latest": pa.array([i % 5 != 1 for i in rows]),
        "is_delete_marker": pa.array(is_marker),
        "size": pa.array([None if is_marker[i] else 5_000_000_000_000 + i if i % 97 == 0 else i * 37 % 1000 for i in rows], pa.int64()),
        "last_modified_date": pa.array([start + datetime.timedelta(seconds=i * i) for i in rows], pa.timestamp("ms")),
        "storage_class": pa.array([None if is_marker[i] else "GLACIER" if i % 11 == 0 else "STANDARD" for i in rows]),
    })
    for name, threshold in [("direct", 0.0), ("dictionary", 1.0)]:
        path = os.path.join(HERE, f"inventory-{name}.orc")
        with orc.ORCWriter(path, compression="zlib", stripe_size=8192, batch_size=500, dictionary_key_size_threshold=threshold) as writer:
            writer.write(table)


def with_spark():
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[1]").config("spark.sql.session.timeZone", "America/New_York").getOrCreate()
    rows = spark.sql("""
        select id, cast('ab' as char(5)) c, cast(id as string) s, cast(id / 4 as decimal(9, 2)) d,
               timestamp'2001-01-01 00:00:00' + make_interval(0, 0, 0, 0, cast(id as int), 0, 0.5) ts
        from range(0, 50, 1, 1)""")
    folder = os.path.join(HERE, "java")
    rows.coalesce(1).write.option("compression", "zlib").option("orc.bloom.filter.columns", "s").orc(folder)
    shutil.move(glob.glob(os.path.join(folder, "*.orc"))[0], os.path.join(HERE, "java.orc"))
    shutil.rmtree(folder)


{"java": with_spark, "inventory": inventory}.get(sys.argv[-1], with_pyarrow)()
