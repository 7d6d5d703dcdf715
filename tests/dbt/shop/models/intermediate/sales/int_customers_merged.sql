{{
    config(
        materialized='incremental',
        table_type='iceberg',
        incremental_strategy='merge',
        unique_key='customer_id',
        update_condition='src.updated_at > target.updated_at',
        partitioned_by=['bucket(customer_id, 16)']
    )
}}

with customers as (
    select * from {{ ref('stg_customers') }}
),

orders as (
    select customer_id, max(ordered_at) as last_order_at, max(dt) as dt
    from {{ ref('int_orders_enriched') }}
    where {{ days_back(7) }}
    group by customer_id
)

select
    customers.customer_id,
    customers.email,
    customers.country,
    orders.last_order_at,
    cast(current_timestamp as timestamp(6)) as updated_at
from customers
inner join orders on orders.customer_id = customers.customer_id
