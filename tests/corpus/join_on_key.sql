-- Both sides are limited by the one predicate.
SELECT o.order_id, v.url
FROM shop.orders o
JOIN shop.visits v ON v.user_id = o.customer_id AND v.dt = o.dt
WHERE o.dt = '2025-06-29';
SELECT o.order_id, v.url
FROM shop.orders o
LEFT JOIN shop.visits v ON v.user_id = o.customer_id AND v.dt = o.dt
WHERE o.dt >= date_format(date_trunc('month', current_date), '%Y-%m-%d');
