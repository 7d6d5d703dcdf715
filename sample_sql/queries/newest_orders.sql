-- Orders of the newest day that was loaded, whichever that is.
SELECT store_id, count(*) AS orders, sum(amount) AS amount
FROM clean.orders
WHERE dt = (SELECT max(dt) FROM curated.daily_sales)
GROUP BY store_id;
