//! dbt projects beside others: those for other warehouses, and packages that lie in the repository.

mod dbt_project;

use std::path::Path;

use dbt_project::{findings, lakelint, project};

const TABLE: &str = "{{ config(materialized='table') }}select sum(amount) as a from {{ source('raw', 'events') }}\n";
const FOUND: &str = "models/b.sql:1:64 missing-partition-filter";

/// What is found in a project, and what is said of it. Lines are put together.
fn told(files: &[(&str, &str)]) -> (Vec<String>, String) {
    let snowflake =
        "select payload:x::string as x from {{ source('raw', 'events') }} qualify row_number() over (order by 1) = 1\n";
    let folder = project(&[&[("models/a.sql", snowflake), ("models/b.sql", TABLE)], files].concat());
    checked(folder.path())
}

fn checked(folder: &Path) -> (Vec<String>, String) {
    let output = lakelint(folder, &["check"]);
    let text = String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    (findings(folder, &["--select", "missing-partition-filter"]), text)
}

#[test]
fn what_the_repository_installs_tells_the_warehouse() {
    for (files, why) in [
        (
            &[("requirements.txt", "dbt-core==1.9.0\ndbt-snowflake==1.9.1\n")][..],
            "2 queries of a dbt project for snowflake: `requirements.txt` asks for dbt-snowflake",
        ),
        (
            &[("uv.lock", "name = \"dbt-spark\"\n"), ("pyproject.toml", "dependencies = ['dbt-databricks']\n")],
            "2 queries of a dbt project for databricks: `pyproject.toml` asks for dbt-databricks",
        ),
        (
            &[("dbt_project.yml", "name: shop\nmodels:\n  shop:\n    +snowflake_warehouse: large\n")],
            "2 queries of a dbt project for snowflake: `dbt_project.yml` sets `snowflake_warehouse`",
        ),
        (
            &[("models/b.yml", "models:\n  - name: b\n    config: {partition_by: {field: day}}\n")],
            "2 queries of a dbt project for bigquery: the YAML of `b` sets `partition_by`",
        ),
        (
            &[("models/c.sql", "{{ config(dist='even') }}select 1 as a\n")],
            "3 queries of a dbt project for redshift: `c.sql` sets `dist`",
        ),
    ] {
        let (found, text) = told(files);
        assert_eq!(found, Vec::<String>::new(), "{text}");
        assert!(text.contains(why), "{why}: {text}");
    }
}

#[test]
fn a_project_that_may_be_for_athena_is_read() {
    let athena = "shop:\n  outputs:\n    dev: {type: athena, schema: x}\n";
    for files in [
        &[][..],
        &[("requirements.txt", "dbt-core\n# dbt-snowflake\n")],
        &[("requirements.txt", "dbt-snowflake\n"), ("requirements-lake.txt", "dbt-athena\n")],
        &[
            ("requirements.txt", "dbt-duckdb\n"),
            ("dbt_project.yml", "name: shop\nprofile: shop\n"),
            ("profiles.yml", athena),
        ],
        &[("requirements.txt", "dbt-trino\n"), ("dbt_project.yml", "name: shop\nmodels:\n  +transient: true\n")],
        &[("dbt_project.yml", "name: shop\nmodels:\n  +transient: true\n  +table_properties: {a: b}\n")],
        &[
            ("models/c.sql", "{{ config(sort='a') }}select 1 as a\n"),
            ("models/d.sql", "{{ config(partitioned_by=['a']) }}select 1 as a\n"),
        ],
    ] {
        let (found, text) = told(files);
        assert_eq!(found, [FOUND], "{files:?}: {text}");
    }
}

#[test]
fn folders_up_to_the_top_of_the_repository_tell() {
    let inner = |outside: &[(&str, &str)]| {
        let model = [
            ("shop/dbt_project.yml", "name: inner\n"),
            ("shop/models/b.sql", TABLE),
            ("shop/models/sources.yml", "sources:\n  - name: raw\n    tables: [{name: events}]\n"),
        ];
        let folder = project(&[&model[..], outside].concat());
        std::fs::remove_file(folder.path().join("dbt_project.yml")).expect("removed");
        folder
    };
    let folder = inner(&[("environment.yml", "dependencies:\n  - pip:\n    - dbt-bigquery\n")]);
    let (found, text) = checked(folder.path());
    assert_eq!(found, Vec::<String>::new());
    assert!(text.contains("1 query of a dbt project for bigquery: `environment.yml` asks for dbt-bigquery"), "{text}");
    // Above the top of a repository is another one's business.
    std::fs::create_dir(folder.path().join("shop/.git")).expect("made");
    assert_eq!(checked(folder.path()).0, ["shop/models/b.sql:1:64 missing-partition-filter"]);
}
