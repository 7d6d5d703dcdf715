{{ config(materialized='ephemeral') }}

select product_id, warehouse, stock, dt
from {{ source('warehouse', 'inventory') }}
