{%- set kinds = payment_kinds() -%}
{%- set extra = [] -%}
{%- do extra.append('refund') -%}

with payments as (
    select * from {{ ref('stg_payments') }}
    where {{ days_back(30) }}
)

select
    order_id,
    {% for kind in kinds + extra -%}
    sum(case when kind = '{{ kind }}' then amount else 0 end) as {{ kind }}_amount,
    {% endfor -%}
    sum(amount) as total_amount
from payments
{{ house_utils.group_by(1) }}
