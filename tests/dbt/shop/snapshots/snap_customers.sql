{% snapshot snap_customers %}

{{
    config(
        unique_key='customer_id',
        check_cols=['email', 'country'],
        hard_deletes='invalidate'
    )
}}

select customer_id, email, country from {{ ref('stg_customers') }}

{% endsnapshot %}
