-- expect: missing-partition-filter@4
-- A date of the data that has nothing to do with the partitions.
SELECT c.name, sum(o.amount)
FROM shop.orders o JOIN shop.customers c ON c.customer_id = o.customer_id
WHERE c.birth_date >= DATE '2000-01-01'
GROUP BY c.name;
