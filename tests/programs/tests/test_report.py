import awswrangler as wr

wr.athena.read_sql_query("SELECT * FROM shop.orders", database="shop")
