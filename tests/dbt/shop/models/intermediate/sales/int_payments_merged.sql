{{
    config(
        materialized='incremental',
        table_type='iceberg',
        incremental_strategy='merge',
        unique_key=['payment_id'],
        incremental_predicates=["target.paid_at >= current_timestamp - interval '3' day"],
        partitioned_by=['day(paid_at)'],
        force_batch=true,
        partitions_limit=50
    )
}}

select payment_id, order_id, kind, amount, paid_at
from {{ ref('stg_payments') }}
{{ only_new() }}
