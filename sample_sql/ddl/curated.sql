-- The curated layer: what dashboards, finance and the data scientists query.

CREATE EXTERNAL TABLE curated.daily_sales (
  store_id  int,
  currency  string,
  orders    bigint,
  revenue   decimal(18, 2)
)
PARTITIONED BY (dt string)
STORED AS PARQUET
LOCATION 's3://kiosk-lake/curated/daily_sales/';

-- Marketing asked for something that opens in a spreadsheet.
CREATE EXTERNAL TABLE curated.customer_segments (
  customer_id  string,
  segment      string,
  score        double
)
PARTITIONED BY (dt string)
ROW FORMAT DELIMITED FIELDS TERMINATED BY ','
LOCATION 's3://kiosk-lake/curated/customer_segments/';

-- Everything that is known about a customer, rebuilt each night.
CREATE EXTERNAL TABLE curated.customer_360 (
  customer_id     string,
  email_hash      string,
  first_order_at  timestamp,
  last_order_at   timestamp,
  orders          bigint,
  revenue         decimal(18, 2),
  segment         string,
  features        array<double>
)
STORED AS PARQUET
LOCATION 's3://kiosk-lake/curated/customer_360/';

CREATE EXTERNAL TABLE curated.exchange_rates (
  currency  string,
  rate      double
)
PARTITIONED BY (dt string)
STORED AS PARQUET
LOCATION 's3://kiosk-lake/curated/exchange_rates/';

CREATE EXTERNAL TABLE curated.sales_targets (
  store_id  int,
  month     string,
  target    decimal(18, 2)
)
STORED AS PARQUET
LOCATION 's3://kiosk-lake/curated/sales_targets/';

-- Orders in one currency.
CREATE OR REPLACE VIEW curated.orders_in_euro AS
SELECT o.order_id, o.customer_id, o.store_id, o.amount / r.rate AS amount_eur, o.dt
FROM clean.orders o
JOIN curated.exchange_rates r ON r.currency = o.currency AND r.dt = o.dt
WHERE o.status <> 'cancelled';
