-- The notebook about load times works on one week.
SELECT *
FROM clean.page_views
WHERE dt BETWEEN date '2025-06-16' AND date '2025-06-22';
