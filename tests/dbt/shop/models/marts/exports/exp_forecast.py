def model(dbt, spark_session):
    dbt.config(materialized="table", timeout=900, engine_config={"MaxConcurrentDpus": 8})
    orders = dbt.ref("fct_orders")
    return orders.groupBy("country").count()
