from airflow.providers.amazon.aws.operators.athena import AthenaOperator
import psycopg2

cursor = psycopg2.connect("").cursor()
cursor.execute("SELECT id, name FROM crm.customers")

load = AthenaOperator(
    task_id="load",
    query="""
        INSERT INTO shop.orders
        SELECT order_id, customer_id, amount, status, dt FROM shop.events
        WHERE dt = '{{ ds }}' AND at > TIMESTAMP '2025-01-01 00:00:00'
    """,
    database="shop",
)

broken = AthenaOperator(task_id="broken", query="SELECT amount, FROM WHERE shop.orders", database="shop")
open_end = AthenaOperator(task_id="open", query=f"SELECT amount FROM shop.orders {a} = {b}", database="shop")
