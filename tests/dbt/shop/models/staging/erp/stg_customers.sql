{#- Small: a row per customer. -#}
with source as (
    select * from {{ source('raw', 'customers') }}
)

select
    customer_id,
    lower(trim(email)) as email,
    country,
    created_at
from source
