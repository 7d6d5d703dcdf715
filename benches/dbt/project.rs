//! A dbt project of a thousand models in three layers, with macros, a package, incremental models, properties and the listing of its
//! raw tables. The same bytes every time.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// Views over the sources.
const STAGING: usize = 400;
const INTERMEDIATE: usize = 350;
const MARTS: usize = 250;
pub const MODELS: usize = STAGING + INTERMEDIATE + MARTS;
/// Days of a raw table.
const DAYS: usize = 30;
/// Models of one folder, and of its file of properties.
const FOLDER: usize = 25;

const SUBJECTS: [&str; 10] =
    ["orders", "payments", "sessions", "clicks", "shipments", "invoices", "refunds", "visits", "carts", "tickets"];
const MEASURES: [&str; 6] = ["amount", "quantity", "discount", "tax", "score", "weight"];
const ATTRIBUTES: [&str; 6] = ["country", "channel", "status", "device", "segment", "currency"];

const PROJECT: &str = "name: bench
version: '1.0.0'
config-version: 2
profile: bench
vars:
  start_date: '2025-05-01'
  lookback_days: 3
models:
  bench:
    staging: {+materialized: view, +schema: staging, +tags: [hourly]}
    intermediate: {+materialized: table, +format: parquet, +schema: clean}
    marts: {+materialized: table, +format: parquet, +schema: curated, +s3_data_naming: schema_table_unique}
";

const PROFILES: &str = "bench:
  target: dev
  outputs:
    dev:
      {type: athena, region_name: eu-central-1, database: awsdatacatalog, schema: dev, s3_staging_dir: s3://bench-lake/athena/}
";

const LINTER: &str = "[sqlfluff]
dialect = athena
templater = jinja
[sqlfluff:templater:jinja]
apply_dbt_builtins = True
load_macros_from_path = macros
library_path = libraries
[sqlfluff:templater:jinja:context]
start_date = 2025-05-01
";

/// The macros of the package for sqlfluff, which takes them in Python.
const LIBRARY: &str = "def surrogate_key(fields):
    return 'to_hex(md5(to_utf8(' + \" || '-' || \".join(fields) + ')))'


def deduplicate(relation, partition_by, order_by):
    return f'''select *
    from (
        select
            rows_of.*,
            row_number() over (partition by {partition_by} order by {order_by}) as place
        from {relation} as rows_of
    )
    where place = 1'''
";

const PACKAGE_MACROS: &str = r#"{%- macro surrogate_key(fields) -%}
    {{ return(adapter.dispatch('surrogate_key', 'util')(fields)) }}
{%- endmacro -%}

{%- macro default__surrogate_key(fields) -%}
    {%- set parts = [] -%}
    {%- for field in fields -%}
        {%- do parts.append("cast(" ~ field ~ " as varchar)") -%}
        {%- if not loop.last -%}{%- do parts.append("'-'") -%}{%- endif -%}
    {%- endfor -%}
    to_hex(md5(to_utf8({{ parts | join(' || ') }})))
{%- endmacro -%}

{% macro deduplicate(relation, partition_by, order_by) -%}
    select *
    from (
        select
            rows_of.*,
            row_number() over (partition by {{ partition_by }} order by {{ order_by }}) as place
        from {{ relation }} as rows_of
    )
    where place = 1
{%- endmacro %}
"#;

const MACROS: &str = r#"{% macro days_back(days, key='dt') -%}
    {{ key }} >= date_format(current_date - interval '{{ days }}' day, '%Y-%m-%d')
{%- endmacro %}

{% macro only_new(key='dt') %}
{%- if is_incremental() %}
where {{ days_back(var('lookback_days', 3), key) }}
{%- endif %}
{%- endmacro %}

{% macro measures() %}
    {{ return(['amount', 'quantity', 'discount', 'tax', 'score', 'weight']) }}
{% endmacro %}

{% macro euros(column, scale=2) -%}
    cast({{ column }} / 100.0 as decimal(18, {{ scale }}))
{%- endmacro %}
"#;

/// Writes the project into a folder.
pub fn write(folder: &Path) -> io::Result<()> {
    let put = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder"))?;
        std::fs::write(path, text)
    };
    put("dbt_project.yml", PROJECT)?;
    put("profiles.yml", PROFILES)?;
    put("packages.yml", "packages:\n  - local: packages/util\n")?;
    put(".sqlfluff", LINTER)?;
    put("libraries/util.py", LIBRARY)?;
    put("macros/common.sql", MACROS)?;
    for (n, subject) in SUBJECTS.iter().enumerate() {
        put(&format!("macros/subjects/{subject}.sql"), &subject_macro(subject, n))?;
    }
    put("dbt_packages/util/dbt_project.yml", "name: util\nversion: '1.0.0'\nconfig-version: 2\n")?;
    put("dbt_packages/util/macros/util.sql", PACKAGE_MACROS)?;
    put("lakelint.toml", "[lake]\nsources = [\"s3://bench-lake=listing.txt\"]\n")?;
    put("tables.ddl", &(0..STAGING).map(table).collect::<String>())?;
    put("listing.txt", &listing())?;
    put("models/staging/sources.yml", &sources())?;
    for (layer, models) in [("staging", STAGING), ("intermediate", INTERMEDIATE), ("marts", MARTS)] {
        for i in 0..models {
            let text = match layer {
                "staging" => staging(i),
                "intermediate" => intermediate(i),
                _ => mart(i),
            };
            put(&format!("models/{layer}/area_{:02}/{}.sql", i / FOLDER, name(layer, i)), &text)?;
        }
        for area in 0..models.div_ceil(FOLDER) {
            let of_area = (area * FOLDER..models.min((area + 1) * FOLDER)).map(|i| properties(layer, i));
            let text = "version: 2\nmodels:\n".to_string() + &of_area.collect::<String>();
            put(&format!("models/{layer}/area_{area:02}/properties.yml"), &text)?;
        }
    }
    Ok(())
}

