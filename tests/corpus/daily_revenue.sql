-- The dashboard's daily refresh.
SELECT o.dt, c.country, sum(o.amount) AS revenue, count(DISTINCT o.customer_id) AS buyers
FROM shop.orders o
JOIN shop.customers c ON o.customer_id = c.customer_id
WHERE o.dt BETWEEN date_format(current_date - interval '7' day, '%Y-%m-%d') AND date_format(current_date, '%Y-%m-%d')
  AND o.status NOT IN ('cancelled', 'refunded')
GROUP BY 1, 2
ORDER BY 1, 3 DESC;
