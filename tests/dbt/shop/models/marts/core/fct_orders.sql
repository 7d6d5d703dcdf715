{{
    config(
        materialized='incremental',
        table_type='iceberg',
        incremental_strategy='merge',
        unique_key='order_id',
        incremental_predicates=["target.ordered_at >= date_add('day', -3, current_timestamp)"],
        partitioned_by=['month(ordered_at)']
    )
}}

with orders as (
    select * from {{ ref('int_orders_enriched') }}
    {{ only_new('dt') }}
),

refunds as (
    select * from {{ ref('int_refunds_by_order') }}
)

select
    orders.order_id,
    orders.customer_id,
    orders.country,
    orders.total,
    coalesce(refunds.refunded, 0) as refunded,
    orders.total - coalesce(refunds.refunded, 0) as net_total,
    orders.ordered_at
from orders
left join refunds on refunds.order_id = orders.order_id
