select
    dt,
    event_type,
    count(*) as events,
    approx_distinct(user_id) as users
from {{ ref('stg_events') }}
group by 1, 2
