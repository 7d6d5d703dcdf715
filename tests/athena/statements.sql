-- Writing, maintenance and the rest.
INSERT INTO lake.daily SELECT dt, count(*) FROM lake.events WHERE dt = '2024-05-01' GROUP BY dt;
INSERT INTO lake.daily (dt, n) VALUES ('2024-05-01', 1), ('2024-05-02', 2);
INSERT INTO lake.daily WITH x AS (SELECT 1 AS a) SELECT a FROM x;
CREATE TABLE lake.daily WITH (format = 'PARQUET', write_compression = 'ZSTD', partitioned_by = ARRAY['dt'], bucketed_by = ARRAY['id'],
  bucket_count = 8, external_location = 's3://lake/daily/') AS SELECT id, count(*) AS n, dt FROM lake.events GROUP BY id, dt;
CREATE TABLE IF NOT EXISTS lake.iceberg_daily WITH (table_type = 'ICEBERG', is_external = false, location = 's3://lake/i/',
  partitioning = ARRAY['day(ts)', 'bucket(id, 16)']) AS SELECT * FROM lake.events WITH NO DATA;
CREATE TABLE lake.copy AS (WITH a AS (SELECT 1 AS x) SELECT * FROM a) WITH DATA;
CREATE OR REPLACE VIEW lake.v AS SELECT a, b FROM lake.t WHERE dt > '2024-01-01';
CREATE VIEW v (a, b) COMMENT 'two columns' AS SELECT 1, 2;
CREATE OR REPLACE VIEW v SECURITY INVOKER AS SELECT * FROM t;
UNLOAD (SELECT * FROM lake.events WHERE dt = '2024-05-01') TO 's3://out/x/' WITH (format = 'PARQUET', compression = 'SNAPPY', partitioned_by = ARRAY['dt']);
UNLOAD (SELECT ')' FROM t) TO 's3://out/y/';
MERGE INTO lake.users AS t USING (SELECT * FROM lake.changes WHERE dt = '2024-05-01') AS s ON t.id = s.id
WHEN MATCHED AND s.deleted THEN DELETE WHEN MATCHED THEN UPDATE SET name = s.name, age = s.age
WHEN NOT MATCHED THEN INSERT (id, name) VALUES (s.id, s.name);
DELETE FROM lake.users WHERE id IN (SELECT id FROM lake.gone);
UPDATE lake.users SET name = 'x', age = age + 1 WHERE id = 5;
OPTIMIZE lake.users REWRITE DATA USING BIN_PACK;
OPTIMIZE lake.users REWRITE DATA USING BIN_PACK WHERE dt > '2024-01-01' AND category = 'a';
VACUUM lake.users;
PREPARE q FROM SELECT * FROM lake.events WHERE dt = ? AND user_id = ?;
EXECUTE q USING '2024-05-01', 5;
EXECUTE IMMEDIATE 'SELECT 1 WHERE 1 = ?' USING 1;
DEALLOCATE PREPARE q;
EXPLAIN SELECT * FROM lake.events;
EXPLAIN ANALYZE VERBOSE SELECT count(*) FROM lake.events WHERE dt = '2024-05-01';
EXPLAIN (TYPE DISTRIBUTED, FORMAT JSON) SELECT 1;
EXPLAIN ANALYZE (FORMAT JSON) SELECT 1;
EXPLAIN (SELECT 1);
SHOW PARTITIONS lake.events;
SHOW CREATE TABLE `lake`.`events`;
SHOW TABLES IN lake '*events*';
DESCRIBE FORMATTED lake.events PARTITION (dt = '2024-05-01');
MSCK REPAIR TABLE lake.events;
ALTER TABLE lake.events ADD IF NOT EXISTS PARTITION (dt = '2024-05-01') LOCATION 's3://lake/events/2024/05/01/'
  PARTITION (dt = '2024-05-02') LOCATION 's3://lake/events/2024/05/02/';
ALTER TABLE lake.events DROP IF EXISTS PARTITION (dt < '2023-01-01');
ALTER TABLE lake.events SET TBLPROPERTIES ('projection.enabled' = 'true', 'comment' = 'it\'s; fine');
ALTER TABLE lake.events ADD COLUMNS (a int, b struct<x:int>);
DROP TABLE IF EXISTS lake.old;
DROP VIEW lake.v;
CREATE DATABASE IF NOT EXISTS lake COMMENT 'x' LOCATION 's3://lake/' WITH DBPROPERTIES ('a' = 'b');
CREATE SCHEMA lake2;
SET SESSION x = 'y';
USE lake;
GRANT SELECT ON lake.events TO someone;
