import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME"])
glue_context = GlueContext(SparkContext.getOrCreate())
spark = glue_context.spark_session
job = Job(glue_context)
job.init(args["JOB_NAME"], args)

DATABASE = "shop"

orders = glue_context.create_dynamic_frame.from_catalog(
    database=DATABASE,
    table_name="orders",
    transformation_ctx="orders",
)
events = glue_context.create_dynamic_frame.from_catalog(database=DATABASE, table_name="events")
# lakelint: ignore[job-reads-whole-table] the history is rebuilt
history = glue_context.create_dynamic_frame.from_catalog(database=DATABASE, table_name="events")
narrow = glue_context.create_dynamic_frame.from_catalog(
    database=DATABASE, table_name="events", push_down_predicate="dt = '2025-06-29'"
)
customers = spark.read.format("jdbc").option("dbtable", "crm.customers").load()

open_orders = spark.sql("SELECT order_id, dt FROM shop.orders")
late = spark.sql(f"SELECT order_id FROM shop.orders WHERE dt = '{args['day']}'")

open_orders.repartition(1).write.mode("overwrite").partitionBy("dt", "order_id").csv("s3://lake/curated/open/")
late.write.mode("overwrite").json(f"s3://{args['bucket']}/exports/late/")
glue_context.write_dynamic_frame.from_options(
    frame=narrow,
    connection_type="s3",
    connection_options={"path": "s3://lake/clean/events/", "partitionKeys": ["event_id"]},
    format="json",
)
