{{
    config(
        materialized='incremental',
        incremental_strategy='insert_overwrite',
        partitioned_by=['dt'],
        force_batch=true,
        s3_data_naming='schema_table_unique'
    )
}}

select
    product_id,
    sum(stock) as stock,
    count(distinct warehouse) as warehouses,
    dt
from {{ ref('stg_inventory') }}
{% if is_incremental() %}
where dt >= '{{ (modules.datetime.date(2025, 6, 30) - modules.datetime.timedelta(days=var("lookback_days"))).isoformat() }}'
{% else %}
where dt >= '{{ var("start_date") }}'
{% endif %}
group by product_id, dt
