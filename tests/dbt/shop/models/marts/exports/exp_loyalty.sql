{{ config(format='parquet') }}

select {{ house_utils.star(ref('int_customers_merged'), except=['email']) }}
from {{ ref('int_customers_merged') }}
