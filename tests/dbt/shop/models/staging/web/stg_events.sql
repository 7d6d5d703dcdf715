with source as (

    select * from {{ source('web', 'events') }}

),

parsed as (

    select
        event_id,
        user_id,
        event_type,
        json_extract_scalar(payload, '$.page.url') as url,
        json_extract_scalar(payload, '$.product.id') as product_id,
        json_extract_scalar(payload, '$.session') as session_key,
        cast(json_extract_scalar(payload, '$.duration') as double) as duration,
        occurred_at,
        dt
    from source
    where event_type <> 'heartbeat'

)

select * from parsed
