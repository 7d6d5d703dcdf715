-- Adds yesterday to the sales table; the scheduler puts the date in.
INSERT INTO curated.daily_sales
SELECT store_id, currency, count(*) AS orders, sum(amount) AS revenue, dt
FROM clean.orders
WHERE dt = '{{ ds }}'
GROUP BY store_id, currency, dt;
