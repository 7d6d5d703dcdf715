select sessions.session_key
from {{ ref('int_sessions') }} as sessions
left join {{ ref('stg_events') }} as events on events.session_key = sessions.session_key
where events.event_id is null
