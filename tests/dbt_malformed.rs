//! Broken and hostile dbt projects: what is wrong is said at its place, the other models are read, and all of it takes a bounded time.

#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Longest that a project may take without optimizations, on a busy machine.
const LIMIT: Duration = Duration::from_secs(90);

const TABLE: &str = "create external table raw.events (id bigint, amount double) partitioned by (dt string) stored as parquet location 's3://lake/raw/events/';\n";
/// A model that has a finding whatever stands beside it.
const GOOD: &str = "{{ config(materialized='table') }}\nselect sum(amount) as a from {{ source('raw', 'events') }}\n";
const FOUND: &str = "models/good.sql:2:30 missing-partition-filter";

/// What is found in a project with these files, `file:line:column rule`, and the messages.
fn check(files: &[(&str, &[u8])]) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let sources = "sources:\n  - name: raw\n    tables:\n      - name: events\n";
    let own = [
        ("dbt_project.yml", "name: shop\n"),
        ("tables.ddl", TABLE),
        ("models/sources.yml", sources),
        ("models/good.sql", GOOD),
    ];
    let own = own.iter().map(|(name, text)| (*name, text.as_bytes()));
    for (name, text) in own.chain(files.iter().copied()) {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    run(folder.path())
}

fn run(folder: &Path) -> Vec<(String, String)> {
    let started = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_lakelint"))
        .args(["check", "--as-of", "2025-06-30", "--format", "json"])
        .current_dir(folder)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code().is_some_and(|code| code < 2), "{:?}: {errors}", output.status);
    assert!(started.elapsed() < LIMIT, "{:?}", started.elapsed());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let told = |finding: &Value| {
        let text = |key: &str| finding[key].as_str().unwrap_or("-").to_string();
        let place = format!("{}:{}:{} {}", text("file"), finding["line"], finding["column"], text("rule"));
        (place, text("message"))
    };
    report["findings"].as_array().unwrap().iter().map(told).collect()
}

/// One broken model beside a good one: both are told of, and the message says what stops it.
#[track_caller]
fn stops(text: &str, macros: &str, place: &str, says: &str) {
    let found = check(&[("models/broken.sql", text.as_bytes()), ("macros/m.sql", macros.as_bytes())]);
    let others: Vec<_> = found.iter().filter(|(place, _)| place != FOUND).collect();
    assert_eq!(found.len() - others.len(), 1, "{found:?}");
    let [(at, message)] = &others[..] else { panic!("{others:?}") };
    assert_eq!(at, &format!("models/broken.sql:{place} unreadable-sql"), "{message}");
    assert!(message.contains(says), "{message}");
}

/// One strange model that stops nothing and is read, or said to be unreadable.
#[track_caller]
fn survives(text: &str) {
    let found = check(&[("models/strange.sql", text.as_bytes())]);
    assert!(found.iter().any(|(place, _)| place == FOUND), "{found:?}");
    assert!(found.iter().all(|(place, _)| place == FOUND || place.starts_with("models/strange.sql:")), "{found:?}");
}

#[test]
fn macros_that_call_themselves() {
    let calls = "select 1 as a,\n  {{ f(1) }} as b\n";
    stops(calls, "{% macro f(x) %}{{ f(x + 1) }}{% endmacro %}", "2:6", "recursion limit");
    let two = "{% macro f(x) %}{{ g(x) }}{{ g(x) }}{% endmacro %}{% macro g(x) %}{{ f(x) }}{{ f(x) }}{% endmacro %}";
    stops(calls, two, "2:6", "recursion limit");
    let mut wide = "{% macro f(x) %}{{ f0() }}{% endmacro %}{% macro f40() %}x{% endmacro %}".to_string();
    for n in 0..40 {
        let next = n + 1;
        let _ = write!(wide, "{{% macro f{n}() %}}{{{{ f{next}() }}}}{{{{ f{next}() }}}}{{% endmacro %}}");
    }
    stops(calls, &wide, "2:6", "it takes more than 5,000,000 instructions: has every loop an end?");
}

#[test]
fn loops_without_an_end() {
    let nested = "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}";
    stops(
        &format!("select 1 as a\n{nested}"),
        "",
        "2:1",
        "it takes more than 5,000,000 instructions: has every loop an end?",
    );
    stops("select 1\n{% for i in range(1000000000) %}x{% endfor %}", "", "2:13", "range");
    let text = "{% set ns = namespace(s='ab') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}";
    stops(
        &format!("{text}{{{{ ns.s }}}}"),
        "",
        "1:71",
        "it takes more than 5,000,000 instructions: has every loop an end?",
    );
    let list = "{% set x = [1] %}{% for i in range(60) %}{% do x.extend(x) %}{% endfor %}select {{ x | length }}";
    stops(list, "", "1:49", "more than 100000 items");
    stops(
        "{% for i in range(99999) %}{{ m() }}{% endfor %}",
        &format!("{{% macro m() %}}{}{{% endmacro %}}", "x".repeat(99_999)),
        "1:31",
        "it takes more than 5,000,000 instructions: has every loop an end?",
    );
}

