"""Statements that are not plain SELECTs: what they write is not scanned, what they read is."""

from . import query, read

DT = "lineitem_dt"
ONE = "dt = '1995-03-06'"
SELECT = "SELECT l_orderkey, l_tax FROM lineitem_dt WHERE dt = '1995-03-06'"
READ = read(DT, "l_orderkey l_tax", ONE)

query(
    "ctas",
    "CREATE TABLE AS",
    f"CREATE TABLE new_items WITH (format = 'PARQUET') AS {SELECT}",
    READ,
    spark=SELECT,
    datafusion=SELECT,
)
query("insert", "INSERT INTO", f"INSERT INTO items_copy {SELECT}", READ, spark=SELECT, datafusion=SELECT)
query(
    "unload",
    "UNLOAD",
    f"UNLOAD ({SELECT}) TO 's3://lake/unloaded/' WITH (format = 'PARQUET')",
    READ,
    spark=SELECT,
    datafusion=SELECT,
)
query(
    "insert-star",
    "INSERT of every column",
    "INSERT INTO lineitem_copy SELECT * FROM lineitem_csv WHERE dt BETWEEN '1995-02-01' AND '1995-02-28'",
    read("lineitem_csv", "*", "dt BETWEEN '1995-02-01' AND '1995-02-28'"),
    spark="SELECT * FROM lineitem_csv WHERE dt BETWEEN '1995-02-01' AND '1995-02-28'",
    datafusion=None,
)
query(
    "insert-values",
    "INSERT of values reads nothing",
    "INSERT INTO calendar_notes VALUES ('1995-03-06', 'a note')",
    spark=None,
    datafusion=None,
)
query(
    "explain", "EXPLAIN reads nothing", "EXPLAIN SELECT sum(l_quantity) FROM lineitem_dt", spark=None, datafusion=None
)
query(
    "explain-analyze",
    "EXPLAIN ANALYZE runs the query",
    "EXPLAIN ANALYZE SELECT sum(l_quantity) FROM lineitem_dt WHERE dt = '1995-03-06'",
    read(DT, "l_quantity", ONE),
    spark="SELECT sum(l_quantity) FROM lineitem_dt WHERE dt = '1995-03-06'",
    datafusion="SELECT sum(l_quantity) FROM lineitem_dt WHERE dt = '1995-03-06'",
)
query(
    "ddl",
    "partition statements read nothing",
    "ALTER TABLE visits ADD IF NOT EXISTS PARTITION (region = 'eu', dt = '1995-03-16', hour = '00')",
    spark=None,
    datafusion=None,
)
DAYS = "traded_at_day BETWEEN '1995-03-08' AND '1995-03-09'"
BETWEEN = "traded_at >= timestamp '1995-03-08 00:00:00' AND traded_at < timestamp '1995-03-10 00:00:00'"
query(
    "delete",
    "DELETE finds its rows by the columns of its filter",
    f"DELETE FROM trades WHERE {BETWEEN} AND venue = 'AIR'",
    read("trades", "traded_at venue", DAYS),
    spark=f"SELECT max(traded_at) FROM trades WHERE {DAYS} AND {BETWEEN} AND venue = 'AIR'",
    datafusion=None,
)
query(
    "update",
    "UPDATE reads the rows that it writes again",
    f"UPDATE trades SET price = 0 WHERE {BETWEEN} AND venue = 'AIR'",
    read("trades", "*", DAYS),
    spark=f"SELECT * FROM trades WHERE {DAYS}",
    datafusion=None,
)
query(
    "merge",
    "MERGE reads its source, and its target whole",
    """MERGE INTO trades t USING (SELECT l_orderkey, l_extendedprice FROM lineitem_dt WHERE dt = '1995-03-06') s
       ON t.trade_id = s.l_orderkey WHEN MATCHED THEN UPDATE SET price = s.l_extendedprice""",
    read("trades", "*"),
    read(DT, "l_orderkey l_extendedprice", ONE),
    spark="""SELECT * FROM trades t JOIN (SELECT l_orderkey, l_extendedprice FROM lineitem_dt WHERE dt = '1995-03-06') s
             ON t.trade_id = s.l_orderkey""",
    datafusion=None,
)
query(
    "optimize",
    "OPTIMIZE reads what it may write again",
    f"OPTIMIZE trades REWRITE DATA USING BIN_PACK WHERE {BETWEEN}",
    read("trades", "*", DAYS),
    early=True,
    spark=None,
    datafusion=None,
)
