select
    product_id,
    sku,
    name as product_name,
    category,
    {{ cents_to_euros('list_price_cents', scale=4) }} as list_price
from {{ source('raw', 'products') }}
where not is_deleted
