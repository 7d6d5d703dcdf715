-- The raw layer: data as it arrives. Nobody but the loading jobs should query it.

-- Firehose delivers what the apps send, one folder per day.
CREATE EXTERNAL TABLE raw.app_events (
  event_id    string,
  event_name  string,
  user_id     string,
  sent_at     timestamp,
  properties  map<string, string>
)
PARTITIONED BY (year string, month string, day string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://kiosk-lake/raw/app_events/';

-- Access logs of the web servers, copied once a day.
CREATE EXTERNAL TABLE raw.server_logs (
  logged_at  string,
  method     string,
  path       string,
  status     int,
  bytes      bigint
)
PARTITIONED BY (dt string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://kiosk-lake/raw/server_logs/';

-- What the partner shops upload.
CREATE EXTERNAL TABLE raw.partner_sales (
  partner   string,
  sku       string,
  quantity  string,
  amount    string
)
PARTITIONED BY (dt string)
ROW FORMAT DELIMITED FIELDS TERMINATED BY ','
LOCATION 's3://kiosk-lake/raw/partners/'
TBLPROPERTIES ('skip.header.line.count' = '1');

-- Goods that come back through the partner shops.
CREATE EXTERNAL TABLE raw.partner_returns (
  partner   string,
  sku       string,
  reason    string
)
PARTITIONED BY (dt string)
ROW FORMAT DELIMITED FIELDS TERMINATED BY ','
LOCATION 's3://kiosk-lake/raw/partners/returns/'
TBLPROPERTIES ('skip.header.line.count' = '1');

-- A list that purchasing keeps by hand.
CREATE EXTERNAL TABLE raw.suppliers (
  supplier_id  string,
  name         string,
  country      string
)
ROW FORMAT DELIMITED FIELDS TERMINATED BY ','
LOCATION 's3://kiosk-lake/raw/suppliers/'
TBLPROPERTIES ('skip.header.line.count' = '1');
