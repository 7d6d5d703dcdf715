"""Joins and subqueries: equalities that carry a filter over, sides that keep their rows, filters known only at run time."""

from . import query, read

DT = "lineitem_dt"
ONE = "dt = '1995-03-06'"

query(
    "join-dimension",
    "a join with a small table",
    "SELECT p_brand, sum(l_quantity) FROM lineitem_dt JOIN part ON l_partkey = p_partkey WHERE dt = '1995-03-06' GROUP BY p_brand",
    read(DT, "l_quantity l_partkey", ONE),
    read("part", "p_partkey p_brand"),
)
query(
    "join-transitive",
    "an equality carries the filter over",
    """SELECT count(*) FROM lineitem_dt a JOIN lineitem_csv b ON a.dt = b.dt AND a.l_orderkey = b.l_orderkey
         WHERE a.dt = '1995-03-06'""",
    read(DT, "l_orderkey", ONE),
    read("lineitem_csv", "*", ONE),
    datafusion=None,
)
query(
    "join-transitive-range",
    "an equality carries a range over",
    """SELECT sum(a.l_tax) FROM lineitem_dt a JOIN lineitem_json_gz b ON a.dt = b.dt AND a.l_orderkey = b.l_orderkey
         WHERE b.dt BETWEEN '1995-02-01' AND '1995-02-28'""",
    read(DT, "l_tax l_orderkey", "dt BETWEEN '1995-02-01' AND '1995-02-28'"),
    read("lineitem_json_gz", "*", "dt BETWEEN '1995-02-01' AND '1995-02-28'"),
    datafusion=None,
)
query(
    "join-using",
    "USING",
    "SELECT count(*) FROM lineitem_dt JOIN lineitem_csv_gz USING (dt, l_orderkey) WHERE dt = '1995-03-13'",
    read(DT, "l_orderkey", "dt = '1995-03-13'"),
    read("lineitem_csv_gz", "*", "dt = '1995-03-13'"),
    datafusion=None,
)
query(
    "self-join",
    "a table joined with itself is read twice",
    """SELECT count(*) FROM lineitem_dt a JOIN lineitem_dt b ON a.l_orderkey = b.l_orderkey
         WHERE a.dt = '1995-03-06' AND b.dt = '1995-03-13'""",
    read(DT, "l_orderkey", ONE),
    read(DT, "l_orderkey", "dt = '1995-03-13'"),
)
query(
    "self-join-same",
    "both sides of a self-join filtered by transitivity",
    """SELECT count(*) FROM lineitem_dt a JOIN lineitem_dt b ON a.dt = b.dt AND a.l_orderkey = b.l_orderkey
         WHERE a.dt = '1995-03-06' AND a.l_linenumber < b.l_linenumber""",
    read(DT, "l_orderkey l_linenumber", ONE),
    read(DT, "l_orderkey l_linenumber", ONE),
)
query(
    "left-join-preserved",
    "a filter on the preserved side",
    """SELECT count(p_brand) FROM lineitem_dt l LEFT JOIN part p ON l.l_partkey = p.p_partkey WHERE l.dt = '1995-03-06'""",
    read(DT, "l_partkey", ONE),
    read("part", "p_partkey p_brand"),
)
query(
    "left-join-transitive",
    "a filter on the preserved side holds for the other's key",
    """SELECT sum(b.l_tax) FROM lineitem_dt a LEFT JOIN lineitem_csv b ON a.dt = b.dt AND a.l_orderkey = b.l_orderkey
         WHERE a.dt = '1995-03-06'""",
    read(DT, "l_orderkey", ONE),
    read("lineitem_csv", "*", ONE),
    datafusion=None,
)
query(
    "left-join-on",
    "a condition in ON does not filter the preserved side",
    """SELECT count(*), sum(b.l_tax) FROM lineitem_day a LEFT JOIN lineitem_dt b
         ON a.l_orderkey = b.l_orderkey AND b.dt = '1995-03-06' WHERE a.dt = date '1995-03-08'""",
    read("lineitem_day", "l_orderkey", "dt = '1995-03-08'"),
    read(DT, "l_orderkey l_tax", ONE),
)
query(
    "left-join-null-rejecting",
    "a filter on the other side makes the join an inner one",
    """SELECT sum(a.l_tax) FROM lineitem_csv a LEFT JOIN lineitem_dt b ON a.dt = b.dt AND a.l_orderkey = b.l_orderkey
         WHERE b.dt = '1995-03-06'""",
    read("lineitem_csv", "*", ONE),
    read(DT, "l_orderkey", ONE),
    datafusion=None,
)
query(
    "right-join",
    "a filter on the preserved right side",
    """SELECT count(p_brand) FROM part p RIGHT JOIN lineitem_dt l ON l.l_partkey = p.p_partkey WHERE l.dt = '1995-03-06'""",
    read("part", "p_partkey p_brand"),
    read(DT, "l_partkey", ONE),
)
query(
    "full-join",
    "a filter in both sides of a full join",
    """SELECT count(*) FROM (SELECT l_orderkey AS k FROM lineitem_dt WHERE dt = '1995-03-06') a
         FULL JOIN (SELECT l_orderkey AS k FROM lineitem_dt WHERE dt = '1995-03-13') b ON a.k = b.k""",
    read(DT, "l_orderkey", ONE),
    read(DT, "l_orderkey", "dt = '1995-03-13'"),
)
query(
    "join-on-filter",
    "a filter on the key in ON of an inner join",
    "SELECT sum(l_tax) FROM part JOIN lineitem_dt ON p_partkey = l_partkey AND dt = '1995-03-06'",
    read("part", "p_partkey"),
    read(DT, "l_tax l_partkey", ONE),
)
query(
    "comma-join",
    "a join written with a comma",
    "SELECT sum(l_tax) FROM lineitem_dt l, part p WHERE l.l_partkey = p.p_partkey AND l.dt = '1995-03-06' AND p.p_size < 10",
    read(DT, "l_tax l_partkey", ONE),
    read("part", "p_partkey p_size"),
)
query(
    "cross-join",
    "a cross join with a tiny table",
    "SELECT count(n_name), sum(l_tax) FROM lineitem_dt CROSS JOIN nation WHERE dt = '1995-03-06'",
    read(DT, "l_tax", ONE),
    read("nation", "n_name"),
)
query(
    "exists",
    "EXISTS with a filter inside",
    """SELECT count(*) FROM orders o WHERE EXISTS (
           SELECT 1 FROM lineitem_dt l WHERE l.l_orderkey = o.o_orderkey AND l.dt = '1995-03-06')""",
    read("orders", "o_orderkey"),
    read(DT, "l_orderkey", ONE),
)
query(
    "not-exists",
    "NOT EXISTS",
    """SELECT count(*) FROM lineitem_dt l WHERE dt = '1995-03-06' AND NOT EXISTS (
           SELECT * FROM orders o WHERE o.o_orderkey = l.l_orderkey AND o.o_orderstatus = 'F')""",
    read(DT, "l_orderkey", ONE),
    read("orders", "o_orderkey o_orderstatus", None, [("o_orderstatus", "=", "F")]),
)
query(
    "correlated",
    "a correlated subquery reads its table once more",
    """SELECT sum(l_extendedprice) FROM lineitem_dt l WHERE dt = '1995-03-06' AND l_quantity < (
           SELECT 0.5 * avg(i.l_quantity) FROM lineitem_dt i WHERE i.l_suppkey = l.l_suppkey AND i.dt = '1995-03-06')""",
    read(DT, "l_extendedprice l_quantity l_suppkey", ONE),
    read(DT, "l_quantity l_suppkey", ONE),
)
query(
    "correlated-key",
    "a correlated subquery gets the filter on the key over the correlation",
    """SELECT count(*) FROM lineitem_csv a WHERE a.dt = '1995-03-06' AND a.l_quantity > (
           SELECT avg(b.l_quantity) FROM lineitem_dt b WHERE b.dt = a.dt)""",
    read("lineitem_csv", "*", ONE),
    read(DT, "l_quantity", ONE),
    datafusion=None,
)
query(
    "in-subquery-data",
    "IN (SELECT) on a data column",
    """SELECT sum(l_tax) FROM lineitem_dt WHERE dt = '1995-03-06'
         AND l_suppkey IN (SELECT s_suppkey FROM supplier WHERE s_nationkey = 7)""",
    read(DT, "l_tax l_suppkey", ONE),
    read("supplier", "s_suppkey s_nationkey", None, [("s_nationkey", "=", 7)]),
)
query(
    "scalar-subquery-data",
    "a scalar subquery on a data column",
    "SELECT sum(l_tax) FROM lineitem_dt WHERE dt = '1995-03-06' AND l_quantity > (SELECT avg(ps_availqty) / 1000 FROM partsupp)",
    read(DT, "l_tax l_quantity", ONE),
    read("partsupp", "ps_availqty"),
)
query(
    "five-tables",
    "five tables",
    """SELECT n_name, sum(l_extendedprice * (1 - l_discount)) FROM customer
         JOIN orders ON c_custkey = o_custkey JOIN lineitem_dt ON l_orderkey = o_orderkey
         JOIN supplier ON l_suppkey = s_suppkey AND c_nationkey = s_nationkey JOIN nation ON s_nationkey = n_nationkey
         WHERE dt = '1995-03-06' GROUP BY n_name""",
    read("customer", "c_custkey c_nationkey"),
    read("orders", "o_custkey o_orderkey"),
    read(DT, "l_orderkey l_suppkey l_extendedprice l_discount", ONE),
    read("supplier", "s_suppkey s_nationkey"),
    read("nation", "n_nationkey n_name"),
)

