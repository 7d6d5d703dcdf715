-- First campaign of every session of this year, for the attribution model.
CREATE TABLE curated.attribution
WITH (
  format = 'TEXTFILE',
  external_location = 's3://kiosk-lake/curated/attribution/',
  partitioned_by = ARRAY['dt']
) AS
SELECT session_id, min_by(campaign, viewed_at) AS campaign, dt
FROM clean.page_views
WHERE dt >= date '2025-01-01'
GROUP BY session_id, dt;
