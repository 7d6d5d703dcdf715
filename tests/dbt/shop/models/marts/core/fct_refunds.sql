select
    refunds.refund_id,
    refunds.order_id,
    {{ cents_to_euros('refunds.amount_cents') }} as amount,
    refunds.dt
from {{ source('raw', 'refunds') }} as refunds
where {{ days_back(30, 'refunds.dt') }}
