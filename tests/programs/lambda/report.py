"""Daily report.

SELECT * FROM shop.orders is what it starts from.
"""
import logging
import os

import awswrangler as wr
import boto3

athena = boto3.client("athena")
log = logging.getLogger(__name__)

ORDERS = "shop.orders"
DATABASE = "shop"


def revenue():
    query = f"""
        SELECT status, sum(amount) AS revenue
        FROM {ORDERS}
        GROUP BY status
    """
    log.info(f"SELECT running {query}")
    return wr.athena.read_sql_query(query, database=DATABASE)


def of_day(day):
    return wr.athena.read_sql_query(
        sql=f"SELECT order_id, amount FROM orders WHERE dt = '{day}'",
        database="shop",
    )


def latest():
    athena.start_query_execution(
        QueryString="SELECT customer_id, \"amount\" FROM orders "
        "WHERE status = \'open\'",
        QueryExecutionContext={"Database": "shop"},
    )


def narrowed(where=None):
    query = "SELECT order_id FROM shop.orders"
    if where:
        query += " WHERE " + where
    return wr.athena.read_sql_query(query, database=DATABASE)


def joined(extra):
    sql = "SELECT o.amount, c.name FROM {db}.orders o JOIN {db}.customers c USING (customer_id) {where}"
    return run(sql.format(db=DATABASE, where=extra))


def by_hour(table):
    # lakelint: ignore[missing-partition-filter] all of it is wanted
    everything = "SELECT kind, count(*) AS events FROM shop.events GROUP BY kind"
    last = """
        -- lakelint: ignore[missing-partition-filter] a small copy
        SELECT kind FROM shop.events
    """
    return run(everything), run(last), run("SELECT a FROM " + os.environ["DB"] + "." + table)


def of_environment():
    return run(f"SELECT kind FROM {os.environ['DB']}.events WHERE kind = '{os.environ['KIND']}'")


def run(sql):
    """Select the rows of a statement from Athena."""
    if not sql:
        raise ValueError("SELECT nothing FROM nowhere")
    print("Select a statement from the list (or none)")
    return athena.start_query_execution(QueryString=sql)
