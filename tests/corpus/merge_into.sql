-- expect: runtime-only-partition-filter@5
-- The join bounds the target only while the query runs.
MERGE INTO shop.ledger t
USING (SELECT order_id, customer_id, amount, date(dt) AS booked_on FROM shop.orders WHERE dt = '2025-06-29') s
ON t.entry_id = s.order_id AND t.booked_on = s.booked_on
WHEN MATCHED THEN UPDATE SET amount = s.amount
WHEN NOT MATCHED THEN INSERT (entry_id, account, amount, booked_on) VALUES (s.order_id, s.customer_id, s.amount, s.booked_on);
