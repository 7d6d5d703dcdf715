-- expect: missing-partition-filter@7
SELECT day, sum(n) FROM (
  SELECT dt AS day, count(order_id) AS n FROM shop.orders GROUP BY dt
  UNION ALL
  SELECT dt AS day, count(visit_id) AS n FROM shop.visits GROUP BY dt
) WHERE day >= '2025-06-01' GROUP BY day;
SELECT 'o' AS kind, count(order_id) AS n FROM shop.orders WHERE status = 'open'
UNION ALL
SELECT 'v', count(visit_id) FROM shop.visits WHERE dt = '2025-06-29';
