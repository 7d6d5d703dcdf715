-- expect: unbounded-date-range@4
-- expect: missing-partition-filter@6
-- A bucket narrows to one user's files, over all days; a data column narrows nothing.
SELECT url, clicked_at FROM shop.clicks WHERE user_id = 'u-17';
-- A table without a filter on a key:
SELECT url FROM shop.visits WHERE user_id = 'u-17';
