{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

select
    session_key,
    user_id,
    min(occurred_at) as started_at,
    max(occurred_at) as ended_at,
    count(*) as events,
    dt
from {{ ref('stg_events') }}
{%- if is_incremental() %}
where {{ days_back(1) }}
{%- endif %}
group by session_key, user_id, dt
