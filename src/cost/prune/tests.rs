//! Which partitions a WHERE clause keeps, in any case or perhaps.

use chrono::NaiveDate;

use super::*;
use crate::cost::{Projected, projected};
use crate::expr::ColumnType;
use crate::lake::{
    Catalog, Column, DeclaredBy, PartitionKey, Projection, ProjectionKind, Query, Sources, TableKind, TableName,
    Transform,
};
use crate::sql::{Views, outline, read};

mod properties;

fn as_of() -> AsOf {
    AsOf(NaiveDate::from_ymd_opt(2024, 3, 31).and_then(|day| day.and_hms_opt(0, 0, 0)).expect("a date"))
}

/// A table `t` of data columns `x` and `y`; partitions as `2024/01`, each ten times the size of the one before.
fn table(keys: &[(&str, ColumnType)], partitions: &[&str]) -> Table {
    let mut table = Table::new(TableName::parse("t"), DeclaredBy::Ddl);
    table.columns = ["x", "y"].map(|name| Column { name: name.into(), data_type: ColumnType::Integer(8) }).to_vec();
    table.partition_keys = keys.iter().map(|(name, data_type)| PartitionKey::new(name, data_type.clone())).collect();
    let partition = |(i, text): (usize, &&str)| Partition {
        values: texts(text),
        files: 1,
        bytes: 10u64.pow(i as u32 % 15),
        largest: 1,
        newest: None,
    };
    table.layout =
        Some(Layout { partitions: partitions.iter().enumerate().map(partition).collect(), ..Layout::default() });
    table
}

fn texts(partition: &str) -> Vec<Option<Box<str>>> {
    partition.split('/').map(|v| (v != "NULL").then(|| Box::from(v))).collect()
}

