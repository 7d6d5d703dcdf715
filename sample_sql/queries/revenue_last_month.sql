-- Revenue per country and day of the last 28 days, for the sales dashboard.
SELECT s.country, d.dt, sum(d.revenue) AS revenue
FROM curated.daily_sales d
JOIN clean.stores s ON s.store_id = d.store_id
WHERE d.dt >= date_format(current_date - interval '28' day, '%Y-%m-%d')
GROUP BY s.country, d.dt
ORDER BY d.dt, revenue DESC;
