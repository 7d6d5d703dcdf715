select sku, product_name, list_price
from {{ ref('dim_products', v=2) }}
