-- expect: injected-key-without-filter@3
-- expect: injected-key-without-filter@4
SELECT avg(value) FROM raw.metrics WHERE ds BETWEEN 20250601 AND 20250629;
SELECT avg(value) FROM raw.metrics WHERE device IN (SELECT customer_id FROM shop.customers) AND ds = 20250629;
SELECT avg(value) FROM raw.metrics WHERE device IN ('a', 'b') AND ds >= 20250601;
