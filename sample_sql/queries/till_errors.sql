-- Tills that reported errors yesterday, in any store.
SELECT store_id, till, count(*) AS errors
FROM clean.till_events
WHERE dt = '2025-06-29' AND kind = 'error'
GROUP BY store_id, till;
