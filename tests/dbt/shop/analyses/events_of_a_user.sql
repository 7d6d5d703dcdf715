-- Who asked for their data.
select *
from {{ ref('stg_events') }}
where user_id = '{{ var("user_id", "u-1") }}'
