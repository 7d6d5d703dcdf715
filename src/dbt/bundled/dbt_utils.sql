{#- What the macros of dbt_utils (https://hub.getdbt.com/dbt-labs/dbt_utils/latest/) read, for projects whose packages have not been
    fetched: tables, partitions and columns as in the package, the expressions simpler. -#}
{% macro generate_surrogate_key(field_list) %}lower(to_hex(md5(to_utf8({% for field in field_list %}coalesce(cast({{ field }} as varchar), ''){% if not loop.last %} || '-' || {% endif %}{% endfor %})))){% endmacro %}
{% macro surrogate_key(field_list) %}{{ generate_surrogate_key(field_list) }}{% endmacro %}
{% macro star(from, relation_alias=false, except=[], prefix='', suffix='', quote_identifiers=true) %}{% if relation_alias %}{{ relation_alias }}.{% endif %}*{% endmacro %}
{% macro date_spine(datepart, start_date, end_date) %}{{ dbt.date_spine(datepart, start_date, end_date) }}{% endmacro %}
{% macro generate_series(upper_bound) %}{{ dbt.generate_series(upper_bound) }}{% endmacro %}
{% macro group_by(n) %}group by {% for i in range(1, n + 1) %}{{ i }}{% if not loop.last %}, {% endif %}{% endfor %}{% endmacro %}
{% macro union_relations(relations, column_override=none, include=[], exclude=[], source_column_name='_dbt_source_relation', where=none) %}{% for relation in relations %}(select *{% if source_column_name is not none %}, cast('{{ relation | replace('"', '') }}' as varchar) as {{ source_column_name }}{% endif %} from {{ relation }}{% if where %} where {{ where }}{% endif %}){% if not loop.last %} union all {% endif %}{% endfor %}{% endmacro %}
{% macro deduplicate(relation, partition_by, order_by) %}select * from (select *, row_number() over (partition by {{ partition_by }} order by {{ order_by }}) as rn from {{ relation }}) as numbered where rn = 1{% endmacro %}
{% macro pivot(column, values, alias=true, agg='sum', cmp='=', prefix='', suffix='', then_value=1, else_value=0, quote_identifiers=true, distinct=false) %}{% for value in values %}{{ agg }}({% if distinct %}distinct {% endif %}case when {{ column }} {{ cmp }} '{{ value }}' then {{ then_value }} else {{ else_value }} end){% if alias %} as "{{ prefix }}{{ value }}{{ suffix }}"{% endif %}{% if not loop.last %}, {% endif %}{% endfor %}{% endmacro %}
{% macro unpivot(relation=none, cast_to='varchar', exclude=none, remove=none, field_name='field_name', value_name='value', quote_identifiers=false, table=none) %}select * from {{ relation or table }}{% endmacro %}
{% macro safe_divide(numerator, denominator) %}({{ numerator }}) / nullif(({{ denominator }}), 0){% endmacro %}
{% macro safe_add(field_list) %}{% for field in field_list %}coalesce({{ field }}, 0){% if not loop.last %} + {% endif %}{% endfor %}{% endmacro %}
{% macro safe_subtract(field_list) %}{% for field in field_list %}coalesce({{ field }}, 0){% if not loop.last %} - {% endif %}{% endfor %}{% endmacro %}
{% macro nullcheck(cols) %}{% for col in cols %}{{ col }}{% if not loop.last %}, {% endif %}{% endfor %}{% endmacro %}
{% macro width_bucket(expr, min_value, max_value, num_buckets) %}width_bucket({{ expr }}, {{ min_value }}, {{ max_value }}, {{ num_buckets }}){% endmacro %}
{% macro haversine_distance(lat1, lon1, lat2, lon2, unit='mi') %}great_circle_distance({{ lat1 }}, {{ lon1 }}, {{ lat2 }}, {{ lon2 }}){% endmacro %}
{% macro get_url_parameter(field, url_parameter) %}url_extract_parameter({{ field }}, '{{ url_parameter }}'){% endmacro %}
{% macro get_url_host(field) %}url_extract_host({{ field }}){% endmacro %}
{% macro get_url_path(field) %}url_extract_path({{ field }}){% endmacro %}
{% macro slugify(string) %}{{ return(string | lower | replace(' ', '_') | replace('-', '_')) }}{% endmacro %}
{% macro get_column_values(table, column, order_by='count(*) desc', max_records=none, default=none, where=none) %}{{ return(run_query('')) }}{% endmacro %}
{% macro get_single_value(sql_statement, default=none) %}{{ return(run_query('')) }}{% endmacro %}
{% macro get_query_results_as_dict(query) %}{{ return(run_query('')) }}{% endmacro %}
{% macro get_filtered_columns_in_relation(from, except=[]) %}{{ return(run_query('')) }}{% endmacro %}
{% macro get_relations_by_pattern(schema_pattern, table_pattern, exclude='', database='') %}{{ return(run_query('')) }}{% endmacro %}
{% macro get_relations_by_prefix(schema, prefix, exclude='', database='') %}{{ return(run_query('')) }}{% endmacro %}
{% macro pretty_time(format='') %}{{ return('') }}{% endmacro %}
{% macro pretty_log_format(message) %}{{ return(message) }}{% endmacro %}
{% macro log_info(message) %}{% endmacro %}
{% test unique_combination_of_columns(model, combination_of_columns, quote_columns=false) %}select {{ combination_of_columns | join(', ') }} from {{ model }} group by {{ combination_of_columns | join(', ') }} having count(*) > 1{% endtest %}
{% test expression_is_true(model, expression, column_name=none) %}select 1 as failure from {{ model }} where not({% if column_name %}{{ column_name }} {% endif %}{{ expression }}){% endtest %}
{% test accepted_range(model, column_name, min_value=none, max_value=none, inclusive=true) %}select {{ column_name }} from {{ model }} where {% if min_value is not none %}{{ column_name }} < {{ min_value }}{% else %}false{% endif %} or {% if max_value is not none %}{{ column_name }} > {{ max_value }}{% else %}false{% endif %}{% endtest %}
{% test not_constant(model, column_name, group_by_columns=[]) %}select count(distinct {{ column_name }}) as filler_column from {{ model }} having count(distinct {{ column_name }}) = 1{% endtest %}
{% test at_least_one(model, column_name, group_by_columns=[]) %}select count({{ column_name }}) as filler_column from {{ model }} having count({{ column_name }}) = 0{% endtest %}
{% test not_empty_string(model, column_name, trim_whitespace=true) %}select {{ column_name }} from {{ model }} where trim({{ column_name }}) = ''{% endtest %}
{% test not_null_proportion(model, column_name=none, group_by_columns=[], at_least=0, at_most=1) %}select sum(case when {{ column_name }} is null then 0 else 1 end) / cast(count(*) as double) as not_null_proportion from {{ model }}{% endtest %}
{% test recency(model, field, datepart, interval, ignore_time_component=false, group_by_columns=[]) %}select max({{ field }}) as most_recent from {{ model }}{% endtest %}
{% test equal_rowcount(model, compare_model, group_by_columns=[]) %}select a.n as a, b.n as b from (select count(*) as n from {{ model }}) as a cross join (select count(*) as n from {{ compare_model }}) as b{% endtest %}
{% test relationships_where(model, column_name, to, field, from_condition='1=1', to_condition='1=1') %}select from_field from (select {{ column_name }} as from_field from {{ model }} where {{ column_name }} is not null and {{ from_condition }}) as child left join (select {{ field }} as to_field from {{ to }} where {{ to_condition }}) as parent on child.from_field = parent.to_field where parent.to_field is null{% endtest %}
