-- Different partitions of one table share nothing.
WITH t AS (SELECT country, count(visit_id) AS n FROM shop.visits WHERE dt = '2025-06-29' GROUP BY country),
     y AS (SELECT country, count(visit_id) AS n FROM shop.visits WHERE dt = '2025-06-28' GROUP BY country)
SELECT t.country, t.n, y.n FROM t JOIN y ON t.country = y.country;
