"""Where a filter may travel: subqueries, CTEs, views, unions, groups, windows; and what counts how often."""

from . import query, read

DT = "lineitem_dt"
ONE = "dt = '1995-03-06'"
TWO = read(DT, "l_returnflag l_quantity", ONE)

query(
    "subquery",
    "filter and projection through a subquery",
    "SELECT sum(q) FROM (SELECT dt AS d, l_quantity AS q, l_comment AS c FROM lineitem_dt) s WHERE d = '1995-03-06'",
    read(DT, "l_quantity", ONE),
)
query(
    "subquery-star",
    "SELECT * below, one column above",
    "SELECT sum(l_quantity) FROM (SELECT * FROM lineitem_dt) s WHERE dt = '1995-03-06'",
    read(DT, "l_quantity", ONE),
)
query(
    "subquery-order",
    "an ORDER BY below that decides nothing",
    "SELECT count(*) FROM (SELECT * FROM lineitem_dt ORDER BY l_comment) s WHERE dt = '1995-03-06'",
    read(DT, "", ONE),
)
query(
    "group-by",
    "group by a data column",
    "SELECT l_returnflag, sum(l_quantity) FROM lineitem_dt WHERE dt = '1995-03-06' GROUP BY l_returnflag",
    TWO,
)
query(
    "group-key-above",
    "filter on a group key above the aggregation",
    "SELECT * FROM (SELECT dt, sum(l_quantity) AS q FROM lineitem_dt GROUP BY dt) s WHERE dt = '1995-03-06'",
    read(DT, "l_quantity", ONE),
)
query(
    "having-key",
    "HAVING on a group key",
    "SELECT dt, sum(l_quantity) FROM lineitem_dt GROUP BY dt HAVING dt BETWEEN '1995-03-01' AND '1995-03-31'",
    read(DT, "l_quantity", "dt BETWEEN '1995-03-01' AND '1995-03-31'"),
)
query(
    "having-aggregate",
    "HAVING on an aggregate keeps all",
    "SELECT dt, sum(l_quantity) FROM lineitem_dt GROUP BY dt HAVING sum(l_quantity) > 1000000",
    read(DT, "l_quantity"),
)
query(
    "window-partition",
    "filter above a window partitioned by the key",
    """SELECT dt, l_orderkey FROM (
           SELECT dt, l_orderkey, row_number() OVER (PARTITION BY dt ORDER BY l_extendedprice DESC) AS n FROM lineitem_dt) r
         WHERE dt = '1995-03-06' AND n = 1""",
    read(DT, "l_orderkey l_extendedprice", ONE),
)
query(
    "window-other",
    "filter above a window that is not partitioned by the key",
    """SELECT dt, l_orderkey FROM (
           SELECT dt, l_orderkey, row_number() OVER (ORDER BY l_extendedprice DESC) AS n FROM lineitem_dt WHERE dt < '1992-03-01') r
         WHERE dt = '1992-02-03' AND n = 1""",
    read(DT, "l_orderkey l_extendedprice", "dt < '1992-03-01'"),
)
query(
    "below-limit",
    "a filter does not pass a LIMIT",
    "SELECT sum(l_quantity) FROM (SELECT dt, l_quantity FROM lineitem_dt LIMIT 100) s WHERE dt = '1995-03-06'",
    read(DT, "l_quantity"),
    early=True,
)
query(
    "cte-once",
    "a CTE",
    "WITH a AS (SELECT dt, l_quantity FROM lineitem_dt) SELECT sum(l_quantity) FROM a WHERE dt = '1995-03-06'",
    read(DT, "l_quantity", ONE),
)
query(
    "cte-twice",
    "a CTE used twice is read twice",
    """WITH a AS (SELECT dt, sum(l_quantity) AS q FROM lineitem_dt WHERE dt BETWEEN '1995-01-01' AND '1995-03-31' GROUP BY dt)
         SELECT count(*) FROM a x JOIN a y ON x.dt < y.dt WHERE x.q > y.q""",
    *[read(DT, "l_quantity", "dt BETWEEN '1995-01-01' AND '1995-03-31'")] * 2,
)
query(
    "cte-twice-filtered",
    "a CTE used twice with filters of its own",
    """WITH a AS (SELECT dt, l_quantity, l_tax FROM lineitem_dt)
         SELECT (SELECT sum(l_quantity) FROM a WHERE dt = '1995-03-06') - (SELECT sum(l_tax) FROM a WHERE dt = '1995-03-13')""",
    read(DT, "l_quantity", ONE),
    read(DT, "l_tax", "dt = '1995-03-13'"),
)
query(
    "cte-chain",
    "a CTE over a CTE",
    """WITH a AS (SELECT * FROM lineitem_dt WHERE dt >= '1998-01-01'), b AS (SELECT dt, l_tax FROM a WHERE dt < '1998-02-01')
         SELECT sum(l_tax) FROM b""",
    read(DT, "l_tax", "dt >= '1998-01-01' AND dt < '1998-02-01'"),
)
query(
    "cte-unused",
    "a CTE that nothing reads",
    "WITH a AS (SELECT * FROM lineitem_flat) SELECT sum(l_quantity) FROM lineitem_dt WHERE dt = '1995-03-06'",
    read(DT, "l_quantity", ONE),
)
query("view", "a view", "SELECT flag, sum(quantity) FROM recent_quantity WHERE dt = '1995-03-06' GROUP BY flag", TWO)
query(
    "view-of-view",
    "a view over a view, one column",
    "SELECT sum(quantity) FROM march",
    read(DT, "l_quantity", "dt LIKE '1995-03-%'"),
)
query(
    "view-twice",
    "a view read twice",
    "SELECT (SELECT sum(quantity) FROM march) / (SELECT sum(quantity) FROM march WHERE dt > '1995-03-10')",
    read(DT, "l_quantity", "dt LIKE '1995-03-%'"),
    read(DT, "l_quantity", "dt LIKE '1995-03-%' AND dt > '1995-03-10'"),
)
query(
    "union-all",
    "branches are read each",
    """SELECT sum(v) FROM (SELECT l_quantity AS v FROM lineitem_dt WHERE dt = '1995-03-06'
         UNION ALL SELECT l_tax FROM lineitem_dt WHERE dt = '1995-03-13') u""",
    read(DT, "l_quantity", ONE),
    read(DT, "l_tax", "dt = '1995-03-13'"),
)
query(
    "union-pushed",
    "a filter above a union reaches both branches",
    """SELECT sum(q) FROM (SELECT dt, l_quantity AS q FROM lineitem_dt UNION ALL SELECT received, l_quantity FROM shipments) u
         WHERE dt LIKE '1995-03%'""",
    read(DT, "l_quantity", "dt LIKE '1995-03%'"),
    read("shipments", "l_quantity", "received LIKE '1995-03%'"),
    datafusion=None,
)
query(
    "intersect",
    "INTERSECT reads both",
    """SELECT l_orderkey FROM lineitem_dt WHERE dt = '1995-03-06' INTERSECT
         SELECT l_orderkey FROM lineitem_dt WHERE dt = '1995-03-13'""",
    read(DT, "l_orderkey", ONE),
    read(DT, "l_orderkey", "dt = '1995-03-13'"),
)
query(
    "union-branch-empty",
    "a branch that cannot hold",
    """SELECT sum(v) FROM (SELECT l_quantity AS v, dt FROM lineitem_dt WHERE dt < '1995-01-01'
         UNION ALL SELECT l_tax, dt FROM lineitem_dt WHERE dt >= '1995-01-01') u WHERE dt = '1995-03-06'""",
    read(DT, "l_tax", ONE),
)
query(
    "distinct",
    "DISTINCT",
    "SELECT DISTINCT l_shipmode FROM lineitem_dt WHERE dt < '1992-03-01'",
    read(DT, "l_shipmode", "dt < '1992-03-01'"),
)
query(
    "order-limit",
    "ORDER BY and LIMIT read everything",
    "SELECT l_orderkey FROM lineitem_dt WHERE dt = '1995-03-06' ORDER BY l_extendedprice DESC LIMIT 5",
    read(DT, "l_orderkey l_extendedprice", ONE),
)
query(
    "grouping-sets",
    "GROUPING SETS read once",
    "SELECT l_returnflag, l_linestatus, sum(l_tax) FROM lineitem_dt WHERE dt = '1995-03-06' "
    "GROUP BY GROUPING SETS ((l_returnflag), (l_linestatus))",
    read(DT, "l_returnflag l_linestatus l_tax", ONE),
)
query(
    "sample",
    "a sample of rows is taken after reading them",
    "SELECT sum(l_tax) FROM lineitem_dt TABLESAMPLE BERNOULLI (10) WHERE dt = '1995-03-06'",
    read(DT, "l_tax", ONE),
    spark="SELECT sum(l_tax) FROM (SELECT * FROM lineitem_dt WHERE dt = '1995-03-06') TABLESAMPLE (10 PERCENT)",
    datafusion=None,
)
query(
    "order-key-limit",
    "the first rows by the key",
    "SELECT dt, l_tax FROM lineitem_dt WHERE dt < '1992-06-01' ORDER BY dt LIMIT 3",
    read(DT, "l_tax", "dt < '1992-06-01'"),
)
query(
    "fetch-first",
    "FETCH FIRST may stop early",
    "SELECT l_orderkey FROM lineitem_dt WHERE dt < '1993-01-01' FETCH FIRST 10 ROWS ONLY",
    read(DT, "l_orderkey", "dt < '1993-01-01'"),
    early=True,
    spark="SELECT l_orderkey FROM lineitem_dt WHERE dt < '1993-01-01' LIMIT 10",
    datafusion=None,
)
query(
    "lag",
    "a window over all rows of some days",
    """SELECT max(d) FROM (SELECT l_extendedprice - lag(l_extendedprice) OVER (PARTITION BY l_suppkey ORDER BY l_shipdate) AS d
         FROM lineitem_dt WHERE dt LIKE '1995-03-%') w""",
    read(DT, "l_extendedprice l_suppkey l_shipdate", "dt LIKE '1995-03-%'"),
)
query(
    "minimum-of-column",
    "the smallest value of a column is not read off statistics",
    "SELECT min(l_extendedprice) FROM lineitem_dt WHERE dt < '1993-01-01'",
    read(DT, "l_extendedprice", "dt < '1993-01-01'"),
)
query(
    "limit-star",
    "LIMIT without a filter may stop early",
    "SELECT * FROM lineitem_dt LIMIT 10",
    read(DT, "*"),
    early=True,
)
query(
    "limit-filter",
    "LIMIT with a filter on the key",
    "SELECT l_orderkey FROM lineitem_dt WHERE dt < '1993-01-01' LIMIT 10",
    read(DT, "l_orderkey", "dt < '1993-01-01'"),
    early=True,
)
