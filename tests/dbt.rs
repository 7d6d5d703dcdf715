//! dbt projects as a user has them: models, macros and YAML in a folder, without dbt.

mod dbt_project;

use std::process::Command;

use dbt_project::{GIB, bytes, findings, lakelint, project};

#[test]
fn findings_stand_in_the_models_own_lines() {
    let folder = project(&[(
        "models/daily.sql",
        "{{ config(materialized='table') }}\n\n{% set keys = ['a', 'b'] %}\nselect\n  {% for key in keys %}\n  count_if(kind = '{{ key }}') as {{ key }},\n  {% endfor %}\n  sum(amount) as amount\nfrom {{ source('raw', 'events') }}\nwhere kind <> 'x'\n",
    )]);
    assert_eq!(findings(folder.path(), &[]), ["models/daily.sql:9:6 missing-partition-filter"]);
    assert_eq!(findings(folder.path(), &["models/daily.sql"]), ["models/daily.sql:9:6 missing-partition-filter"]);
}

#[test]
fn views_and_ephemeral_models_are_read_where_they_are_used() {
    let folder = project(&[
        ("models/stg_events.sql", "select id, kind, amount, dt from {{ source('raw', 'events') }}\n"),
        (
            "models/int_events.sql",
            "{{ config(materialized='ephemeral') }}\nselect * from {{ ref('stg_events') }} where kind = 'a'\n",
        ),
        (
            "models/daily.sql",
            "{{ config(materialized='table') }}\nwith events as (\n  select * from {{ ref('int_events') }}\n)\nselect dt, sum(amount) as amount from events where dt >= '2025-06-29' group by dt\n",
        ),
    ]);
    assert_eq!(findings(folder.path(), &[]), Vec::<String>::new());
    let (name, bytes) = &bytes(folder.path(), &["models/daily.sql"])[0];
    assert_eq!(name, "daily");
    assert!(bytes.is_some_and(|bytes| bytes > GIB / 4 && bytes < 2 * GIB), "{bytes:?}");
}

#[test]
fn an_incremental_run_counts_and_a_full_refresh_says_what_the_table_is_like() {
    let folder = project(&[
        (
            "models/events.sql",
            "{{ config(materialized='incremental', incremental_strategy='insert_overwrite', partitioned_by=['dt']) }}\nselect id, amount, dt from {{ source('raw', 'events') }}\n{% if is_incremental() %}\nwhere dt >= '2025-06-30'\n{% endif %}\n",
        ),
        (
            "models/totals.sql",
            "{{ config(materialized='table') }}\nselect sum(amount) as amount from {{ ref('events') }}\n",
        ),
    ]);
    let priced = bytes(folder.path(), &["models/events.sql"]);
    assert_eq!(priced.len(), 1, "{priced:?}");
    assert!(priced[0].1.is_some_and(|bytes| bytes <= GIB), "{priced:?}");
    // The model's table is known by its keys, not by its layout.
    let shown = findings(folder.path(), &["models/totals.sql"]);
    assert_eq!(shown, ["models/totals.sql:2:35 missing-partition-filter"]);
}

#[test]
fn macros_settings_and_packages_count() {
    let folder = project(&[
        (
            "dbt_project.yml",
            "name: shop\nvars: {first: '2025-06-30'}\nmodels:\n  shop:\n    marts:\n      +materialized: table\n",
        ),
        ("macros/dates.sql", "{% macro since(key) %}{{ key }} >= '{{ utils.first() }}'{% endmacro %}"),
        ("dbt_packages/utils/dbt_project.yml", "name: utils\n"),
        ("dbt_packages/utils/macros/first.sql", "{% macro first() %}{{ return(var('first')) }}{% endmacro %}"),
        ("dbt_packages/utils/models/loose.sql", "select * from {{ source('raw', 'events') }}"),
        (
            "models/marts/daily.sql",
            "select sum(amount) as amount from {{ source('raw', 'events') }} where {{ since('dt') }}\n",
        ),
        ("models/marts/off.sql", "{{ config(enabled=false) }}select * from {{ source('raw', 'events') }}\n"),
    ]);
    assert_eq!(findings(folder.path(), &[]), Vec::<String>::new());
    assert!(bytes(folder.path(), &["models/marts"])[0].1.is_some_and(|bytes| bytes <= GIB));
}

