//! Laws of pruning that hold whatever the predicates on keys are. Contradictions between values of data columns are left to the
//! statistics of files, so data columns are hidden in functions here.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn predicate() -> impl Strategy<Value = String> {
    let value = prop_oneof![Just("'a'"), Just("'b'"), Just("'c'"), Just("null"), Just("?")];
    let operator = prop_oneof![Just("="), Just("<>"), Just("<"), Just(">="), Just("is distinct from")];
    let column = prop_oneof![Just("k"), Just("l"), Just("lower(k)"), Just("k || l"), Just("my_udf(l)")];
    // A comparison of data with NULL is never true, which is only seen beside a predicate on a key.
    let data = (operator.clone(), prop_oneof![Just("'a'"), Just("'b'"), Just("?")]);
    let leaf = prop_oneof![
        data.prop_map(|(op, v)| format!("my_udf(x) {op} {v}")),
        Just("my_udf(x) is null".to_string()),
        (column.clone(), operator, value.clone()).prop_map(|(c, op, v)| format!("{c} {op} {v}")),
        (column.clone(), value.clone(), value).prop_map(|(c, v, w)| format!("{c} in ({v}, {w})")),
        column.prop_map(|c| format!("{c} is null")),
        Just("k in (select k from other)".to_string()),
        Just("l = (select max(v) from other)".to_string()),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} and {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

fn verdicts(table: &Table, predicate: &str) -> BTreeMap<u32, bool> {
    let query = bound(table, &format!("select 1 from t where {predicate}"));
    let read = query.reads.iter().find(|read| read.name == "t").expect("a read of t");
    prune(read, table, as_of()).expect("a layout").survivors.iter().map(|s| (s.partition, s.is_certain)).collect()
}

fn small() -> Table {
    table(&text_keys(&["k", "l"]), &["a/a", "a/b", "a/NULL", "b/a", "b/c", "NULL/a", "NULL/NULL"])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn another_conjunct_only_takes_away(one in predicate(), other in predicate()) {
        let table = small();
        let (alone, both) = (verdicts(&table, &one), verdicts(&table, &format!("{one} and {other}")));
        for (partition, is_certain) in both {
            let before = alone.get(&partition);
            prop_assert!(before.is_some(), "{partition} is new");
            prop_assert!(!is_certain || before == Some(&true), "{partition} has become certain");
        }
    }

    #[test]
    fn another_branch_only_adds(one in predicate(), other in predicate()) {
        let table = small();
        let (alone, either) = (verdicts(&table, &one), verdicts(&table, &format!("({one} or {other})")));
        for partition in alone.keys() {
            prop_assert!(either.contains_key(partition), "{partition} is gone");
        }
    }
}
