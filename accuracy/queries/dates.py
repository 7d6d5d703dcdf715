"""Dates and times over partition keys, fixed and relative to the day of the run, 1995-03-20."""

from . import query, read

DT = "lineitem_dt"


def by_dt(name, about, predicate, where, spark="same", datafusion="same"):
    """The sum of one column for some weeks; engines get the predicate in their own words."""

    def text(predicate):
        return f"SELECT sum(l_quantity) FROM lineitem_dt WHERE {predicate}"

    def of(engine):
        return engine if engine in ("same", None) else text(engine)

    query(name, about, text(predicate), read(DT, "l_quantity", where), spark=of(spark), datafusion=of(datafusion))


MARCH = "dt BETWEEN '1995-03-01' AND '1995-03-31'"
by_dt("date-cast", "the key as a date", "cast(dt AS date) BETWEEN date '1995-03-01' AND date '1995-03-31'", MARCH)
by_dt(
    "date-function",
    "date()",
    "date(dt) = date '1995-03-06'",
    "dt = '1995-03-06'",
    datafusion="cast(dt AS date) = date '1995-03-06'",
)
by_dt(
    "date-parse",
    "date_parse",
    "date_parse(dt, '%Y-%m-%d') >= timestamp '1998-11-01 00:00:00'",
    "dt >= '1998-11-01'",
    spark="to_timestamp(dt, 'yyyy-MM-dd') >= timestamp '1998-11-01 00:00:00'",
    datafusion=None,
)
by_dt(
    "date-format",
    "date_format",
    "date_format(cast(dt AS date), '%Y-%m') = '1995-03'",
    MARCH,
    spark="date_format(cast(dt AS date), 'yyyy-MM') = '1995-03'",
    datafusion=None,
)
by_dt("date-trunc", "date_trunc", "date_trunc('month', cast(dt AS date)) = date '1995-03-01'", MARCH)
by_dt(
    "date-year",
    "year()",
    "year(cast(dt AS date)) = 1996",
    "dt LIKE '1996-%'",
    datafusion="date_part('year', cast(dt AS date)) = 1996",
)
by_dt("date-extract", "EXTRACT", "extract(month FROM cast(dt AS date)) = 2", "dt LIKE '%-02-%'")
by_dt(
    "date-diff",
    "date_diff",
    "date_diff('day', cast(dt AS date), date '1995-03-20') BETWEEN 0 AND 10",
    "dt BETWEEN '1995-03-10' AND '1995-03-20'",
    spark="datediff(date '1995-03-20', cast(dt AS date)) BETWEEN 0 AND 10",
    datafusion=None,
)
by_dt(
    "date-add",
    "date_add",
    "cast(dt AS date) >= date_add('day', -14, date '1995-03-20') AND dt <= '1995-03-20'",
    "dt BETWEEN '1995-03-06' AND '1995-03-20'",
    spark="cast(dt AS date) >= date_add(date '1995-03-20', -14) AND dt <= '1995-03-20'",
    datafusion=None,
)
by_dt(
    "date-iso",
    "from_iso8601_date",
    "from_iso8601_date(dt) = date '1995-03-06'",
    "dt = '1995-03-06'",
    spark="to_date(dt) = date '1995-03-06'",
    datafusion=None,
)
by_dt(
    "date-week", "date_trunc to weeks", "date_trunc('week', cast(dt AS date)) = date '1995-03-06'", "dt = '1995-03-06'"
)
by_dt(
    "date-quarter",
    "quarter()",
    "quarter(cast(dt AS date)) = 1 AND year(cast(dt AS date)) = 1995",
    "dt BETWEEN '1995-01-01' AND '1995-03-31'",
    datafusion=None,
)
by_dt(
    "date-timestamp",
    "the key as a timestamp",
    "cast(dt AS timestamp) >= timestamp '1998-11-01 12:00:00'",
    "dt > '1998-11-01'",
)
by_dt(
    "date-last-day",
    "last_day_of_month",
    "last_day_of_month(cast(dt AS date)) = date '1995-02-28'",
    "dt LIKE '1995-02-%'",
    spark="last_day(cast(dt AS date)) = date '1995-02-28'",
    datafusion=None,
)
by_dt(
    "date-interval",
    "an interval added to the key",
    "cast(dt AS date) + interval '7' day > date '1998-11-20'",
    "dt > '1998-11-13'",
)
by_dt(
    "date-between-relative",
    "between two relative dates",
    "cast(dt AS date) BETWEEN current_date - interval '28' day AND current_date - interval '14' day",
    "dt BETWEEN '1995-02-20' AND '1995-03-06'",
)
by_dt(
    "relative-week",
    "the last seven days",
    "dt >= cast(current_date - interval '7' day AS varchar) AND dt <= cast(current_date AS varchar)",
    "dt BETWEEN '1995-03-13' AND '1995-03-20'",
)
by_dt(
    "relative-format",
    "a formatted relative date",
    "dt BETWEEN date_format(current_date - interval '1' month, '%Y-%m-%d') AND date_format(current_date, '%Y-%m-%d')",
    "dt BETWEEN '1995-02-20' AND '1995-03-20'",
    spark="dt BETWEEN date_format(current_date - interval '1' month, 'yyyy-MM-dd') AND date_format(current_date, 'yyyy-MM-dd')".replace(
        "current_date", "date '1995-03-20'"
    ),
    datafusion=None,
)
by_dt(
    "relative-month",
    "this month so far",
    "cast(dt AS date) >= date_trunc('month', current_date) AND cast(dt AS date) < current_date",
    "dt >= '1995-03-01' AND dt < '1995-03-20'",
)
by_dt(
    "relative-now",
    "now()",
    "dt >= date_format(now() - interval '21' day, '%Y-%m-%d') AND dt < '1995-03-20'",
    "dt >= '1995-02-27' AND dt < '1995-03-20'",
    spark="dt >= '1995-02-27' AND dt < '1995-03-20'",
    datafusion="dt >= '1995-02-27' AND dt < '1995-03-20'",
)
query(
    "date-from-keys",
    "a date out of three keys",
    """SELECT sum(o_totalprice) FROM orders_ymd
         WHERE date(year || '-' || month || '-' || day) >= current_date - interval '7' day AND year = '1995' AND month = '03'
           AND date(year || '-' || month || '-' || day) < current_date""",
    read("orders_ymd", "o_totalprice", "year = '1995' AND month = '03' AND day BETWEEN '13' AND '19'"),
    datafusion=None,
)
query(
    "date-parse-keys",
    "date_parse over keys without zeros",
    """SELECT sum(o_totalprice) FROM orders_int
         WHERE date_parse(cast(year AS varchar) || '-' || cast(month AS varchar) || '-' || cast(day AS varchar), '%Y-%c-%e')
               >= timestamp '1995-12-20 00:00:00'""",
    read("orders_int", "o_totalprice", "month = '12' AND day::int >= 20"),
    spark="SELECT sum(o_totalprice) FROM orders_int WHERE make_date(year, month, day) >= date '1995-12-20'",
    datafusion=None,
)

