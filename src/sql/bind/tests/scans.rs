//! How often tables are scanned, which scans may stop early, and what predicates say about the values in their files.

use chrono::NaiveDate;

use crate::expr::{AsOf, ColumnId, Evaluated, Value, evaluate};

use super::{check, query, show};

/// `orders*2 items`: tables with the number of their scans, in text order.
fn scans(sql: &str) -> String {
    let (_, query) = query(sql);
    assert!(!query.truncated, "{sql}");
    let shown = |read: &crate::lake::TableRead| match read.scans {
        1 => read.name.clone(),
        n => format!("{}*{n}", read.name),
    };
    query.reads.iter().map(shown).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_reference_is_a_scan() {
    for (sql, expected) in [
        ("select 1 from orders", "orders"),
        ("with a as (select id from orders) select 1 from a", "orders"),
        ("with a as (select id from orders) select 1 from dim", "dim"),
        (
            "with a as (select id from orders) select 1 from a x, a y, a z where x.id = y.id and y.id = z.id",
            "orders orders orders",
        ),
        (
            "with a as (select id from orders), b as (select * from a union all select * from a) select 1 from b join a on a.id = b.id",
            "orders*3",
        ),
        (
            "with a as (select dt, id from orders) select 1 from a where dt = 'x' union all select 1 from a where dt = 'y'",
            "orders orders",
        ),
        (
            "with a as (with b as (select id from orders) select * from b union all select * from b) select 1 from a",
            "orders*2",
        ),
        ("select 1 from orders a join orders b on a.id = b.id", "orders orders"),
        ("select id from orders union select id from orders union all select id from orders", "orders orders orders"),
        ("select id from orders intersect select id from items except select id from dim", "orders items dim"),
        ("create view v as select id from orders; select 1 from v a join v b on a.id = b.id", "orders orders"),
        (
            "create view v as select id from orders; create view w as select * from v union all select * from v; select * from w",
            "orders orders",
        ),
        ("select (select max(id) from items i where i.order_id = o.id) from orders o", "items orders"),
        ("select id from orders o where exists (select 1 from items i where i.order_id = o.id)", "orders items"),
        ("select id from orders where id in (select id from dim) and id in (select id from dim)", "orders dim dim"),
        (
            "with recursive t (id) as (select id from orders union all select i.id from items i join t on i.order_id = t.id) select * from t",
            "orders items",
        ),
        ("with a as (select 1 as x) select 1 from a, a b", ""),
    ] {
        assert_eq!(scans(sql), expected, "{sql}");
    }
}

#[test]
fn deep_chains_are_unknown_and_not_nothing() {
    let chain = |depth: usize| {
        let ctes: Vec<String> = (1..depth).map(|i| format!("c{i} as (select * from c{})", i - 1)).collect();
        format!("with c0 as (select * from orders), {} select id from c{}", ctes.join(", "), depth - 1)
    };
    let deep = move |depth: usize| {
        let bind = move || query(&chain(depth)).1.truncated;
        let thread = std::thread::Builder::new().stack_size(crate::sql::STACK_BYTES).spawn(bind).expect("a thread");
        thread.join().expect("no panic")
    };
    assert!(!deep(190));
    assert!(deep(260));
}

#[test]
fn a_limit_stops_what_streams() {
    let early = |sql: &str| -> Vec<bool> { query(sql).1.reads.iter().map(|read| read.stops_early).collect() };
    for sql in [
        "select * from orders limit 10",
        "select * from orders fetch first 10 rows only",
        "select * from orders where amount > 5 and dt = 'x' limit 10",
        "select upper(customer) from orders offset 5 limit 10",
        "select t from orders cross join unnest(tags) as u (t) limit 10",
        "select * from (select * from (select * from orders) where id = 1) limit 10",
        "with a as (select * from orders limit 10) select count(*) from a",
        "select count(*) from (select * from orders limit 10)",
        "select * from (select * from orders order by id) limit 10",
        "create table x as select * from orders limit 10",
    ] {
        assert_eq!(early(sql), [true], "{sql}");
    }
    for sql in [
        "select * from orders",
        "select * from orders order by id limit 10",
        "select count(*) from orders limit 10",
        "select dt, count(*) from orders group by dt limit 10",
        "select distinct dt from orders limit 10",
        "select * from (select distinct dt from orders) limit 10",
        "select row_number() over (order by id) from orders limit 10",
        "select * from (select * from orders order by id limit 100) limit 10",
        "select * from orders offset 10",
    ] {
        assert_eq!(early(sql), [false], "{sql}");
    }
    assert_eq!(early("select id from orders union all select id from items limit 10"), [true, true]);
    assert_eq!(early("select id from orders union select id from items limit 10"), [false, false]);
    assert_eq!(early("select o.id from orders o join items i on o.id = i.order_id limit 10"), [true, true]);
    assert_eq!(early("select id from orders where id in (select id from dim) limit 10"), [true, false]);
}

/// `orders: amount 5`: what the conjuncts of each read leave of columns in its files.
fn domains(sql: &str) -> String {
    let (_, query) = query(sql);
    let read = |read: &crate::lake::TableRead| {
        let domains = read.conjuncts.iter().flat_map(|c| &c.data_domains);
        let shown: Vec<String> = domains.map(|(name, domain)| format!("{name} {}", show(domain))).collect();
        format!("{}: {}", read.name, shown.join(", "))
    };
    query.reads.iter().map(read).collect::<Vec<_>>().join("; ")
}

#[test]
fn values_in_files_are_limited_as_keys_are() {
    for (sql, expected) in [
        ("select 1 from orders o join items i on o.id = i.order_id where o.id = 5", "orders: id 5; items: order_id 5"),
        (
            "with a as (select id as x, amount * 2 as y from orders) select 1 from a where x between 3 and 4 and y > 7",
            "orders: id [3..4]",
        ),
        (
            "select 1 from (select id from orders union all select order_id from items) u where u.id < 9",
            "orders: id (..9); items: order_id (..9)",
        ),
        (
            "select 1 from orders o left join items i on o.id = i.order_id where o.id = 5",
            "orders: id 5; items: order_id 5",
        ),
        ("select 1 from orders o left join items i on o.id = i.order_id and i.id = 5", "orders: ; items: id 5"),
        (
            "select 1 from orders o where o.id = 5 and exists (select 1 from items i where i.order_id = o.id)",
            "orders: id 5; items: order_id 5",
        ),
        ("select 1 from clicks where ts >= timestamp '2025-06-29 12:30:00'", "clicks: ts [2025-06-29T12:30..)"),
        ("select 1 from orders where id = any (values 1, 2)", "orders: id 1 2"),
        ("select 1 from orders where id in (values 1, 2)", "orders: id 1 2"),
        ("select 1 from orders where id in (select * from (values 1, 2) v (x))", "orders: id 1 2"),
    ] {
        assert_eq!(domains(sql), expected, "{sql}");
    }
}

#[test]
fn an_or_over_several_columns_has_alternatives() {
    let alternatives = |sql: &str| -> Vec<String> {
        let (_, query) = query(sql);
        let of = |limits: &std::collections::BTreeMap<String, crate::expr::Domain>| {
            limits.iter().map(|(name, domain)| format!("{name} {}", show(domain))).collect::<Vec<_>>().join(" and ")
        };
        query.reads[0].conjuncts.iter().flat_map(|c| &c.alternatives).map(of).collect()
    };
    assert_eq!(alternatives("select 1 from orders where id = 1 or amount > 5"), ["id 1", "amount (5..)"]);
    assert_eq!(
        alternatives("select 1 from orders where (dt = 'x' and id = 1) or (amount = 2 and customer = 3) or 1 = 2"),
        ["id 1", "amount 2 and customer 3"]
    );
    assert!(alternatives("select 1 from orders where id = 1 or dt = 'x'").is_empty());
    assert!(alternatives("select 1 from orders where id = 1 and amount > 5").is_empty());
}

#[test]
fn deletes_read_what_their_predicates_name_and_nothing_when_partitions_are_dropped() {
    check(
        "delete from orders where dt = 'x' and amount = 1",
        "orders (amount, dt) dt=x [metastore: dt = 'x'] [none: amount = 1]",
    );
    check(
        "delete from clicks where ts = timestamp '2025-01-01 00:00:00'",
        "clicks (ts) ts=2025-01-01T00:00 [metastore: ts = timestamp '2025-01-01 00:00:00']",
    );
    check("delete from orders where upper(dt) = 'X'", "orders (dt) dt=* [plan-time: upper(dt) = 'X']");
    check(
        "delete from orders where dt = 'x' and exists (select 1 from items)",
        "orders (dt) dt=x [metastore: dt = 'x']\nitems ()",
    );
    for sql in
        ["delete from orders", "delete from orders where dt = 'x'", "delete from orders where dt between 'a' and 'b'"]
    {
        check(sql, "");
    }
    let (_, random) = query("delete from orders where dt = 'x' and rand() < 0.5");
    assert_eq!(random.reads.len(), 1);
}

#[test]
fn an_order_that_decides_nothing_reads_nothing() {
    check(
        "select count(*) from (select * from orders order by amount) t where dt = 'x'",
        "orders (dt) dt=x [metastore: dt = 'x']",
    );
    check("with t as (select id, dt from orders order by amount) select id from t", "orders (id)");
    check("select id from orders order by amount", "orders (amount, id)");
    check("(select id from orders order by amount)", "orders (amount, id)");
    check("select id from (select id from orders order by amount limit 1) t", "orders (amount, id)");
}

#[test]
fn rows_are_compared_field_by_field() {
    let (_, query) = query("select 1 from logs where (year, month) >= ('2024', '05')");
    let conjunct = &query.reads[0].conjuncts[0];
    let holds = |year: &str, month: &str| {
        let values = [year.to_string(), month.to_string()];
        let value = |id: ColumnId| Some(Value::String(values[id.0 as usize].clone()));
        let noon = NaiveDate::from_ymd_opt(2025, 6, 30).and_then(|d| d.and_hms_opt(12, 0, 0)).expect("a date");
        evaluate(conjunct.expr.as_ref().expect("modelled"), &value, AsOf(noon))
    };
    let is = |truth: bool| Evaluated::Value(Value::Bool(truth));
    assert_eq!([holds("2024", "04"), holds("2024", "05"), holds("2025", "01")], [is(false), is(true), is(true)]);
    check(
        "select 1 from logs where (year, month) <> ('2024', '05')",
        "logs (month, year) [plan-time: (year, month) <> ('2024', '05')]",
    );
}

#[test]
fn subscripts_of_keys_are_known_while_planning() {
    check(
        "select 1 from orders where split(dt, '-')[1] = '2024'",
        "orders (dt) dt=* [plan-time: split(dt, '-')[1] = '2024']",
    );
}

#[test]
fn match_recognize_reads_what_its_clauses_name() {
    let of = |rows: &str, outer: &str| {
        format!(
            "select * from orders match_recognize (partition by dt order by id measures last(B.amount) as top {rows} \
             pattern (A B+) define B as B.amount > prev(B.amount)) as m where {outer}"
        )
    };
    check(&of("one row per match", "dt = 'x'"), "orders (amount, dt, id) dt=x [metastore: dt = 'x']");
    check(&of("one row per match", "top > 5"), "orders (amount, dt, id)");
    check(&of("all rows per match", "dt = 'x'"), "orders (*) dt=x [metastore: dt = 'x']");
}
