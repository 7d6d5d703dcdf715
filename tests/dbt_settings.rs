//! What the settings of a dbt project make of its files.

mod dbt_project;

use std::path::Path;

use dbt_project::{GIB, bytes, findings, lakelint, project};

const UNREADABLE: [&str; 2] = ["--select", "unreadable-sql"];

fn text(folder: &Path) -> String {
    let output = lakelint(folder, &["check"]);
    String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_disabled_is_told_apart_from_what_is_declared_nowhere() {
    let folder = project(&[
        ("dbt_project.yml", "name: shop\nmodels:\n  shop:\n    old:\n      +enabled: false\n"),
        ("models/off.sql", "{{ config(enabled=false) }}select 1 as a\n"),
        ("models/old/older.sql", "select 1 as a\n"),
        ("models/lost.sql", "select *\nfrom {{ ref('off') }}, {{ ref('older') }}, {{ source('off', 'rows') }}\n"),
        (
            "models/more.yml",
            "models:\n  - name: off\n    columns: [{name: a, data_tests: [unique]}]\nsources:\n  - name: 'off'\n    tables:\n      - name: rows\n        config: {enabled: false}\nexposures:\n  - name: board\n    depends_on: [ref('off')]\n",
        ),
        // dbt runs no test of what is disabled, and says so in passing.
        ("tests/of_off.sql", "select * from {{ ref('off') }} where a is null\n"),
    ]);
    assert_eq!(
        findings(folder.path(), &UNREADABLE),
        [
            "models/lost.sql:2:6 unreadable-sql",
            "models/lost.sql:2:24 unreadable-sql",
            "models/lost.sql:2:44 unreadable-sql",
            "models/more.yml:11:18 unreadable-sql",
        ]
    );
    let text = text(folder.path());
    for what in ["model `off` is disabled", "model `older` is disabled", "source `off.rows` is disabled"] {
        assert!(text.contains(what), "{what}: {text}");
    }
    assert!(!text.contains("declared nowhere"), "{text}");
    let sources = "sources:\n  - name: raw\n    enabled: false\n    tables: [{name: events}]\n";
    let folder =
        project(&[("models/sources.yml", sources), ("models/a.sql", "select * from {{ source('raw', 'events') }}\n")]);
    assert_eq!(findings(folder.path(), &UNREADABLE), ["models/a.sql:1:15 unreadable-sql"]);
    assert_eq!(findings(folder.path(), &["--select", "freshness-not-checked"]), Vec::<String>::new());
}

/// What stands in for a package that was not fetched declares nothing; of others nobody knows.
#[test]
fn only_packages_that_are_not_known_may_declare_what_is_missing() {
    for (package, found) in [("dbt-labs/dbt_utils", &["models/lost.sql:1:15 unreadable-sql"][..]), ("a/b", &[])] {
        let packages = format!("packages:\n  - package: {package}\n    version: 1.0.0\n");
        let folder =
            project(&[("packages.yml", &packages), ("models/lost.sql", "select * from {{ ref('nowhere') }}\n")]);
        assert_eq!(findings(folder.path(), &UNREADABLE), found, "{package}");
    }
}

/// A snapshot looks at all rows for those that have changed.
#[test]
fn a_snapshot_may_be_meant_to_read_all() {
    let snapshot = "{% snapshot snap %}{{ config(target_schema='s', unique_key='id', strategy='check', check_cols=['amount']) }}\nselect * from {{ source('raw', 'events') }}\n{% endsnapshot %}\n";
    let folder = project(&[("snapshots/snap.sql", snapshot)]);
    assert!(text(folder.path()).starts_with("medium[missing-partition-filter]"), "{}", text(folder.path()));
}

#[test]
fn a_model_without_a_query_is_told_unless_its_file_is_empty() {
    let folder = project(&[
        ("models/empty.sql", ""),
        ("models/blank.sql", "\n  \n"),
        ("models/reader.sql", "select * from {{ ref('empty') }}, {{ ref('blank') }}\n"),
        ("models/later.sql", "{{ config(materialized='table') }}\n-- select 1\n{# more #}\n"),
        ("models/never.sql", "{% if false %}select 1{% endif %}\n"),
        ("models/runs.sql", "{% if run_query('x') is none %}select 1{% endif %}\n"),
        ("tests/empty.sql", "\n"),
        ("tests/later.sql", "-- later\n"),
        ("analyses/later.sql", "-- later\n"),
    ]);
    assert_eq!(
        findings(folder.path(), &UNREADABLE),
        [
            "models/later.sql:1:1 unreadable-sql",
            "models/never.sql:1:1 unreadable-sql",
            "tests/later.sql:1:1 unreadable-sql"
        ]
    );
    let text = text(folder.path());
    assert!(text.contains("`later` has no query: only comments and configuration"), "{text}");
    assert!(!text.contains("expected"), "{text}");
}

#[test]
fn a_full_refresh_at_every_run_is_a_rebuild() {
    let model = |setting: &str| {
        format!(
            "{{{{ config(materialized='incremental', incremental_strategy='insert_overwrite', partitioned_by=['dt']{setting}) }}}}\nselect id, amount, kind, payload, dt from {{{{ source('raw', 'events') }}}}\n{{% if is_incremental() %}}where dt >= '2025-06-30'{{% endif %}}\n"
        )
    };
    let of = |setting: &str, project_file: &str| {
        let folder = project(&[("models/events.sql", &model(setting)), ("dbt_project.yml", project_file)]);
        let priced = bytes(folder.path(), &["--select", "config.materialized:incremental"]);
        let found = findings(folder.path(), &["--select", "full-rebuild-of-large-model,missing-partition-filter"]);
        (priced[0].1.expect("known") / GIB, found, text(folder.path()))
    };
    let plain = "name: shop\n";
    let rebuilt = ["models/events.sql:1:103 full-rebuild-of-large-model"];
    for setting in ["", ", full_refresh=false", ", full_refresh=none"] {
        let (gib, found, _) = of(setting, plain);
        assert_eq!((gib, found), (1, Vec::new()), "{setting}");
    }
    let (gib, found, text) = of(", full_refresh=true", plain);
    assert_eq!((gib, found), (30, rebuilt.map(str::to_string).to_vec()));
    assert!(text.contains("take `full_refresh=true` out"), "{text}");
    let (gib, found, _) = of("", "name: shop\nmodels:\n  +full_refresh: true\n");
    assert_eq!((gib, found.len()), (30, 1));
    assert_eq!(of(", full_refresh=false", "name: shop\nmodels:\n  +full_refresh: true\n").0, 1);
}

#[test]
fn models_may_lie_in_the_projects_own_folder() {
    let model = "{{ config(materialized='table') }}select sum(amount) as a from {{ source('raw', 'events') }}\n";
    let folder = project(&[
        ("shop/dbt_project.yml", "name: inner\nmodel-paths: ['.']\nmacro-paths: [macros]\n"),
        ("shop/sources.yml", "sources:\n  - name: raw\n    tables: [{name: events}]\n"),
        ("shop/a.sql", model),
        ("shop/marts/b.sql", "select {{ one() }} as x from {{ ref('a') }}\n"),
        ("shop/macros/one.sql", "{% macro one() %}1{% endmacro %}\n"),
        ("shop/target/compiled/inner/a.sql", model),
        ("shop/dbt_packages/utils/dbt_project.yml", "name: utils\n"),
        ("shop/dbt_packages/utils/models/c.sql", model),
    ]);
    let select = ["--select", "unreadable-sql,missing-partition-filter"];
    assert_eq!(findings(folder.path(), &select), ["shop/a.sql:1:64 missing-partition-filter"]);
    let names: Vec<String> =
        bytes(folder.path(), &["--select", "resource_type:model"]).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn fixtures_of_unit_tests_are_no_tests() {
    let folder = project(&[
        ("tests/fixtures/events.sql", "select 1 as id, '2025-06-30' as dt\n"),
        ("tests/fixtures/broken.sql", "select {{ fixture_of_nobody() }} from\n"),
        ("tests/one.sql", "select * from {{ source('raw', 'events') }} where dt = 'x'\n"),
    ]);
    let names: Vec<String> =
        bytes(folder.path(), &["--select", "resource_type:test"]).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["one"]);
    let all: Vec<String> = bytes(folder.path(), &[]).into_iter().map(|(name, _)| name).collect();
    assert_eq!(all, ["one", "ddl/raw.sql:1"], "fixtures are no statements");
    assert_eq!(findings(folder.path(), &UNREADABLE), Vec::<String>::new());
}

#[test]
fn what_the_project_says_of_a_package_goes_before_what_its_models_say() {
    let names = |project_file: &str, model: &str| {
        let folder = project(&[
            ("dbt_project.yml", project_file),
            ("dbt_packages/utils/dbt_project.yml", "name: utils\nmodels:\n  +alias: in_project\n"),
            ("dbt_packages/utils/models/thing.sql", model),
            ("models/thing.yml", "models:\n  - name: thing\n    config: {alias: of_the_root}\n"),
            ("models/reader.sql", "{{ config(materialized='table') }}select x from {{ ref('thing') }}\n"),
        ]);
        let output = lakelint(folder.path(), &["cost", "--format", "json", "--explain"]);
        let text = String::from_utf8_lossy(&output.stdout).to_string();
        ["in_project", "in_file", "at_last", "of_the_root"]
            .into_iter()
            .filter(|name| text.contains(name))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let plain = "{{ config(materialized='table') }}select 1 as x\n";
    let own = "{{ config(materialized='table', alias='in_file') }}select 1 as x\n";
    assert_eq!(names("name: shop\n", plain), "in_project");
    assert_eq!(names("name: shop\n", own), "in_file");
    assert_eq!(names("name: shop\nmodels:\n  utils:\n    +alias: at_last\n", own), "at_last");
    assert_eq!(names("name: shop\nmodels:\n  +alias: at_last\n  shop: {+alias: reader}\n", own), "at_last");
}

#[test]
fn the_batches_of_a_microbatch_model_are_what_it_reads() {
    let model = |settings: &str, from: &str| {
        format!(
            "{{{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='dt', begin='2025-06-01', partitioned_by=['dt']{settings}) }}}}\n{from}\n"
        )
    };
    let source = "sources:\n  - name: raw\n    tables:\n      - name: events\n        config: {event_time: dt}\n";
    let all = "select id, amount, kind, payload, dt from {{ source('raw', 'events') }}";
    let days = |settings: &str, from: &str, sources: &str| {
        let folder = project(&[
            ("models/batched.sql", &model(settings, from)),
            ("models/stg.sql", &format!("{{{{ config(event_time='dt') }}}}{all}\n")),
            ("models/sources.yml", sources),
        ]);
        let found = findings(folder.path(), &["--select", "unreadable-sql,missing-partition-filter"]);
        assert_eq!(found, Vec::<String>::new(), "{settings} {from}");
        let output = lakelint(folder.path(), &["cost", "--explain", "--select", "batched"]);
        let told = String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
        (bytes(folder.path(), &["--select", "batched"])[0].1.expect("known") / GIB, told)
    };
    let plain = "sources:\n  - name: raw\n    tables: [{name: events}]\n";
    let day = ", batch_size='day'";
    // The run is at midnight of the 30th: its last batches are the 28th and the 29th.
    let (read, told) = days(day, all, source);
    assert_eq!(read, 2, "{told}");
    assert!(told.contains("is the last 2 batches, as `lookback` has it"), "{told}");
    assert_eq!(days(", batch_size='day', lookback=4", all, source).0, 5);
    assert_eq!(days(", batch_size='day', lookback=0", all, source).0, 1);
    assert_eq!(days(day, "select * from {{ ref('stg') }}", plain).0, 2);
    let import =
        "with events as (select * from {{ source('raw', 'events') }}) select id, amount, kind, payload, dt from events";
    assert_eq!(days(day, import, source).0, 2);
    let import = "with stg as (select * from {{ ref('stg') }}) select id, amount, kind, payload, dt from stg";
    assert_eq!(days(day, import, plain).0, 2);
    // Without an event time of the input, or a size of the batch, and where the model asks for the relation alone, it is read whole.
    for (settings, from, sources) in [
        (day, all, plain),
        ("", all, source),
        (day, "select id, dt, amount, kind, payload from {{ ref('stg').render() }}", plain),
    ] {
        let (read, told) = days(settings, from, sources);
        assert_eq!(read, 30, "{told}");
    }
}
