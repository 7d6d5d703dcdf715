"""Predicates on partition keys: strings, integers, several keys, NULL."""

from . import query, read

DT = "lineitem_dt"


def by_dt(name, about, predicate, where=None, columns="l_quantity", **engines):
    """The sum of one column for the weeks that a predicate leaves; the same text is the truth where DuckDB reads it alike."""
    where = where or predicate
    query(
        name, about, f"SELECT sum(l_quantity) FROM lineitem_dt WHERE {predicate}", read(DT, columns, where), **engines
    )


by_dt("key-equal", "equality", "dt = '1995-03-06'")
by_dt("key-range", "closed range", "dt BETWEEN '1995-01-01' AND '1995-03-31'")
by_dt("key-open-range", "range without an end", "dt >= '1998-06-01'")
by_dt("key-half-open", "half-open range", "dt >= '1995-03-01' AND dt < '1995-04-01'")
by_dt("key-in", "list, one value absent", "dt IN ('1995-03-06', '1996-01-01', '1997-06-02', '2030-01-01')")
by_dt("key-not-in", "negated list", "dt NOT IN ('1995-03-06', '1995-03-13')")
by_dt("key-not-equal", "all but one", "dt <> '1995-03-06'")
by_dt("key-like", "prefix", "dt LIKE '1995-03%'")
by_dt("key-like-middle", "pattern without a prefix", "dt LIKE '%-03-06'")
by_dt("key-like-one-character", "single-character wildcard", "dt LIKE '199_-03-06'")
by_dt("key-not-like", "negated pattern", "dt NOT LIKE '199%'")
by_dt("key-regexp", "regular expression", "regexp_like(dt, '^1995-0[12]')", "regexp_matches(dt, '^1995-0[12]')")
by_dt("key-substr", "function around the key", "substr(dt, 1, 7) = '1995-03'")
by_dt("key-split-part", "a part of the key", "split_part(dt, '-', 1) = '1995'")
by_dt("key-case", "CASE over the key", "CASE WHEN dt < '1995-01-01' THEN 'old' ELSE 'new' END = 'new'")
by_dt("key-concat-constant", "concatenation with a constant", "concat(dt, 'x') = '1995-03-06x'")
by_dt("key-cast-integer", "a part of the key as a number", "cast(substr(dt, 1, 4) AS integer) = 1996")
by_dt("key-not", "NOT around a comparison", "NOT (dt < '1998-01-01')")
by_dt("key-or", "OR of two ranges", "dt < '1992-02-01' OR dt BETWEEN '1998-11-01' AND '1998-12-31'")
by_dt("key-mixed-type-text", "comparison with a shorter text", "dt >= '1998'")
by_dt("key-is-not-null", "IS NOT NULL keeps all", "dt IS NOT NULL")
by_dt("key-none", "no partition matches", "dt = '2040-01-01'")
by_dt("key-contradiction", "two values at once", "dt = '1995-03-06' AND dt = '1995-03-13'")
by_dt("key-replace", "characters taken out", "replace(dt, '-', '') = '19950306'", "dt = '1995-03-06'")
by_dt(
    "key-replace-number",
    "the key as a number",
    "cast(replace(dt, '-', '') AS integer) BETWEEN 19950301 AND 19950331",
    "dt LIKE '1995-03-%'",
)
by_dt(
    "key-strpos",
    "position of a text",
    "strpos(dt, '-12-') > 0",
    "dt LIKE '%-12-%'",
    spark="SELECT sum(l_quantity) FROM lineitem_dt WHERE instr(dt, '-12-') > 0",
)
by_dt("key-length", "a function that every value passes", "length(dt) = 10", "true")
by_dt(
    "key-if",
    "IF over the key",
    "if(dt < '1995-01-01', 'old', 'new') = 'new' AND dt < '1995-03-01'",
    "dt >= '1995-01-01' AND dt < '1995-03-01'",
    datafusion=None,
)
by_dt("key-greatest", "GREATEST with a constant", "greatest(dt, '1998-10-01') <> '1998-10-01'", "dt > '1998-10-01'")
by_dt(
    "key-and-or-data",
    "an OR with a data column beside a filter on the key",
    "dt >= '1998-11-01' AND (l_tax >= 0 OR dt < '1990-01-01')",
    "dt >= '1998-11-01'",
    columns="l_quantity l_tax",
)
query(
    "names-quoted",
    "quoted and qualified names in capitals",
    """SELECT SUM(L."L_QUANTITY") FROM "AwsDataCatalog"."clean"."LINEITEM_DT" AS L WHERE L."DT" = '1995-03-06'""",
    read(DT, "l_quantity", "dt = '1995-03-06'"),
    spark="SELECT sum(l_quantity) FROM lineitem_dt WHERE dt = '1995-03-06'",
    datafusion=None,
)
query(
    "constant-false",
    "a condition that never holds",
    "SELECT sum(l_quantity) FROM lineitem_dt WHERE dt = '1995-03-06' AND 1 = 0",
)
query(
    "or-with-data",
    "OR with a data column: no partition is ruled out",
    "SELECT sum(l_quantity) FROM lineitem_dt WHERE dt = '1995-03-06' OR l_tax > 1",
    read(DT, "l_quantity l_tax"),
    datafusion=None,
)
query(
    "or-of-ands",
    "OR of ANDs that each name a day",
    """SELECT sum(l_quantity) FROM lineitem_dt
         WHERE (dt = '1995-03-06' AND l_tax > 0.01) OR (dt = '1995-03-13' AND l_discount > 0.01)""",
    read(DT, "l_quantity l_tax l_discount", "dt IN ('1995-03-06', '1995-03-13')"),
)
query(
    "key-and-data",
    "a data column beside the key",
    "SELECT sum(l_quantity) FROM lineitem_dt WHERE dt = '1995-03-06' AND l_shipmode = 'AIR' AND l_comment LIKE '%a%'",
    read(DT, "l_quantity l_shipmode l_comment", "dt = '1995-03-06'"),
)
query(
    "mixed-conjunct",
    "key and data column in one comparison",
    "SELECT sum(l_quantity) FROM lineitem_dt WHERE dt = cast(l_shipdate AS varchar)",
    read(DT, "l_quantity l_shipdate"),
)

