{%- set countries = known_countries() %}

select
    cast(ordered_at as date) as day
    {%- for country in countries %}
    , sum(case when country = '{{ country }}' then net_total end) as revenue_{{ country | lower }}
    {%- endfor %}
from {{ ref('fct_orders') }}
where ordered_at >= current_timestamp - interval '7' day
group by 1
