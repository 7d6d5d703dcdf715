select
    campaign_id,
    channel,
    starts_on,
    coalesce(ends_on, date '9999-12-31') as ends_on
from {{ source('web', 'campaigns') }}
