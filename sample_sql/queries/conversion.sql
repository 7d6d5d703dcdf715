-- Share of visits with an order, and how it changed against the week before.
WITH visits AS (
  SELECT session_id, customer_id, min(viewed_at) AS started_at
  FROM clean.page_views
  WHERE dt >= date '2025-06-16'
  GROUP BY session_id, customer_id
),
this_week AS (
  SELECT count(*) AS visits, count(customer_id) AS known FROM visits WHERE started_at >= timestamp '2025-06-23 00:00:00'
),
last_week AS (
  SELECT count(*) AS visits, count(customer_id) AS known FROM visits WHERE started_at < timestamp '2025-06-23 00:00:00'
)
SELECT 1e0 * t.known / t.visits AS now, 1e0 * l.known / l.visits AS before
FROM this_week t CROSS JOIN last_week l;
