-- Parcels of June that arrived late.
SELECT carrier, count(*) AS parcels
FROM clean.shipments
WHERE date_format(shipped_at, '%Y-%m') = '2025-06'
  AND delivered_at > shipped_at + interval '5' day
GROUP BY carrier;