# A key that is declared as a date.
query(
    "date-key-equal",
    "a date key",
    "SELECT sum(l_quantity) FROM lineitem_day WHERE dt = date '1995-03-08'",
    read("lineitem_day", "l_quantity", "dt = '1995-03-08'"),
)
query(
    "date-key-relative",
    "a date key and a relative range",
    "SELECT sum(l_quantity) FROM lineitem_day WHERE dt >= current_date - interval '7' day AND dt < current_date",
    read("lineitem_day", "l_quantity", "dt >= '1995-03-13' AND dt < '1995-03-20'"),
)
query(
    "date-key-month",
    "a month of a date key",
    "SELECT sum(l_tax) FROM lineitem_day WHERE date_trunc('month', dt) = date '1995-02-01'",
    read("lineitem_day", "l_tax", "dt LIKE '1995-02-%'"),
)
query(
    "date-key-weekday",
    "a weekday of a date key",
    "SELECT sum(l_tax) FROM lineitem_day WHERE day_of_week(dt) = 7",
    read("lineitem_day", "l_tax", "dayofweek(dt::date) = 0"),
    spark="SELECT sum(l_tax) FROM lineitem_day WHERE dayofweek(dt) = 1",
    datafusion=None,
)
query(
    "date-key-text",
    "a date key compared as text",
    "SELECT sum(l_tax) FROM lineitem_day WHERE cast(dt AS varchar) LIKE '1995-03-0%'",
    read("lineitem_day", "l_tax", "dt LIKE '1995-03-0%'"),
)

# A projected key in another spelling.
query(
    "projected-relative",
    "partition projection, three days",
    "SELECT sum(o_totalprice) FROM orders_projected WHERE dt >= date_format(current_date - interval '3' day, '%Y%m%d') AND dt < '19950320'",
    read("orders_projected", "o_totalprice", "dt >= '19950317' AND dt < '19950320'"),
    spark="SELECT sum(o_totalprice) FROM orders_projected WHERE dt >= '19950317' AND dt < '19950320'",
    datafusion="SELECT sum(o_totalprice) FROM orders_projected WHERE dt >= '19950317' AND dt < '19950320'",
)
query(
    "projected-parse",
    "partition projection, a function over the key",
    "SELECT sum(o_totalprice) FROM orders_projected WHERE date_parse(dt, '%Y%m%d') >= timestamp '1995-06-01 00:00:00'",
    read("orders_projected", "o_totalprice", "dt >= '19950601'"),
    spark="SELECT sum(o_totalprice) FROM orders_projected WHERE to_timestamp(dt, 'yyyyMMdd') >= timestamp '1995-06-01 00:00:00'",
    datafusion=None,
)

# Hidden partitioning: the day of a timestamp.
TRADES = "SELECT sum(price) FROM trades WHERE "
query(
    "hidden-day",
    "a timestamp range on a day transform",
    TRADES + "traded_at >= timestamp '1995-03-08 00:00:00' AND traded_at < timestamp '1995-03-10 00:00:00'",
    read("trades", "price traded_at", "traded_at_day BETWEEN '1995-03-08' AND '1995-03-09'"),
    spark=TRADES
    + "traded_at_day BETWEEN '1995-03-08' AND '1995-03-09' AND traded_at >= timestamp '1995-03-08 00:00:00'",
    datafusion=None,
)
query(
    "hidden-cast",
    "the timestamp as a date on a day transform",
    TRADES + "cast(traded_at AS date) = date '1995-03-08'",
    read("trades", "price traded_at", "traded_at_day = '1995-03-08'"),
    spark=TRADES + "traded_at_day = '1995-03-08' AND cast(traded_at AS date) = date '1995-03-08'",
    datafusion=None,
)
query(
    "hidden-function",
    "a function that a day transform cannot use",
    TRADES + "date_format(traded_at, '%Y-%m-%d') = '1995-03-08'",
    read("trades", "price traded_at"),
    spark=TRADES + "date_format(traded_at, 'yyyy-MM-dd') = '1995-03-08'",
    datafusion=None,
)
query(
    "hidden-unfiltered",
    "no filter on the source column",
    "SELECT venue, avg(price) FROM trades GROUP BY venue",
    read("trades", "venue price"),
    datafusion=None,
)
