-- Which campaigns bring visitors? For the marketing review on Monday.
SELECT campaign, approx_distinct(session_id) AS visits
FROM clean.page_views
GROUP BY campaign
ORDER BY visits DESC;
