{% test expression_is_true(model, expression, column_name=None) %}
{% set column_list = '*' if should_store_failures() else "1" %}
select
    {{ column_list }}
from {{ model }}
{% if column_name is none %}
where not({{ expression }})
{%- else %}
where not({{ column_name }} {{ expression }})
{%- endif %}
{% endtest %}

{% test accepted_range(model, column_name, min_value=none, max_value=none, inclusive=true) %}
with meet_condition as (
  select * from {{ model }}
),

validation_errors as (
  select *
  from meet_condition
  where
    -- never true, so that the conditions below can all start with or
    1 = 2
  {%- if min_value is not none %}
    or not {{ column_name }} > {{- "=" if inclusive }} {{ min_value }}
  {%- endif %}
  {%- if max_value is not none %}
    or not {{ column_name }} < {{- "=" if inclusive }} {{ max_value }}
  {%- endif %}
)

select * from validation_errors
{% endtest %}