# Year, month and day as strings with zeros.
YMD = "orders_ymd"
query(
    "ymd-equal",
    "year, month and day",
    "SELECT sum(o_totalprice) FROM orders_ymd WHERE year = '1995' AND month = '03' AND day = '15'",
    read(YMD, "o_totalprice", "year = '1995' AND month = '03' AND day = '15'"),
)
query(
    "ymd-month",
    "two of three keys",
    "SELECT sum(o_totalprice) FROM orders_ymd WHERE year = '1996' AND month IN ('01', '02')",
    read(YMD, "o_totalprice", "year = '1996' AND month IN ('01', '02')"),
)
query(
    "ymd-unpadded-constant",
    "a month without its zero matches nothing",
    "SELECT sum(o_totalprice) FROM orders_ymd WHERE year = '1995' AND month = '3'",
    read(YMD, "o_totalprice", "false"),
)
query(
    "ymd-concat",
    "keys put together",
    "SELECT sum(o_totalprice) FROM orders_ymd WHERE year || '-' || month || '-' || day BETWEEN '1995-12-25' AND '1996-01-05'",
    read(YMD, "o_totalprice", "year || '-' || month || '-' || day BETWEEN '1995-12-25' AND '1996-01-05'"),
)
query(
    "ymd-staggered",
    "the year, or the end of the year before",
    "SELECT sum(o_totalprice) FROM orders_ymd WHERE year > '1995' OR (year = '1995' AND month >= '11')",
    read(YMD, "o_totalprice", "year > '1995' OR (year = '1995' AND month >= '11')"),
)
query(
    "ymd-two-months",
    "pairs of keys",
    "SELECT count(o_clerk) FROM orders_ymd WHERE (year = '1995' AND month = '12') OR (year = '1996' AND month = '01')",
    read(YMD, "o_clerk", "(year = '1995' AND month = '12') OR (year = '1996' AND month = '01')"),
)
query(
    "ymd-cast",
    "keys as numbers",
    "SELECT sum(o_totalprice) FROM orders_ymd WHERE cast(year AS integer) = 1995 AND cast(month AS integer) < 3",
    read(YMD, "o_totalprice", "cast(year AS int) = 1995 AND cast(month AS int) < 3"),
)

# The same as declared integers, stored without zeros.
INT = "orders_int"
query(
    "int-range",
    "integer keys",
    "SELECT sum(o_totalprice) FROM orders_int WHERE year = 1995 AND month BETWEEN 9 AND 11",
    read(INT, "o_totalprice", "year::int = 1995 AND month::int BETWEEN 9 AND 11"),
)
query(
    "int-compare-as-number",
    "9 is less than 10",
    "SELECT sum(o_totalprice) FROM orders_int WHERE month > 9",
    read(INT, "o_totalprice", "month::int > 9"),
)
query(
    "int-arithmetic",
    "arithmetic over keys",
    "SELECT sum(o_totalprice) FROM orders_int WHERE year * 10000 + month * 100 + day >= 19951224",
    read(INT, "o_totalprice", "year::int * 10000 + month::int * 100 + day::int >= 19951224"),
)
query(
    "int-concat-padded",
    "keys padded and put together",
    """SELECT sum(o_totalprice) FROM orders_int
         WHERE cast(year AS varchar) || lpad(cast(month AS varchar), 2, '0') || lpad(cast(day AS varchar), 2, '0') >= '19951220'""",
    read(INT, "o_totalprice", "month = '12' AND day::int >= 20"),
)
query(
    "int-text",
    "a number compared as text",
    "SELECT sum(o_totalprice) FROM orders_int WHERE cast(month AS varchar) IN ('1', '01', '12')",
    read(INT, "o_totalprice", "month IN ('1', '12')"),
)
query(
    "int-modulo",
    "every tenth day",
    "SELECT max(o_clerk) FROM orders_int WHERE day % 10 = 0",
    read(INT, "o_clerk", "day::int % 10 = 0"),
)

