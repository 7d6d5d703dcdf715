-- The monthly file for the partner shops.
UNLOAD (
  SELECT store_id, currency, sum(revenue) AS revenue
  FROM curated.daily_sales
  WHERE dt BETWEEN '2025-05-01' AND '2025-05-31'
  GROUP BY store_id, currency
)
TO 's3://kiosk-exports/partners/2025-05/'
WITH (format = 'PARQUET', compression = 'SNAPPY');
