-- Events of one day, from the raw layer, because the clean one is late today.
SELECT event_name, count(*) AS events
FROM raw.app_events
WHERE year = '2025' AND month = '06' AND day = '29'
GROUP BY event_name;

-- The same for a date that the analyst types in.
SELECT event_name, count(*) AS events
FROM raw.app_events
WHERE concat(year, '-', month, '-', day) = '2025-06-28'
GROUP BY event_name;
