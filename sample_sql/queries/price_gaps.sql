-- Partner prices against ours, for every pair of goods with a similar name.
SELECT p.sku, o.store_id, p.amount, o.amount
FROM raw.partner_sales p, clean.orders o
WHERE p.dt = '2025-06-29'
  AND o.dt = '2025-06-29';
