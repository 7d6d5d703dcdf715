"""Writes the lake that estimates are judged on: TPC-H rows and a few made-up ones, as real files in many layouts.

Every table is a folder, `<lake>/<table>/[key=value/]file`. The same scale gives the same bytes. `TABLES` at the end lists the
tables; definitions.sql declares some of them, the others are known by their folders alone.
"""

import glob
import gzip
import importlib
import json
import os
import shutil

import duckdb
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.orc as orc
import pyarrow.parquet as pq

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


def connect(scale):
    """A database that holds TPC-H at the scale factor."""
    con = duckdb.connect()
    con.execute("SET threads = 2; SET TimeZone = 'UTC'; SET preserve_insertion_order = true")
    package = importlib.import_module("duckdb_extension_tpch")
    (extension,) = glob.glob(os.path.join(list(package.__path__)[0], "extensions", "*", "tpch.duckdb_extension"))
    con.execute("LOAD '%s'" % extension.replace("'", "''"))
    con.execute(f"CALL dbgen(sf = {scale})")
    return con


# --- splitting rows into folders and files ---


def partitions(table, keys):
    """(folder, rows) per partition of a table that is sorted by its string keys."""
    if not keys:
        yield "", table
        return
    joined = pc.binary_join_element_wise(*[table[key] for key in keys], "\x00").combine_chunks()
    runs = pc.run_end_encode(joined)
    start = 0
    for end, values in zip(runs.run_ends.to_pylist(), runs.values.to_pylist()):
        folder = "/".join(f"{key}={value}" for key, value in zip(keys, values.split("\x00")))
        yield folder, table.slice(start, end - start).drop_columns(keys)
        start = end


