-- expect: missing-partition-filter@6
-- A view reads nothing by itself; the query that uses it does, and is the place to add a filter.
CREATE VIEW shop.paid AS SELECT order_id, customer_id, amount, dt FROM shop.orders WHERE status = 'paid';
CREATE VIEW shop.big AS SELECT * FROM shop.paid WHERE amount > 100;
SELECT sum(amount) FROM shop.big WHERE dt >= '2025-06-01';
SELECT customer_id, sum(amount) FROM shop.big GROUP BY customer_id;
