-- Reading: what analysts run in the console.
SELECT count(*) FROM lake.events;
select distinct event_type from lake.events where dt = '2024-05-01' order by 1 limit 100;
SELECT dt, count(*) AS n, approx_distinct(user_id) users FROM lake.events
WHERE dt BETWEEN '2024-05-01' AND '2024-05-07' GROUP BY dt HAVING count(*) > 10 ORDER BY dt DESC NULLS LAST;
SELECT * FROM "lake"."events$partitions" ORDER BY dt DESC LIMIT 1;
SELECT "$path", "$file_size", count(*) FROM lake.events WHERE year = '2024' AND month = '05' GROUP BY 1, 2;
SELECT e.user_id, u.country FROM lake.events AS e JOIN lake.users u ON e.user_id = u.id AND u.active
LEFT OUTER JOIN lake.countries USING (country) CROSS JOIN lake.settings s WHERE e.dt = cast(current_date AS varchar);
SELECT * FROM lake.events, lake.users WHERE events.user_id = users.id AND dt >= date_format(current_date - interval '7' day, '%Y-%m-%d');
SELECT a.x FROM a NATURAL JOIN b FULL OUTER JOIN c ON a.k = c.k RIGHT JOIN d ON d.k = c.k;
WITH recent AS (SELECT * FROM lake.events WHERE dt > '2024-01-01'), per_user (user_id, n) AS (
  SELECT user_id, count(*) FROM recent GROUP BY user_id
) SELECT avg(n), max(n) FROM per_user;
WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 10) SELECT sum(n) FROM t;
SELECT user_id, row_number() OVER (PARTITION BY user_id ORDER BY ts DESC) AS rn,
  lag(amount, 1) IGNORE NULLS OVER w, sum(amount) FILTER (WHERE amount > 0) OVER (ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
FROM lake.orders WINDOW w AS (PARTITION BY user_id ORDER BY ts);
SELECT item.sku, q FROM lake.orders CROSS JOIN UNNEST(items, quantities) WITH ORDINALITY AS t (item, q, n) WHERE dt = '2024-05-01';
SELECT transform(filter(tags, x -> x <> 'a'), x -> upper(x)), reduce(xs, 0, (s, x) -> s + x, s -> s) FROM lake.events;
SELECT json_extract_scalar(payload, '$.user.id'), cast(json_parse(payload) AS map(varchar, json)), payload FROM lake.raw;
SELECT cast(x AS row(a bigint, b array(varchar(10)))), try_cast(y AS decimal(10, 2)), cast(z AS timestamp(3) with time zone) FROM t;
SELECT cast(m AS map(varchar, array(row(k varchar, v double)))) AS m FROM t;
SELECT json_query(j, 'lax $.a' WITH ARRAY WRAPPER OMIT QUOTES ON SCALAR STRING NULL ON EMPTY ERROR ON ERROR),
  json_value(j, 'strict $.b' RETURNING bigint DEFAULT 0 ON EMPTY), json_exists(j, 'lax $.c' FALSE ON ERROR),
  json_object('k' : v, 'l' : w NULL ON NULL WITHOUT UNIQUE KEYS), json_array(1, 2 ABSENT ON NULL RETURNING varchar) FROM t;
SELECT json_object(KEY 'a' VALUE b, KEY 'c' VALUE d) FROM t;
SELECT ts AT TIME ZONE 'Europe/Berlin', current_timestamp, date '2024-01-01' + interval '1' month, timestamp '2024-01-01 00:00:00 UTC' FROM t;
SELECT extract(year FROM ts), year(ts), date_trunc('month', ts), position('a' IN name), substring(name FROM 2 FOR 3), substr(name, 1, 2) FROM t;
SELECT trim(name), trim(BOTH FROM name), trim(LEADING 'x' FROM name), ceil(x), floor(y), if(a, b, c), coalesce(a, b), nullif(a, '') FROM t;
SELECT CASE WHEN a IS NULL THEN 'none' WHEN a IN (1, 2) THEN 'few' ELSE 'many' END, CASE x WHEN 1 THEN 2 END FROM t;
SELECT user, top, sample, sort, minus, convert(a) FROM t AS sample WHERE user = 'x' AND "user" IS NOT DISTINCT FROM top;
SELECT region, sum(x), grouping(region) FROM t GROUP BY GROUPING SETS ((region, city), (region), ());
SELECT a, b, sum(c) FROM t GROUP BY ROLLUP (a, b);
SELECT a, b, sum(c) FROM t GROUP BY CUBE (a, b);
SELECT a, sum(c) FROM t GROUP BY ALL a, b;
SELECT a FROM t GROUP BY DISTINCT a;
(SELECT a FROM t) UNION ALL (SELECT a FROM u) INTERSECT SELECT a FROM v EXCEPT SELECT a FROM w ORDER BY 1 LIMIT 5;
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v (id, name);
VALUES 1, 2, 3;
VALUES (1, 'a'), (2, 'b');
TABLE lake.events;
SELECT * FROM lake.orders FOR TIMESTAMP AS OF (current_timestamp - interval '1' day) o WHERE o.id = 1;
SELECT * FROM lake.orders FOR VERSION AS OF 949530903748831860;
SELECT * FROM lake.orders FOR TIMESTAMP AS OF timestamp '2024-01-01 00:00:00 UTC';
SELECT * FROM t WHERE (a, b) IN (SELECT a, b FROM u) AND EXISTS (SELECT 1 FROM v WHERE v.a = t.a) AND x > ALL (SELECT y FROM w);
SELECT * FROM t TABLESAMPLE BERNOULLI (10) WHERE rand() < 0.5;
SELECT a FROM t OFFSET 10 ROWS FETCH FIRST 5 ROWS ONLY;
SELECT a FROM t FETCH FIRST ROW ONLY;
SELECT listagg(name, ', ') WITHIN GROUP (ORDER BY name), array_agg(x ORDER BY y DESC), count(DISTINCT a) FROM t;
SELECT U&'\00e9', X'CAFE', 'it''s', 1_000_000, 1.5e-3, ipaddress '10.0.0.1' FROM t;
SELECT arr[1], m['k'], r.field.sub, (r).field FROM t WHERE contains(arr, 'a') AND cardinality(arr) > 0;
SELECT map(ARRAY['a'], ARRAY[1]), ARRAY[1, 2] || ARRAY[3], row(1, 'a'), split(s, ',')[1] FROM t;
SELECT * FROM orders MATCH_RECOGNIZE (
  PARTITION BY user_id ORDER BY ts MEASURES A.total AS starting, LAST(B.total) AS bottom ONE ROW PER MATCH
  AFTER MATCH SKIP PAST LAST ROW PATTERN (A B+) SUBSET U = (A, B) DEFINE B AS B.total < PREV(B.total)) AS m;
USING EXTERNAL FUNCTION mask(x varchar, y array(int)) RETURNS varchar LAMBDA 'mask-function' SELECT mask(email, a) FROM lake.users WHERE dt = '2024-05-01';
SELECT date, time, year, month, day, "order", `hour`, values_, key, type FROM lake.calendar WHERE date = '2024-01-01' AND day IN ('01', '02');
SELECT regexp_like(url, '^https?://[^/]+/(a|b)'), regexp_extract(url, '([0-9]{4})', 1), url LIKE 'a\_b%' ESCAPE '\' FROM t;
SELECT * FROM t WHERE dt = {{ ds }} AND hour IN ({hours}) AND region = ? AND day = :day AND x = %s AND y = %(name)s AND z = $1;
SELECT * FROM {{ ref('orders') }} WHERE dt >= '{{ var("start") }}' {% if is_incremental() %} AND dt > (SELECT max(dt) FROM {{ this }}) {% endif %};
SELECT * FROM ${database}.events_${env} WHERE dt = '${date}' AND h = ${hour};
