-- expect: missing-partition-filter@4
-- A plan is free, its execution is not.
EXPLAIN SELECT sum(amount) FROM shop.orders;
EXPLAIN ANALYZE SELECT sum(amount) FROM shop.orders;
SHOW PARTITIONS shop.orders;
MSCK REPAIR TABLE shop.orders;
