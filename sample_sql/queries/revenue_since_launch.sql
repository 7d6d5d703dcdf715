-- Revenue since the shop went online, in euro.
SELECT store_id, sum(amount_eur) AS revenue
FROM curated.orders_in_euro
WHERE dt >= '2024-01-01'
GROUP BY store_id;

-- The same for all stores together.
SELECT sum(amount_eur) AS revenue
FROM curated.orders_in_euro;
