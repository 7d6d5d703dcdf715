{# union_all(relation, relation, ..., columns=[...]): one query of all relations, with the columns that they share. #}
{% macro union_all() %}
    {%- set columns = kwargs.get('columns', ['*']) -%}
    {%- for relation in varargs %}
    select
        {{ columns | join(', ') }},
        '{{ relation.identifier }}' as source_relation
    from {{ relation }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor -%}
{% endmacro %}
