-- Yesterday's partition, in every spelling seen so far.
SELECT count(*) AS n FROM shop.orders WHERE dt = cast(current_date - interval '1' day AS varchar);
SELECT count(order_id) - count(DISTINCT order_id) AS duplicates FROM shop.orders WHERE cast(dt AS date) = current_date - interval '1' day;
SELECT count_if(amount IS NULL) FROM shop.orders WHERE date(dt) = date_add('day', -1, current_date);
SELECT count_if(amount < 0) FROM shop.orders WHERE dt = to_char(current_date - interval '1' day, 'yyyy-mm-dd');
SELECT count_if(message IS NULL) FROM raw.logs
WHERE year = date_format(current_date - interval '1' day, '%Y')
  AND month = date_format(current_date - interval '1' day, '%m')
  AND day = date_format(current_date - interval '1' day, '%d');
SELECT count_if(payload IS NULL) FROM raw.events WHERE event_date = current_date - interval '1' day;
SELECT count(url) FROM shop.clicks WHERE clicked_at >= current_date - interval '1' day AND clicked_at < current_date;
SELECT sum(amount) FROM shop.ledger WHERE booked_on >= date_trunc('month', current_date);
SELECT avg(value) FROM raw.metrics WHERE device = 'a1' AND ds = 20250629;
SELECT max(dt) FROM shop.orders;
SELECT count(*) FROM shop.visits;