#[test]
fn ignores_stand_in_jinja_and_in_sql() {
    let model = |comment: &str| {
        format!(
            "{{{{ config(materialized='table') }}}}\n{comment}\nselect sum(amount) as a from {{{{ source('raw', 'events') }}}}\n"
        )
    };
    for comment in [
        "-- lakelint: ignore[missing-partition-filter] once",
        "{# lakelint: ignore[missing-partition-filter] once #}",
        "{#- lakelint: ignore[missing-partition-filter] once -#}",
    ] {
        let folder = project(&[("models/all.sql", &model(comment))]);
        assert_eq!(findings(folder.path(), &[]), Vec::<String>::new(), "{comment}");
    }
    let folder = project(&[("models/all.sql", &model("{# nothing #}"))]);
    assert_eq!(findings(folder.path(), &[]), ["models/all.sql:3:30 missing-partition-filter"]);
}

#[test]
fn a_project_for_another_warehouse_is_counted_and_not_read() {
    let profiles = |kind: &str| format!("shop:\n  outputs:\n    dev: {{type: {kind}, schema: x}}\n");
    let check = |kind: &str, args: &[&str]| {
        let folder = project(&[
            ("dbt_project.yml", "name: shop\nprofile: shop\n"),
            ("profiles.yml", &profiles(kind)),
            ("models/a.sql", "select payload:x::string from {{ source('raw', 'events') }}\n"),
            (
                "models/b.sql",
                "{{ config(materialized='table') }}select sum(amount) as a from {{ source('raw', 'events') }}\n",
            ),
        ]);
        let output = lakelint(folder.path(), &[&["check"], args].concat());
        (findings(folder.path(), args), String::from_utf8_lossy(&output.stdout).to_string())
    };
    let (found, told) = check("snowflake", &[]);
    assert_eq!(found, Vec::<String>::new());
    assert!(told.contains("2 queries of a dbt project for snowflake"), "{told}");
    let (_, told) = check("snowflake", &["models/b.sql"]);
    assert!(told.contains("1 query of a dbt project for snowflake"), "{told}");
    assert_eq!(check("athena", &["models/b.sql"]).0, ["models/b.sql:1:64 missing-partition-filter"]);
}

#[test]
fn what_an_editor_holds_goes_before_the_disk() {
    let text = |name: &str| {
        format!(
            "{{% snapshot {name} %}}{{{{ config(unique_key='id', strategy='check', check_cols='all') }}}}select sum(amount) as a from {{{{ source('raw', 'events') }}}}{{% endsnapshot %}}\n"
        )
    };
    let folder = project(&[
        ("snapshots/s.sql", &format!("{}{}", text("one"), text("two"))),
        ("models/a.sql", "select 1 as a\n"),
    ]);
    let check = |name: &str, text: &str| {
        let held = folder.path().join("held.txt");
        std::fs::write(&held, text).expect("written");
        let output = Command::new(env!("CARGO_BIN_EXE_lakelint"))
            .current_dir(folder.path())
            .args(["check", "--as-of", "2025-06-30", "--format", "csv", "--stdin-filename", name, "-"])
            .stdin(std::fs::File::open(&held).expect("open"))
            .output()
            .expect("lakelint runs");
        String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.contains("missing-partition-filter")).count()
    };
    assert_eq!(check("snapshots/s.sql", &text("two")), 1);
    assert_eq!(check("snapshots/s.sql", ""), 0);
    assert_eq!(
        check(
            "models/new.sql",
            "{{ config(materialized='table') }}select sum(amount) as a from {{ source('raw', 'events') }}\n"
        ),
        1
    );
}

#[test]
#[cfg(unix)]
fn links_are_followed_and_loops_of_them_end() {
    let folder =
        project(&[("shared/all.sql", "select 1 as id"), ("models/b.sql", "select id from {{ ref('all') }}\n")]);
    for (to, link) in [("../shared", "models/shared"), ("../models", "models/again")] {
        std::os::unix::fs::symlink(to, folder.path().join(link)).expect("linked");
    }
    assert_eq!(findings(folder.path(), &["models"]), Vec::<String>::new());
}

