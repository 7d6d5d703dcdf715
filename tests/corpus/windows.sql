-- expect: missing-partition-filter@7
-- A filter over a window passes when the window is per partition key, not otherwise.
SELECT * FROM (
  SELECT order_id, dt, row_number() OVER (PARTITION BY dt ORDER BY amount DESC) AS r FROM shop.orders
) WHERE dt = '2025-06-29' AND r <= 10;
SELECT * FROM (
  SELECT order_id, customer_id, dt, row_number() OVER (PARTITION BY customer_id ORDER BY dt DESC) AS r FROM shop.orders
) WHERE r = 1 AND dt = '2025-06-29';
