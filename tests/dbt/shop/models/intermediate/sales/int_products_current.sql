with latest as (
    {{ house_utils.deduplicate(relation=ref('stg_products'), partition_by='sku', order_by='product_id desc') }}
)

select product_id, sku, product_name, category, list_price
from latest
