//! What a statement's facts are, written as short lines: one per read.

use chrono::NaiveDate;

use crate::expr::{AsOf, Bound, ColumnType, Domain, Value};
use crate::lake::{
    Catalog, Class, Column, ColumnsUsed, DeclaredBy, PartitionKey, Query, Sources, Table, TableKind, TableName,
    Transform,
};
use crate::sql::{Views, outline, read};

mod fields;
mod scans;
mod soundness;

fn table(name: &str, columns: &[&str], keys: &[(&str, ColumnType)]) -> Table {
    let mut table = Table::new(TableName::parse(name), DeclaredBy::Ddl);
    let column = |name: &&str| Column { name: name.to_string(), data_type: ColumnType::Integer(8) };
    table.columns = columns.iter().map(column).collect();
    table.partition_keys = keys.iter().map(|(name, data_type)| PartitionKey::new(name, data_type.clone())).collect();
    table
}

/// A table with a struct, a map and an array.
fn people() -> Table {
    let mut people = table("lake.people", &["id", "user", "tags", "history"], &[("dt", ColumnType::String)]);
    for (column, data_type) in [
        (1, "struct<name:string,address:struct<city:string,zip:string>>"),
        (2, "map<string,string>"),
        (3, "array<struct<at:timestamp,what:string>>"),
    ] {
        people.columns[column].data_type = ColumnType::parse(data_type);
    }
    people
}

fn catalog() -> Catalog {
    let text = || ColumnType::String;
    let mut iceberg = table("lake.clicks", &["user_id", "ts", "region"], &[("ts", ColumnType::Timestamp)]);
    iceberg.kind = TableKind::Iceberg;
    iceberg.columns[1].data_type = ColumnType::Timestamp;
    iceberg.partition_keys[0].transform = Transform::Day;
    Catalog::new(vec![
        table("lake.orders", &["id", "amount", "customer"], &[("dt", text())]),
        table("lake.items", &["id", "order_id", "price"], &[("dt", text())]),
        table("lake.logs", &["msg", "event_time"], &[("year", text()), ("month", text()), ("day", text())]),
        table("lake.daily", &["n"], &[("d", ColumnType::Date), ("region", text())]),
        table("lake.dim", &["id", "name"], &[]),
        table("lake.wide", &[], &[("dt", text())]),
        people(),
        iceberg,
    ])
}

fn query(sql: &str) -> (Sources, Query) {
    let mut sources = Sources::default();
    let file = sources.add("q.sql", sql);
    let mut outline = outline(file, sql);
    let views = Views::new(std::mem::take(&mut outline.views));
    let noon = NaiveDate::from_ymd_opt(2025, 6, 30).and_then(|d| d.and_hms_opt(12, 0, 0)).expect("a date");
    let mut facts = read(&outline, &sources, &catalog(), &views, AsOf(noon));
    assert_eq!(facts.unreadable.iter().map(|u| &u.message).collect::<Vec<_>>(), Vec::<&String>::new(), "{sql}");
    (sources, facts.queries.pop().expect("a statement"))
}

fn show_value(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Int(n) => n.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Timestamp(time) => time.format("%Y-%m-%dT%H:%M").to_string(),
        other => format!("{other:?}"),
    }
}

fn show(domain: &Domain) -> String {
    if domain.is_all() {
        return "*".to_string();
    }
    let mut parts: Vec<String> = domain
        .ranges
        .iter()
        .map(|r| match (&r.low, &r.high) {
            (Bound::Included(a), Bound::Included(b)) if a == b => show_value(a),
            (low, high) => {
                let low = match low {
                    Bound::Unbounded => "(".to_string(),
                    Bound::Included(v) => format!("[{}", show_value(v)),
                    Bound::Excluded(v) => format!("({}", show_value(v)),
                };
                let high = match high {
                    Bound::Unbounded => ")".to_string(),
                    Bound::Included(v) => format!("{}]", show_value(v)),
                    Bound::Excluded(v) => format!("{})", show_value(v)),
                };
                format!("{low}..{high}")
            }
        })
        .collect();
    parts.extend(domain.nulls.then(|| "null".to_string()));
    if parts.is_empty() { "nothing".to_string() } else { parts.join(" ") }
}

