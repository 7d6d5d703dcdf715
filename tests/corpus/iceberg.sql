-- expect: partition-filter-not-pruned@3
-- expect: missing-partition-filter@4
SELECT count(url) FROM shop.clicks WHERE date_format(clicked_at, '%Y%m') = '202506';
SELECT ad_id, count(url) FROM shop.clicks WHERE user_id IS NOT NULL GROUP BY ad_id;
SELECT count(url) FROM shop.clicks WHERE date(clicked_at) BETWEEN DATE '2025-06-01' AND DATE '2025-06-07';
SELECT count(url) FROM shop.clicks WHERE clicked_at >= date_trunc('day', now() - interval '1' day);
SELECT account, sum(amount) FROM shop.ledger WHERE booked_on >= DATE '2025-04-01' GROUP BY account;
SELECT count(url) FROM shop.clicks FOR TIMESTAMP AS OF current_timestamp WHERE clicked_at > now() - interval '2' hour;
DELETE FROM shop.clicks WHERE clicked_at < DATE '2024-01-01';
OPTIMIZE shop.clicks REWRITE DATA USING BIN_PACK WHERE clicked_at >= current_date - interval '2' day;
VACUUM shop.clicks;
CREATE TABLE shop.taps WITH (table_type = 'ICEBERG', is_external = false, location = 's3://lake/curated/taps/', format = 'PARQUET', partitioning = ARRAY['month(tapped_at)'])
AS SELECT url, clicked_at AS tapped_at FROM shop.clicks WHERE clicked_at >= DATE '2025-06-01' AND clicked_at < DATE '2025-07-01';
SELECT count(url) FROM shop.taps WHERE tapped_at >= current_timestamp - interval '7' day;