fn text_keys(names: &[&'static str]) -> Vec<(&'static str, ColumnType)> {
    names.iter().map(|name| (*name, ColumnType::String)).collect()
}

/// Binds a statement over `t` and a table `other (k, v)`.
fn bound(table: &Table, sql: &str) -> Query {
    let mut other = Table::new(TableName::parse("other"), DeclaredBy::Ddl);
    other.columns = ["k", "v"].map(|name| Column { name: name.into(), data_type: ColumnType::String }).to_vec();
    let mut sources = Sources::default();
    let file = sources.add("q.sql", sql);
    let outline = outline(file, sql);
    let catalog = Catalog::new(vec![table.clone(), other]);
    let mut facts = read(&outline, &sources, &catalog, &Views::new(Vec::new()), as_of());
    assert!(facts.unreadable.is_empty(), "{sql}: {:?}", facts.unreadable);
    facts.queries.pop().expect("a statement")
}

/// The partitions that a read of `t` keeps; those that it may skip in brackets.
fn kept_by(table: &Table, sql: &str) -> String {
    let query = bound(table, sql);
    let read = query.reads.iter().find(|read| read.name == "t").expect("a read of t");
    let partitions = &table.layout.as_ref().expect("a layout").partitions;
    let shown = |survivor: Survivor| {
        let values = &partitions[survivor.partition as usize].values;
        let text = values.iter().map(|v| v.as_deref().unwrap_or("NULL")).collect::<Vec<_>>().join("/");
        if survivor.is_certain { text } else { format!("[{text}]") }
    };
    prune(read, table, as_of()).expect("a layout").survivors.iter().map(shown).collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(table: &Table, predicate: &str, expected: &str) {
    let sql = format!("select count(*) from t where {predicate}");
    assert_eq!(kept_by(table, &sql), expected, "{predicate}");
}

#[test]
fn three_valued_logic_over_text_keys() {
    let days = table(&text_keys(&["dt"]), &["2024-01-01", "2024-01-02", "NULL"]);
    for (predicate, expected) in [
        ("true", "2024-01-01 2024-01-02 NULL"),
        ("dt = '2024-01-01'", "2024-01-01"),
        ("dt <> '2024-01-01'", "2024-01-02"),
        ("not dt = '2024-01-01'", "2024-01-02"),
        ("dt is null", "NULL"),
        ("dt is not null", "2024-01-01 2024-01-02"),
        ("dt is distinct from '2024-01-01'", "2024-01-02 NULL"),
        ("dt in ('2024-01-01', null)", "2024-01-01"),
        ("dt not in ('2024-01-01', null)", ""),
        ("dt not in ('2024-01-01')", "2024-01-02"),
        ("dt = null", ""),
        ("coalesce(dt, 'none') = 'none'", "NULL"),
        ("coalesce(dt, 'none') <> 'none'", "2024-01-01 2024-01-02"),
        ("dt = '2024-01-01' or dt is null", "2024-01-01 NULL"),
        ("not (dt = '2024-01-01' or dt is null)", "2024-01-02"),
        ("case when dt is null then true else dt > '2024-01-01' end", "2024-01-02 NULL"),
        ("dt like '2024-01-0_' and dt not like '%2'", "2024-01-01"),
        ("nullif(dt, '2024-01-01') is null", "2024-01-01 NULL"),
        ("1 = 0", ""),
        ("dt = '2024-01-01' and 1 = 0", ""),
        ("x = 1 and x = 2", ""),
        ("x > 1 and x < 3", "2024-01-01 2024-01-02 NULL"),
    ] {
        check(&days, predicate, expected);
    }
}

#[test]
fn keys_of_several_columns_are_evaluated_together() {
    let months = table(&text_keys(&["year", "month"]), &["2023/12", "2024/01", "2024/1", "2024/02", "NULL/02"]);
    for (predicate, expected) in [
        ("year || month >= '202401'", "2024/01 2024/1 2024/02"),
        ("concat(year, '-', lpad(month, 2, '0')) = '2024-01'", "2024/01 2024/1"),
        ("cast(month as integer) = 1", "2024/01 2024/1"),
        ("year = '2024' and month = '01'", "2024/01"),
        ("(year, month) in (('2024', '01'), ('2023', '12'))", "2023/12 2024/01"),
        ("year = '2023' and month = '12' or year = '2024' and month = '02'", "2023/12 2024/02"),
        ("year is null or month = '12'", "2023/12 NULL/02"),
        ("date_parse(year || '-' || month, '%Y-%m') < date '2024-01-31'", "2023/12 2024/01 2024/1"),
        ("cast(year || '-' || month || '-01' as date) >= date '2024-02-01'", "2024/02"),
    ] {
        check(&months, predicate, expected);
    }
}

#[test]
fn predicates_over_keys_and_rows_prune_where_the_keys_alone_decide() {
    let days = table(&text_keys(&["dt", "hour"]), &["a/1", "a/2", "b/1", "b/2"]);
    for (predicate, expected) in [
        ("dt = 'a' or x = 5", "a/1 a/2 b/1 b/2"),
        ("(dt = 'a' and x = 1) or (dt = 'b' and y = 2)", "a/1 a/2 b/1 b/2"),
        ("(dt = 'a' and hour = '1' and x = 1) or (dt = 'b' and hour = '2' and x = 2)", "a/1 b/2"),
        ("(lower(dt) = 'a' and x = 1) or (upper(dt) = 'C' and x = 2)", "a/1 a/2"),
        ("not (dt = 'a' or x = 1)", "b/1 b/2"),
        ("dt || cast(x as varchar) = 'a1'", "a/1 a/2 b/1 b/2"),
        ("(my_udf(dt) = 'a' and x = 1) or hour = '2'", "[a/1] a/2 [b/1] b/2"),
        ("x = 1 and y = 2", "a/1 a/2 b/1 b/2"),
        ("dt = 'a' or rand() < 0.5", "a/1 a/2 b/1 b/2"),
    ] {
        check(&days, predicate, expected);
    }
}

#[test]
fn what_is_not_known_before_the_run_leaves_the_rest_certain() {
    let days = table(&text_keys(&["dt"]), &["a", "b", "c"]);
    for (predicate, expected) in [
        ("dt = ?", "[a] [b] [c]"),
        ("dt >= 'b' and dt <> ?", "[b] [c]"),
        ("dt = 'a' or dt = '{{ ds }}'", "a [b] [c]"),
        ("my_udf(dt) = 'x' and dt < 'c'", "[a] [b]"),
        ("dt = (select max(k) from other)", "[a] [b] [c]"),
        ("dt in (select k from other where v = 'x') and dt > 'a'", "[b] [c]"),
        ("dt = 'a' or dt in (select k from other)", "a [b] [c]"),
        ("dt not in (select k from other)", "a b c"),
        ("exists (select 1 from other where k = t.dt) and dt = 'a'", "a"),
        ("x in (select k from other) and dt = 'b'", "b"),
        ("x = ? and dt = 'b'", "b"),
        ("dt = 'a' and ? = 'all'", "[a]"),
        ("dt > 'a' and cast(dt as integer) = 1", "[b] [c]"),
    ] {
        check(&days, predicate, expected);
    }
    let joined = |sql: &str| kept_by(&days, sql);
    assert_eq!(joined("select count(*) from t join other on t.dt = other.k where t.dt > 'a'"), "[b] [c]");
    assert_eq!(joined("select count(*) from t join other on t.x = other.k where t.dt > 'a'"), "b c");
    assert_eq!(joined("select count(*) from t left join other on t.dt = other.k where t.dt > 'a'"), "b c");
    assert_eq!(joined("select count(*) from other left join t on t.dt = other.k"), "[a] [b] [c]");
}

#[test]
fn numbers_and_dates_are_read_as_the_key_is_declared() {
    let numbers = table(&[("n", ColumnType::Integer(4))], &["01", "2", "10", "NULL", "soon"]);
    check(&numbers, "n = 1", "01 [soon]");
    check(&numbers, "n between 2 and 10", "2 10 [soon]");
    check(&numbers, "n % 2 = 0 and n > 2", "10 [soon]");
    check(&numbers, "n is null", "NULL [soon]");
    check(&numbers, "n in (1, 10.0)", "01 10 [soon]");
    let days = table(&[("d", ColumnType::Date)], &["2024-01-01", "2024-02-29", "NULL"]);
    check(&days, "d = date '2024-02-29'", "2024-02-29");
    check(&days, "d >= timestamp '2024-01-01 12:00:00'", "2024-02-29");
    check(&days, "month(d) = 2 or d is null", "2024-02-29 NULL");
    check(&days, "date_trunc('quarter', d) = date '2024-01-01'", "2024-01-01 2024-02-29");
    check(&days, "date_add('day', 1, d) = date '2024-03-01'", "2024-02-29");
    check(&days, "format_datetime(d, 'yyyyMM') = '202401'", "2024-01-01");
    let amounts = table(&[("a", ColumnType::Decimal(9, 2))], &["1.50", "1.5", "2"]);
    check(&amounts, "a = 1.5", "1.50 1.5");
    check(&amounts, "a > 1.5", "2");
    let times = table(&[("ts", ColumnType::Timestamp)], &["2024-01-01 00:00:00", "2024-01-01 13:00:00.0"]);
    check(&times, "ts >= timestamp '2024-01-01 12:00:00'", "2024-01-01 13:00:00.0");
    check(&times, "cast(ts as date) = date '2024-01-01'", "2024-01-01 00:00:00 2024-01-01 13:00:00.0");
    check(&times, "hour(ts) = 13", "2024-01-01 13:00:00.0");
    let loose = table(&text_keys(&["dt"]), &["2024-6-1", "2024-06-02"]);
    check(&loose, "cast(dt as date) = date '2024-06-01'", "2024-6-1");
    check(&loose, "dt = '2024-06-01'", "");
}

#[test]
fn keys_that_nobody_declared_are_read_as_they_are_used() {
    let mut months = table(&text_keys(&["year", "month"]), &["1994/12", "1995/01", "1995/10", "NULL/02"]);
    let mut days = table(&text_keys(&["dt"]), &["1995-03-05", "1995-03-06", "1995-04-01", "NULL"]);
    for (predicate, expected) in
        [("year = 1995", "[1994/12] [1995/01] [1995/10]"), ("month = 1", "[1994/12] [1995/01] [1995/10] [NULL/02]")]
    {
        check(&months, predicate, expected);
    }
    months.declared_by = DeclaredBy::Layout;
    days.declared_by = DeclaredBy::Layout;
    for (predicate, expected) in [
        ("year = 1995", "1995/01 1995/10"),
        ("year = '1995'", "1995/01 1995/10"),
        ("month = 1", "1995/01"),
        ("month in (1, 12)", "1994/12 1995/01"),
        ("month not in (1, 12.0)", "1995/10 NULL/02"),
        ("year between 1994 and 1995 and month > 9", "1994/12 1995/10"),
        ("year * 100 + month >= 199501", "1995/01 1995/10"),
        ("month % 2 = 0", "1994/12 1995/10 NULL/02"),
        ("1994 < year", "1995/01 1995/10"),
        ("year is null", "NULL/02"),
    ] {
        check(&months, predicate, expected);
    }
    for (predicate, expected) in [
        ("dt = date '1995-03-06'", "1995-03-06"),
        ("dt between date '1995-03-06' and date '1995-12-31'", "1995-03-06 1995-04-01"),
        ("year(dt) = 1995 and month(dt) = 3", "1995-03-05 1995-03-06"),
        ("date_trunc('month', dt) = date '1995-04-01'", "1995-04-01"),
        ("dt + interval '1' day = date '1995-03-06'", "1995-03-05"),
        ("date_add('day', 1, dt) = date '1995-03-06'", "1995-03-05"),
        ("dt >= '1995-03-06'", "1995-03-06 1995-04-01"),
    ] {
        check(&days, predicate, expected);
    }
}

#[test]
fn iceberg_prunes_through_its_transforms() {
    let mut events = table(
        &[("ts", ColumnType::Timestamp), ("region", ColumnType::String)],
        &["2024-01-01/eu", "2024-01-02/eu", "2024-01-02/us"],
    );
    events.kind = TableKind::Iceberg;
    events.partition_keys[0].transform = Transform::Day;
    for name in ["ts", "region"] {
        let key = &events.partition_keys[events.key_index(name).expect("a key")];
        events.columns.push(Column { name: name.into(), data_type: key.data_type.clone() });
    }
    for (predicate, expected) in [
        ("ts >= timestamp '2024-01-01 12:00:00' and lower(region) = 'eu'", "2024-01-01/eu 2024-01-02/eu"),
        ("ts >= timestamp '2024-01-02 00:00:00' and region = 'us'", "2024-01-02/us"),
        ("date_format(ts, '%Y') = '2023'", "2024-01-01/eu 2024-01-02/eu 2024-01-02/us"),
        ("ts >= ? and region = 'eu'", "[2024-01-01/eu] [2024-01-02/eu]"),
        ("region = 'us' or x = 5", "2024-01-01/eu 2024-01-02/eu 2024-01-02/us"),
        ("(upper(region) = 'US' and x = 5) or region = 'asia'", "2024-01-02/us"),
    ] {
        check(&events, predicate, expected);
    }
}

#[test]
fn only_registered_partitions_are_read() {
    let mut days = table(&[("n", ColumnType::Integer(4))], &["01", "2", "3"]);
    days.registered_partitions = Some(["1", "3", "4", "5"].map(texts).to_vec());
    check(&days, "n > 0", "01 3");
    let query = bound(&days, "select count(*) from t where n >= 3");
    let pruning = prune(&query.reads[0], &days, as_of()).expect("a layout");
    assert_eq!((pruning.total, pruning.kept, pruning.certain), (4, 3, 3));
    assert_eq!((pruning.empty, pruning.unseen, pruning.survivors.count()), (2, 1, 1));
    let mut elsewhere = days.clone();
    elsewhere.memo = Default::default();
    elsewhere.registered_partitions = Some(["7"].map(texts).to_vec());
    check(&elsewhere, "n > 0", "01 2 3");
}

#[test]
fn only_projected_values_are_read() {
    let mut days = table(&text_keys(&["dt"]), &["2023-12-31", "2024-01-01", "2024-1-2", "2024-04-01"]);
    let kind = ProjectionKind::Date {
        from: "2024-01-01".into(),
        to: "NOW".into(),
        format: "yyyy-MM-dd".into(),
        interval: 1,
        unit: None,
    };
    days.projection = Some(Projection { keys: [("dt".to_string(), kind)].into(), template: None });
    check(&days, "dt >= '2023'", "2024-01-01");
}

#[test]
fn partitions_without_a_layout_are_those_projected_or_registered() {
    let integer = |min, max| ProjectionKind::Integer { min, max, interval: 1, digits: Some(2) };
    let kinds = |years: ProjectionKind| {
        let keys = [("year", years), ("month", integer(1, 12))].map(|(key, kind)| (key.to_string(), kind));
        Some(Projection { keys: keys.into(), template: None })
    };
    let mut months = table(&text_keys(&["year", "month"]), &[]);
    months.layout = None;
    months.projection = kinds(integer(2020, 2024));
    let counts = |table: &Table, predicate: &str| {
        let query = bound(table, &format!("select count(*) from t where {predicate}"));
        let Projected { partitions, is_capped } = projected(&query.reads[0], table, as_of()).expect("values");
        (partitions.total, partitions.low, partitions.high, is_capped)
    };
    assert_eq!(counts(&months, "true"), (60, 60, 60, false));
    assert_eq!(counts(&months, "year = '2024' and month <= '03'"), (60, 3, 3, false));
    assert_eq!(counts(&months, "year || month >= '202311'"), (60, 14, 14, false));
    assert_eq!(counts(&months, "substr(month, 1, 1) = '1' and year = ?"), (60, 0, 15, false));
    assert_eq!(counts(&months, "1 = 0"), (60, 0, 0, false));
    months.projection = kinds(ProjectionKind::Injected);
    assert_eq!(counts(&months, "year in ('a', 'b')"), (24, 24, 24, false));
    let open = bound(&months, "select count(*) from t where year > 'a'");
    assert_eq!(projected(&open.reads[0], &months, as_of()), None);
    months.projection = kinds(integer(0, 400_000));
    assert_eq!(counts(&months, "year || month = '000001'"), (4_800_012, 0, 4_800_012, true));
    months.projection = None;
    months.registered_partitions = Some(["2024/01", "2024/02", "2023/12"].map(texts).to_vec());
    assert_eq!(counts(&months, "year || month > '202401' or month = ?"), (3, 1, 3, false));
}

#[test]
fn unknown_layouts_have_no_answer_and_placeholders_make_it_uncertain() {
    let mut days = table(&text_keys(&["dt"]), &["a", "b"]);
    let query = bound(&days, "select count(*) from t where dt = ?");
    let pruned = surviving(&query.reads[0], &days, as_of()).expect("a layout");
    let expected = Pruned { partitions: 2, bytes: 11, of_partitions: 2, of_bytes: 11, uncertain: true };
    assert_eq!(pruned, expected);
    days.layout = None;
    let query = bound(&days, "select count(*) from t where dt = ?");
    assert_eq!(surviving(&query.reads[0], &days, as_of()), None);
}
