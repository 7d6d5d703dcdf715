//! Which partitions of a table survive the filters of a read.

use chrono::{Months, NaiveDate, NaiveDateTime, TimeDelta};

use crate::expr::{AsOf, Bound, ColumnId, ColumnType, Domain, Evaluated, Expr, Value, evaluate, extract};
use crate::lake::{Class, Partition, PartitionKey, Pruned, Table, TableRead, Transform};

/// Evaluates the filters of one read against every partition of its table; `None` when the layout is unknown. A run has one
/// `as_of`, so the answer is kept with the read.
pub fn surviving(read: &TableRead, table: &Table, as_of: AsOf) -> Option<Pruned> {
    *read.pruned.get_or_init(|| evaluated(read, table, as_of))
}

/// A partition that a read cannot skip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Survivor {
    /// Index in the layout's partitions.
    pub partition: u32,
    /// It is read whatever placeholders, run-time filters and predicates that cannot be evaluated hold.
    pub is_certain: bool,
}

/// The partitions of a layout that a read cannot skip, in order; none without a layout.
pub fn survivors(read: &TableRead, table: &Table, as_of: AsOf) -> Vec<Survivor> {
    let is_certain = !is_uncertain(read);
    let survivor = |(partition, _): (usize, &Partition)| Survivor { partition: partition as u32, is_certain };
    kept_with_index(read, table, as_of).map(survivor).collect()
}

fn evaluated(read: &TableRead, table: &Table, as_of: AsOf) -> Option<Pruned> {
    let layout = table.layout.as_ref()?;
    let mut pruned = Pruned {
        partitions: 0,
        bytes: 0,
        of_partitions: layout.partitions.len() as u64,
        of_bytes: layout.bytes().0,
        uncertain: is_uncertain(read),
    };
    for partition in kept(read, table, as_of) {
        pruned.partitions += 1;
        pruned.bytes += partition.bytes;
    }
    Some(pruned)
}

/// The known partitions that a read cannot skip. A partition whose values or filters cannot be evaluated is kept.
pub fn kept<'a>(read: &'a TableRead, table: &'a Table, as_of: AsOf) -> impl Iterator<Item = &'a Partition> {
    kept_with_index(read, table, as_of).map(|(_, partition)| partition)
}

fn kept_with_index<'a>(
    read: &'a TableRead,
    table: &'a Table,
    as_of: AsOf,
) -> impl Iterator<Item = (usize, &'a Partition)> {
    let rest = remaining(read, table);
    let partitions = table.layout.iter().flat_map(|layout| &layout.partitions).zip(table.partition_values());
    let all: Vec<&Expr> = read.conjuncts.iter().filter_map(|conjunct| conjunct.expr.as_ref()).collect();
    let is_kept = move |(p, values): &(&Partition, &Vec<Option<Value>>)| match is_loosely_dated(p, table) {
        true => passes(values, &all, table, as_of),
        false => within_domains(p, values, read, table) && passes(values, &rest, table, as_of),
    };
    partitions.enumerate().filter(move |(_, pair)| is_kept(pair)).map(|(index, (partition, _))| (index, partition))
}

/// Whether a text key holds a date whose month or day lacks its zero: `CAST(key AS date)` takes it, but domains of text that
/// stand for dates are written with zeros.
fn is_loosely_dated(partition: &Partition, table: &Table) -> bool {
    let is_loose =
        |text: &str| text.len() < 10 && text.contains('-') && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok();
    let keys = table.partition_keys.iter().zip(&partition.values);
    keys.into_iter().any(|(key, text)| key.data_type == ColumnType::String && text.as_deref().is_some_and(is_loose))
}

fn is_uncertain(read: &TableRead) -> bool {
    read.truncated
        || read.keys.iter().any(|key| key.placeholder || key.run_time)
        || read.conjuncts.iter().any(|c| c.class == Class::RunTime || (c.placeholder && !c.keys.is_empty()))
}

/// The predicates of which the domains do not say everything.
fn remaining<'a>(read: &'a TableRead, table: &Table) -> Vec<&'a Expr> {
    let types = |id: ColumnId| Some(table.partition_keys.get(id.0 as usize)?.data_type.clone());
    let is_left = |expr: &&Expr| {
        let said = extract(expr, &types);
        !said.exact || said.never
    };
    read.conjuncts.iter().filter_map(|conjunct| conjunct.expr.as_ref()).filter(is_left).collect()
}

fn within_domains(partition: &Partition, values: &[Option<Value>], read: &TableRead, table: &Table) -> bool {
    let keys = table.partition_keys.iter().zip(&partition.values).zip(values).zip(&read.keys);
    keys.into_iter()
        .all(|(((key, text), value), filter)| may_hold(key, text.as_deref(), value.as_ref(), &filter.domain))
}

