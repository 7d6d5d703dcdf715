select
    orders.country,
    count(*) as open_lines
from {{ ref('int_order_lines') }} as lines, {{ ref('int_orders_enriched') }} as orders
where {{ days_back(7, 'orders.dt') }}
  and lines.order_status = 'open'
group by orders.country
