"""Writes the files of this folder: `python write.py` with pyarrow, `python write.py java` with pyspark."""

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


with_spark() if "java" in sys.argv else with_pyarrow()
