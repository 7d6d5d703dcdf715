SELECT s.*
FROM sessions s
CROSS JOIN events e
WHERE e.dt = '2025/06/29'
