-- What declares some tables of the lake. The others are known by their folders alone.

CREATE EXTERNAL TABLE lineitem_day (
  l_orderkey bigint, l_partkey bigint, l_suppkey bigint, l_linenumber bigint, l_quantity decimal(15,2), l_extendedprice decimal(15,2),
  l_discount decimal(15,2), l_tax decimal(15,2), l_returnflag string, l_linestatus string, l_shipdate date, l_commitdate date,
  l_receiptdate date, l_shipinstruct string, l_shipmode string, l_comment string
)
PARTITIONED BY (dt date)
STORED AS PARQUET
LOCATION 's3://lake/lineitem_day/';

CREATE EXTERNAL TABLE lineitem_csv (
  l_orderkey bigint, l_partkey bigint, l_suppkey bigint, l_linenumber bigint, l_quantity decimal(15,2), l_extendedprice decimal(15,2),
  l_discount decimal(15,2), l_tax decimal(15,2), l_returnflag string, l_linestatus string, l_shipdate date, l_commitdate date,
  l_receiptdate date, l_shipinstruct string, l_shipmode string, l_comment string
)
PARTITIONED BY (dt string)
ROW FORMAT DELIMITED FIELDS TERMINATED BY ','
STORED AS TEXTFILE
LOCATION 's3://lake/lineitem_csv/';

CREATE EXTERNAL TABLE lineitem_json (
  l_orderkey bigint, l_partkey bigint, l_suppkey bigint, l_linenumber bigint, l_quantity decimal(15,2), l_extendedprice decimal(15,2),
  l_discount decimal(15,2), l_tax decimal(15,2), l_returnflag string, l_linestatus string, l_shipdate date, l_commitdate date,
  l_receiptdate date, l_shipinstruct string, l_shipmode string, l_comment string
)
PARTITIONED BY (dt string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://lake/lineitem_json/';

CREATE EXTERNAL TABLE lineitem_orc (
  l_orderkey bigint, l_partkey bigint, l_suppkey bigint, l_linenumber bigint, l_quantity decimal(15,2), l_extendedprice decimal(15,2),
  l_discount decimal(15,2), l_tax decimal(15,2), l_returnflag string, l_linestatus string, l_shipdate date, l_commitdate date,
  l_receiptdate date, l_shipinstruct string, l_shipmode string, l_comment string
)
PARTITIONED BY (month string)
STORED AS ORC
LOCATION 's3://lake/lineitem_orc/';

CREATE EXTERNAL TABLE orders_int (
  o_orderkey bigint, o_custkey bigint, o_orderstatus string, o_totalprice decimal(15,2), o_orderdate date, o_orderpriority string,
  o_clerk string, o_shippriority int, o_comment string
)
PARTITIONED BY (year int, month int, day int)
STORED AS PARQUET
LOCATION 's3://lake/orders_int/';

CREATE EXTERNAL TABLE orders_projected (
  o_orderkey bigint, o_custkey bigint, o_orderstatus string, o_totalprice decimal(15,2), o_orderdate date, o_orderpriority string,
  o_clerk string, o_shippriority int, o_comment string
)
PARTITIONED BY (dt string)
STORED AS PARQUET
LOCATION 's3://lake/orders_projected/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.dt.type' = 'date',
  'projection.dt.format' = 'yyyyMMdd',
  'projection.dt.range' = '19950101,19950630'
);

CREATE EXTERNAL TABLE orders_evolved (
  o_orderkey bigint, o_custkey bigint, o_orderstatus string, o_totalprice decimal(15,2), o_orderdate date, o_orderpriority string,
  o_clerk string, o_shippriority int, o_comment string, o_channel string
)
PARTITIONED BY (month string)
STORED AS PARQUET
LOCATION 's3://lake/orders_evolved/';

CREATE EXTERNAL TABLE visits (
  visit_id bigint, visited_at timestamp, path string, status int, sent bigint, referrer string
)
PARTITIONED BY (region string, dt string, hour string)
STORED AS PARQUET
LOCATION 's3://lake/visits/';

CREATE EXTERNAL TABLE profiles (
  id bigint,
  account struct<name:string, plan:string, address:struct<street:string, city:string, zip:int>>,
  tags array<string>,
  attributes map<string, string>,
  items array<struct<sku:bigint, note:string>>,
  balance decimal(15,2)
)
PARTITIONED BY (dt string)
STORED AS PARQUET
LOCATION 's3://lake/profiles/';

CREATE TABLE trades (
  trade_id bigint, venue string, price decimal(15,2), note string, traded_at timestamp
)
PARTITIONED BY (day(traded_at))
LOCATION 's3://lake/trades/'
TBLPROPERTIES ('table_type' = 'ICEBERG', 'format' = 'parquet');

CREATE VIEW recent_quantity AS
SELECT dt, l_returnflag AS flag, l_quantity AS quantity FROM lineitem_dt WHERE dt >= '1995-01-01';

CREATE VIEW march AS
SELECT dt, flag, quantity FROM recent_quantity WHERE dt LIKE '1995-03-%';
