{% macro log_results(results) %}
  {% if execute and target.name == 'prod' %}
    {% for result in results if result.status != 'success' %}
      {{ log(result.node.name ~ ': ' ~ result.message, info=True) }}
    {% endfor %}
  {% endif %}
{% endmacro %}

{% macro drop_old_relations(days=14) %}
  {% set stale %}
    select table_schema, table_name from information_schema.tables where table_name like '%__dbt_tmp'
  {% endset %}
  {% for row in run_query(stale) %}
    {% do run_query('drop table ' ~ row[0] ~ '.' ~ row[1]) %}
  {% endfor %}
{% endmacro %}
