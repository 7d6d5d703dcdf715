import awswrangler as wr
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
clicks = spark.read.json("s3://lake/landing/clicks/")
COLUMNS = ["day"]

clicks.write.mode("append").parquet("s3://lake/curated/orders/")
clicks.write.mode("overwrite").saveAsTable("shop.clicks")
clicks.write.partitionBy(*COLUMNS).parquet("s3://lake/raw/clicks/")
clicks.write.format("delta").save("s3://lake/raw/clicks/")
clicks.write.insertInto("shop.clicks")
clicks.write.parquet("s3://lake/raw/clicks/day=2025-06-29/")
wr.s3.to_parquet(frame, "s3://lake/raw/clicks/", dataset=True, mode="overwrite")
