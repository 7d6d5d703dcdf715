select *
from {{ ref('fct_sessions') }}
where {{ days_back(14) }}