def pieces(table, count):
    """The table in `count` parts of about the same number of rows, empty ones left out."""
    edges = [table.num_rows * i // count for i in range(count + 1)]
    return [table.slice(a, b - a) for a, b in zip(edges, edges[1:]) if b > a]


def write_parquet(table, path, groups=1, codec="snappy", **options):
    rows = max(1, -(-table.num_rows // groups))
    pq.write_table(table, path + ".parquet", row_group_size=rows, compression=codec, **options)


def write_orc(table, path, codec="zlib"):
    orc.write_table(table, path + ".orc", compression=codec, stripe_size=64 << 10, batch_size=1024)


def write_csv(table, path, packed=False):
    def write(file):
        pacsv.write_csv(table, file, pacsv.WriteOptions(include_header=False, quoting_style="needed"))

    write_text(path + ".csv", packed, write)


def write_json(table, path, packed=False):
    def write(file):
        names = table.column_names
        for row in zip(*[column.to_pylist() for column in table.columns]):
            file.write(json.dumps(dict(zip(names, row)), default=str, separators=(",", ":")).encode() + b"\n")

    write_text(path + ".json", packed, write)


def write_text(path, packed, write):
    if packed:
        # Neither a time nor a name in the header: the same rows give the same bytes.
        with open(path + ".gz", "wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
            write(file)
    else:
        with open(path, "wb") as file:
            write(file)


class Lake:
    """A folder that tables are written into."""

    def __init__(self, root, scale):
        self.root = root
        self.con = connect(scale)

    def table(self, name, sql, keys="", files=1, write=write_parquet, append=False, **options):
        """Writes the rows of a query that sorts by the keys first; the keys must be strings."""
        root = os.path.join(self.root, name)
        if not append:
            shutil.rmtree(root, ignore_errors=True)
        table = self.con.execute(sql).to_arrow_table()
        for folder, rows in partitions(table, keys.split()):
            target = os.path.join(root, folder)
            os.makedirs(target, exist_ok=True)
            for i, piece in enumerate(pieces(rows, files)):
                write(piece, os.path.join(target, f"part-{i:05d}"), **options)


# --- the tables ---

WEEK = "strftime(date_trunc('week', l_shipdate), '%Y-%m-%d')"
IN_ORDER = "l_orderkey, l_linenumber"
FIRST_QUARTER = "l_shipdate >= '1995-01-02' AND l_shipdate < '1995-04-03'"


def line_items(lake):
    """TPC-H's largest table in every layout."""
    weekly = f"SELECT *, {WEEK} AS dt FROM lineitem"
    lake.table("lineitem_dt", f"{weekly} ORDER BY dt, {IN_ORDER}", "dt", files=2, groups=2)
    day = (
        f"SELECT *, strftime(l_shipdate, '%Y-%m-%d') AS dt FROM lineitem WHERE {FIRST_QUARTER} ORDER BY dt, {IN_ORDER}"
    )
    lake.table("lineitem_day", day, "dt", groups=2, codec="zstd")
    lake.table("lineitem_flat", f"SELECT * FROM lineitem ORDER BY l_shipdate, {IN_ORDER}", files=8, groups=16)
    batch = "CASE WHEN l_shipdate < '1998-01-01' THEN '1992-1997' ELSE '1998' END"
    big = f"SELECT *, {batch} AS batch FROM lineitem ORDER BY batch, {IN_ORDER}"
    lake.table("lineitem_big", big, "batch", groups=20, write_page_index=True)
    month = "strftime(l_shipdate, '%Y-%m')"
    monthly = f"SELECT *, {month} AS month FROM lineitem WHERE year(l_shipdate) = 1995 ORDER BY month, {IN_ORDER}"
    lake.table("lineitem_nostats", monthly, "month", groups=4, codec="gzip", write_statistics=False)
    lake.table("lineitem_orc", monthly, "month", write=write_orc)
    quarter = f"{weekly} WHERE {FIRST_QUARTER} ORDER BY dt, {IN_ORDER}"
    for packed in (False, True):
        suffix = "_gz" if packed else ""
        lake.table("lineitem_csv" + suffix, quarter, "dt", files=2, write=write_csv, packed=packed)
        lake.table("lineitem_json" + suffix, quarter, "dt", files=2, write=write_json, packed=packed)
    # What is not yet received lies in the NULL partition.
    received = (
        f"CASE WHEN l_receiptdate < '1998-06-01' THEN strftime(l_receiptdate, '%Y-%m') ELSE '{NULL_PARTITION}' END"
    )
    shipments = f"SELECT *, {received} AS received FROM lineitem ORDER BY received, {IN_ORDER}"
    lake.table("shipments", shipments, "received", groups=3)


def orders(lake):
    """Orders by day in three spellings, by month with a column that came later, and as ORC."""

    def dated(pattern):
        parts = [f"strftime(o_orderdate, '{p}') AS {name}" for name, p in zip(("year", "month", "day"), pattern)]
        return "SELECT *, " + ", ".join(parts) + " FROM orders"

    padded = dated(("%Y", "%m", "%d")) + " WHERE year(o_orderdate) IN (1995, 1996)"
    lake.table("orders_ymd", padded + " ORDER BY year, month, day, o_orderkey", "year month day")
    unpadded = dated(("%Y", "%-m", "%-d")) + " WHERE year(o_orderdate) = 1995"
    lake.table("orders_int", unpadded + " ORDER BY year, month, day, o_orderkey", "year month day", codec="gzip")
    half = "WHERE o_orderdate >= '1995-01-01' AND o_orderdate < '1995-07-01'"
    by_day = f"SELECT *, strftime(o_orderdate, '%Y%m%d') AS dt FROM orders {half} ORDER BY dt, o_orderkey"
    lake.table("orders_projected", by_day, "dt")
    month = "strftime(o_orderdate, '%Y-%m') AS month"
    old = f"SELECT *, {month} FROM orders {half} ORDER BY month, o_orderkey"
    lake.table("orders_evolved", old, "month", groups=2)
    new = f"""SELECT *, CASE o_orderkey % 3 WHEN 0 THEN 'web' WHEN 1 THEN 'shop' END AS o_channel, {month} FROM orders
              WHERE o_orderdate >= '1995-07-01' AND o_orderdate < '1996-01-01' ORDER BY month, o_orderkey"""
    lake.table("orders_evolved", new, "month", append=True, groups=2)
    lake.table(
        "orders_orc", "SELECT * FROM orders ORDER BY o_orderdate, o_orderkey", files=2, write=write_orc, codec="zstd"
    )


def dimensions(lake):
    """The small tables of TPC-H, some sorted so that statistics of strings and decimals tell row groups apart."""
    lake.table("orders", "SELECT * FROM orders ORDER BY o_orderdate, o_orderkey", files=2, groups=8)
    lake.table("customer", "SELECT * FROM customer ORDER BY c_custkey", groups=10)
    lake.table("part", "SELECT * FROM part ORDER BY p_brand, p_partkey", groups=12)
    cheap_first = "SELECT * FROM partsupp ORDER BY ps_supplycost, ps_partkey, ps_suppkey"
    lake.table("partsupp", cheap_first, files=2, groups=6, store_decimal_as_integer=True)
    for name in ("supplier", "nation", "region"):
        lake.table(name, f"SELECT * FROM {name}", codec="none")
    lake.table(
        "calendar",
        """
        SELECT d::DATE AS d_date, strftime(d, '%Y-%m-%d') AS d_day, strftime(date_trunc('week', d), '%Y-%m-%d') AS d_week,
               strftime(d, '%Y-%m') AS d_month, year(d)::INT AS d_year, dayofweek(d) IN (0, 6) AS d_weekend
        FROM range(DATE '1992-01-01', DATE '1999-01-01', INTERVAL 1 DAY) t(d) ORDER BY d""",
    )


def events(lake):
    """Made-up events: tiny files, several keys, timestamps, NULLs, nested columns, hidden partitions."""
    tiny = """
        SELECT l_orderkey AS event_id, l_partkey AS user_id, l_shipmode AS kind, l_comment AS payload,
               l_extendedprice AS amount, l_shipdate + to_minutes(l_partkey % 1440) AS event_time,
               strftime(l_shipdate, '%Y-%m-%d') AS dt, printf('%02d', (l_orderkey // 8 + l_linenumber) % 24) AS hour
        FROM lineitem WHERE l_shipdate >= '1995-03-06' AND l_shipdate < '1995-03-16' ORDER BY dt, hour, event_id, l_linenumber"""
    lake.table("events_tiny", tiny, "dt hour", files=3, use_deprecated_int96_timestamps=True)
    visits = """
        SELECT i AS visit_id, timezone('UTC', t) AS visited_at, '/shop/' || (hash(i) % 500) AS path,
               (200 + 100 * (hash(i + 1) % 4))::INT AS status, (hash(i + 2) % 100000)::BIGINT AS sent,
               CASE WHEN hour(t) % 6 < 3 THEN 'https://example.com/' || (hash(i + 3) % 90) END AS referrer,
               region, strftime(t, '%Y-%m-%d') AS dt, printf('%02d', hour(t) // 6 * 6) AS hour
        FROM (SELECT i, ['ap', 'eu', 'us'][1 + (hash(i) % 3)::INT] AS region,
                     TIMESTAMP '1995-03-02' + to_seconds(i * 14 * 86400 // n) AS t
              FROM range((SELECT count(*) // 8 FROM lineitem)) r(i), (SELECT count(*) // 8 AS n FROM lineitem))
        ORDER BY region, dt, hour, i"""
    lake.table("visits", visits, "region dt hour", groups=6)
    # Customers with structs in structs, an array, a map, and an array of structs.
    profiles = """
        SELECT c_custkey AS id,
               {'name': c_name, 'plan': c_mktsegment, 'address': {'street': c_address, 'city': c_phone, 'zip': c_nationkey}}
                   AS account,
               string_split(left(c_comment, 30), ' ') AS tags, MAP {'segment': c_mktsegment, 'phone': c_phone} AS attributes,
               [{'sku': c_custkey, 'note': c_comment}, {'sku': c_nationkey::BIGINT, 'note': c_name}] AS items,
               c_acctbal AS balance, strftime(DATE '1995-03-01' + (c_custkey * 8 // n)::INT, '%Y-%m-%d') AS dt
        FROM customer, (SELECT 1 + max(c_custkey) AS n FROM customer) ORDER BY dt, id"""
    lake.table("profiles", profiles, "dt", files=2, groups=3)
    trades = """
        SELECT l_orderkey AS trade_id, l_shipmode AS venue, l_extendedprice AS price, l_comment AS note,
               l_shipdate + to_seconds((l_orderkey * 37 + l_linenumber) % 86400) AS traded_at,
               strftime(l_shipdate, '%Y-%m-%d') AS traded_at_day
        FROM lineitem WHERE l_shipdate >= '1995-03-01' AND l_shipdate < '1995-03-16' ORDER BY traded_at_day, traded_at, trade_id"""
    lake.table("trades/data", trades, "traded_at_day", groups=4)


def write(root, scale):
    """Writes all tables."""
    lake = Lake(root, scale)
    for tables in TABLES:
        tables(lake)


TABLES = (line_items, orders, dimensions, events)
