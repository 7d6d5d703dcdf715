{{ config(
    materialized='incremental',
    incremental_strategy='append',
    partitioned_by=['dt'],
    alias='sessions'
) }}

select
    {{ dbt.hash('session_key') }} as session_id,
    user_id,
    started_at,
    {{ dbt.datediff('started_at', 'ended_at', 'second') }} as seconds,
    events,
    dt
from {{ ref('int_sessions') }}
where events > 1
{% if is_incremental() %}
  and dt > (select max(dt) from {{ this }})
{% endif %}
