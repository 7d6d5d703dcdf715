select
    order_id,
    sum(amount) as refunded,
    max(refunded_at) as last_refund_at
from {{ ref('stg_refunds') }}
where {{ days_back(90) }}
group by order_id