#[test]
fn nesting_and_rows_without_an_end() {
    let around = |open: &str, times: usize, inner: &str, close: &str| {
        format!("{}{inner}{}", open.repeat(times), close.repeat(times))
    };
    survives(&around("{% if true %}", 5_000, "select 1 as a", "{% endif %}"));
    survives(&around("{% for i in [1] %}", 5_000, "select 1 as a", "{% endfor %}"));
    for (open, close) in
        [("(", ")"), ("[", "]"), ("ref(", ")"), ("not ", ""), ("-", ""), ("1 + ", ""), ("1 if 1 else ", "")]
    {
        survives(&format!("select {{{{ {} }}}} as a", around(open, 20_000, "1", close)));
    }
    survives(&format!("select {{{{ a{} }}}} as a", ".b".repeat(20_000)));
    survives(&format!("select {} as a", around("(", 20_000, "1", ")")));
    survives(
        "{% for i in range(20000) %}select {{ i }} as a from {{ source('raw', 'events') }} {% if not loop.last %}union all {% endif %}{% endfor %}",
    );
}

#[test]
fn models_of_ten_thousand_lines_and_five_megabytes() {
    let mut columns = String::new();
    for n in 0..10_000 {
        let _ = writeln!(columns, "  {{% if var('all', true) %}}a{n} as b{n}{{% endif %}},");
    }
    let text = format!(
        "select\n{columns}  1 as z\nfrom {{{{ source('raw', 'events') }}}}\nwhere id > 0 and\n  {{{{ nobody() }}}}\n"
    );
    stops(&text, "", "10005:6", "nobody");
    survives(&format!("select 1 as a -- {}\n", "x".repeat(5_000_000)));
    survives(&format!("{{# {} #}}select 1 as a", "{{ x }}\n".repeat(600_000)));
    survives(&format!("{{% set x = [{}] %}}select 1 as a", "1,\n".repeat(300_000)));
    survives(&"{{ ".repeat(1_000_000).replace("{{ {{ {{ {{ ", "{{ {{ {{ {{\n"));
    survives(&"{\n".repeat(1_000_000));
}

#[test]
fn what_is_not_closed_is_said_to_be_open() {
    for text in [
        "select {{ ref('b'",
        "select {{ 'a",
        "{% raw %} x",
        "{# x",
        "{% macro x() %}",
        "{% if 1 %}",
        "{% for x in y %}",
        "{% set x %}",
        "{% call x() %}",
        "{% endif %}",
        "{{ }}",
        "{% %}",
        "é{{ 'é",
        "é{# é",
    ] {
        stops(text, "", &format!("1:{}", column(text)), "");
    }
}

/// Where the program says that a text is broken: nobody but the engine knows, as long as it is in the text.
fn column(text: &str) -> usize {
    let found = check(&[("models/broken.sql", text.as_bytes())]);
    let at =
        found.iter().find_map(|(place, _)| place.strip_prefix("models/broken.sql:1:")?.split(' ').next()?.parse().ok());
    let at: usize = at.unwrap_or_else(|| panic!("{text}: {found:?}"));
    assert!((1..=text.chars().count() + 1).contains(&at), "{text}: {at}");
    at
}

#[test]
fn files_that_are_no_text() {
    let found = check(&[
        ("models/latin.sql", b"select '\xff' as a"),
        ("models/wide.sql", b"\xff\xfes\0e\0l\0"),
        ("models/folder.sql/inner.sql", b"select 1 as a"),
        ("models/folder.yml/x.txt", b""),
        ("macros/folder.sql/x.txt", b""),
        ("macros/latin.sql", b"{% macro m() %}\xff{% endmacro %}"),
        ("models/latin.yml", b"models: [\xff]"),
        ("models/nul.sql", b"select '\0' as a"),
    ]);
    let places: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
    for wanted in [FOUND, "models/latin.sql:", "models/wide.sql:", "macros/latin.sql:", "models/latin.yml:"] {
        assert!(places.iter().any(|place| place.starts_with(wanted)), "{wanted}: {places:?}");
    }
    assert!(places.iter().all(|place| !place.contains("folder")), "{places:?}");
}

