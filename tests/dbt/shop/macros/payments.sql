{% macro payment_kinds() %}
    {{ return(var('payment_kinds', ['card', 'invoice'])) }}
{% endmacro %}

{% macro known_countries() %}
    {% set query %}
        select code from {{ ref('country_codes') }} where is_eu order by code
    {% endset %}
    {% if execute %}
        {% set results = run_query(query) %}
        {% set countries = results.columns[0].values() %}
    {% else %}
        {% set countries = [] %}
    {% endif %}
    {{ return(countries) }}
{% endmacro %}