#[test]
fn what_nothing_declares_is_told_where_it_is_referred_to() {
    let lost = "{{ config(alias='nobody') }}\nselect 1 as a from {{ ref('nobody') }}\n";
    let folder =
        project(&[("models/lost.sql", lost), ("models/broken.yml", "models:\n  - name: lost\n   columns: []\n")]);
    let shown = findings(folder.path(), &[]);
    assert_eq!(shown, ["models/broken.yml:3:4 unreadable-sql", "models/lost.sql:2:20 unreadable-sql"]);
    assert_eq!(findings(folder.path(), &["models/lost.sql"]), ["models/lost.sql:2:20 unreadable-sql"]);
}

#[test]
fn a_common_table_expression_takes_no_models_name() {
    let rows = |count: usize| format!("id,amount\n{}", "1,2\n".repeat(count));
    let folder = project(&[
        ("seeds/orders.csv", &rows(10_000)),
        ("seeds/small.csv", &rows(1)),
        (
            "models/a.sql",
            "{{ config(materialized='table') }}\nwith orders as (select * from {{ ref('small') }}), x as (select * from {{ ref('orders') }})\nselect sum(x.amount) as a from x join orders on x.id = orders.id\n",
        ),
        (
            "models/b.sql",
            "{{ config(materialized='table') }}\nwith orders as (select * from {{ ref('orders') }})\nselect sum(orders.amount + orders.id) as a from orders\n",
        ),
    ]);
    let priced = bytes(folder.path(), &["models"]);
    assert!(priced.iter().all(|(_, bytes)| bytes.is_some_and(|bytes| bytes > 30_000)), "{priced:?}");
}

