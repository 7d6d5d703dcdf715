"""Columns and formats: which leaves are read, files without pages to skip, many small files, large ones."""

from . import query, read

DT = "lineitem_dt"
ONE = "dt = '1995-03-06'"

query("star", "every column of a partition", "SELECT * FROM lineitem_dt WHERE dt = '1995-03-06'", read(DT, "*", ONE))
query("star-all", "every column of an unpartitioned table", "SELECT * FROM partsupp", read("partsupp", "*"))
query(
    "star-alias",
    "alias.* of one side",
    "SELECT l.* FROM lineitem_dt l JOIN nation n ON l.l_linenumber = n.n_nationkey WHERE l.dt = '1995-03-06'",
    read(DT, "*", ONE),
    read("nation", "n_nationkey"),
)
query("count", "count(*) reads footers", "SELECT count(*) FROM lineitem_dt", read(DT))
query(
    "count-one",
    "count(*) of a partition",
    "SELECT count(*) FROM lineitem_dt WHERE dt = '1995-03-06'",
    read(DT, "", ONE),
)
query(
    "count-constant",
    "count(1)",
    "SELECT count(1) FROM orders_ymd WHERE year = '1996'",
    read("orders_ymd", "", "year = '1996'"),
)
query(
    "count-data-filter",
    "count(*) with a filter on a column",
    "SELECT count(*) FROM lineitem_dt WHERE dt = '1995-03-06' AND l_tax > 0.03",
    read(DT, "l_tax", ONE),
)
query("keys-only", "partition keys only", "SELECT count(DISTINCT dt) FROM lineitem_dt", read(DT))
query(
    "keys-max",
    "the largest key",
    "SELECT max(dt), min(dt) FROM lineitem_dt WHERE dt < '1994-01-01'",
    read(DT, "", "dt < '1994-01-01'"),
)
query("keys-distinct", "distinct keys", "SELECT DISTINCT region, dt FROM visits ORDER BY 1, 2", read("visits"))
query(
    "wide-expression",
    "columns inside expressions",
    """SELECT sum(CASE WHEN l_shipmode IN ('AIR', 'RAIL') THEN l_extendedprice * (1 - l_discount) ELSE 0 END),
                max(length(l_comment)) FILTER (WHERE l_tax > 0.02) FROM lineitem_dt WHERE dt = '1995-03-06'""",
    read(DT, "l_shipmode l_extendedprice l_discount l_comment l_tax", ONE),
)

P = "dt = '1995-03-03'"
query(
    "nested-leaf",
    "one field of a struct",
    "SELECT account.name FROM profiles WHERE dt = '1995-03-03'",
    read("profiles", "account.name", P),
    datafusion=None,
)
query(
    "nested-deep",
    "a field of a struct in a struct",
    "SELECT p.account.address.zip, count(*) FROM profiles p WHERE p.dt = '1995-03-03' GROUP BY p.account.address.zip",
    read("profiles", "account.address.zip", P),
    datafusion=None,
)
query(
    "nested-two",
    "two fields, one in the filter",
    "SELECT account.name FROM profiles WHERE dt >= '1995-03-06' AND account.plan = 'BUILDING' AND balance > 0",
    read("profiles", "account.name account.plan balance", "dt >= '1995-03-06'"),
    datafusion=None,
)
query(
    "nested-inner-struct",
    "an inner struct whole",
    "SELECT account.address FROM profiles WHERE dt = '1995-03-03'",
    read("profiles", "account.address", P),
    datafusion=None,
)
query(
    "nested-whole",
    "a struct whole",
    "SELECT id, account FROM profiles WHERE dt = '1995-03-03'",
    read("profiles", "id account", P),
    datafusion=None,
)
query(
    "nested-array",
    "an array",
    "SELECT sum(cardinality(tags)) FROM profiles WHERE dt = '1995-03-03'",
    read("profiles", "tags", P),
    datafusion=None,
)
query(
    "nested-map",
    "a value of a map",
    "SELECT attributes['phone'] FROM profiles WHERE dt = '1995-03-03'",
    read("profiles", "attributes", P),
    datafusion=None,
)
query(
    "nested-unnest",
    "UNNEST",
    "SELECT id, tag FROM profiles CROSS JOIN UNNEST(tags) AS t (tag) WHERE dt = '1995-03-03'",
    read("profiles", "id tags", P),
    spark="SELECT id, tag FROM profiles LATERAL VIEW explode(tags) t AS tag WHERE dt = '1995-03-03'",
    datafusion=None,
)
query(
    "nested-unnest-rows",
    "UNNEST of an array of structs",
    "SELECT id, sku, note FROM profiles CROSS JOIN UNNEST(items) AS t (sku, note) WHERE dt = '1995-03-03'",
    read("profiles", "id items", P),
    spark="SELECT id, i.sku, i.note FROM profiles LATERAL VIEW explode(items) t AS i WHERE dt = '1995-03-03'",
    datafusion=None,
)
query(
    "nested-through-subquery",
    "a field through a subquery",
    "SELECT max(n) FROM (SELECT account.name AS n, account.plan AS p, tags FROM profiles WHERE dt = '1995-03-03') s",
    read("profiles", "account.name", P),
    datafusion=None,
)

