"""What a session of Spark reads by SQL."""
import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.enableHiveSupport().getOrCreate()
ORDERS = "shop.orders"

# Every partition of one table, one partition of the other.
spark.sql(f"""
    CREATE OR REPLACE TEMP VIEW open_orders AS
    SELECT customer_id, amount FROM {ORDERS} WHERE status == "open"
""")
totals = spark.sql(
    "SELECT o.customer_id, sum(o.amount) AS amount "
    "FROM open_orders o LEFT JOIN shop.customers c ON o.customer_id = c.customer_id "
    "GROUP BY o.customer_id"
)
spark.sql("INSERT OVERWRITE TABLE shop.daily PARTITION (day) SELECT kind, count(*), day FROM shop.clicks GROUP BY kind, day")
spark.sql("SELECT kind FROM shop.clicks WHERE day = '2025-06-29' LIMIT 10")
# lakelint: ignore[job-reads-whole-table] a rebuild
history = spark.sql("SELECT kind, payload FROM shop.clicks")
spark.sql("SELECT TRANSFORM (kind) USING 'cat' AS (kind) FROM shop.clicks")
spark.sql(f"SELECT kind FROM shop.clicks WHERE {sys.argv[1]}")
again = spark.sql("""
    -- lakelint: ignore[job-reads-whole-table] a rebuild, too
    SELECT payload FROM shop.clicks
""")
