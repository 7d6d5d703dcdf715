with events as (
    select * from {{ ref('stg_events') }}
),

steps as (
    select
        session_key,
        max(case when event_type = 'product_view' then 1 else 0 end) as viewed,
        max(case when event_type = 'add_to_cart' then 1 else 0 end) as added,
        max(case when event_type = 'purchase' then 1 else 0 end) as bought
    from events
    group by session_key
)

select sum(viewed) as viewed, sum(added) as added, sum(bought) as bought from steps
