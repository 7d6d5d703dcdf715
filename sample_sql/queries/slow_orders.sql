-- Orders of this month that took more than three days to ship.
SELECT order_id, store_id, ordered_at, shipped_at
FROM clean.orders
WHERE ordered_at >= date_trunc('month', current_date)
  AND date_diff('day', ordered_at, shipped_at) > 3;