fn raw(i: usize) -> String {
    format!("{}_{:02}", SUBJECTS[i % SUBJECTS.len()], i / SUBJECTS.len())
}

fn name(layer: &str, i: usize) -> String {
    let prefix = match layer {
        "staging" => "stg",
        "intermediate" => "int",
        _ => "fct",
    };
    format!("{prefix}_{}", raw(i))
}

fn reference(layer: &str, i: usize) -> String {
    format!("{{{{ ref('{}') }}}}", name(layer, i))
}

fn table(i: usize) -> String {
    let name = raw(i);
    let measures: String = MEASURES.iter().map(|measure| format!("  {measure} bigint,\n")).collect();
    let attributes = ATTRIBUTES.map(|attribute| format!("  {attribute} string")).join(",\n");
    format!(
        "CREATE EXTERNAL TABLE raw.{name} (\n  id string,\n  customer_id string,\n  created_at timestamp,\n{measures}{attributes}\n)\nPARTITIONED BY (dt string)\nSTORED AS PARQUET\nLOCATION 's3://bench-lake/raw/{name}/';\n\n"
    )
}

fn listing() -> String {
    let mut out = String::new();
    for i in 0..STAGING {
        for day in 1..=DAYS {
            let size = 130_000_000 + (i * 7_919 + day * 104_729) % 90_000_000;
            let _ =
                writeln!(out, "2025-06-30 03:00:00 {size:>10} raw/{}/dt=2025-06-{day:02}/part-00000.parquet", raw(i));
        }
    }
    out
}

fn sources() -> String {
    let tables: String = (0..STAGING).map(|i| format!("      - name: {}\n", raw(i))).collect();
    format!(
        "version: 2\nsources:\n  - name: raw\n    schema: raw\n    config:\n      loaded_at_field: created_at\n      freshness:\n        warn_after: {{count: 12, period: hour}}\n    tables:\n{tables}"
    )
}

fn properties(layer: &str, i: usize) -> String {
    let recent = "\"dt >= date_format(current_date - interval '3' day, '%Y-%m-%d')\"";
    format!(
        "  - name: {}\n    description: What is known of {} in {layer}.\n    columns:\n      - name: id\n        data_tests:\n          - not_null:\n              config:\n                where: {recent}\n",
        name(layer, i),
        raw(i)
    )
}

fn subject_macro(subject: &str, n: usize) -> String {
    format!(
        "{{% macro is_valid_{subject}(alias='') -%}}\n    {{%- set prefix = alias ~ '.' if alias else '' -%}}\n    {{{{ prefix }}}}{} is not null and {{{{ prefix }}}}{} <> 'test'\n{{%- endmacro %}}\n",
        MEASURES[n % MEASURES.len()],
        ATTRIBUTES[n % ATTRIBUTES.len()]
    )
}

