{# Filters on the key `dt`, which holds days such as '2025-06-29'. #}
{% macro days_back(days, key='dt') -%}
    {{ key }} >= date_format(current_date - interval '{{ days }}' day, '%Y-%m-%d')
{%- endmacro %}

{% macro only_new(key='dt') %}
{%- if is_incremental() %}
where {{ days_back(var('lookback_days'), key) }}
{%- endif %}
{%- endmacro %}

{% macro sample_in_dev(key='dt') -%}
    {%- if target.name != 'prod' -%}
        {{ days_back(1, key) }}
    {%- else -%}
        {{ key }} >= '{{ var("start_date") }}' and {{ days_back(var('lookback_days'), key) }}
    {%- endif -%}
{%- endmacro %}
