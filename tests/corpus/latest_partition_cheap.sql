SELECT status, count(order_id)
FROM shop.orders
WHERE dt >= '2025-06-23' AND dt = (SELECT max(dt) FROM "shop"."orders$partitions")
GROUP BY status;
