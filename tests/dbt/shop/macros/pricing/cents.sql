{% macro cents_to_euros(column_name, scale=2) -%}
    cast({{ column_name }} / 100.0 as decimal(18, {{ scale }}))
{%- endmacro %}

{% macro net_of_tax(column_name, country) -%}
    {%- set rates = {'DE': 0.19, 'AT': 0.20} -%}
    {%- do rates.update({'FR': 0.20}) -%}
    case {{ country }}
    {%- for code, rate in rates.items() %}
        when '{{ code }}' then {{ cents_to_euros(column_name) }} / (1 + {{ rate }})
    {%- endfor %}
        else {{ cents_to_euros(column_name) }}
    end
{%- endmacro %}
