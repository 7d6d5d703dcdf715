{{ config(materialized='incremental', partitioned_by=['dt']) }}

WITH source AS (
    SELECT * FROM shop.visits
    WHERE dt >= '{{ var("start_date") }}'
),

renamed AS (
    SELECT visit_id, user_id, lower(url) AS url, dt FROM source
),

final AS (
    SELECT * FROM renamed
)

SELECT * FROM final
