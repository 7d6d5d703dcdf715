-- expect: unbounded-date-range@3
-- expect: unbounded-date-range@4
SELECT sum(amount) FROM shop.orders WHERE dt >= '2020-01-01';
SELECT count(payload) FROM raw.events WHERE region = 'eu';
SELECT sum(amount) FROM shop.orders WHERE dt BETWEEN '2023-01-01' AND '2023-12-31';
SELECT count(payload) FROM raw.events WHERE region = 'eu' AND event_date >= DATE '2025-01-01';
SELECT count(message) FROM raw.logs WHERE year = '2025' AND month = '06';
SELECT count(message) FROM raw.logs WHERE year = '2025';
SELECT count(message) FROM raw.logs WHERE (year = '2024' AND month >= '11') OR (year = '2025' AND month <= '02');
SELECT count(message) FROM raw.logs WHERE year || month || day BETWEEN '20250601' AND '20250607';
