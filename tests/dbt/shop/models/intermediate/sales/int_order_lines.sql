with orders as (
    select * from {{ ref('stg_orders') }}
),

items as (
    select * from {{ ref('stg_order_items') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

lines as (
    select
        items.order_item_id,
        orders.order_id,
        orders.customer_id,
        orders.order_status,
        orders.ordered_at,
        products.category,
        items.quantity,
        items.price,
        items.quantity * items.price as line_total
    from items
    inner join orders on orders.order_id = items.order_id
    left join products on products.product_id = items.product_id
)

select * from lines
