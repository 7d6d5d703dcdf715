{{
  config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    partitioned_by=['dt'],
    on_schema_change='sync_all_columns'
  )
}}

with orders as (

    select * from {{ ref('stg_orders') }}
    {% if is_incremental () %}
    where {{ days_back(var('lookback_days')) }}
    {% endif %}

),

customers as (

    select * from {{ ref('stg_customers') }}

)

select
    orders.order_id,
    orders.customer_id,
    customers.country,
    orders.order_status,
    orders.total,
    orders.ordered_at,
    orders.dt
from orders
left join customers on customers.customer_id = orders.customer_id
