{{ config(severity='warn', tags=['daily']) }}

select day, country, net_total
from {{ ref('rpt_daily_revenue') }}
where net_total < 0
