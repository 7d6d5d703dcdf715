-- expect: runtime-only-partition-filter@5
-- expect: runtime-only-partition-filter@7
-- expect: runtime-only-partition-filter@8
-- The newest month of an Iceberg table, found by a narrow column; days from a list.
SELECT account, amount FROM shop.ledger WHERE booked_on = (SELECT max(booked_on) FROM shop.ledger);
SELECT d.day, sum(o.amount)
FROM (VALUES '2025-06-28', '2025-06-29') AS d (day) JOIN shop.orders o ON o.dt = d.day GROUP BY d.day;
SELECT sum(amount) FROM shop.orders WHERE dt IN (SELECT day FROM (VALUES '2025-06-28', '2025-06-29') AS d (day));
SELECT sum(amount) FROM shop.orders WHERE dt IN ('2025-06-28', '2025-06-29');
