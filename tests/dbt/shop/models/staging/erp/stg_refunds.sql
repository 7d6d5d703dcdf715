{{ config(materialized='ephemeral') }}

select refund_id, order_id, {{ cents_to_euros('amount_cents') }} as amount, refunded_at, dt
from {{ source('raw', 'refunds') }}
