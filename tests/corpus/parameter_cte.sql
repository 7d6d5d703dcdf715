-- Parameters kept in a CTE.
WITH params AS (
  SELECT DATE '2025-06-01' AS since, DATE '2025-06-29' AS until
)
SELECT sum(o.amount)
FROM shop.orders o CROSS JOIN params p
WHERE date(o.dt) BETWEEN p.since AND p.until;

WITH bounds AS (SELECT cast(current_date - interval '7' day AS varchar) AS first_day)
SELECT sum(amount) FROM shop.orders WHERE dt >= (SELECT first_day FROM bounds);
