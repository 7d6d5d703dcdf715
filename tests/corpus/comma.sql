-- expect: cross-join@5
-- The condition on `v` was forgotten; small lookups may be crossed.
SELECT count(o.order_id)
FROM shop.orders o,
     shop.visits v,
     shop.countries k
WHERE o.dt = '2025-06-29' AND v.dt = '2025-06-29' AND v.country = k.code;
SELECT o.order_id, k.name FROM shop.orders o CROSS JOIN shop.countries k WHERE o.dt = '2025-06-29';
SELECT o.order_id, t.word FROM shop.orders o, UNNEST(split(o.status, ' ')) AS t (word) WHERE o.dt = '2025-06-29';