fn staging(i: usize) -> String {
    let subject = SUBJECTS[i % SUBJECTS.len()];
    let source = format!("{{{{ source('raw', '{}') }}}}", raw(i));
    let measures: String =
        MEASURES.iter().map(|measure| format!("        {{{{ euros('{measure}') }}}} as {measure},\n")).collect();
    let (config, filter) = match i % 8 {
        0 => (
            "{{ config(materialized='incremental', incremental_strategy='append', partitioned_by=['dt']) }}\n\n",
            "    {{ only_new() }}\n",
        ),
        _ => ("", ""),
    };
    format!(
        "{config}with source as (\n\n    select * from {source}\n{filter}\n),\n\nrenamed as (\n\n    select\n        id,\n        customer_id,\n{measures}        lower(country) as country,\n        channel,\n        status,\n        device,\n        {{{{ util.surrogate_key(['id', 'customer_id']) }}}} as row_key,\n        created_at,\n        dt\n    from source\n    where {{{{ is_valid_{subject}() }}}}\n\n)\n\nselect * from renamed\n"
    )
}

fn intermediate(i: usize) -> String {
    let (left, right) = (reference("staging", i), reference("staging", (i * 7 + 3) % STAGING));
    match i % 5 {
        0 => format!(
            "with facts as (\n    select * from {left}\n    where {{{{ days_back(14) }}}}\n),\n\nothers as (\n    select * from {right}\n    where {{{{ days_back(14) }}}}\n)\n\nselect\n    facts.id,\n    facts.customer_id,\n    facts.amount,\n    facts.country,\n    others.score as other_score,\n    facts.created_at,\n    facts.dt\nfrom facts\nleft join others on others.id = facts.id and others.dt = facts.dt\n"
        ),
        1 => format!(
            "{{{{\n    config(\n        materialized='incremental',\n        incremental_strategy='insert_overwrite',\n        partitioned_by=['dt']\n    )\n}}}}\n\nselect id, customer_id, sum(amount) as amount, max(country) as country, max(created_at) as created_at, dt\nfrom {left}\n{{% if is_incremental() %}}\nwhere {{{{ days_back(var('lookback_days')) }}}}\n{{% endif %}}\ngroup by id, customer_id, dt\n"
        ),
        2 => format!(
            "{{%- set kinds = ['open', 'paid', 'late'] -%}}\n{{%- do kinds.append('lost') -%}}\n\nselect\n    id,\n    customer_id,\n    {{% for kind in kinds -%}}\n    sum(case when status = '{{{{ kind }}}}' then amount else 0 end) as {{{{ kind }}}}_amount,\n    {{% endfor -%}}\n    sum(amount) as amount,\n    max(country) as country,\n    max(created_at) as created_at,\n    dt\nfrom {left}\nwhere {{{{ days_back(30) }}}}\ngroup by id, customer_id, dt\n"
        ),
        3 => format!(
            "{{{{ config(materialized='ephemeral') }}}}\n\nselect id, customer_id, amount, country, created_at, dt\nfrom {left}\nwhere {{{{ days_back(7) }}}}\n"
        ),
        _ => format!(
            "with latest as (\n    {{{{ util.deduplicate({}, 'id', 'created_at desc') }}}}\n)\n\nselect id, customer_id, amount, country, created_at, dt\nfrom latest\nwhere {{{{ days_back(7) }}}}\n",
            left.trim_matches(['{', '}', ' '])
        ),
    }
}

fn mart(i: usize) -> String {
    let (left, right) = (reference("intermediate", i), reference("intermediate", (i * 3 + 1) % INTERMEDIATE));
    match i % 4 {
        0 => format!(
            "select\n    facts.country,\n    facts.dt,\n    count(*) as facts,\n    sum(facts.amount) as amount\nfrom {left} as facts\ninner join {right} as others on others.customer_id = facts.customer_id\nwhere {{{{ days_back(7, 'facts.dt') }}}}\ngroup by 1, 2\n"
        ),
        1 => format!(
            "{{{{\n    config(\n        materialized='incremental',\n        table_type='iceberg',\n        incremental_strategy='merge',\n        unique_key='id',\n        incremental_predicates=[\"target.created_at >= current_timestamp - interval '3' day\"],\n        partitioned_by=['day(created_at)']\n    )\n}}}}\n\nselect id, customer_id, amount, country, created_at, dt\nfrom {left}\n{{{{ only_new() }}}}\n"
        ),
        2 => format!(
            "{{{{ config(materialized='view') }}}}\n\nwith facts as (\n    select * from {left}\n)\n\nselect id, customer_id, amount, dt\nfrom facts\nwhere amount > 0\n"
        ),
        _ => format!(
            "select\n    country\n    {{%- for days in [1, 7, 28] %}}\n    , sum(case when {{{{ days_back(days) }}}} then amount end) as amount_{{{{ days }}}}_days\n    {{%- endfor %}}\nfrom {left}\nwhere {{{{ days_back(28) }}}}\ngroup by country\n"
        ),
    }
}
