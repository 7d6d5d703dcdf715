select user_id, event_type, occurred_at
from {{ source('web', 'events') }}
{# the payload is not needed #}
where {{ days_back(7) }}
   or event_type = 'support'
