{% macro get_column_values(table, column, order_by='count(*) desc', max_records=none, default=none) -%}
    {% if not execute %}
        {% set default = [] if not default %}
        {{ return(default) }}
    {% endif %}

    {%- call statement('get_column_values', fetch_result=true) %}
        select {{ column }} as value
        from {{ table }}
        group by {{ column }}
        order by {{ order_by }}
        {% if max_records is not none %}
        limit {{ max_records }}
        {% endif %}
    {% endcall %}

    {%- set value_list = load_result('get_column_values') -%}

    {%- if value_list and value_list['data'] -%}
        {%- set values = value_list['data'] | map(attribute=0) | list %}
        {{ return(values) }}
    {%- else -%}
        {{ return(default or []) }}
    {%- endif -%}
{%- endmacro %}

{% macro star(from, except=[], relation_alias=False) -%}
    {%- if not execute -%}
        {% do return('*') %}
    {%- endif -%}
    {%- set except = except | map("lower") | list -%}
    {%- set cols = [] -%}
    {%- for col in adapter.get_columns_in_relation(from) -%}
        {%- if col.name | lower not in except -%}
            {% do cols.append(col.name) %}
        {%- endif %}
    {%- endfor -%}
    {%- if cols | length <= 0 -%}
        {% do return('*') %}
    {%- endif -%}
    {%- for col in cols %}
        {%- if relation_alias %}{{ relation_alias }}.{% else %}{%- endif -%}{{ adapter.quote(col) | trim }}
        {%- if not loop.last %},{{ '\n  ' }}{% endif %}
    {%- endfor -%}
{%- endmacro %}
