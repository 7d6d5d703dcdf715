-- expect: missing-partition-filter@5
-- A bucket is there to look one user up over all days; a data column narrows nothing.
SELECT url, clicked_at FROM shop.clicks WHERE user_id = 'u-17';
-- A table without a filter on a key:
SELECT url FROM shop.visits WHERE user_id = 'u-17';