/// `orders x2 (dt, id) dt=... [metastore: text of the conjunct]`
fn facts(sql: &str) -> String {
    let (sources, query) = query(sql);
    let catalog = catalog();
    let mut lines = Vec::new();
    for read in &query.reads {
        assert_eq!(sources.text(read.span).replace(['"', '`'], ""), read.name, "{sql}");
        let table = catalog.get(read.table);
        let mut line = table.name.table().to_string();
        if read.scans > 1 {
            line += &format!(" x{}", read.scans);
        }
        line += &match &read.columns {
            ColumnsUsed::All(_) => " (*)".to_string(),
            ColumnsUsed::Some(names) => format!(" ({})", names.iter().cloned().collect::<Vec<_>>().join(", ")),
        };
        for (key, filter) in table.partition_keys.iter().zip(&read.keys) {
            if !filter.domain.is_all() || filter.filtered || filter.run_time {
                line += &format!(" {}={}", key.name, show(&filter.domain));
                line += if filter.placeholder { "?" } else { "" };
                line += if filter.filtered { "" } else { " unfiltered" };
                line += if filter.run_time { " run-time" } else { "" };
            }
        }
        for conjunct in &read.conjuncts {
            let class = match conjunct.class {
                Class::Metastore => "metastore",
                Class::PlanTime => "plan-time",
                Class::RunTime => "run-time",
                Class::None => "none",
            };
            line += &format!(" [{class}: {}]", sources.text(conjunct.span));
        }
        lines.push(line);
    }
    lines.join("\n")
}

#[track_caller]
fn check(sql: &str, expected: &str) {
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    assert_eq!(facts(sql), expected.join("\n"), "\n{sql}");
}

#[test]
fn plain_filters() {
    check("select id from lake.orders", "orders (id)");
    check(
        "select sum(amount) from orders where dt = '2025-06-29'",
        "orders (amount, dt) dt=2025-06-29 [metastore: dt = '2025-06-29']",
    );
    check(
        "select id from orders o where o.dt >= '2025-06-01' and o.dt < '2025-07-01' and amount > 5",
        "orders (amount, dt, id) dt=[2025-06-01..2025-07-01) [metastore: o.dt >= '2025-06-01'] [metastore: o.dt < '2025-07-01'] [none: amount > 5]",
    );
    check(
        "select count(*) from orders where dt is not null",
        "orders (dt) dt=(..) unfiltered [metastore: dt is not null]",
    );
    check(
        "select count(*) from orders where dt <> '2025-01-01'",
        "orders (dt) dt=(..2025-01-01) (2025-01-01..) unfiltered [metastore: dt <> '2025-01-01']",
    );
    check("select 1 from orders where 1 = 0", "orders () dt=nothing [metastore: 1 = 0]");
}

#[test]
fn relative_dates_fold_at_as_of() {
    check(
        "select n from daily where d = current_date - interval '1' day",
        "daily (d, n) d=2025-06-29 [metastore: d = current_date - interval '1' day]",
    );
    check(
        "select id from orders where dt = date_format(date_add('day', -1, current_date), '%Y-%m-%d')",
        "orders (dt, id) dt=2025-06-29 [metastore: dt = date_format(date_add('day', -1, current_date), '%Y-%m-%d')]",
    );
    check(
        "select id from orders where dt >= cast(current_date - interval '7' day as varchar)",
        "orders (dt, id) dt=[2025-06-23..) [metastore: dt >= cast(current_date - interval '7' day as varchar)]",
    );
}

#[test]
fn intervals_have_a_sign() {
    for days in ["- interval -'1' day", "- interval '-1' day", "+ interval '1' day"] {
        let sql = format!("select n from daily where d = current_date {days}");
        check(&sql, &format!("daily (d, n) d=2025-07-01 [metastore: d = current_date {days}]"));
    }
}

#[test]
fn plan_time_and_none() {
    check(
        "select msg from logs where year || month || day >= '20250101'",
        "logs (day, month, msg, year) year=* month=* day=* [plan-time: year || month || day >= '20250101']",
    );
    check(
        "select id from orders where date_parse(dt, '%Y-%m-%d') > date '2025-06-01'",
        "orders (dt, id) dt=* [plan-time: date_parse(dt, '%Y-%m-%d') > date '2025-06-01']",
    );
    check(
        "select msg from logs where event_time > 5 and rand() < 0.1",
        "logs (event_time, msg) [none: event_time > 5]",
    );
    check(
        "select id from orders where concat(dt, customer) = 'x'",
        "orders (customer, dt, id) [none: concat(dt, customer) = 'x']",
    );
    check(
        "select id from orders where dt = '2025-01-01' or amount = 5",
        "orders (amount, dt, id) [none: dt = '2025-01-01' or amount = 5]",
    );
    check(
        "select id from orders where (dt = 'a' and amount = 1) or (dt = 'b' and amount = 2)",
        "orders (amount, dt, id) dt=a b [metastore: (dt = 'a' and amount = 1) or (dt = 'b' and amount = 2)]",
    );
}