# Known only at run time.
MONTHS = "received BETWEEN '1995-01' AND '1995-02'"
CALENDAR = read("calendar", "d_month d_year d_date", None, [("d_year", "=", 1995)])
query(
    "dynamic-join",
    "a star join on the key",
    """SELECT sum(l_tax) FROM shipments JOIN (SELECT DISTINCT d_month FROM calendar WHERE d_year = 1995 AND d_date < date '1995-03-01') c
         ON received = d_month""",
    read("shipments", "l_tax"),
    CALENDAR,
    dynamic=[read("shipments", "l_tax", MONTHS), CALENDAR],
    datafusion=None,
)
query(
    "dynamic-in",
    "IN (SELECT) on the key",
    """SELECT sum(l_tax) FROM shipments
         WHERE received IN (SELECT d_month FROM calendar WHERE d_year = 1995 AND d_date < date '1995-03-01')""",
    read("shipments", "l_tax"),
    CALENDAR,
    dynamic=[read("shipments", "l_tax", MONTHS), CALENDAR],
    datafusion=None,
)
query(
    "dynamic-max",
    "the latest partition by a scalar subquery",
    "SELECT sum(l_quantity) FROM lineitem_dt WHERE dt = (SELECT max(dt) FROM lineitem_dt)",
    read(DT, "l_quantity"),
    read(DT),
    dynamic=[read(DT, "l_quantity", "dt = (SELECT max(dt) FROM folders)"), read(DT)],
)
query(
    "dynamic-join-static-too",
    "a run-time filter beside a fixed one",
    """SELECT sum(l_tax) FROM lineitem_dt JOIN calendar ON dt = d_day
         WHERE dt BETWEEN '1995-03-01' AND '1995-03-31' AND d_date > date '1995-03-18'""",
    read(DT, "l_tax", "dt BETWEEN '1995-03-01' AND '1995-03-31'"),
    read("calendar", "d_day d_date"),
    dynamic=[read(DT, "l_tax", "dt BETWEEN '1995-03-19' AND '1995-03-31'"), read("calendar", "d_day d_date")],
)
