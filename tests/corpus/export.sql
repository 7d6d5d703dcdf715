-- expect: select-star@3
-- A week of everything; the copies below need every column.
SELECT * FROM shop.visits WHERE dt >= '2025-06-23' ORDER BY visited_at;
UNLOAD (SELECT * FROM shop.visits WHERE dt = '2025-06-29') TO 's3://lake/export/' WITH (format = 'PARQUET');
CREATE TABLE shop.visits_day WITH (format = 'PARQUET') AS SELECT * FROM shop.visits WHERE dt = '2025-06-29';
INSERT INTO shop.visits_day SELECT * FROM shop.visits WHERE dt = '2025-06-28';
CREATE OR REPLACE VIEW shop.recent_visits AS SELECT * FROM shop.visits WHERE dt >= cast(current_date - interval '3' day AS varchar);
SELECT country, count(visit_id) FROM shop.recent_visits GROUP BY country;
