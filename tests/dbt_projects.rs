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

const CORE: [(&str, &str); 7] = [
    ("core/dbt_project.yml", "name: shop_core\n"),
    ("core/macros/since.sql", "{% macro since(key) %}{{ key }} >= '2025-06-30'{% endmacro %}\n"),
    ("core/models/sources.yml", "sources:\n  - name: raw\n    tables: [{name: events}]\n"),
    ("core/models/stg.sql", "select dt, id, amount from {{ source('raw', 'events') }}\n"),
    ("core/models/all.sql", "{{ config(materialized='table') }}\nselect sum(amount) as a from {{ ref('stg') }}\n"),
    ("core/models/all.yml", "models:\n  - name: stg\n    columns: [{name: id, data_tests: [unique]}]\n"),
    ("core/seeds/kinds.csv", "kind,label\na,A\n"),
];

const APP: [(&str, &str); 4] = [
    ("app/dbt_project.yml", "name: app\n"),
    ("app/packages.yml", "packages:\n  - local: ../core\n"),
    (
        "app/models/daily.sql",
        "{{ config(materialized='table') }}\nselect sum(amount) as a from {{ ref('stg') }} where {{ shop_core.since('dt') }}\n",
    ),
    ("app/models/kinds_of.sql", "select * from {{ ref('kinds') }}, {{ ref('all') }}\n"),
];

/// Two projects, one of which is a package of the other.
fn side_by_side(more: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = project(&[&CORE[..], &APP[..], more].concat());
    std::fs::remove_file(folder.path().join("dbt_project.yml")).expect("removed");
    std::fs::remove_dir_all(folder.path().join("models")).expect("removed");
    folder
}

fn named(folder: &Path, args: &[&str]) -> Vec<(String, Option<u64>)> {
    dbt_project::bytes(folder, args)
        .into_iter()
        .map(|(name, bytes)| (name, bytes.map(|bytes| bytes / dbt_project::GIB)))
        .collect()
}

#[test]
fn a_package_that_lies_in_the_repository_is_read_there() {
    let folder = side_by_side(&[]);
    let found = ["core/models/all.sql:2:30 missing-partition-filter", "core/models/all.yml:3:39 test-scans-full-table"];
    let select = ["--select", "missing-partition-filter,unreadable-sql,test-scans-full-table"];
    let mut shown = findings(folder.path(), &select);
    shown.sort();
    assert_eq!(shown, found);
    let priced = named(folder.path(), &["--select", "daily all unique_stg_id"]);
    assert_eq!(
        priced,
        [("all", Some(5)), ("unique_stg_id", Some(5)), ("daily", Some(0))].map(|(name, n)| (name.to_string(), n))
    );
    assert_eq!(
        named(folder.path(), &["--select", "stg+"]).len(),
        5,
        "core's models and tests, and those of the app, once each"
    );
    // Alone, the app has the macros and models of its package, too, whose findings are not its own.
    assert_eq!(findings(folder.path(), &[&["app"], &select[..]].concat()), Vec::<String>::new());
    assert_eq!(named(folder.path(), &["app/models/daily.sql"]), [("daily".to_string(), Some(0))]);
    std::fs::rename(folder.path().join("lakelint.toml"), folder.path().join("app/lakelint.toml")).expect("moved");
    let text = std::fs::read_to_string(folder.path().join("app/lakelint.toml")).expect("read");
    std::fs::write(folder.path().join("app/lakelint.toml"), text.replace("lake.txt", "../lake.txt")).expect("written");
    std::fs::rename(folder.path().join("ddl"), folder.path().join("app/ddl")).expect("moved");
    let app = folder.path().join("app");
    assert_eq!(findings(&app, &select), Vec::<String>::new());
    assert_eq!(named(&app, &["--select", "daily"]), [("daily".to_string(), Some(0))]);
}

#[test]
#[cfg(unix)]
fn a_link_that_dbt_makes_to_a_package_is_the_package() {
    let folder = side_by_side(&[("app/dbt_packages/readme.txt", "fetched")]);
    let before = (findings(folder.path(), &[]), named(folder.path(), &["--select", "stg+"]));
    std::os::unix::fs::symlink("../../core", folder.path().join("app/dbt_packages/shop_core")).expect("linked");
    assert_eq!((findings(folder.path(), &[]), named(folder.path(), &["--select", "stg+"])), before);
}

#[test]
fn what_dbt_has_fetched_goes_before_a_folder_and_folders_ask_for_more() {
    // An older core without the model `all`.
    let folder = side_by_side(&[
        ("app/dbt_packages/core/dbt_project.yml", "name: shop_core\n"),
        ("app/dbt_packages/core/macros/since.sql", "{% macro since(key) %}{{ key }} = 'a'{% endmacro %}\n"),
        ("app/dbt_packages/core/models/sources.yml", "sources:\n  - name: raw\n    tables: [{name: events}]\n"),
        ("app/dbt_packages/core/models/stg.sql", "select dt, amount from {{ source('raw', 'events') }}\n"),
        ("app/dbt_packages/core/seeds/kinds.csv", "kind\na\n"),
    ]);
    assert_eq!(
        findings(folder.path(), &["app", "--select", "unreadable-sql"]),
        ["app/models/kinds_of.sql:1:35 unreadable-sql"]
    );
    // A package of the package, which is written as dbt takes it: from the root of the project.
    let folder = side_by_side(&[
        (
            "core/packages.yml",
            "packages:\n  - local: ../base\n  - package: dbt-labs/dbt_utils\n    version: 1.0.0\n  - package: someone/dbt_things\n    version: 1.0.0\n",
        ),
        ("base/dbt_project.yml", "name: base\n"),
        ("base/models/lowest.sql", "select 1 as a\n"),
        (
            "app/models/low.sql",
            "select {{ dbt_utils.star(ref('lowest')) }} from {{ ref('lowest') }}, {{ ref('nobody') }}\n",
        ),
    ]);
    assert_eq!(
        findings(folder.path(), &["--select", "unreadable-sql"]),
        Vec::<String>::new(),
        "`nobody` may be dbt_things'"
    );
    // A folder that is not there has to be fetched.
    let folder = side_by_side(&[("app/packages.yml", "packages:\n  - local: ../elsewhere/core\n")]);
    assert_eq!(
        findings(folder.path(), &["app", "--select", "unreadable-sql"]),
        ["app/models/daily.sql:2:65 unreadable-sql"]
    );
}

#[test]
fn a_package_in_another_schema_is_another_package() {
    let profile = |schema: &str| format!("p:\n  outputs:\n    prod: {{type: athena, schema: {schema}}}\n");
    let folder = side_by_side(&[
        ("app/dbt_project.yml", "name: app\nprofile: p\n"),
        ("app/profiles.yml", &profile("app")),
        ("core/dbt_project.yml", "name: shop_core\nprofile: p\n"),
        ("core/profiles.yml", &profile("core")),
    ]);
    let priced = named(folder.path(), &["--select", "daily all"]);
    assert_eq!(priced, [("all", Some(5)), ("daily", Some(0))].map(|(name, n)| (name.to_string(), n)));
    let output = lakelint(folder.path(), &["check"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.contains("not checked"), "{text}");
}
