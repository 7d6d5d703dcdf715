-- expect: runtime-only-partition-filter@5
SELECT order_id, customer_id, amount, dt
FROM shop.orders
{% if is_incremental() %}
WHERE dt > (SELECT max(dt) FROM {{ this }})
{% endif %}
