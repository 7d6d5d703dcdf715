//! Texts that are the same statement, and texts that are not.

use proptest::prelude::*;

use super::*;

fn of(text: &str) -> Identity {
    identity(text, &[])
}

fn fingerprint(text: &str) -> Fingerprint {
    of(text).fingerprint
}

#[test]
fn comments_spacing_case_quotes_and_a_semicolon_do_not_count() {
    let text = "SELECT a, count(*) FROM lake.events WHERE dt >= '2024-01-01' AND b <> 3";
    let same = [
        "select a,count( * )\nfrom \"lake\".\"Events\"  where dt>='2024-01-01' and b != 3 ;\n",
        "/* {\"app\": \"dbt\", \"dbt_version\": \"1.7.4\", \"node_id\": \"model.shop.x\"} */\nselect a, count(*) from lake.events where dt >= '2024-01-01' and b <> 3",
        "-- Looker Query Context '{\"user_id\":1,\"history_slug\":\"abc\"}'\nselect a, count(*) from lake.events where dt >= '2024-01-01' and b <> 3",
        "select a, count(*) from lake.events where dt >= '2024-01-01' and b <> 3\n-- Superset: user@example.com; chart 7",
    ];
    for other in same {
        assert_eq!(of(other), of(text), "{other}");
    }
    for other in [
        "select a, count(*) from lake.events where dt > '2024-01-01' and b <> 3",
        "select a, count(*) from lake.events2 where dt >= '2024-01-01' and b <> 3",
        "select a, count(*) from lake.events where dt >= '2024-01-01' or b <> 3",
        "select a, count(*) from lake.events where dt >= '2024-01-01' and b - 3",
        "select a, count(*) from events where dt >= '2024-01-01' and b <> 3",
    ] {
        assert_ne!(fingerprint(other), fingerprint(text), "{other}");
    }
}

#[test]
fn values_and_placeholders_are_one_mark() {
    let same: &[&[&str]] = &[
        &[
            "select a from t where b = 1",
            "select a from t where b = -1.5e3",
            "select a from t where b = ?",
            "select a from t where b = {{ n }}",
            "select a from t where b = :n",
            "select a from t where b = ${n}",
        ],
        &["select a from t where b = 'x'", "select a from t where b = '{{ ds }}'", "select a from t where b = 'it''s'"],
        &[
            "select a from t where b in (1)",
            "select a from t where b in (1, -2, 3)",
            "select a from t where b in ({{ ids }})",
            "select a from t where b in {{ ids }}",
        ],
        &[
            "select a from t where d in (date '2024-01-01')",
            "select a from t where d in (DATE '2024-01-01', date '2024-01-02')",
        ],
        &["insert into t values (1, 'a')", "insert into t values (2, 'b'), (3, 'c'), (4, 'd')"],
        &["select a from t limit 10", "select a from t limit 20"],
    ];
    for group in same {
        for text in *group {
            assert_eq!(fingerprint(text), fingerprint(group[0]), "{text}");
        }
    }
    let all: std::collections::BTreeSet<Fingerprint> = same.iter().map(|group| fingerprint(group[0])).collect();
    // `b = 1` and `b = 'x'` differ in nothing but the value.
    assert_eq!(all.len(), same.len() - 1);
    assert_ne!(fingerprint("select a - 5 from t"), fingerprint("select a, 5 from t"));
    assert_ne!(fingerprint("select a - 5 from t"), fingerprint("select a + 5 from t"));
    assert_ne!(fingerprint("select f(a, 1) from t"), fingerprint("select f(a, 1, 2) from t"));
}

#[test]
fn literals_tell_a_change_and_placeholders_have_none() {
    let literals = |text: &str| of(text).literals;
    assert_eq!(literals("select 1 from t where d = 'a'"), literals("SELECT 1 FROM t WHERE d='a' -- c"));
    assert_ne!(literals("select 1 from t where d = 'a'"), literals("select 1 from t where d = 'b'"));
    assert_ne!(literals("select 1 from t where d in ('a', 'b')"), literals("select 1 from t where d in ('a')"));
    assert!(literals("select a from t").is_some());
    for text in ["select a from t where d = '{{ ds }}'", "select a from t where d = ?", "select a from ${env}_t"] {
        assert_eq!(literals(text), None, "{text}");
    }
    let run = identity("select a from t where d = ? and e = ?", &["'x'".to_string(), "5".to_string()]);
    assert_eq!(run, of("select a from t where d = 'x' and e = 5"));
}

#[test]
fn prepared_statements_and_their_executions_meet() {
    let prepared = of("PREPARE daily FROM SELECT a FROM t WHERE d = ?");
    assert_eq!(prepared.fingerprint, fingerprint("select a from t where d = ?"));
    let execution = of("execute Daily using DATE '2024-01-01';");
    assert_eq!((prepared.role, execution.role), (Role::Prepares(execution.fingerprint), Role::Executes));
    assert_ne!(execution.literals, of("execute daily using DATE '2024-01-02'").literals);
    assert_ne!(execution.fingerprint, of("execute weekly").fingerprint);
}

