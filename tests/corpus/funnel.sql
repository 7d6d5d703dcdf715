-- expect: repeated-scan@4
-- A CTE is read anew at every use.
WITH week AS (
  SELECT user_id, url, visited_at FROM shop.visits WHERE dt BETWEEN '2025-06-23' AND '2025-06-29'
), landed AS (
  SELECT user_id, min(visited_at) AS at FROM week WHERE url = '/' GROUP BY user_id
), bought AS (
  SELECT user_id, min(visited_at) AS at FROM week WHERE url LIKE '/checkout%' GROUP BY user_id
)
SELECT count(l.user_id) AS landed, count(b.user_id) AS bought
FROM landed l LEFT JOIN bought b ON b.user_id = l.user_id AND b.at > l.at;
