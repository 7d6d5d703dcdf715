//! Invariants of query facts, on generated statements and on arbitrary bytes.

use chrono::NaiveDate;
use lakelint::expr::{AsOf, ColumnType};
use lakelint::lake::{Catalog, DeclaredBy, PartitionKey, Sources, Span, Table, TableName};
use lakelint::sql::{FileFacts, STACK_BYTES, Views, outline, read};
use proptest::prelude::*;
use proptest::sample::select;

fn catalog() -> Catalog {
    let mut orders = Table::new(TableName::parse("lake.orders"), DeclaredBy::Ddl);
    orders.partition_keys =
        vec![PartitionKey::new("dt", ColumnType::String), PartitionKey::new("n", ColumnType::Integer(4))];
    Catalog::new(vec![orders])
}

fn facts(sql: &str) -> (Sources, FileFacts) {
    let mut sources = Sources::default();
    let file = sources.add("q.sql", sql);
    let mut outline = outline(file, sql);
    let views = Views::new(std::mem::take(&mut outline.views));
    let as_of = NaiveDate::from_ymd_opt(2025, 6, 30).and_then(|d| d.and_hms_opt(0, 0, 0)).expect("a date");
    let facts = read(&outline, &sources, &catalog(), &views, AsOf(as_of));
    (sources, facts)
}

/// Runs a test body with the stack that reading needs.
fn on_a_large_stack(body: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(body).expect("a thread");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

/// A predicate over the keys `dt` and `n` and the data column `a`.
fn predicate() -> impl Strategy<Value = String> {
    let operator = || select(vec!["=", "<", "<=", ">", ">=", "<>", "is distinct from", "is not distinct from"]);
    let text = || select(vec!["'2024-01-01'", "'2024-06-15'", "'2025-01-01'", "''", "null", "'{{ ds }}'", "'b'"]);
    let leaf = prop_oneof![
        (operator(), text()).prop_map(|(op, v)| format!("dt {op} {v}")),
        (operator(), -3i64..4).prop_map(|(op, v)| format!("n {op} {v}")),
        (operator(), -3i64..4).prop_map(|(op, v)| format!("a {op} {v}")),
        (text(), text()).prop_map(|(a, b)| format!("dt between {a} and {b}")),
        (text(), text(), any::<bool>())
            .prop_map(|(a, b, not)| format!("dt {}in ({a}, {b})", if not { "not " } else { "" })),
        any::<bool>().prop_map(|not| format!("dt is {}null", if not { "not " } else { "" })),
        Just("dt like '2024-%'".to_string()),
        Just("substr(dt, 1, 4) = '2024'".to_string()),
        Just("cast(dt as date) >= date '2024-03-01'".to_string()),
        Just("dt = concat('2024', '-01-01')".to_string()),
        Just("dt in (select x from other)".to_string()),
        Just("rand() > 0.5".to_string()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} and {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

/// Ways to put a condition around `orders` so that it has to travel.
fn shape(condition: &str, which: usize) -> String {
    match which {
        0 => format!("select a from orders where {condition}"),
        1 => format!("with o as (select * from orders) select a from o where {condition}"),
        2 => format!(
            "select * from (select dt, n, a from orders union all select dt, n, a from orders) where {condition}"
        ),
        3 => format!("select o.a from (select dt, n, a from orders) o join other x on x.k = o.a where {condition}"),
        _ => format!("select * from (select dt, n, a, count(*) from orders group by 1, 2, 3) where {condition}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn adding_a_conjunct_never_widens_a_domain(base in predicate(), more in predicate(), which in 0usize..5) {
        let narrow = facts(&shape(&format!("{base} and {more}"), which)).1;
        let wide = facts(&shape(&base, which)).1;
        prop_assert_eq!(wide.unreadable.len(), 0, "{:?}", wide.unreadable);
        let (narrow, wide) = (&narrow.queries[0].reads, &wide.queries[0].reads);
        prop_assert_eq!(narrow.len(), wide.len());
        for (narrow, wide) in narrow.iter().zip(wide) {
            for (narrow, wide) in narrow.keys.iter().zip(&wide.keys) {
                prop_assert!(wide.domain.covers(&narrow.domain), "{:?}\n does not cover {:?}", wide.domain, narrow.domain);
            }
        }
    }

    #[test]
    fn the_order_of_conjuncts_does_not_matter(a in predicate(), b in predicate(), which in 0usize..5) {
        let keys = |text: &str| facts(&shape(text, which)).1.queries[0].reads.iter().map(|r| r.keys.clone()).collect::<Vec<_>>();
        prop_assert_eq!(keys(&format!("{a} and {b}")), keys(&format!("{b} and {a}")));
    }

    #[test]
    fn every_span_lies_in_the_text_on_character_boundaries(base in predicate(), cut in 0usize..200, junk in "\\PC{0,6}", which in 0usize..5) {
        let mut sql = shape(&base, which);
        let at = (0..=cut.min(sql.len())).rev().find(|i| sql.is_char_boundary(*i)).unwrap_or(0);
        sql.insert_str(at, &junk);
        on_a_large_stack(move || {
            let (sources, facts) = facts(&sql);
            let whole = |span: &Span| assert!(sources.get(span.file).text.get(span.range()).is_some(), "{span:?} in {sql:?}");
            for query in &facts.queries {
                whole(&query.span);
                for read in &query.reads {
                    whole(&read.span);
                    read.conjuncts.iter().for_each(|c| whole(&c.span));
                }
            }
        });
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        on_a_large_stack(move || {
            facts(&text);
        });
    }
}

#[test]
fn long_chains_are_read_dropped_and_kept_without_a_stack_overflow() {
    let or = |n: usize| (0..n).map(|i| format!("dt = '{i}'")).collect::<Vec<_>>().join(" or ");
    let in_list = |n: usize| (0..n).map(|i| format!("'{i}'")).collect::<Vec<_>>().join(", ");
    let union = |n: usize| vec!["select a from orders where dt = 'x'"; n].join(" union all ");
    let statements = [
        format!("select a from orders where {}", or(20_000)),
        format!("select a from orders where dt in ({})", in_list(20_000)),
        union(1_500),
        format!("select {}1{} from orders", "(".repeat(150), ")".repeat(150)),
        format!("select a from orders where {} dt = 'x'", "not ".repeat(150)),
    ];
    let (send, receive) = std::sync::mpsc::channel();
    on_a_large_stack(move || statements.iter().for_each(|sql| drop(send.send(facts(sql).1))));
    // What outlives the reading threads is dropped on an ordinary stack.
    let all: Vec<FileFacts> = receive.iter().collect();
    assert_eq!(all.iter().map(|f| f.queries.len()).collect::<Vec<_>>(), [1, 1, 1, 1, 1]);
    assert_eq!(all[0].queries[0].reads[0].keys[0].domain.ranges.len(), 20_000);
    assert_eq!(all[2].queries[0].reads.iter().map(|r| r.scans).sum::<u32>(), 1_500);
}

#[test]
fn ctes_that_double_at_every_step_stay_closed_beyond_a_limit() {
    let mut sql = "with c0 as (select 1 as x)".to_string();
    for i in 1..40 {
        sql += &format!(", c{i} as (select a.x from c{} a cross join c{} b)", i - 1, i - 1);
    }
    sql += " select a from orders, c39 where dt = 'x'";
    on_a_large_stack(move || {
        let facts = facts(&sql).1;
        assert!(facts.queries[0].reads[0].truncated);
    });
}
