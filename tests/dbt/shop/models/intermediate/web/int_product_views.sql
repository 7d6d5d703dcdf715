{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    partitioned_by=['dt'],
) }}

with events as (
    select * from {{ ref('stg_events') }}
    {{ only_new() }}
)

select
    product_id,
    count(*) as views,
    sum(duration) as seconds,
    dt
from events
where event_type = 'product_view'
group by product_id, dt