#[test]
fn the_query_inside_of_a_wrapper_is_known_by_itself() {
    let query = "with x as (select a from t) select a, 'v' from x where b in (select b from u)";
    for wrapper in [
        "create table \"lake\".\"x__dbt_tmp\" with (format = 'parquet', external_location = 's3://b/7f') as (\n  Q\n)",
        "CREATE TABLE IF NOT EXISTS lake.x AS Q;",
        "insert into lake.x (a, b) ( Q )",
        "insert into lake.x Q",
        "unload (Q) to 's3://b/x' with (format = 'parquet')",
    ] {
        let wrapped = of(&wrapper.replace('Q', query));
        assert_eq!(wrapped.inner, Some(fingerprint(query)), "{wrapper}");
        assert_eq!(wrapped.literals, of(query).literals, "{wrapper}");
    }
    for plain in [
        query,
        "create view v as select a from t",
        "insert into t values (1)",
        "create table t (a int)",
        "unload (",
        "",
    ] {
        assert_eq!(of(plain).inner, None, "{plain}");
    }
}

#[test]
fn a_model_and_what_dbt_makes_of_it_are_loosely_the_same() {
    let model = "{{ config(materialized='incremental') }}\nselect o.id, c.name from {{ ref('stg_orders') }} o\n\
                 join {{ source(\"shop\", \"customers\") }} c on o.id = c.id\n\
                 {% if is_incremental() %} where o.at > (select max(at) from {{ this }}) {% endif %}";
    let ran = "/* {\"app\": \"dbt\"} */ create table \"awsdatacatalog\".\"lake\".\"orders__dbt_tmp\" with (x = 'y') as (\n\
               select o.id, c.name from \"awsdatacatalog\".\"lake\".\"stg_orders\" o\n\
               join \"awsdatacatalog\".\"raw\".\"customers\" c on o.id = c.id\n\
               where o.at > (select max(at) from \"awsdatacatalog\".\"lake\".\"orders\")\n)";
    assert_eq!(of(model).loose, of(ran).loose);
    assert!(of(model).has_relation && !of(ran).has_relation);
    assert_ne!(of(model).loose, of(&ran.replace("stg_orders", "stg_items")).loose);
    assert!(of(model).literals.is_some(), "relations are no values");
}

/// Statements with `@` for each value and `#` for the part that is changed.
const TEMPLATES: [&str; 5] = [
    "select a, # from lake.events where dt = @ and b > @ limit @",
    "with x as (select # from t where c between @ and @) select count(*) from x where d in (@, @, @)",
    "insert into lake.out select #, @ from lake.events e join u on e.id = u.id where e.dt >= date @",
    "create table lake.o with (format = @) as select # from lake.events where f(dt, @) = @ or z is null",
    "unload (select # from t where a = @) to @",
];

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9 ;,()-]{0,12}".prop_map(|text| format!("'{text}'")),
        any::<u32>().prop_map(|number| number.to_string()),
        (0.0..1e6f64).prop_map(|number| format!("{number:.3}")),
        "[a-z]{1,8}".prop_map(|name| format!("'{{{{ {name} }}}}'")),
        "[a-z]{1,8}".prop_map(|name| format!("{{{{ {name} }}}}")),
    ]
}

fn filled(template: &str, values: &[String], name: &str) -> String {
    let mut values = values.iter().cycle();
    let filled = template.split('@').map(str::to_string);
    let text =
        filled.reduce(|text, next| text + values.next().expect("cycles over at least one") + &next).unwrap_or_default();
    text.replace('#', name)
}

proptest! {
    #[test]
    fn a_value_never_changes_the_fingerprint_and_a_name_always_does(
        template in 0..TEMPLATES.len(),
        a in proptest::collection::vec(value(), 1..6),
        b in proptest::collection::vec(value(), 1..6),
        names in proptest::sample::subsequence(vec!["a", "abc", "\"b c\"", "x1", "count(x)", "a + b", "a - b"], 2),
    ) {
        let print = |values: &[String], name: &str| of(&filled(TEMPLATES[template], values, name));
        let (one, other) = (print(&a, names[0]), print(&b, names[0]));
        prop_assert_eq!((one.fingerprint, one.inner, one.loose), (other.fingerprint, other.inner, other.loose));
        let renamed = print(&a, names[1]);
        prop_assert_ne!(one.fingerprint, renamed.fingerprint);
        prop_assert_ne!(one.loose, renamed.loose);
    }

    #[test]
    fn any_text_has_an_identity(text in "[ -~\n]{0,80}") {
        let _ = of(&text);
    }
}