/// Whether no predicate is certainly not true for the partition.
fn passes(values: &[Option<Value>], predicates: &[&Expr], table: &Table, as_of: AsOf) -> bool {
    let value = |id: ColumnId| {
        let key = table.partition_keys.get(id.0 as usize)?;
        // Of a transformed column the partition knows a part only.
        let is_known = key.transform == Transform::Identity;
        if is_known { values.get(id.0 as usize)?.clone() } else { None }
    };
    let fails =
        |expr: &Expr| matches!(evaluate(expr, &value, as_of), Evaluated::Value(Value::Bool(false) | Value::Null));
    !predicates.iter().any(|expr| fails(expr))
}

/// Whether a partition may hold a row whose key value lies in the domain.
fn may_hold(key: &PartitionKey, text: Option<&str>, value: Option<&Value>, domain: &Domain) -> bool {
    let period = match (key.transform, text) {
        (Transform::Identity, _) | (_, None) => return value.is_none_or(|value| domain.contains(value)),
        (Transform::Year | Transform::Month | Transform::Day | Transform::Hour, Some(text)) => {
            period(text, key.transform)
        }
        (Transform::Bucket(_) | Transform::Truncate(_), _) => None,
    };
    let Some((start, end)) = period else { return true };
    let value = |time: NaiveDateTime| match key.data_type {
        ColumnType::Date => Value::Date(time.date()),
        _ => Value::Timestamp(time),
    };
    let inside = Domain::range(Bound::Included(value(start)), Bound::Excluded(value(end)));
    !domain.intersect(&inside).is_none()
}

