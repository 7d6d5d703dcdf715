select hour(ordered_at) as hour, count(*) as orders
from {{ ref('int_orders_enriched') }}
where dt = date_format(current_date - interval '1' day, '%Y-%m-%d')
group by 1
