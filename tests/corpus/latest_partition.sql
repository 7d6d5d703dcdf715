-- expect: runtime-only-partition-filter@4
SELECT status, count(order_id)
FROM shop.orders
WHERE dt = (SELECT max(dt) FROM shop.orders)
GROUP BY status;
