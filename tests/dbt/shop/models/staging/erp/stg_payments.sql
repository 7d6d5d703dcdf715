{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        format='parquet',
        partitioned_by=['dt'],
        tags=['payments']
    )
}}

select
    payment_id,
    order_id,
    kind,
    {{ cents_to_euros('amount_cents') }} as amount,
    paid_at,
    dt
from {{ source('raw', 'payments') }}
{% if is_incremental() -%}
where dt > date_format(current_date - interval '{{ var("lookback_days") }}' day, '%Y-%m-%d')
  and dt < date_format(current_date, '%Y-%m-%d')
{%- endif %}
