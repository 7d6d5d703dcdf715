{#- What dbt's cross-database macros are on Athena (https://docs.getdbt.com/reference/dbt-jinja-functions/cross-database-macros),
    as far as partitions, columns and tables are concerned. -#}
{% macro date_trunc(datepart, date) %}date_trunc('{{ datepart }}', {{ date }}){% endmacro %}
{% macro dateadd(datepart, interval, from_date_or_timestamp) %}date_add('{{ datepart }}', {{ interval }}, {{ from_date_or_timestamp }}){% endmacro %}
{% macro datediff(first_date, second_date, datepart) %}date_diff('{{ datepart }}', cast({{ first_date }} as timestamp), cast({{ second_date }} as timestamp)){% endmacro %}
{% macro last_day(date, datepart) %}cast(date_add('day', -1, date_add('{{ datepart }}', 1, date_trunc('{{ datepart }}', {{ date }}))) as date){% endmacro %}
{% macro current_timestamp() %}cast(now() as timestamp){% endmacro %}
{% macro current_timestamp_backcompat() %}cast(now() as timestamp){% endmacro %}
{% macro current_timestamp_in_utc_backcompat() %}cast(now() as timestamp){% endmacro %}
{% macro snapshot_get_time() %}cast(now() as timestamp){% endmacro %}
{% macro end_of_time() %}cast('9999-01-01' as timestamp){% endmacro %}
{% macro cast_timestamp(timestamp_col) %}cast({{ timestamp_col }} as timestamp){% endmacro %}
{% macro type_string() %}VARCHAR{% endmacro %}
{% macro type_int() %}int{% endmacro %}
{% macro type_bigint() %}bigint{% endmacro %}
{% macro type_float() %}double{% endmacro %}
{% macro type_numeric() %}decimal(28,6){% endmacro %}
{% macro type_boolean() %}boolean{% endmacro %}
{% macro type_timestamp() %}timestamp{% endmacro %}
{% macro safe_cast(field, type) %}try_cast({{ field }} as {{ type }}){% endmacro %}
{% macro cast(field, type) %}cast({{ field }} as {{ type }}){% endmacro %}
{% macro cast_bool_to_text(field) %}cast({{ field }} as varchar){% endmacro %}
{% macro concat(fields) %}{{ fields | join(' || ') }}{% endmacro %}
{% macro hash(field) %}lower(to_hex(md5(to_utf8(cast({{ field }} as varchar))))){% endmacro %}
{% macro length(expression) %}length({{ expression }}){% endmacro %}
{% macro position(substring_text, string_text) %}strpos({{ string_text }}, {{ substring_text }}){% endmacro %}
{% macro replace(field, old_chars, new_chars) %}replace({{ field }}, {{ old_chars }}, {{ new_chars }}){% endmacro %}
{% macro right(string_text, length_expression) %}substr({{ string_text }}, -({{ length_expression }})){% endmacro %}
{% macro split_part(string_text, delimiter_text, part_number) %}split_part({{ string_text }}, {{ delimiter_text }}, {{ part_number }}){% endmacro %}
{% macro string_literal(value) %}'{{ value }}'{% endmacro %}
{% macro escape_single_quotes(expression) %}{{ expression | replace("'", "''") }}{% endmacro %}
{% macro any_value(expression) %}arbitrary({{ expression }}){% endmacro %}
{% macro bool_or(expression) %}bool_or({{ expression }}){% endmacro %}
{% macro listagg(measure, delimiter_text="','", order_by_clause=none, limit_num=none) %}array_join(array_agg({{ measure }}{% if order_by_clause %} {{ order_by_clause }}{% endif %}), {{ delimiter_text }}){% endmacro %}
{% macro array_construct(inputs=[], data_type='integer') %}array[{{ inputs | join(', ') }}]{% endmacro %}
{% macro array_append(array, new_element) %}({{ array }} || {{ new_element }}){% endmacro %}
{% macro array_concat(array_1, array_2) %}concat({{ array_1 }}, {{ array_2 }}){% endmacro %}
{% macro equals(expr1, expr2) %}({{ expr1 }} is not distinct from {{ expr2 }}){% endmacro %}
{% macro except() %}except{% endmacro %}
{% macro intersect() %}intersect{% endmacro %}
{% macro date(year, month, day) %}date('{{ '%04d' | format(year) }}-{{ '%02d' | format(month) }}-{{ '%02d' | format(day) }}'){% endmacro %}
{% macro date_spine(datepart, start_date, end_date) %}
select cast(date_{{ datepart }} as timestamp) as date_{{ datepart }}
from unnest(sequence(cast({{ start_date }} as timestamp), cast({{ end_date }} as timestamp), interval '1' {{ datepart }})) as t (date_{{ datepart }})
{% endmacro %}
{% macro generate_series(upper_bound) %}select generated_number from unnest(sequence(1, {{ upper_bound }})) as t (generated_number){% endmacro %}
{% macro should_full_refresh() %}{{ return(not is_incremental()) }}{% endmacro %}
{% macro get_where_subquery(relation) %}{{ return(relation) }}{% endmacro %}
{% test unique(model, column_name) %}select {{ column_name }} as unique_field, count(*) as n_records from {{ model }} where {{ column_name }} is not null group by {{ column_name }} having count(*) > 1{% endtest %}
{% test not_null(model, column_name) %}select {{ column_name }} from {{ model }} where {{ column_name }} is null{% endtest %}
{% test accepted_values(model, column_name, values, quote=true) %}select * from (select {{ column_name }} as value_field, count(*) as n_records from {{ model }} group by {{ column_name }}) as all_values where value_field not in ({% for value in values %}{% if quote %}'{{ value }}'{% else %}{{ value }}{% endif %}{% if not loop.last %}, {% endif %}{% endfor %}){% endtest %}
{% test relationships(model, column_name, to, field) %}select from_field from (select {{ column_name }} as from_field from {{ model }} where {{ column_name }} is not null) as child left join (select {{ field }} as to_field from {{ to }}) as parent on child.from_field = parent.to_field where parent.to_field is null{% endtest %}
