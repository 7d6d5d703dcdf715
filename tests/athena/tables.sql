-- Table definitions.
CREATE EXTERNAL TABLE IF NOT EXISTS lake.events (
  `event_id` string,
  `user_id` bigint COMMENT 'the user\'s id; unique',
  properties map<string,string>,
  context struct<page:struct<url:string,tags:array<string>>,ip:string>,
  amount decimal(12,2)
)
COMMENT 'raw events'
PARTITIONED BY (`dt` string COMMENT 'day', `hour` int)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
WITH SERDEPROPERTIES ('ignore.malformed.json' = 'true', 'mapping.ts' = 'timestamp')
LOCATION 's3://lake/raw/events/'
TBLPROPERTIES ('projection.enabled'='true', 'projection.dt.type'='date', 'projection.dt.format'='yyyy-MM-dd',
  'projection.dt.range'='2020-01-01,NOW', 'projection.hour.type'='integer', 'projection.hour.range'='0,23',
  'storage.location.template'='s3://lake/raw/events/${dt}/${hour}/');
CREATE EXTERNAL TABLE csv (a string, b int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' ESCAPED BY '\\'
  COLLECTION ITEMS TERMINATED BY '\002' MAP KEYS TERMINATED BY '\003' LINES TERMINATED BY '\n' NULL DEFINED AS ''
  STORED AS TEXTFILE LOCATION 's3://lake/csv/' TBLPROPERTIES ('skip.header.line.count'='1');
CREATE EXTERNAL TABLE quoted (`order` string, "select" string) ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
  WITH SERDEPROPERTIES ("separatorChar" = ",", "quoteChar" = "\"", "escapeChar" = "\\") LOCATION 's3://lake/quoted/';
CREATE EXTERNAL TABLE p (id int) PARTITIONED BY (year string, month string)
CLUSTERED BY (id) INTO 16 BUCKETS
STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'
LOCATION 's3://lake/p' TBLPROPERTIES ("parquet.compress"="SNAPPY", 'has_encrypted_data'='false');
CREATE TABLE iceberg (id bigint, ts timestamp, category string, data string)
PARTITIONED BY (category, bucket(16, id), day(ts), truncate(8, data))
LOCATION 's3://lake/iceberg/' TBLPROPERTIES ('table_type' = 'ICEBERG', 'format' = 'parquet', 'write_compression' = 'zstd');
CREATE EXTERNAL TABLE logs (line string) ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'
WITH SERDEPROPERTIES ('input.regex' = '^(?!#)([0-9-]+)\\s+(\"[^\"]*\"|\\S+)$') LOCATION 's3://lake/logs/';
CREATE EXTERNAL TABLE `2024_orders` (1st string, total double,) STORED AS ORC LOCATION 's3://lake/2024/';
CREATE TABLE trino (a varchar(20), b timestamp(6) with time zone NOT NULL COMMENT 'x', dt varchar)
COMMENT 'y' WITH (format = 'ORC', partitioned_by = ARRAY['dt'], external_location = 's3://lake/trino/');
CREATE EXTERNAL TABLE ${db}.t_${env} (a int) PARTITIONED BY (dt string) STORED AS PARQUET LOCATION '${bucket}/t/';
