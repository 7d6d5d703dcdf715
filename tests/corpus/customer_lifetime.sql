-- expect: missing-partition-filter@5
-- The whole history, every day.
WITH paid AS (
  SELECT customer_id, amount
  FROM shop.orders
  WHERE status = 'paid'
)
SELECT c.name, sum(p.amount) AS lifetime
FROM paid p
JOIN shop.customers c ON c.customer_id = p.customer_id
GROUP BY c.name
HAVING sum(p.amount) > 1000;
