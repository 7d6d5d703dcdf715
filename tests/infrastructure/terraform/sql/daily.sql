SELECT user_id, count(*) AS events
FROM ${table}
WHERE json_extract_scalar(payload, '$.day') = '${day}'
GROUP BY user_id;