# Region, day and hour.
VISITS = "visits"
query(
    "multi-all",
    "all three keys",
    "SELECT sum(sent) FROM visits WHERE region = 'eu' AND dt = '1995-03-08' AND hour = '06'",
    read(VISITS, "sent", "region = 'eu' AND dt = '1995-03-08' AND hour = '06'"),
)
query(
    "multi-last",
    "only the last key",
    "SELECT sum(sent) FROM visits WHERE hour IN ('00', '18')",
    read(VISITS, "sent", "hour IN ('00', '18')"),
)
query(
    "multi-upper",
    "a function that changes case",
    "SELECT sum(sent) FROM visits WHERE upper(region) = 'US' AND dt >= '1995-03-14'",
    read(VISITS, "sent", "region = 'us' AND dt >= '1995-03-14'"),
)
query(
    "multi-row-in",
    "a list of pairs",
    "SELECT sum(sent) FROM visits WHERE (region, dt) IN (('eu', '1995-03-08'), ('us', '1995-03-09'))",
    read(VISITS, "sent", "(region = 'eu' AND dt = '1995-03-08') OR (region = 'us' AND dt = '1995-03-09')"),
)
query(
    "multi-row-range",
    "pairs in their order",
    "SELECT sum(sent) FROM visits WHERE (region, dt) >= ('us', '1995-03-09')",
    read(VISITS, "sent", "region > 'us' OR (region = 'us' AND dt >= '1995-03-09')"),
    spark="SELECT sum(sent) FROM visits WHERE region > 'us' OR (region = 'us' AND dt >= '1995-03-09')",
    datafusion=None,
)
query(
    "key-subscript",
    "an element of the split key",
    "SELECT sum(l_quantity) FROM lineitem_dt WHERE split(dt, '-')[2] = '12'",
    read(DT, "l_quantity", "dt LIKE '____-12-__'"),
    spark="SELECT sum(l_quantity) FROM lineitem_dt WHERE split(dt, '-')[1] = '12'",
    datafusion=None,
)
query(
    "key-sequence",
    "within a list of days that is computed",
    """SELECT sum(l_quantity) FROM lineitem_dt
    WHERE contains(sequence(DATE '1995-03-01', DATE '1995-03-31', INTERVAL '1' DAY), CAST(dt AS date))""",
    read(DT, "l_quantity", "dt LIKE '1995-03-%'"),
    spark="""SELECT sum(l_quantity) FROM lineitem_dt
    WHERE array_contains(sequence(DATE '1995-03-01', DATE '1995-03-31'), CAST(dt AS date))""",
    datafusion=None,
)
query(
    "multi-or",
    "regions of different days",
    "SELECT sum(sent) FROM visits WHERE (region = 'eu' AND dt = '1995-03-08') OR (region = 'ap' AND dt < '1995-03-04')",
    read(VISITS, "sent", "(region = 'eu' AND dt = '1995-03-08') OR (region = 'ap' AND dt < '1995-03-04')"),
)

# The partition of rows whose key is NULL.
SHIPMENTS = "shipments"
query(
    "null-only",
    "the NULL partition",
    "SELECT sum(l_quantity) FROM shipments WHERE received IS NULL",
    read(SHIPMENTS, "l_quantity", "received IS NULL"),
    datafusion=None,
)
query(
    "null-excluded",
    "a comparison is not true of NULL",
    "SELECT sum(l_quantity) FROM shipments WHERE received <> '1995-03'",
    read(SHIPMENTS, "l_quantity", "received <> '1995-03'"),
    datafusion=None,
)
query(
    "null-coalesce",
    "NULL replaced",
    "SELECT sum(l_quantity) FROM shipments WHERE coalesce(received, 'open') IN ('open', '1995-03')",
    read(SHIPMENTS, "l_quantity", "coalesce(received, 'open') IN ('open', '1995-03')"),
    datafusion=None,
)
query(
    "null-or-late",
    "NULL or a range",
    "SELECT sum(l_quantity) FROM shipments WHERE received IS NULL OR received >= '1998-03'",
    read(SHIPMENTS, "l_quantity", "received IS NULL OR received >= '1998-03'"),
    datafusion=None,
)
query(
    "null-distinct",
    "IS DISTINCT FROM keeps NULL",
    "SELECT sum(l_quantity) FROM shipments WHERE received IS DISTINCT FROM '1995-03'",
    read(SHIPMENTS, "l_quantity", "received IS DISTINCT FROM '1995-03'"),
    spark="SELECT sum(l_quantity) FROM shipments WHERE NOT received <=> '1995-03'",
    datafusion=None,
)
