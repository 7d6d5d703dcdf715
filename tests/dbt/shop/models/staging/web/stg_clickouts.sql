{{ config(enabled=false) }}

-- The old tracker: nothing writes this table any more.
select * from raw.clickouts
