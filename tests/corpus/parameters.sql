-- Values of unknown content may be anything.
PREPARE by_day FROM SELECT sum(amount) FROM shop.orders WHERE dt = ?;
SELECT sum(amount) FROM shop.orders WHERE dt BETWEEN :from AND :to;
SELECT sum(amount) FROM shop.orders WHERE dt >= '${start}';
SELECT sum(amount) FROM shop.orders WHERE year(date(dt)) = {year};
SELECT sum(amount) FROM shop.orders WHERE dt IN ({{ days }}) AND status = 'paid';
SELECT count(message) FROM raw.logs WHERE year = '%(year)s' AND month = '%(month)s';
SELECT sum(amount) FROM shop.orders WHERE {{ partition_filter }};
SELECT sum(amount) FROM shop.orders WHERE ('{{ country }}' = '' OR currency = '{{ country }}') AND dt = '{{ ds }}';
