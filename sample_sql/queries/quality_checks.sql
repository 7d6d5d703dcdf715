-- Runs every morning, before the dashboards refresh. Each statement must return no rows.

-- Orders of yesterday without an amount.
SELECT order_id
FROM clean.orders
WHERE dt = date_format(current_date - interval '1' day, '%Y-%m-%d')
  AND (amount IS NULL OR amount < 0);

-- Orders that were loaded twice yesterday.
SELECT order_id, count(*) AS copies
FROM clean.orders
WHERE cast(dt AS date) = current_date - interval '1' day
GROUP BY order_id
HAVING count(*) > 1;

-- Bots that the filter missed yesterday.
SELECT user_agent, count(*) AS views
FROM clean.page_views
WHERE dt = current_date - interval '1' day
  AND NOT is_bot
GROUP BY user_agent
HAVING count(*) > 1000000;
