{{ config(materialized='ephemeral') }}

select
    user_id,
    min(occurred_at) as first_seen_at,
    max(occurred_at) as last_seen_at
from {{ ref('stg_events') }}
where {{ sample_in_dev() }}
group by user_id
