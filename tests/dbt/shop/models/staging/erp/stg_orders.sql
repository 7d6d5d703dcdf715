with source as (

    select * from {{ source('raw', 'orders') }}

),

renamed as (

    select
        order_id,
        customer_id,
        status as order_status,
        {{ cents_to_euros('total_cents') }} as total,
        cast(ordered_at as timestamp(6)) as ordered_at,
        dt

    from source

)

select * from renamed
