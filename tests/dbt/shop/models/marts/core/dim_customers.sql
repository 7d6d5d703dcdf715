select
    customers.customer_id,
    customers.email,
    customers.country,
    countries.country_name,
    seen.first_seen_at,
    seen.last_seen_at
from {{ ref('int_customers_merged') }} as customers
left join {{ ref('country_codes') }} as countries on countries.code = customers.country
left join {{ ref('int_users_seen') }} as seen on seen.user_id = customers.customer_id