#[test]
fn what_is_no_utf_8_is_there_all_the_same() {
    let folder = project(&[
        ("models/a.sql", "{{ config(materialized='table') }}\nselect name from {{ ref('towns') }}\n"),
        ("models/b.sql", "select x from {{ ref('odd') }}\n"),
    ]);
    for (name, text) in
        [("seeds/towns.csv", b"id,name\n1,K\xf6ln\n".as_slice()), ("models/odd.sql", b"select '\xfc' as x\n")]
    {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    assert_eq!(findings(folder.path(), &[]), ["models/odd.sql:null:null unreadable-sql"]);
    let priced = bytes(folder.path(), &["models/a.sql"]);
    assert_eq!(priced, [("a".to_string(), None)]);
}

#[test]
fn what_stops_a_model_is_told_once_and_the_others_are_read() {
    let folder = project(&[
        ("models/broken.sql", "select 1\n{% if %}\n"),
        ("models/endless.sql", "select {{ again() }}\n"),
        ("macros/again.sql", "{% macro again() %}{{ again() }}{% endmacro %}"),
        ("packages.yml", "packages:\n  - package: someone/dbt_things\n    version: 1.0.0\n"),
        ("models/patchy.sql", "{{ dbt_things.spine('day') }}\n"),
        ("models/guessed.sql", "{% for node in graph.nodes.values() if node.name == 'x' %}select 1 as a{% endfor %}\n"),
        ("models/wrong.sql", "select a b c from {{ source('raw', 'events') }}\n"),
        (
            "models/daily.sql",
            "{{ config(materialized='table') }}\nselect sum(amount) as a from {{ source('raw', 'events') }}\n",
        ),
    ]);
    assert_eq!(
        findings(folder.path(), &[]),
        [
            "models/daily.sql:2:30 missing-partition-filter",
            "models/broken.sql:2:7 unreadable-sql",
            "models/endless.sql:1:11 unreadable-sql",
            "models/wrong.sql:1:12 unreadable-sql",
        ]
    );
    let lost = "select *\nfrom {{ ref('nobody') }} join {{ source('raw', 'nothing') }} using (id)\n";
    let folder = project(&[("models/lost.sql", lost)]);
    let shown = findings(folder.path(), &[]);
    assert_eq!(shown, ["models/lost.sql:2:6 unreadable-sql", "models/lost.sql:2:31 unreadable-sql"]);
}

#[test]
fn a_column_of_unknown_type_is_not_accused() {
    let orders = "{{ config(materialized='incremental', table_type='iceberg', incremental_strategy='merge', unique_key='id', incremental_predicates=[\"target.at >= current_timestamp - interval '3' day\"], partitioned_by=['month(at)']) }}\nselect id, cast(dt as timestamp) as at from {{ source('raw', 'events') }} where dt >= '2025-06-29'\n";
    let folder = project(&[
        ("models/orders.sql", orders),
        (
            "models/plain.sql",
            "{{ config(materialized='table') }}\nselect count(id) as n from {{ ref('orders') }} where at >= current_timestamp - interval '1' day\n",
        ),
        (
            "models/days.sql",
            "{{ config(materialized='table') }}\nselect count(id) as n from {{ ref('orders') }} where date(at) >= current_date - interval '1' day\n",
        ),
    ]);
    assert_eq!(findings(folder.path(), &[]), Vec::<String>::new());
    let text = "{{ config(materialized='table') }}\nselect count(id) as n from {{ ref('orders') }} where date_format(at, '%Y') = '2025'\n";
    std::fs::write(folder.path().join("models/plain.sql"), text).expect("written");
    assert_eq!(findings(folder.path(), &["models/plain.sql"]), ["models/plain.sql:2:54 partition-filter-not-pruned"]);
}

#[test]
fn ignores_cover_what_the_configuration_says() {
    let model = |comment: &str| {
        format!(
            "{comment}{{{{ config(\n  materialized='incremental',\n  incremental_strategy='insert_overwrite') }}}}\nselect id, dt from {{{{ source('raw', 'events') }}}}\n{{% if is_incremental() %}}where dt >= date_format(current_date - interval '3' day, '%Y-%m-%d'){{% endif %}}\n"
        )
    };
    let select = ["--select", "insert-overwrite-without-partitions,unused-ignore"];
    let folder = project(&[("models/events.sql", &model(""))]);
    assert_eq!(findings(folder.path(), &select), ["models/events.sql:3:3 insert-overwrite-without-partitions"]);
    for comment in [
        "{# lakelint: ignore[insert-overwrite-without-partitions] once #}\n",
        "-- lakelint: ignore[insert-overwrite-without-partitions] once\n",
        "-- lakelint: ignore-file[insert-overwrite-without-partitions] once\n",
    ] {
        let folder = project(&[("models/events.sql", &model(comment))]);
        assert_eq!(findings(folder.path(), &select), Vec::<String>::new(), "{comment}");
    }
    let idle = "-- lakelint: ignore[cross-join] none\n";
    let folder = project(&[("models/events.sql", &model(idle))]);
    let shown = findings(folder.path(), &["--select", "cross-join,unused-ignore"]);
    assert_eq!(shown, ["models/events.sql:1:1 unused-ignore"]);
}

#[test]
fn a_run_that_filters_somehow_is_incremental() {
    let model = |strategy: &str, filter: &str| {
        format!(
            "{{{{ config(materialized='incremental', incremental_strategy='{strategy}', partitioned_by=['dt']) }}}}\nselect id, amount, dt from {{{{ source('raw', 'events') }}}} {filter}\n"
        )
    };
    let select = ["--select", "incremental-without-filter,missing-partition-filter"];
    for (strategy, filter, expected) in [
        ("append", "", "1:39"),
        ("append", "where kind = 'a'", "1:39"),
        ("append", "where dt >= '2025-06-01'", "1:39"),
        ("append", "where dt = '2025-06-29'", ""),
        ("append", "where dt >= '{{ var(\"since\") }}'", ""),
        ("append", "where dt > (select max(dt) from {{ this }})", ""),
        ("append", "where dt >= cast(current_date - interval '3' day as varchar)", ""),
        ("append", "{% if is_incremental() %} where dt > (select max(dt) from {{ this }}) {% endif %}", ""),
        ("append", "{% if is_incremental() %} where amount > 0 {% endif %}", ""),
        ("append", "{% if is_incremental() %} {% endif %}", "1:39"),
        ("insert_overwrite", "", "1:39"),
        ("insert_overwrite", "where dt >= '2025-06-01'", ""),
        ("insert_overwrite", "{% if is_incremental() %} where dt >= '2025-06-27' {% endif %}", ""),
        ("microbatch", "where dt >= '2025-06-01'", ""),
    ] {
        let folder = project(&[("models/events.sql", &model(strategy, filter))]);
        let shown = findings(folder.path(), &select);
        let shown: Vec<&str> =
            shown.iter().filter(|found| found.contains("incremental-without-filter")).map(String::as_str).collect();
        let place =
            shown.first().map_or("", |found| found["models/events.sql:".len()..].split(' ').next().unwrap_or(""));
        assert_eq!(place, expected, "{strategy}: {filter}");
    }
}

#[test]
fn seeds_are_tables_and_tests_of_yaml_are_queries() {
    let folder = project(&[
        ("seeds/kinds.csv", "kind,label\na,A\n"),
        (
            "models/daily.sql",
            "{{ config(materialized='incremental', partitioned_by=['dt']) }}\nselect e.id, k.label, e.dt from {{ source('raw', 'events') }} e join {{ ref('kinds') }} k on k.kind = e.kind\nwhere e.dt = '2025-06-29'\n",
        ),
        (
            "models/tests.yml",
            "sources:\n  - name: raw2\n    schema: raw\n    tables:\n      - name: events\n        columns:\n          - name: id\n            data_tests:\n              - unique\n              - not_null:\n                  config: {where: \"dt = '2025-06-29'\"}\n              # lakelint: ignore[test-scans-full-table] small once a year\n              - accepted_values: {arguments: {values: [1, 2], quote: false}}\n              - relationships: {to: ref('kinds'), field: kind}\n              - ours: {limit: 3}\n              - dbt_utils.recency: {datepart: day, field: dt, interval: 1}\n",
        ),
        (
            "macros/tests.sql",
            "{% test ours(model, column_name, limit) %}select {{ column_name }} from {{ model }} where dt > '2025-06-28' and {{ column_name }} > {{ limit }}{% endtest %}",
        ),
    ]);
    let output = lakelint(folder.path(), &["check"]);
    // The lake's listing, the table's DDL, the model, the macro and both files of YAML.
    assert!(String::from_utf8_lossy(&output.stdout).contains("checked 6 files"), "{output:?}");
    let lines = |rule: &str| {
        let found = findings(folder.path(), &[]).into_iter();
        found.filter(|line| line.ends_with(rule)).collect::<Vec<_>>()
    };
    assert_eq!(
        lines("test-scans-full-table"),
        ["models/tests.yml:9:17 test-scans-full-table", "models/tests.yml:14:17 test-scans-full-table"]
    );
    let priced = bytes(folder.path(), &[]);
    let of = |name: &str| priced.iter().find(|(other, _)| other == name).unwrap_or_else(|| panic!("{priced:?}")).1;
    assert!(of("daily").is_some_and(|bytes| bytes < GIB), "{priced:?}");
    assert!(of("not_null_raw2_events_id").is_some_and(|bytes| bytes < GIB), "{priced:?}");
    assert!(of("unique_raw2_events_id").is_some_and(|bytes| bytes > GIB), "{priced:?}");
    assert!(of("ours_raw2_events_id").is_some_and(|bytes| bytes < 2 * GIB), "{priced:?}");
}

#[test]
fn models_are_selected_and_rendered_for_a_target() {
    let model = |when: &str| {
        format!(
            "{{{{ config(materialized='table', tags=['daily']) }}}}\nselect sum(amount) as a from {{{{ source('raw', 'events') }}}} where dt >= {when}\n"
        )
    };
    let folder = project(&[
        ("models/a.sql", &model("'{{ '2025-06-30' if target.name == 'prod' else '2025-06-01' }}'")),
        ("models/b.sql", &model("'2025-06-30' and (select max(a) from {{ ref('a') }}) > 0")),
        ("models/d.sql", &model("'{{ var('first', '2025-06-21') }}'")),
        ("models/c.yml", "models:\n  - name: b\n    columns: [{name: a, tests: [not_null]}]\n"),
    ]);
    let names = |args: &[&str]| bytes(folder.path(), args).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(&["--select", "a"]), ["a"]);
    assert_eq!(names(&["--select", "a+"]), ["a", "b", "not_null_b_a"]);
    let output = lakelint(folder.path(), &["cost", "--select", "nobody"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "error: `--select` fits none of the 4 models, snapshots, tests and analyses that were read\n"
    );
    let days = |args: &[&str]| bytes(folder.path(), args)[0].1.expect("known") / (GIB / 10);
    let (one, all) = (days(&["--select", "a"]), days(&["--select", "a", "--target", "dev"]));
    assert!(one * 25 < all, "{one} {all}");
    let one = days(&["--select", "d", "--vars", "{first: '2025-06-30'}"]);
    assert!(one * 8 < days(&["--select", "d"]), "{one}");
    std::fs::write(
        folder.path().join("lakelint.toml"),
        "[dbt]\ntarget = 'dev'\n[lake]\nsources = [\"s3://lake/=lake.txt\"]\n",
    )
    .expect("written");
    assert_eq!(days(&["--select", "a"]), all);
    let output = lakelint(folder.path(), &["cost", "--vars", "3"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("expected YAML such as `{days: 3}`"));
}

#[test]
fn versions_programs_and_snapshots_in_yaml_are_models_that_others_can_read() {
    let model = "select sum(amount) as amount from {{ source('raw', 'events') }} where dt = '2025-06-30'\n";
    let folder = project(&[
        ("models/daily_v1.sql", model),
        ("models/newer.sql", model),
        ("models/weekly.sql", model),
        ("models/forecast.py", "def model(dbt, session):\n    return dbt.ref('daily')\n"),
        (
            "models/models.yml",
            "models:\n  - name: daily\n    latest_version: 2\n    versions:\n      - v: 1\n      - {v: 2, defined_in: newer, config: {materialized: table}}\n  - name: weekly\n    versions: [{v: 3}]\n",
        ),
        ("snapshots/daily_before.yml", "snapshots:\n  - name: daily_before\n    relation: ref('daily')\n"),
        (
            "models/all.sql",
            "select * from {{ ref('daily') }}, {{ ref('daily', v=1) }}, {{ ref('forecast') }}, {{ ref('daily_before') }}, {{ ref('daily', version=2) }}, {{ ref('weekly') }}, {{ ref('weekly', v=3) }}\n",
        ),
    ]);
    assert_eq!(findings(folder.path(), &["--select", "unreadable-sql"]), Vec::<String>::new());
}

#[test]
fn a_circle_of_models_is_told_once_where_it_begins() {
    let folder = project(&[
        ("models/a.sql", "select *\nfrom {{ ref('c') }}\n"),
        ("models/b.sql", "select * from {{ ref('a') }}\n"),
        ("models/c.sql", "select * from {{ ref('b') }}\n"),
        ("models/d.sql", "select * from {{ ref('d') }}\n"),
        ("models/e.sql", "select * from {{ ref('a') }}\n"),
    ]);
    assert_eq!(findings(folder.path(), &[]), ["models/a.sql:2:6 unreadable-sql", "models/d.sql:1:15 unreadable-sql"]);
}

#[test]
fn sources_whose_age_nobody_checks_are_found_where_they_are_declared() {
    let sources = |comment: &str| {
        format!(
            "sources:\n  - name: raw\n    tables:\n      - name: events\n{comment}      - name: orders\n      - name: unread\n"
        )
    };
    let model =
        "select * from {{ source('raw', 'events') }} join {{ source('raw', 'orders') }} using (id) where dt = 'a'\n";
    let select = ["--select", "freshness-not-checked"];
    let folder = project(&[("models/sources.yml", &sources("")), ("models/joined.sql", model)]);
    assert_eq!(
        findings(folder.path(), &select),
        ["models/sources.yml:4:15 freshness-not-checked", "models/sources.yml:5:15 freshness-not-checked"]
    );
    let comment = "      # lakelint: ignore[freshness-not-checked] somebody looks\n";
    let folder = project(&[("models/sources.yml", &sources(comment)), ("models/joined.sql", model)]);
    assert_eq!(findings(folder.path(), &select), ["models/sources.yml:4:15 freshness-not-checked"]);
    let settings = "name: shop\nsources:\n  shop:\n    +freshness: {warn_after: {count: 1, period: day}}\n";
    let folder =
        project(&[("dbt_project.yml", settings), ("models/sources.yml", &sources("")), ("models/joined.sql", model)]);
    assert_eq!(findings(folder.path(), &select), Vec::<String>::new());
}

#[test]
fn a_model_that_takes_in_newer_rows_may_append() {
    let model = |strategy: &str| {
        format!(
            "{{{{ config(materialized='incremental'{strategy}) }}}}\nselect id, dt from {{{{ source('raw', 'events') }}}}\n{{% if is_incremental() %}}where dt > (select max(dt) from {{{{ this }}}}){{% endif %}}\n"
        )
    };
    let select = ["--select", "insert-overwrite-without-partitions"];
    for (strategy, expected) in [
        ("", 0),
        (", incremental_strategy='insert_overwrite'", 1),
        (", incremental_strategy='append'", 0),
        (", incremental_strategy=target.nothing", 0),
    ] {
        let folder = project(&[("models/events.sql", &model(strategy))]);
        assert_eq!(findings(folder.path(), &select).len(), expected, "{strategy}");
    }
}

#[test]
fn what_dbt_has_compiled_takes_the_place_of_what_cannot_be_rendered() {
    let model = "{{ config(materialized='table') }}\nselect sum(amount) as a\nfrom {{ odd_macro_of_nobody('events') }}\nwhere kind = 'a'\n";
    let compiled = "\nselect sum(amount) as a\nfrom \"awsdatacatalog\".\"raw\".\"events\"\nwhere kind = 'a'\n";
    let folder = project(&[("models/a.sql", model)]);
    assert_eq!(findings(folder.path(), &[]), ["models/a.sql:3:9 unreadable-sql"]);
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    let manifest = |raw: &str| {
        let node = serde_json::json!({"package_name": "shop", "original_file_path": "models/a.sql", "raw_code": raw, "compiled_code": compiled});
        serde_json::json!({"nodes": {"model.shop.a": node}}).to_string()
    };
    write("target/manifest.json", &manifest("select 1"));
    assert_eq!(findings(folder.path(), &[]), ["models/a.sql:3:9 unreadable-sql"], "it has changed since");
    write("target/manifest.json", &manifest(model));
    let found = ["models/a.sql:1:1 missing-partition-filter"];
    assert_eq!(findings(folder.path(), &["--select", "missing-partition-filter,unreadable-sql"]), found);
    std::fs::remove_file(folder.path().join("target/manifest.json")).expect("removed");
    write("target/compiled/shop/models/a.sql", compiled);
    assert_eq!(findings(folder.path(), &["--select", "missing-partition-filter,unreadable-sql"]), found);
}

#[test]
fn rows_of_an_incremental_run_are_read_again() {
    let model = |more: &str| {
        format!(
            "{{{{ config(materialized='incremental', partitioned_by=['dt']{more}) }}}}\nselect id, amount, dt from {{{{ source('raw', 'events') }}}}\n{{% if is_incremental() %}}where dt = '2025-06-30'{{% endif %}}\n"
        )
    };
    let folder = project(&[("models/daily.sql", &model(""))]);
    let of = || bytes(folder.path(), &["models/daily.sql"])[0].1.expect("known");
    let alone = of();
    let said = String::from_utf8_lossy(&lakelint(folder.path(), &["cost", "--explain"]).stdout).into_owned();
    assert!(said.contains("rows of `daily` go through a temporary table, which is not counted"), "{said}");
    let days =
        (1..=30).map(|day| format!("2025-06-30 00:00:00 104857600 clean/daily/dt=2025-06-{day:02}/part-0.parquet\n"));
    let listing = std::fs::read_to_string(folder.path().join("lake.txt")).expect("there");
    std::fs::write(folder.path().join("lake.txt"), listing + "\n" + &days.collect::<String>()).expect("written");
    // A day of the thirty that a full refresh reads and writes.
    assert_eq!(of() - alone, 104_857_600);
    std::fs::write(folder.path().join("models/daily.sql"), model(", force_batch=true")).expect("written");
    assert_eq!(of() - alone, 2 * 104_857_600);
}

/// A table of more than 100 partitions is written in batches, each of which reads all of the staging table.
#[test]
fn batches_of_partitions_read_all_rows_each() {
    let model = |more: &str| {
        format!(
            "{{{{ config(materialized='table', partitioned_by=['dt']{more}) }}}}\nselect id, amount, dt from {{{{ source('raw', 'events') }}}}\n"
        )
    };
    let folder = project(&[("models/daily.sql", &model(""))]);
    let listing = std::fs::read_to_string(folder.path().join("lake.txt")).expect("there");
    let days = |count: u32| {
        let day = |day: u32| {
            format!("2025-06-30 00:00:00 1000 clean/daily/dt={}-{:02}/part-0.parquet\n", 2000 + day / 28, 1 + day % 28)
        };
        (0..count).map(day).collect::<String>()
    };
    let read_again = |more: &str, partitions: u32| {
        std::fs::write(folder.path().join("models/daily.sql"), model(more)).expect("written");
        let of = || bytes(folder.path(), &["models/daily.sql"])[0].1.expect("known");
        std::fs::write(folder.path().join("lake.txt"), &listing).expect("written");
        let alone = of();
        std::fs::write(folder.path().join("lake.txt"), listing.clone() + "\n" + &days(partitions)).expect("written");
        of() - alone
    };
    assert!(!String::from_utf8_lossy(&lakelint(folder.path(), &["cost", "--explain"]).stdout).contains("staging"));
    assert_eq!(read_again("", 100), 0);
    assert_eq!(read_again("", 250), 3 * 250_000);
    assert_eq!(read_again(", partitions_limit=50", 250), 5 * 250_000);
    assert_eq!(read_again(", force_batch=true", 30), 30_000);
    let said = String::from_utf8_lossy(&lakelint(folder.path(), &["cost", "--explain"]).stdout).into_owned();
    assert!(said.contains("rows of `daily` go through a staging table"), "{said}");
}

#[test]
fn a_query_may_end_with_a_semicolon() {
    let config = "{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id', table_type='iceberg', incremental_predicates=['true']) }}";
    for end in [";", " ;\n\n", ";\n-- done\n", "; -- done", ";\n{# done #}\n", " -- a; b"] {
        let text = format!("{config}\nselect id from {{{{ source('raw', 'events') }}}} where dt = '2025-06-29'{end}");
        let folder = project(&[("models/ids.sql", &text)]);
        assert_eq!(findings(folder.path(), &["--select", "unreadable-sql"]), Vec::<String>::new(), "{end}");
    }
}

#[test]
fn projects_within_fetched_packages_are_nobodys() {
    let model = "{{ config(materialized='table') }}select sum(amount) as a from {{ source('raw', 'events') }}\n";
    let folder = project(&[
        ("dbt_packages/utils/dbt_project.yml", "name: utils\n"),
        ("dbt_packages/utils/integration_tests/dbt_project.yml", "name: tests_of_utils\n"),
        ("dbt_packages/utils/integration_tests/models/all.sql", model),
    ]);
    assert_eq!(findings(folder.path(), &[]), Vec::<String>::new());
}

#[test]
fn dbt_limits_the_batches_of_a_microbatch_model_itself() {
    let model = "{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='dt', batch_size='day', begin='2025-06-01', partitioned_by=['dt']) }}\nselect id, dt from {{ source('raw', 'events') }}\n";
    let folder = project(&[("models/daily.sql", model)]);
    assert_eq!(findings(folder.path(), &[]), Vec::<String>::new());
    let said = String::from_utf8_lossy(&lakelint(folder.path(), &["cost"]).stdout).into_owned();
    assert!(said.contains("dbt limits what `daily` reads to a batch"), "{said}");
}
