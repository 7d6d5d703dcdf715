-- expect: limit-without-filter@3
-- expect: limit-without-filter@4
SELECT * FROM shop.visits LIMIT 10;
SELECT message FROM raw.logs LIMIT 100;
SELECT * FROM shop.countries LIMIT 10;
SELECT * FROM shop.orders WHERE dt = '2025-06-29' LIMIT 10;
