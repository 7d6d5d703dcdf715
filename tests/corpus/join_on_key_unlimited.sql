-- expect: missing-partition-filter@4
-- One predicate on either side would bound both: one finding.
SELECT o.order_id, v.url
FROM shop.orders o
JOIN shop.visits v ON v.user_id = o.customer_id AND v.dt = o.dt
WHERE o.status = 'paid';
