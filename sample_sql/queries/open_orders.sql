-- What the service desk looks at: orders of yesterday, and whatever is still open.
SELECT order_id, customer_id, status, amount
FROM clean.orders
WHERE dt = '2025-06-29' OR status = 'open';
