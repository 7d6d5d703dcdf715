-- lakelint: ignore[missing-partition-filter] yearly audit over all orders
SELECT customer_id, sum(amount) FROM shop.orders GROUP BY customer_id;
