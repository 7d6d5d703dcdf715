-- expect: missing-partition-filter@5
-- expect: missing-partition-filter@7
CREATE TABLE shop.buyers WITH (format = 'PARQUET') AS
SELECT customer_id, min(ordered_at) AS first_order
FROM shop.orders GROUP BY customer_id;
INSERT INTO shop.buyers
SELECT customer_id, max(ordered_at) FROM shop.orders GROUP BY customer_id;
