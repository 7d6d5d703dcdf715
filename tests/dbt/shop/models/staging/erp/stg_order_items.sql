with source as (
    select * from {{ source('raw', 'order_items') }}
)

select
    {{ house_utils.surrogate_key(['order_id', 'line_number']) }} as order_item_id,
    order_id,
    product_id,
    quantity,
    {{ cents_to_euros('price_cents') }} as price,
    dt
from source
