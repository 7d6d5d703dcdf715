-- Ranges near the run, in many spellings.
SELECT sum(amount) FROM shop.orders WHERE dt LIKE '2025-06-%';
SELECT sum(amount) FROM shop.orders WHERE substr(dt, 1, 7) = '2025-06';
SELECT sum(amount) FROM shop.orders WHERE dt > '2025-05';
SELECT sum(amount) FROM shop.orders WHERE date_parse(dt, '%Y-%m-%d') >= date_add('day', -7, current_date);
SELECT sum(amount) FROM shop.orders WHERE from_iso8601_date(dt) >= current_date - interval '7' day;
SELECT sum(amount) FROM shop.orders WHERE dt >= date_format(now() - interval '1' month, '%Y-%m-01');
SELECT sum(amount) FROM shop.orders WHERE NOT (dt < '2025-06-01');
SELECT sum(amount) FROM shop.orders WHERE dt = '2025-06-01' OR dt = '2025-06-08' OR dt = '2025-06-15';
SELECT sum(amount) FROM shop.orders WHERE date_trunc('month', date(dt)) = DATE '2025-06-01';
SELECT sum(amount) FROM shop.orders WHERE cast(dt AS timestamp) >= current_timestamp - interval '3' day;
SELECT sum(amount) FROM shop.orders WHERE date_diff('day', date(dt), current_date) <= 7;
SELECT avg(value) FROM raw.metrics WHERE device = 'x' AND ds >= cast(date_format(current_date - interval '7' day, '%Y%m%d') AS integer);
SELECT count(payload) FROM raw.events WHERE event_date BETWEEN current_date - interval '7' day AND current_date;
SELECT count(message) FROM raw.logs WHERE concat(year, '-', month, '-', day) >= '2025-06-23';
SELECT count(message) FROM raw.logs WHERE date(year || '-' || month || '-' || day) = current_date - interval '1' day;
SELECT count(message) FROM raw.logs WHERE (year, month, day) IN (('2025', '06', '28'), ('2025', '06', '29'));
SELECT count(message) FROM raw.logs WHERE cast(year AS integer) = 2025 AND cast(month AS integer) = 6;
SELECT count(message) FROM raw.logs WHERE year = cast(year(current_date) AS varchar) AND month = lpad(cast(month(current_date) AS varchar), 2, '0');
