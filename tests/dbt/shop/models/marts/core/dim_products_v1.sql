select product_id, sku, product_name from {{ ref('int_products_current') }}
