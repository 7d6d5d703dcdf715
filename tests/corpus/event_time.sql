-- expect: filter-on-event-time-only@4
SELECT date(visited_at) AS day, count(DISTINCT user_id)
FROM shop.visits
WHERE visited_at >= date_add('day', -30, now())
GROUP BY 1;
