-- The clean layer: typed, deduplicated, Parquet.

CREATE EXTERNAL TABLE clean.orders (
  order_id     string,
  customer_id  string,
  store_id     int,
  status       string,
  amount       decimal(12, 2),
  currency     string,
  ordered_at   timestamp,
  shipped_at   timestamp
)
PARTITIONED BY (dt string)
STORED AS PARQUET
LOCATION 's3://kiosk-lake/clean/orders/';

CREATE EXTERNAL TABLE clean.page_views (
  view_id       string,
  session_id    string,
  customer_id   string,
  viewed_at     timestamp,
  url           string,
  referrer      string,
  title         string,
  country       string,
  city          string,
  language      string,
  device        string,
  browser       string,
  os            string,
  screen        string,
  campaign      string,
  medium        string,
  source        string,
  experiment    string,
  variant       string,
  load_ms       int,
  scroll_depth  double,
  is_bot        boolean,
  user_agent    string,
  headers       map<string, string>
)
PARTITIONED BY (dt date)
STORED AS PARQUET
LOCATION 's3://kiosk-lake/clean/page_views/';

-- One folder per hour, as the streaming job writes it.
CREATE EXTERNAL TABLE clean.clicks (
  click_id    string,
  session_id  string,
  element     string,
  clicked_at  timestamp
)
PARTITIONED BY (dt string, hour string)
STORED AS PARQUET
LOCATION 's3://kiosk-lake/clean/clicks/';

-- Every till sends its events under its store's number; the application always knows which store it wants.
CREATE EXTERNAL TABLE clean.till_events (
  event_id    string,
  till        int,
  kind        string,
  amount      decimal(12, 2),
  created_at  timestamp
)
PARTITIONED BY (store_id string, dt string)
STORED AS PARQUET
LOCATION 's3://kiosk-lake/clean/till_events/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.store_id.type' = 'injected',
  'projection.dt.type' = 'date',
  'projection.dt.format' = 'yyyy-MM-dd',
  'projection.dt.range' = '2024-01-01,NOW',
  'storage.location.template' = 's3://kiosk-lake/clean/till_events/${store_id}/${dt}/'
);

-- Stock of every store, counted each night.
CREATE EXTERNAL TABLE clean.stock_levels (
  sku      string,
  on_hand  int,
  on_order int
)
PARTITIONED BY (dt string, store_id int)
STORED AS PARQUET
LOCATION 's3://kiosk-lake/clean/stock_levels/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.dt.type' = 'date',
  'projection.dt.format' = 'yyyy-MM-dd',
  'projection.dt.range' = '2020-01-01,NOW',
  'projection.store_id.type' = 'integer',
  'projection.store_id.range' = '1,640'
);

CREATE TABLE clean.shipments (
  shipment_id  string,
  order_id     string,
  carrier      string,
  status       string,
  shipped_at   timestamp,
  delivered_at timestamp
)
PARTITIONED BY (day(shipped_at))
LOCATION 's3://kiosk-lake/clean/shipments/'
TBLPROPERTIES ('table_type' = 'ICEBERG', 'format' = 'parquet');

CREATE EXTERNAL TABLE clean.stores (
  store_id  int,
  name      string,
  country   string,
  opened    date
)
STORED AS PARQUET
LOCATION 's3://kiosk-lake/clean/stores/';