/// The source values of one partition of a date transform, from its start to before its end: `2024`, `2024-01`, `2024-01-05`,
/// `2024-01-05-13`, as Iceberg writes them in folder names.
fn period(text: &str, transform: Transform) -> Option<(NaiveDateTime, NaiveDateTime)> {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |index: usize| parts.get(index)?.parse::<u32>().ok();
    let year = parts[0].parse::<i32>().ok()?;
    let start = |month, day, hour| NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(hour, 0, 0);
    let (count, start) = match transform {
        Transform::Year => (1, start(1, 1, 0)?),
        Transform::Month => (2, start(number(1)?, 1, 0)?),
        Transform::Day => (3, start(number(1)?, number(2)?, 0)?),
        Transform::Hour => (4, start(number(1)?, number(2)?, number(3)?)?),
        _ => return None,
    };
    let end = match transform {
        Transform::Year => start.checked_add_months(Months::new(12)),
        Transform::Month => start.checked_add_months(Months::new(1)),
        Transform::Day => start.checked_add_signed(TimeDelta::days(1)),
        _ => start.checked_add_signed(TimeDelta::hours(1)),
    };
    (parts.len() == count).then_some((start, end?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::BinaryOp;
    use crate::lake::{ColumnsUsed, Conjunct, DeclaredBy, FileId, KeyFilter, Layout, Span, TableId, TableName};

    fn as_of() -> AsOf {
        AsOf(NaiveDate::from_ymd_opt(2024, 3, 31).unwrap().and_hms_opt(0, 0, 0).unwrap())
    }

    fn span() -> Span {
        Span::new(FileId(0), 0..1)
    }

    fn table(keys: Vec<PartitionKey>, partitions: &[(&[&str], u64)]) -> Table {
        let partition = |(values, bytes): &(&[&str], u64)| Partition {
            values: values.iter().map(|v| (*v != "NULL").then(|| Box::from(*v))).collect(),
            files: 1,
            bytes: *bytes,
            largest: *bytes,
        };
        let partitions = partitions.iter().map(partition).collect();
        let mut table = Table::new(TableName::parse("t"), DeclaredBy::Ddl);
        table.partition_keys = keys;
        table.layout = Some(Layout { partitions, ..Layout::default() });
        table
    }

    fn read(domains: Vec<Domain>, predicates: Vec<Expr>) -> TableRead {
        let conjunct = |expr| Conjunct {
            span: span(),
            class: Class::PlanTime,
            keys: vec![0],
            columns: Default::default(),
            expr: Some(expr),
            placeholder: false,
            or_with_unfiltered_branch: false,
            data_domains: Default::default(),
            partners: Vec::new(),
        };
        TableRead {
            table: TableId(0),
            name: "t".into(),
            span: span(),
            through: Vec::new(),
            columns: ColumnsUsed::All(span()),
            fields: Default::default(),
            scans: 1,
            conjuncts: predicates.into_iter().map(conjunct).collect(),
            keys: domains.into_iter().map(|domain| KeyFilter { domain, ..KeyFilter::all() }).collect(),
            bare_limit: None,
            stops_early: false,
            pruned: Default::default(),
            truncated: false,
        }
    }

    fn text(s: &str) -> Value {
        Value::String(s.into())
    }

    fn split_keys() -> Table {
        let keys = ["year", "month"].map(|k| PartitionKey::new(k, ColumnType::String)).to_vec();
        table(keys, &[(&["2023", "12"], 1), (&["2024", "01"], 10), (&["2024", "02"], 100), (&["NULL", "02"], 1000)])
    }

    fn counts(read: &TableRead, table: &Table) -> (u64, u64) {
        let pruned = surviving(read, table, as_of()).expect("a layout");
        (pruned.partitions, pruned.bytes)
    }

    #[test]
    fn domains_prune_partitions() {
        let table = split_keys();
        assert_eq!(counts(&read(vec![Domain::all(), Domain::all()], vec![]), &table), (4, 1111));
        assert_eq!(counts(&read(vec![Domain::single(text("2024")), Domain::all()], vec![]), &table), (2, 110));
        assert_eq!(counts(&read(vec![Domain::null(), Domain::all()], vec![]), &table), (1, 1000));
        let both = read(vec![Domain::single(text("2024")), Domain::single(text("01"))], vec![]);
        let pruned = surviving(&both, &table, as_of());
        let expected = Pruned { partitions: 1, bytes: 10, of_partitions: 4, of_bytes: 1111, uncertain: false };
        assert_eq!(pruned, Some(expected));
    }

    #[test]
    fn expressions_prune_what_domains_do_not_say() {
        let joined = Expr::binary(BinaryOp::Concat, Expr::Column(ColumnId(0)), Expr::Column(ColumnId(1)));
        let since = Expr::binary(BinaryOp::GtEq, joined, Expr::string("202401"));
        let all = || vec![Domain::all(), Domain::all()];
        assert_eq!(counts(&read(all(), vec![since]), &split_keys()), (2, 110), "NULL is not kept either");
        let unknown =
            Expr::binary(BinaryOp::Eq, Expr::call("my_udf", vec![Expr::Column(ColumnId(0))]), Expr::string("x"));
        assert_eq!(counts(&read(all(), vec![unknown]), &split_keys()), (4, 1111));
    }

    #[test]
    fn dates_without_zeros_are_evaluated() {
        let days = table(vec![PartitionKey::new("dt", ColumnType::String)], &[(&["2024-6-1"], 1), (&["2024-6-2"], 10)]);
        let date = Expr::Literal(Value::Date(NaiveDate::from_ymd_opt(2024, 6, 1).unwrap()));
        let cast = Expr::binary(BinaryOp::Eq, Expr::cast(Expr::Column(ColumnId(0)), "date", false), date);
        assert_eq!(counts(&read(vec![Domain::single(text("2024-06-01"))], vec![cast]), &days), (1, 1));
        let plain = Expr::binary(BinaryOp::Eq, Expr::Column(ColumnId(0)), Expr::string("2024-06-01"));
        assert_eq!(counts(&read(vec![Domain::single(text("2024-06-01"))], vec![plain]), &days), (0, 0));
    }

    #[test]
    fn values_that_do_not_fit_their_type_are_kept() {
        let days = table(vec![PartitionKey::new("dt", ColumnType::Date)], &[(&["2024-01-01"], 1), (&["soon"], 10)]);
        let day = Value::Date(NaiveDate::from_ymd_opt(2024, 5, 1).unwrap());
        assert_eq!(counts(&read(vec![Domain::single(day)], vec![]), &days), (1, 10));
    }

    #[test]
    fn date_transforms_hold_a_period_of_their_source() {
        let key = |transform| PartitionKey { transform, ..PartitionKey::new("ts", ColumnType::Timestamp) };
        let noon = |d| Value::Timestamp(NaiveDate::from_ymd_opt(2024, 1, d).unwrap().and_hms_opt(12, 0, 0).unwrap());
        let since = |d| read(vec![Domain::range(Bound::Included(noon(d)), Bound::Unbounded)], vec![]);
        let days =
            table(vec![key(Transform::Day)], &[(&["2024-01-01"], 1), (&["2024-01-02"], 10), (&["2024-01-03"], 100)]);
        assert_eq!(counts(&since(2), &days), (2, 110), "the second day is needed from noon on");
        let hours = table(vec![key(Transform::Hour)], &[(&["2024-01-02-11"], 1), (&["2024-01-02-12"], 10)]);
        assert_eq!(counts(&since(2), &hours), (1, 10));
        let months = table(vec![key(Transform::Month)], &[(&["2023-12"], 1), (&["2024-01"], 10)]);
        assert_eq!(counts(&since(2), &months), (1, 10));
        let buckets = table(vec![key(Transform::Bucket(2))], &[(&["0"], 1), (&["1"], 10)]);
        assert_eq!(counts(&since(2), &buckets), (2, 11));
    }

    #[test]
    fn unknown_layouts_and_filters_are_told() {
        let mut table = split_keys();
        let mut asked = read(vec![Domain::all(), Domain::all()], vec![]);
        asked.keys[0].placeholder = true;
        assert!(surviving(&asked.clone(), &table, as_of()).expect("a layout").uncertain);
        table.layout = None;
        assert_eq!(surviving(&asked, &table, as_of()), None);
    }
}
