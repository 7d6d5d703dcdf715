from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
orders = spark.read.parquet("s3://lake/curated/orders/")
orders.groupBy("customer_id").sum("amount").write.parquet("s3://lake/curated/customers/")
