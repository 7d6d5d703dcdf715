{{ config(format='textfile', field_delimiter=';', write_compression='gzip') }}

select order_id, country, net_total, ordered_at
from {{ ref('fct_orders') }}
where ordered_at >= current_timestamp - interval '1' day
