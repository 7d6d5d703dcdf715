select
    product_id,
    sum(quantity) as sold
from {{ ref('stg_order_items') }}
where dt >= '{{ var("start_date") }}'
group by product_id
