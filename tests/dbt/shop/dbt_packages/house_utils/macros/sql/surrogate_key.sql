{%- macro surrogate_key(field_list) -%}
    {{ return(adapter.dispatch('surrogate_key', 'house_utils')(field_list)) }}
{% endmacro %}

{%- macro default__surrogate_key(field_list) -%}

{%- set default_null_value = var('surrogate_key_null', '') -%}
{%- set fields = [] -%}

{%- for field in field_list -%}

    {%- do fields.append(
        "coalesce(cast(" ~ field ~ " as " ~ dbt.type_string() ~ "), '" ~ default_null_value ~ "')"
    ) -%}

    {%- if not loop.last %}
        {%- do fields.append("'-'") -%}
    {%- endif -%}

{%- endfor -%}

{{ dbt.hash(dbt.concat(fields)) }}

{%- endmacro -%}
