{% macro group_by(n) %}
  {{- "group by " }}{% for i in range(1, n + 1) -%}
      {{ i }}
      {%- if not loop.last -%} , {%- endif -%}
  {%- endfor -%}
{%- endmacro %}

{% macro safe_divide(numerator, denominator) -%}
    {{ return(adapter.dispatch('safe_divide', 'house_utils')(numerator, denominator)) }}
{%- endmacro %}

{% macro default__safe_divide(numerator, denominator) %}
    ( {{ numerator }} ) / nullif( ( {{ denominator }} ), 0)
{% endmacro %}

{% macro pivot(column, values, agg='sum', then_value=1, else_value=0, prefix='', suffix='', quote_identifiers=True) %}
  {% for value in values %}
    {{ agg }}(
      case
      when {{ column }} = '{{ dbt.escape_single_quotes(value) }}'
        then {{ then_value }}
      else {{ else_value }}
      end
    )
    as {{ adapter.quote(prefix ~ value ~ suffix) if quote_identifiers else (prefix ~ value ~ suffix) | replace(' ', '_') }}
    {% if not loop.last %},{% endif %}
  {% endfor %}
{% endmacro %}
