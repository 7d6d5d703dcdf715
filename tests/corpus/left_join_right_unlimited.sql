-- expect: missing-partition-filter@4
SELECT o.order_id, count(v.url)
FROM shop.orders o
LEFT JOIN shop.visits v ON v.user_id = o.customer_id
WHERE o.dt = '2025-06-29'
GROUP BY 1;
