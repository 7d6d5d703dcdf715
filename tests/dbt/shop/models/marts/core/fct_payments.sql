{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        partitioned_by=['dt']
    )
}}

select payment_id, order_id, kind, amount, dt
from {{ ref('stg_payments') }}
{%- if is_incremental() %}
where dt > (select max(dt) from {{ this }})
{%- endif %}
