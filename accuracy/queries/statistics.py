"""Predicates on data columns that the statistics of row groups refute: integers, dates, decimals, texts, times, NULL."""

import datetime as dt
from decimal import Decimal as D

from . import query, read

FLAT = "lineitem_flat"


def flat(name, about, predicate, *statistics, columns="l_quantity l_shipdate", **engines):
    sql = f"SELECT sum(l_quantity) FROM lineitem_flat WHERE {predicate}"
    query(name, about, sql, read(FLAT, columns, None, statistics), **engines)


MARCH_8 = dt.date(1995, 3, 8)
flat("stats-date", "a day of a sorted table", "l_shipdate = date '1995-03-08'", ("l_shipdate", "=", MARCH_8))
flat(
    "stats-date-range",
    "a range of days",
    "l_shipdate BETWEEN date '1995-03-01' AND date '1995-03-31'",
    ("l_shipdate", "between", (dt.date(1995, 3, 1), dt.date(1995, 3, 31))),
)
flat(
    "stats-date-relative",
    "a relative range",
    "l_shipdate >= current_date - interval '30' day AND l_shipdate < current_date",
    ("l_shipdate", ">=", dt.date(1995, 2, 18)),
    ("l_shipdate", "<", dt.date(1995, 3, 20)),
)
flat(
    "stats-date-in",
    "a list of days",
    "l_shipdate IN (date '1993-05-05', date '1997-07-07')",
    ("l_shipdate", "in", (dt.date(1993, 5, 5), dt.date(1997, 7, 7))),
)
flat(
    "stats-or",
    "OR of two ranges",
    "l_shipdate < date '1992-03-01' OR l_shipdate > date '1998-11-01'",
    [[("l_shipdate", "<", dt.date(1992, 3, 1))], [("l_shipdate", ">", dt.date(1998, 11, 1))]],
)
flat(
    "stats-none", "every row group refuted", "l_shipdate < date '1980-01-01'", ("l_shipdate", "<", dt.date(1980, 1, 1))
)
flat("stats-unhelpful", "a column whose values are everywhere", "l_discount = 0.05", columns="l_quantity l_discount")
flat("stats-function", "a function around the column", "month(l_shipdate) = 3", datafusion=None)
flat("stats-not-equal", "all but one day", "l_shipdate <> date '1995-03-08'", ("l_shipdate", "<>", MARCH_8))
# Trino keeps one domain per column, so that an OR over two columns leaves all of both; Spark and DataFusion do refute here.
flat(
    "stats-or-columns",
    "OR over two columns",
    "l_shipdate = date '1995-03-08' OR l_tax > 1",
    columns="l_quantity l_shipdate l_tax",
)
flat(
    "stats-between-columns",
    "two columns compared",
    "l_shipdate > l_receiptdate",
    columns="l_quantity l_shipdate l_receiptdate",
)
flat(
    "stats-and",
    "two columns, each refutes",
    "l_shipdate < date '1992-06-01' AND l_receiptdate > date '1992-05-15'",
    ("l_shipdate", "<", dt.date(1992, 6, 1)),
    ("l_receiptdate", ">", dt.date(1992, 5, 15)),
    columns="l_quantity l_shipdate l_receiptdate",
)
flat(
    "stats-not-between",
    "outside of a range",
    "NOT (l_shipdate BETWEEN date '1992-03-01' AND date '1998-10-01')",
    [[("l_shipdate", "<", dt.date(1992, 3, 1))], [("l_shipdate", ">", dt.date(1998, 10, 1))]],
)
flat(
    "stats-constant-side",
    "the constant on the left",
    "date '1998-11-01' <= l_shipdate",
    ("l_shipdate", ">=", dt.date(1998, 11, 1)),
)
query(
    "stats-star",
    "every column of a day",
    "SELECT * FROM lineitem_flat WHERE l_shipdate = date '1995-03-08'",
    read(FLAT, "*", None, [("l_shipdate", "=", MARCH_8)]),
)
query(
    "stats-integer",
    "an order of a sorted table",
    "SELECT max(o_clerk) FROM orders_ymd WHERE year = '1995' AND o_orderkey < 1000",
    read("orders_ymd", "o_clerk o_orderkey", "year = '1995'", [("o_orderkey", "<", 1000)]),
)
query(
    "stats-point",
    "an order number in every partition",
    "SELECT sum(l_quantity) FROM lineitem_dt WHERE l_orderkey = 4005",
    read("lineitem_dt", "l_quantity l_orderkey", None, [("l_orderkey", "=", 4005)]),
)
query(
    "stats-big",
    "a range in a large file",
    "SELECT sum(l_tax) FROM lineitem_big WHERE batch = '1992-1997' AND l_orderkey BETWEEN 10000 AND 20000",
    read("lineitem_big", "l_tax l_orderkey", "batch = '1992-1997'", [("l_orderkey", "between", (10000, 20000))]),
)
query(
    "stats-decimal",
    "a price range",
    "SELECT count(*) FROM partsupp WHERE ps_supplycost < 20.50",
    read("partsupp", "ps_supplycost", None, [("ps_supplycost", "<", D("20.50"))]),
)
query(
    "stats-decimal-between",
    "a price range, exact numbers",
    "SELECT sum(ps_availqty) FROM partsupp WHERE ps_supplycost BETWEEN 900 AND 910.25",
    read("partsupp", "ps_availqty ps_supplycost", None, [("ps_supplycost", "between", (D(900), D("910.25")))]),
)
query(
    "stats-text",
    "a brand of a sorted table",
    "SELECT count(*) FROM part WHERE p_brand = 'Brand#23'",
    read("part", "p_brand", None, [("p_brand", "=", "Brand#23")]),
)
query(
    "stats-text-in",
    "some brands",
    "SELECT avg(p_retailprice) FROM part WHERE p_brand IN ('Brand#11', 'Brand#55')",
    read("part", "p_retailprice p_brand", None, [("p_brand", "in", ("Brand#11", "Brand#55"))]),
)
query(
    "stats-text-prefix",
    "a prefix of a name",
    "SELECT count(*) FROM customer WHERE c_name LIKE 'Customer#000000%'",
    read("customer", "c_name", None, [("c_name", ">=", "Customer#000000"), ("c_name", "<", "Customer#000001")]),
)
query(
    "stats-text-range",
    "names in a range",
    "SELECT max(c_acctbal) FROM customer WHERE c_name > 'Customer#000001500'",
    read("customer", "c_acctbal c_name", None, [("c_name", ">", "Customer#000001500")]),
)
query(
    "stats-join-side",
    "statistics on one side of a join",
    """SELECT count(*) FROM orders JOIN customer ON o_custkey = c_custkey
         WHERE o_orderdate BETWEEN date '1995-03-01' AND date '1995-03-31'""",
    read(
        "orders",
        "o_custkey o_orderdate",
        None,
        [("o_orderdate", "between", (dt.date(1995, 3, 1), dt.date(1995, 3, 31)))],
    ),
    read("customer", "c_custkey"),
)
query(
    "stats-time",
    "hours of a day",
    """SELECT sum(sent) FROM visits WHERE dt = '1995-03-08' AND region = 'eu'
      AND visited_at >= timestamp '1995-03-08 07:00:00' AND visited_at < timestamp '1995-03-08 08:30:00'""",
    read(
        "visits",
        "sent visited_at",
        "dt = '1995-03-08' AND region = 'eu'",
        [("visited_at", ">=", dt.datetime(1995, 3, 8, 7)), ("visited_at", "<", dt.datetime(1995, 3, 8, 8, 30))],
    ),
    datafusion=None,
)
query(
    "stats-null",
    "rows without a referrer",
    "SELECT count(*) FROM visits WHERE region = 'us' AND referrer IS NULL",
    read("visits", "referrer", "region = 'us'", [("referrer", "is null", None)]),
)
query(
    "stats-not-null",
    "rows with a referrer",
    "SELECT count(*) FROM visits WHERE region = 'us' AND referrer IS NOT NULL",
    read("visits", "referrer", "region = 'us'", [("referrer", "is not null", None)]),
)
query(
    "stats-evolved-null",
    "rows from before the column was added",
    "SELECT count(*) FROM orders_evolved WHERE o_channel = 'web'",
    read("orders_evolved", "o_channel", None, [("o_channel", "=", "web")]),
)
query(
    "stats-nested",
    "a field of a struct",
    "SELECT count(*) FROM profiles WHERE id < 20",
    read("profiles", "id", None, [("id", "<", 20)]),
)
query(
    "stats-nested-leaf",
    "statistics of a nested leaf",
    "SELECT max(balance) FROM profiles WHERE account.name = 'Customer#000000042'",
    read("profiles", "account.name balance", None, [("account.name", "=", "Customer#000000042")]),
    datafusion=None,
)
query(
    "stats-through-cte",
    "a filter above a CTE refutes below",
    "WITH a AS (SELECT l_shipdate AS day, l_tax AS tax FROM lineitem_flat) SELECT sum(tax) FROM a WHERE day = date '1996-06-06'",
    read(FLAT, "l_shipdate l_tax", None, [("l_shipdate", "=", dt.date(1996, 6, 6))]),
)
query(
    "stats-orc",
    "stripes of a sorted ORC table",
    "SELECT sum(o_totalprice) FROM orders_orc WHERE o_orderdate < date '1992-02-01'",
    read("orders_orc", "o_totalprice o_orderdate", None, [("o_orderdate", "<", dt.date(1992, 2, 1))]),
    datafusion=None,
)
query(
    "stats-int96",
    "times without statistics",
    "SELECT count(*) FROM events_tiny WHERE dt = '1995-03-10' AND event_time >= timestamp '1995-03-10 23:00:00'",
    read("events_tiny", "event_time", "dt = '1995-03-10'"),
    datafusion=None,
)
flat(
    "stats-folded",
    "a constant that is computed first",
    "l_shipdate >= date_trunc('month', current_date) AND l_shipdate < cast('1995-04-01' AS date)",
    ("l_shipdate", "between", (dt.date(1995, 3, 1), dt.date(1995, 3, 31))),
)
query(
    "stats-hidden",
    "hours of a hidden partition",
    "SELECT max(note) FROM trades WHERE traded_at BETWEEN timestamp '1995-03-08 03:00:00' AND timestamp '1995-03-08 05:00:00'",
    read(
        "trades",
        "note traded_at",
        "traded_at_day = '1995-03-08'",
        [("traded_at", "between", (dt.datetime(1995, 3, 8, 3), dt.datetime(1995, 3, 8, 5)))],
    ),
    spark="""SELECT max(note) FROM trades WHERE traded_at_day = '1995-03-08'
               AND traded_at BETWEEN timestamp '1995-03-08 03:00:00' AND timestamp '1995-03-08 05:00:00'""",
    datafusion=None,
)
