select
    order_id,
    {{ house_utils.pivot('kind', payment_kinds(), agg='sum', then_value='amount', suffix='_amount') }}
from {{ ref('stg_payments') }}
where {{ days_back(7) }}
group by order_id