query(
    "evolved-new",
    "a column that only later files have",
    "SELECT o_channel, count(*) FROM orders_evolved GROUP BY o_channel",
    read("orders_evolved", "o_channel"),
)
query(
    "evolved-old",
    "a new column of old files",
    "SELECT count(o_channel) FROM orders_evolved WHERE month = '1995-02'",
    read("orders_evolved", "o_channel", "month = '1995-02'"),
)
query(
    "evolved-star",
    "every column, old and new",
    "SELECT * FROM orders_evolved WHERE month IN ('1995-06', '1995-07')",
    read("orders_evolved", "*", "month IN ('1995-06', '1995-07')"),
)

for table in ("lineitem_csv", "lineitem_csv_gz", "lineitem_json", "lineitem_json_gz"):
    name = table.removeprefix("lineitem_").replace("_", "-")
    query(
        f"{name}-one",
        "text: files as stored",
        f"SELECT sum(l_quantity) FROM {table} WHERE dt = '1995-03-06'",
        read(table, "*", ONE),
        datafusion=None,
    )
query(
    "csv-all", "text without a filter", "SELECT count(*) FROM lineitem_csv", read("lineitem_csv", "*"), datafusion=None
)
query(
    "json-data-filter",
    "text with a filter on a column",
    "SELECT sum(l_tax) FROM lineitem_json WHERE l_shipdate = date '1995-03-06'",
    read("lineitem_json", "*"),
    datafusion=None,
)
query(
    "csv-limit",
    "text with LIMIT may stop early",
    "SELECT * FROM lineitem_csv WHERE dt = '1995-03-06' LIMIT 3",
    read("lineitem_csv", "*", ONE),
    early=True,
    datafusion=None,
)

query(
    "orc-column",
    "ORC, two columns",
    "SELECT l_returnflag, sum(l_quantity) FROM lineitem_orc WHERE month = '1995-03' GROUP BY l_returnflag",
    read("lineitem_orc", "l_returnflag l_quantity", "month = '1995-03'"),
    datafusion=None,
)
query(
    "orc-star",
    "ORC, every column",
    "SELECT * FROM lineitem_orc WHERE month IN ('1995-03', '1995-04')",
    read("lineitem_orc", "*", "month IN ('1995-03', '1995-04')"),
    datafusion=None,
)
query("orc-count", "ORC, count(*)", "SELECT count(*) FROM lineitem_orc", read("lineitem_orc"), datafusion=None)
query(
    "orc-undeclared",
    "ORC that no definition names",
    "SELECT sum(o_totalprice) FROM orders_orc",
    read("orders_orc", "o_totalprice"),
    datafusion=None,
)

TINY = "events_tiny"
query(
    "tiny-hour",
    "tiny files, both keys",
    "SELECT sum(amount) FROM events_tiny WHERE dt = '1995-03-10' AND hour = '05'",
    read(TINY, "amount", "dt = '1995-03-10' AND hour = '05'"),
)
query(
    "tiny-day",
    "tiny files, one key",
    "SELECT kind, sum(amount) FROM events_tiny WHERE dt = '1995-03-10' GROUP BY kind",
    read(TINY, "kind amount", "dt = '1995-03-10'"),
)
query("tiny-all", "all tiny files", "SELECT max(event_time) FROM events_tiny", read(TINY, "event_time"))

BIG = "lineitem_big"
query(
    "big-narrow",
    "one column of a large file",
    "SELECT sum(l_linenumber) FROM lineitem_big WHERE batch = '1992-1997'",
    read(BIG, "l_linenumber", "batch = '1992-1997'"),
)
query(
    "big-wide",
    "the widest column of a large file",
    "SELECT max(l_comment) FROM lineitem_big WHERE batch = '1998'",
    read(BIG, "l_comment", "batch = '1998'"),
)
query(
    "big-apart",
    "columns that lie apart",
    "SELECT sum(l_orderkey), max(l_shipmode) FROM lineitem_big",
    read(BIG, "l_orderkey l_shipmode"),
)
query(
    "no-statistics",
    "footers without statistics",
    "SELECT sum(l_tax) FROM lineitem_nostats WHERE month = '1995-03' AND l_orderkey < 100",
    read("lineitem_nostats", "l_tax l_orderkey", "month = '1995-03'"),
)
