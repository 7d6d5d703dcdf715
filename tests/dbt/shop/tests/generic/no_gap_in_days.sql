{% test no_gap_in_days(model, column_name, days=7) %}
    select expected.calendar_date
    from {{ ref('house_utils', 'util_calendar') }} as expected
    left join (
        select distinct cast({{ column_name }} as date) as day
        from {{ model }}
    ) as found on found.day = expected.calendar_date
    where expected.calendar_date between current_date - interval '{{ days }}' day and current_date - interval '1' day
      and found.day is null
{% endtest %}
