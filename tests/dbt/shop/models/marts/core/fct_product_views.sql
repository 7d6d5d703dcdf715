{{ config(partitioned_by=['dt']) }}

select
    views.product_id,
    products.category,
    views.views,
    views.seconds,
    views.dt
from (
    select product_id, count(*) as views, sum(duration) as seconds, dt
    from {{ ref('stg_events') }}
    where event_type = 'product_view'
    group by product_id, dt
) as views
left join {{ ref('int_products_current') }} as products on products.product_id = views.product_id
