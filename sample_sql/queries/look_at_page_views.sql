-- What does the data look like?
SELECT *
FROM clean.page_views
LIMIT 10;