#[test]
fn yaml_that_is_broken_or_means_nothing() {
    for text in [
        "",
        "- 1\n",
        "name: [x]\nmodel-paths: 5\nvars: 7\nmodels: [1]\n",
        "name: shop\nmodels:\n  - : [\n",
        "name: \u{0}",
    ] {
        check(&[("dbt_project.yml", text.as_bytes())]);
    }
    let bomb: String =
        ('b'..'m').map(|c| format!("{c}: &{c} [{}]\n", format!("*{},", (c as u8 - 1) as char).repeat(10))).collect();
    let deep = format!("models: {}{}", "[".repeat(50_000), "]".repeat(50_000));
    for (text, is_broken) in [
        ("models:\n  - name: good\n   bad: : [\n", true),
        ("models: 5\nsources: {a: b}\nseeds: [1, [2]]\n", false),
        (
            "models:\n  - good\n  - name: [1]\n  - name: good\n    config: 7\n    columns: x\n    versions: [1, {v: [2]}]\n",
            false,
        ),
        (&format!("a: &a [x,x,x,x,x,x,x,x,x,x]\n{bomb}models: *l\n"), true),
        (&deep, true),
    ] {
        let found = check(&[("models/more.yml", text.as_bytes())]);
        assert!(found.iter().any(|(place, _)| place == FOUND), "{text:.40}: {found:?}");
        let is_told = found.iter().any(|(place, _)| place.starts_with("models/more.yml:"));
        assert_eq!(is_told, is_broken, "{text:.40}: {found:?}");
    }
}

#[test]
fn projects_that_point_out_of_themselves() {
    for paths in ["['/']", "['..', '../../..']", "['.', '', './']"] {
        let text = format!("name: shop\nmodel-paths: {paths}\nmacro-paths: {paths}\npackages-install-path: '..'\n");
        check(&[("dbt_project.yml", text.as_bytes())]);
    }
}

#[cfg(unix)]
#[test]
fn links_that_lead_back() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("dbt_project.yml", "name: shop\n");
    write("tables.ddl", TABLE);
    write("models/sources.yml", "sources:\n  - name: raw\n    tables:\n      - name: events\n");
    write("models/good.sql", GOOD);
    std::os::unix::fs::symlink("../models", folder.path().join("models/again")).unwrap();
    std::fs::create_dir(folder.path().join("dbt_packages")).unwrap();
    std::os::unix::fs::symlink("..", folder.path().join("dbt_packages/itself")).unwrap();
    let places: Vec<String> = run(folder.path()).into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, [FOUND]);
}

#[test]
fn circles_rows_and_nets_of_models() {
    let model = |n: usize, text: String| (format!("models/v{n:04}.sql"), text.into_bytes());
    let all = |models: Vec<(String, Vec<u8>)>| {
        let files: Vec<(&str, &[u8])> = models.iter().map(|(name, text)| (name.as_str(), text.as_slice())).collect();
        check(&files)
    };
    let circle = (0..500).map(|n| model(n, format!("select * from {{{{ ref('v{:04}') }}}}", (n + 1) % 500)));
    let found = all(circle.collect());
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[1].0, "models/v0000.sql:1:15 unreadable-sql");
    assert!(found[1].1.starts_with("models read each other in a circle: "), "{}", found[1].1);
    assert!(found[1].1.len() < 400, "{}", found[1].1);
    let row = (1..1_500).map(|n| model(n, format!("select * from {{{{ ref('v{:04}') }}}}", n - 1)));
    let first = || model(0, "select * from {{ source('raw', 'events') }}".to_string());
    assert_eq!(all(row.chain([first()]).collect()).len(), 1);
    let net = (1..60).map(|n| {
        let below = format!("{{{{ ref('v{:04}') }}}}", n - 1);
        model(n, format!("select a.* from {below} as a join {below} as b on a.id = b.id"))
    });
    assert!(all(net.chain([first()]).collect()).iter().any(|(place, _)| place == FOUND));
}

#[test]
fn configurations_that_make_no_sense() {
    survives(
        "{{ config(materialized=config, alias={'a': 1}, partitioned_by=5, tags={'x': [1]}, enabled='maybe', unique_key=[1, [2]]) }}select 1 as a",
    );
    survives("{{ config(materialized=ref('strange')) }}{{ config(**{'materialized': 'table'}) }}select 1 as a");
    survives(
        "{{ config(materialized='incremental', incremental_strategy='merge', partitioned_by=['a', \"it's\"], format=\"'); drop\") }}select 1 as a",
    );
    let own = "{% macro ref(x) %}{{ builtins.ref(x) }}{% endmacro %}{% macro is_incremental() %}{{ return(true) }}{% endmacro %}{% macro config() %}{% endmacro %}";
    check(&[("macros/own.sql", own.as_bytes())]);
    let vars = b"name: shop\nvars:\n  a: \"{{ var('a') }}\"\n  b: {c: {d: [\"{{ var('b') }}\"]}}\n";
    check(&[("dbt_project.yml", vars), ("models/a.sql", b"select '{{ var('a') }}' as a, '{{ var('b') }}' as b")]);
}
