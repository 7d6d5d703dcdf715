-- expect: missing-partition-filter@11
-- Each place needs its own filter.
SELECT c.name, (SELECT max(o.amount) FROM shop.orders o WHERE o.customer_id = c.customer_id AND o.dt >= '2025-06-01') AS best
FROM shop.customers c
WHERE EXISTS (SELECT 1 FROM shop.visits v WHERE v.user_id = c.customer_id AND v.dt = '2025-06-29')
  AND c.customer_id NOT IN (SELECT customer_id FROM shop.orders WHERE dt = '2025-06-28' AND status = 'fraud');

SELECT c.name
FROM shop.customers c
WHERE NOT EXISTS (
  SELECT 1 FROM shop.orders o WHERE o.customer_id = c.customer_id);
