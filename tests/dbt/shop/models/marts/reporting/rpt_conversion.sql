with sessions as (
    select dt, count(*) as sessions
    from {{ ref('fct_sessions') }}
    where {{ days_back(14) }}
    group by dt
),

orders as (
    select dt, count(*) as orders
    from {{ ref('int_orders_enriched') }}
    where {{ days_back(14) }}
    group by dt
)

select
    sessions.dt,
    {{ house_utils.safe_divide('orders.orders', 'sessions.sessions') }} as conversion
from sessions
inner join orders on orders.dt = sessions.dt
