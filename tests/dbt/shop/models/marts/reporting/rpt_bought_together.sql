select
    a.category as category,
    b.category as other_category,
    count(*) as orders
from {{ ref('int_order_lines') }} as a
cross join {{ ref('int_order_lines') }} as b
where a.category < b.category
group by 1, 2
