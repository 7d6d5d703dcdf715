{% set measures = ['total', 'refunded', 'net_total'] %}

select
    cast(ordered_at as date) as day,
    country,
    {%- for measure in measures %}
    sum({{ measure }}) as {{ measure }}{{ "," if not loop.last }}
    {%- endfor %}
from {{ ref('fct_orders') }}
where ordered_at >= current_timestamp - interval '31' day
group by 1, 2
