-- name: returns of june
SELECT r.reason, count(*) AS returns, sum(o.total) AS total
FROM shop_prod.returns r
JOIN shop_prod.orders o ON o.order_id = r.order_id
WHERE o.dt BETWEEN '2025-06-01' AND '2025-06-30'
GROUP BY r.reason;

-- name: orders of a customer of one country
SELECT o.*
FROM shop_prod.orders o
JOIN shop_prod.customers c ON c.customer_id = o.customer_id
WHERE c.country = 'CH';
