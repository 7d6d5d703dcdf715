-- What the services write, as SHOW CREATE TABLE tells it.
CREATE EXTERNAL TABLE raw.orders (
  order_id string, customer_id string, status string, total_cents bigint, ordered_at timestamp, loaded_at timestamp
)
PARTITIONED BY (dt string)
STORED AS PARQUET
LOCATION 's3://shop-lake/raw/orders/';

CREATE EXTERNAL TABLE raw.order_items (
  order_id string, line_number int, product_id string, quantity int, price_cents bigint, loaded_at timestamp
)
PARTITIONED BY (dt string)
STORED AS PARQUET
LOCATION 's3://shop-lake/raw/order_items/';

CREATE EXTERNAL TABLE raw.customers (customer_id string, email string, country string, created_at timestamp, loaded_at timestamp)
STORED AS PARQUET
LOCATION 's3://shop-lake/raw/customers/';

CREATE EXTERNAL TABLE raw.products (
  product_id string, sku string, name string, category string, list_price_cents bigint, is_deleted boolean, loaded_at timestamp
)
STORED AS PARQUET
LOCATION 's3://shop-lake/raw/products/';

CREATE EXTERNAL TABLE raw.payments_v2 (
  payment_id string, order_id string, kind string, amount_cents bigint, paid_at timestamp, loaded_at timestamp
)
PARTITIONED BY (dt string)
STORED AS PARQUET
LOCATION 's3://shop-lake/raw/payments_v2/';

CREATE EXTERNAL TABLE raw.refunds (refund_id string, order_id string, amount_cents bigint, refunded_at timestamp)
PARTITIONED BY (dt string)
STORED AS PARQUET
LOCATION 's3://shop-lake/raw/refunds/';

CREATE EXTERNAL TABLE raw.events (
  event_id string, user_id string, event_type string, payload string, occurred_at timestamp
)
PARTITIONED BY (dt string)
STORED AS PARQUET
LOCATION 's3://shop-lake/raw/events/';

CREATE EXTERNAL TABLE raw.campaigns_json (campaign_id string, channel string, starts_on date, ends_on date)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://shop-lake/raw/campaigns/';

CREATE EXTERNAL TABLE raw.shipments (shipment_id string, order_id string, carrier string, shipped_at string)
PARTITIONED BY (dt string)
STORED AS PARQUET
LOCATION 's3://shop-lake/raw/shipments/';

CREATE EXTERNAL TABLE raw.inventory_snapshots (product_id string, warehouse string, stock bigint)
PARTITIONED BY (dt string)
STORED AS PARQUET
LOCATION 's3://shop-lake/raw/inventory_snapshots/';

-- What the last run built.
CREATE EXTERNAL TABLE staging.stg_payments (payment_id string, order_id string, kind string, amount decimal(18, 2), paid_at timestamp)
PARTITIONED BY (dt string)
STORED AS PARQUET
LOCATION 's3://shop-lake/staging/stg_payments/';

CREATE EXTERNAL TABLE clean.int_order_lines (
  order_item_id string, order_id string, customer_id string, order_status string, ordered_at timestamp, category string,
  quantity int, price decimal(18, 2), line_total decimal(28, 2)
)
STORED AS PARQUET
LOCATION 's3://shop-lake/clean/int_order_lines/';

CREATE EXTERNAL TABLE clean.int_orders_enriched (
  order_id string, customer_id string, country string, order_status string, total decimal(18, 2), ordered_at timestamp
)
PARTITIONED BY (dt string)
STORED AS PARQUET
LOCATION 's3://shop-lake/clean/int_orders_enriched/';

CREATE EXTERNAL TABLE clean.int_sessions (
  session_key string, user_id string, started_at timestamp, ended_at timestamp, events bigint, dt string
)
STORED AS PARQUET
LOCATION 's3://shop-lake/clean/int_sessions/';

CREATE EXTERNAL TABLE curated.sessions (session_id string, user_id string, started_at timestamp, seconds bigint, events bigint)
PARTITIONED BY (dt string)
STORED AS PARQUET
LOCATION 's3://shop-lake/curated/sessions/';

CREATE EXTERNAL TABLE curated.fct_product_views (product_id string, category string, views bigint, seconds double)
PARTITIONED BY (dt string)
STORED AS PARQUET
LOCATION 's3://shop-lake/curated/fct_product_views/';

CREATE TABLE clean.int_customers_merged (
  customer_id string, email string, country string, last_order_at timestamp, updated_at timestamp
)
PARTITIONED BY (bucket(16, customer_id))
LOCATION 's3://shop-lake/clean/int_customers_merged/'
TBLPROPERTIES ('table_type' = 'ICEBERG');

CREATE TABLE curated.fct_orders (
  order_id string, customer_id string, country string, total decimal(18, 2), refunded decimal(18, 2), net_total decimal(18, 2),
  ordered_at timestamp
)
PARTITIONED BY (month(ordered_at))
LOCATION 's3://shop-lake/curated/fct_orders/'
TBLPROPERTIES ('table_type' = 'ICEBERG');

CREATE EXTERNAL TABLE curated.fct_payments (payment_id string, order_id string, kind string, amount decimal(18, 2))
PARTITIONED BY (dt string)
STORED AS PARQUET
LOCATION 's3://shop-lake/curated/fct_payments/';
