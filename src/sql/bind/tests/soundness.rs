//! What must not prune: operators that stop a predicate, and predicates that narrow nothing.

use super::{check, query};

#[test]
fn offset_and_recursion_stop_predicates() {
    check("select * from (select dt from orders offset 10) where dt = 'x'", "orders (dt)");
    check(
        "with recursive t (dt, n) as (select dt, 1 from orders union all select 'x', n + 1 from t where n < 3)
         select * from t where dt = 'x'",
        "orders (dt)",
    );
    check(
        "with recursive t (dt) as (select dt from orders) select * from t where dt = 'x'",
        "orders (dt) dt=x [metastore: dt = 'x']",
    );
}

#[test]
fn the_merged_column_of_a_full_join_filters_neither_side() {
    check("select dt from orders full join items using (dt) where dt = 'x'", "orders (dt)\nitems (dt)");
    check(
        "select id from orders natural full join items where dt = 'x' and id is not null",
        "orders (dt, id)\nitems (dt, id)",
    );
}

#[test]
fn only_a_filtering_in_passes_facts_to_its_subquery() {
    check(
        "select id from orders o where o.dt = 'x' and o.dt in (select dt from items)",
        "orders (dt, id) dt=x run-time [metastore: o.dt = 'x'] [run-time: o.dt in (select dt from items)]
         items (dt) dt=x [metastore: o.dt = 'x']",
    );
    for predicate in ["o.dt not in (select dt from items)", "(o.dt in (select dt from items) or o.id = 3)"] {
        let (_, query) = query(&format!("select id from orders o where o.dt = 'x' and {predicate}"));
        assert!(query.reads[1].conjuncts.is_empty(), "{predicate}");
    }
    check(
        "select o.dt in (select dt from items) from orders o where o.dt = 'x'",
        "items (dt)\norders (dt) dt=x [metastore: o.dt = 'x']",
    );
}

#[test]
fn null_rows_of_an_outer_join_are_rows() {
    check("select o.id from orders o left join (select 'x' as a) p on o.id = 5 where p.a is null", "orders (id)");
    check(
        "select o.id from orders o left join items i on o.id = i.id and i.dt = i.day where i.day is null",
        "orders (id)
         items (day, dt, id) [none: o.id = i.id] [none: i.dt = i.day]",
    );
}

#[test]
fn a_placeholder_that_is_excluded_narrows_nothing() {
    for predicate in [
        "dt <> ?",
        "dt not in (?, ?)",
        "dt not like '{{ ds }}%'",
        "not (dt = ?)",
        "dt <> ? or dt = ?",
        "lower(dt) <> 'x'",
    ] {
        let (_, query) = query(&format!("select id from orders where {predicate}"));
        assert!(!query.reads[0].is_filtered(), "{predicate}");
    }
    for predicate in [
        "dt = ?",
        "not (dt <> ?)",
        "dt <> ? and dt < ?",
        "not dt not in (?)",
        "lower(dt) = 'x'",
        "substr(dt, 1, 7) = ?",
    ] {
        let (_, query) = query(&format!("select id from orders where {predicate}"));
        assert!(query.reads[0].is_filtered(), "{predicate}");
    }
}

#[test]
fn a_placeholder_that_limits_groups_does_not_limit_rows() {
    check("select dt, count(*) from orders group by dt having count(*) > ?", "orders (dt)");
    check("select count(*) from orders having count(*) > {{ n }}", "orders ()");
}

#[test]
fn names_that_lead_nowhere_are_known_at_run_time_only() {
    check(
        "select id from orders o, items i where o.id = i.id and o.dt = nowhere",
        "orders (dt, id) dt=* unfiltered run-time [none: o.id = i.id] [run-time: o.dt = nowhere]
         items (id) [none: o.id = i.id]",
    );
}

#[test]
fn keys_of_every_grouping_set_pass_predicates() {
    let sql = |groups: &str| {
        format!("select * from (select dt, customer, sum(amount) s from orders group by {groups}) where dt = 'x'")
    };
    for groups in ["dt, rollup (customer)", "dt, cube (customer)", "grouping sets ((dt, customer), (dt))"] {
        check(&sql(groups), "orders (amount, customer, dt) dt=x [metastore: dt = 'x']");
    }
    for groups in ["rollup (dt, customer)", "grouping sets ((dt, customer), (customer))", "cube (dt), customer"] {
        check(&sql(groups), "orders (amount, customer, dt)");
    }
}

#[test]
fn a_distinct_is_no_bare_limit() {
    let bare = |sql: &str| query(sql).1.reads[0].bare_limit.is_some();
    assert!(bare("select id from orders limit 10"));
    assert!(!bare("select distinct id from orders limit 10"));
}

#[test]
fn table_statements_read_every_column() {
    check("table orders", "orders (*)");
    check("select * from (table lake.orders) where dt = 'x'", "orders (*) dt=x [metastore: dt = 'x']");
    check("select id from orders union all table dim", "orders (id)\ndim (*)");
}

#[test]
fn generated_statements_of_many_parts_are_followed() {
    let thread = std::thread::Builder::new().stack_size(crate::sql::STACK_BYTES).spawn(many_parts).expect("a thread");
    thread.join().expect("no panic");
}

fn many_parts() {
    let relations: Vec<String> = (0..300).map(|i| format!("orders o{i}")).collect();
    let links: Vec<String> = (1..300).map(|i| format!("o{i}.dt = o0.dt")).collect();
    let sql = format!("select 1 from {} where {} and o0.dt = 'x'", relations.join(", "), links.join(" and "));
    let (_, joined) = query(&sql);
    assert_eq!(joined.reads.len(), 300);
    assert!(joined.reads.iter().all(|read| read.is_filtered() && read.keys[0].run_time));
    assert!(joined.cross_joins.is_empty());

    let terms: Vec<String> = (0..5_000).map(|i| format!("dt <> '{i}'")).collect();
    let (_, filtered) = query(&format!("select id from orders where {}", terms.join(" and ")));
    assert_eq!(filtered.reads[0].keys[0].domain.ranges.len(), 5_001);

    let ctes: Vec<String> = (1..150).map(|i| format!("c{i} as (select * from c{})", i - 1)).collect();
    let sql = format!("with c0 as (select * from orders), {} select id from c149 where dt = 'x'", ctes.join(", "));
    check(&sql, "orders (dt, id) dt=x [metastore: dt = 'x']");
}

#[test]
fn a_lateral_subquery_is_linked_to_what_it_names() {
    let sql = "select o.* from orders o, lateral (select * from items i where i.order_id = o.id and i.dt = 'x') l";
    assert!(query(sql).1.cross_joins.is_empty());
}