#[test]
fn iceberg_prunes_by_domains_of_the_source_column() {
    check(
        "select user_id from clicks where ts >= timestamp '2025-06-29 00:00:00'",
        "clicks (ts, user_id) ts=[2025-06-29T00:00..) [metastore: ts >= timestamp '2025-06-29 00:00:00']",
    );
    check(
        "select user_id from clicks where date_format(ts, '%Y-%m-%d') = '2025-06-29'",
        "clicks (ts, user_id) [none: date_format(ts, '%Y-%m-%d') = '2025-06-29']",
    );
}

#[test]
fn filters_travel_through_ctes_derived_tables_and_unions() {
    let sql = "with o as (select id, dt as day, amount * 2 as double_amount from orders) select id from o where day = '2025-06-29'";
    check(sql, "orders (dt, id) dt=2025-06-29 [metastore: day = '2025-06-29']");
    check(
        "select * from (select id, dt from orders union all select order_id, dt from items) u where u.dt = 'x'",
        "orders (dt, id) dt=x [metastore: u.dt = 'x']\nitems (dt, order_id) dt=x [metastore: u.dt = 'x']",
    );
    check(
        "with a as (select * from orders where dt = 'x') select a.id from a join a b on a.id = b.id",
        "orders x2 (dt, id) dt=x [metastore: dt = 'x'] [none: a.id = b.id]",
    );
    check(
        "select * from (select dt, count(*) c from orders group by dt) where dt = 'x' and c > 1",
        "orders (dt) dt=x [metastore: dt = 'x']",
    );
    check(
        "select * from (select dt, customer, row_number() over (partition by customer, dt order by amount) r from orders) where dt = 'x' and r = 1",
        "orders (amount, customer, dt) dt=x [metastore: dt = 'x']",
    );
    check(
        "select * from (select dt, customer, row_number() over (partition by customer order by dt desc) r from orders) where dt = 'x' and r = 1",
        "orders (customer, dt)",
    );
    check("select * from (select dt from orders limit 10) where dt = 'x'", "orders (dt)");
    check("select max(dt) m from orders having max(dt) > 'x'", "orders (dt)");
}

#[test]
fn joins_pass_filters_where_semantics_allow() {
    check(
        "select o.id from orders o join items i on o.id = i.order_id and o.dt = i.dt where o.dt = 'x'",
        "orders (dt, id) dt=x run-time [none: o.id = i.order_id] [run-time: o.dt = i.dt] [metastore: o.dt = 'x']
         items (dt, order_id) dt=x run-time [none: o.id = i.order_id] [run-time: o.dt = i.dt] [metastore: o.dt = 'x']",
    );
    check(
        "select o.id from orders o left join items i on o.id = i.order_id and i.dt = 'x'",
        "orders (id)\nitems (dt, order_id) dt=x [none: o.id = i.order_id] [metastore: i.dt = 'x']",
    );
    check(
        "select o.id from orders o left join items i on o.dt = i.dt where o.dt = 'x'",
        "orders (dt, id) dt=x [metastore: o.dt = 'x']
         items (dt) dt=x run-time [run-time: o.dt = i.dt] [metastore: o.dt = 'x']",
    );
    check(
        "select o.id from orders o left join items i on o.id = i.order_id where i.dt = 'x'",
        "orders (id) [none: o.id = i.order_id]\nitems (dt, order_id) dt=x [none: o.id = i.order_id] [metastore: i.dt = 'x']",
    );
    check(
        "select o.id from orders o left join items i on o.id = i.order_id where i.dt = 'x' or i.dt is null",
        "orders (id)\nitems (dt, order_id) [none: o.id = i.order_id]",
    );
    check(
        "select id from orders join items using (dt) where dt = 'x'",
        "orders (dt, id) dt=x run-time [run-time: dt] [metastore: dt = 'x']
         items (dt) dt=x run-time [run-time: dt] [metastore: dt = 'x']",
    );
    check(
        "select o.id from orders o, items i where o.dt = i.dt and i.dt between 'a' and 'b'",
        "orders (dt, id) dt=[a..b] run-time [run-time: o.dt = i.dt] [metastore: i.dt between 'a' and 'b']
         items (dt) dt=[a..b] run-time [run-time: o.dt = i.dt] [metastore: i.dt between 'a' and 'b']",
    );
    check(
        "select o.id from (select * from orders where dt = 'x') o join items i on o.dt = i.dt",
        "orders (dt, id) dt=x run-time [metastore: dt = 'x'] [run-time: o.dt = i.dt]
         items (dt) dt=x run-time [metastore: dt = 'x'] [run-time: o.dt = i.dt]",
    );
}

