{{ config(materialized='view') }}

select
    calendar_date,
    {{ dbt.date_trunc('week', 'calendar_date') }} as week,
    {{ dbt.last_day('calendar_date', 'month') }} as month_end
from {{ ref('house_utils', 'util_calendar') }}
