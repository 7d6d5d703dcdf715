-- expect: or-defeats-pruning@4
SELECT count(visit_id)
FROM shop.visits
WHERE (dt >= '2025-06-01' AND country = 'DE' OR country = 'AT')
  AND duration > 10;