#[test]
fn subqueries() {
    check(
        "select id from orders where dt = (select max(dt) from items)",
        "orders (dt, id) dt=* unfiltered run-time [run-time: dt = (select max(dt) from items)]\nitems (dt)",
    );
    check(
        "select id from orders where dt in (select dt from items where price > 3)",
        "orders (dt, id) dt=* unfiltered run-time [run-time: dt in (select dt from items where price > 3)]
         items (dt, price) [none: price > 3]",
    );
    check(
        "select id from orders o where dt = 'x' and exists (select 1 from items i where i.dt = o.dt and i.order_id = o.id)",
        "orders (dt, id) dt=x [metastore: dt = 'x']
         items (dt, order_id) dt=x run-time [metastore: dt = 'x'] [run-time: i.dt = o.dt] [none: i.order_id = o.id]",
    );
    check(
        "with p as (select date '2025-06-01' as since) select n from daily where d >= (select since from p)",
        "daily (d, n) d=[2025-06-01..) [metastore: d >= (select since from p)]",
    );
    check(
        "with p as (select date '2025-06-01' as since) select n from daily cross join p where d >= p.since",
        "daily (d, n) d=[2025-06-01..) [metastore: d >= p.since]",
    );
}

#[test]
fn stars_count_only_when_their_columns_survive() {
    check("select * from orders", "orders (*)");
    check("with x as (select * from orders) select id from x", "orders (id)");
    check("with x as (select * from orders) select * from x where dt = 'x'", "orders (*) dt=x [metastore: dt = 'x']");
    check("select count(*) from (select * from orders)", "orders ()");
    check("select * from wide", "wide (*)");
    check("select a from (select * from wide) where dt = 'x'", "wide (a, dt) dt=x [metastore: dt = 'x']");
    check(
        "select 1 from dim where exists (select * from orders where orders.id = dim.id)",
        "dim (id)\norders (id) [none: orders.id = dim.id]",
    );
}

#[test]
fn placeholders_filter_by_an_unknown_amount() {
    check("select id from orders where dt = '{{ ds }}'", "orders (dt, id) dt=*? [metastore: dt = '{{ ds }}']");
    check("select id from orders where dt >= ?", "orders (dt, id) dt=*? [metastore: dt >= ?]");
}

#[test]
fn views_are_opened_where_they_are_used() {
    check(
        "create view recent as select * from orders where dt >= '2025-01-01'; select id from recent where dt < '2025-02-01'",
        "orders (dt, id) dt=[2025-01-01..2025-02-01) [metastore: dt >= '2025-01-01'] [metastore: dt < '2025-02-01']",
    );
}

#[test]
fn changes_read_their_targets() {
    check("update orders set amount = 1 where dt = 'x'", "orders (*) dt=x [metastore: dt = 'x']");
    check(
        "merge into orders t using items s on t.id = s.id and t.dt = 'x' when matched then update set amount = s.price",
        "orders (*) dt=x [none: t.id = s.id] [metastore: t.dt = 'x']\nitems (id, price)",
    );
    check(
        "insert into orders select id, price, 1, dt from items where dt = 'x'",
        "items (dt, id, price) dt=x [metastore: dt = 'x']",
    );
}

#[test]
fn cross_joins_are_those_that_nothing_links() {
    let count = |sql: &str| query(sql).1.cross_joins.len();
    assert_eq!(count("select 1 from orders o, items i where o.id = i.order_id"), 0);
    assert_eq!(count("select 1 from orders o, items i"), 1);
    assert_eq!(count("select 1 from orders o, items i, dim d where o.id = d.id and i.id = d.id"), 0);
    assert_eq!(count("select 1 from orders o cross join (select max(dt) m from items) x"), 0);
    assert_eq!(count("select 1 from orders o cross join unnest(o.tags) as t(tag)"), 0);
    assert_eq!(count("select 1 from orders o join items i on true"), 1);
}

#[test]
fn conjuncts_name_their_partners_and_the_values_they_leave_of_data_columns() {
    let (_, query) = query(
        "with o as (select id, dt, amount * 2 as twice from orders where amount > 5)
         select o.id from o join items i on o.dt = i.dt and o.twice < i.price",
    );
    let partners =
        |read: usize| -> Vec<&[usize]> { query.reads[read].conjuncts.iter().map(|c| c.partners.as_slice()).collect() };
    assert_eq!(partners(0), [&[][..], &[1], &[1]]);
    assert_eq!(partners(1), [&[0][..], &[0]]);
    let limited: Vec<(String, String)> =
        query.reads[0].conjuncts.iter().flat_map(|c| &c.data_domains).map(|(n, d)| (n.clone(), show(d))).collect();
    assert_eq!(limited, [("amount".to_string(), "(5..)".to_string())]);
}
