{{ config(materialized='table') }}

with digits as (
    {% for digit in range(10) %}
    select {{ digit }} as digit{% if not loop.last %} union all{% endif %}
    {% endfor %}
),

numbers as (
    select hundreds.digit * 100 + tens.digit * 10 + ones.digit as n
    from digits as hundreds
    cross join digits as tens
    cross join digits as ones
)

select {{ dbt.dateadd('day', 'n', "cast('" ~ var('start_date', '2025-01-01') ~ "' as date)") }} as calendar_date
from numbers
