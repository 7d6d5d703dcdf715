SELECT page, count(*) AS clicks
FROM clicks
WHERE clicked_at > current_timestamp - interval '6' hour
GROUP BY page
ORDER BY clicks DESC;
