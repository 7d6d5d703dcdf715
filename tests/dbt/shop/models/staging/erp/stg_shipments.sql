{{ config(
    materialized = 'incremental',
    incremental_strategy = 'append',
    partitioned_by = ['dt']
) }}

select
    shipment_id,
    order_id,
    carrier,
    cast(shipped_at as timestamp) as shipped_at,
    dt
from {{ source('warehouse', 'shipments') }}
where dt >= '{{ var("start_date") }}'
