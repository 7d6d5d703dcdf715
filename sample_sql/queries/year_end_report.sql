-- Read once a year, by the auditors.
-- lakelint: ignore[missing-partition-filter] the auditors want every order; runs once a year
SELECT status, count(*) AS orders, sum(amount) AS amount
FROM clean.orders
GROUP BY status;
