//! What the filters of a read say about one partition.
//!
//! Trino evaluates the whole deterministic predicate on the values of each partition while it plans, with data columns left
//! open, and drops the partition when the result is false or NULL; an error keeps it (LayoutConstraintEvaluator,
//! HivePartitionManager.partitionMatches; <https://github.com/trinodb/trino>).

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::iceberg::may_hold;
use crate::expr::{
    AsOf, BinaryOp, ColumnId, ColumnType, Domain, Evaluated, Expr, Opaque, Value, evaluate, extract, is_deterministic,
};
use crate::lake::{ANY_VALUE, Class, Conjunct, PartitionKey, Table, TableKind, TableRead, Transform};

/// Whether a partition is read; the worst verdict of all filters counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Out,
    /// Placeholders, run-time filters or functions that are not modelled decide.
    Maybe,
    In,
}

/// The filters of one read, ready to be applied to partitions.
#[derive(Debug)]
pub struct Filters<'a> {
    table: &'a Table,
    as_of: AsOf,
    /// What holds for every partition.
    always: Verdict,
    /// Per key, what it alone decides.
    single: Vec<Vec<Test<'a>>>,
    /// Predicates over several keys.
    several: Vec<Predicate<'a>>,
}

/// A filter on one key.
#[derive(Debug)]
enum Test<'a> {
    /// Says all of a predicate.
    Values(Domain),
    /// What all predicates together leave of the key, or of an Iceberg key's source column.
    Left(&'a Domain),
    Predicate(Predicate<'a>),
}

/// A predicate that is evaluated.
#[derive(Debug, Clone, Copy)]
struct Predicate<'a> {
    expr: &'a Expr,
    /// An unknown result is due to a placeholder or to what is known at run time.
    is_open: bool,
}

/// The values of a partition by key, as the keys' types.
pub type ValueOf<'v> = &'v dyn Fn(usize) -> Option<Value>;

impl<'a> Filters<'a> {
    pub fn of(read: &'a TableRead, table: &'a Table, as_of: AsOf) -> Self {
        let always = if read.truncated { Verdict::Maybe } else { Verdict::In };
        let single = table.partition_keys.iter().map(|_| Vec::new()).collect();
        let mut filters = Filters { table, as_of, always, single, several: Vec::new() };
        for index in 0..table.partition_keys.len() {
            let left = read.keys.get(index).map(|filter| &filter.domain).filter(|domain| !domain.is_all());
            filters.single[index].extend(left.map(Test::Left));
        }
        for conjunct in &read.conjuncts {
            filters.add(conjunct);
        }
        if contradicts_itself(read) {
            filters.always = Verdict::Out;
        }
        filters
    }

    fn add(&mut self, conjunct: &'a Conjunct) {
        let Some(expr) = &conjunct.expr else { return };
        let keys = self.table.partition_keys.len();
        let is_key = |id: &ColumnId| (id.0 as usize) < keys;
        if let Some(domains) = self.exact_domains(expr) {
            // Those of transformed keys are part of what the read says about the key.
            for (id, domain) in domains {
                if self.is_key(id) {
                    self.single[id.0 as usize].push(Test::Values(domain));
                }
            }
            return;
        }
        let is_open = conjunct.placeholder || conjunct.class == Class::RunTime;
        let predicate = Predicate { expr, is_open };
        match expr.columns().into_iter().filter(is_key).collect::<Vec<_>>()[..] {
            [] => self.always = self.always.min(self.evaluated(&predicate, &|_| None)),
            [key] => self.single[key.0 as usize].push(Test::Predicate(predicate)),
            _ => self.several.push(predicate),
        }
    }

    /// The domains of a predicate that they say all of; `None` when something is left to evaluate.
    fn exact_domains(&mut self, expr: &Expr) -> Option<BTreeMap<ColumnId, Domain>> {
        let types = |id: ColumnId| {
            let key = self.table.partition_keys.get(id.0 as usize)?;
            (key.transform == Transform::Identity).then(|| key.data_type.clone())
        };
        let said = extract(expr, &types);
        if said.never {
            self.always = Verdict::Out;
        }
        said.exact.then_some(said.domains)
    }

    /// What every partition has in common.
    pub fn always(&self) -> Verdict {
        self.always
    }

    /// Whether a partition's verdict takes more than one key at a time.
    pub fn has_several(&self) -> bool {
        !self.several.is_empty()
    }

    /// Whether one key alone decides anything.
    pub fn is_limited(&self, key: usize) -> bool {
        !self.single[key].is_empty()
    }

    /// What one key alone decides. `text` is the folder's value, `value` what it is as the key's type.
    pub fn of_key(&self, key: usize, text: Option<&str>, value: Option<&Value>) -> Verdict {
        let mut worst = Verdict::In;
        for test in &self.single[key] {
            let verdict = match test {
                Test::Values(domain) => match value {
                    None => Verdict::Maybe,
                    Some(value) if domain.contains(value) => Verdict::In,
                    Some(_) => Verdict::Out,
                },
                Test::Left(domain) => self.left(key, text, value, domain),
                Test::Predicate(predicate) => self.evaluated(predicate, &|_| value.cloned()),
            };
            worst = worst.min(verdict);
            if worst == Verdict::Out {
                break;
            }
        }
        worst
    }

    fn left(&self, key: usize, text: Option<&str>, value: Option<&Value>, domain: &Domain) -> Verdict {
        let key = &self.table.partition_keys[key];
        if value.is_none() && text == Some(ANY_VALUE) && self.table.kind == TableKind::Iceberg {
            return Verdict::Maybe;
        }
        let is_outside = value.is_some_and(|value| !domain.contains(value));
        match key.transform {
            Transform::Identity if is_outside && !is_loosely_dated(key, text) => Verdict::Out,
            Transform::Identity => Verdict::In,
            _ => may_hold(key, text, domain),
        }
    }

    /// What the predicates over several keys decide.
    pub fn of_several(&self, values: ValueOf<'_>) -> Verdict {
        let verdicts = self.several.iter().map(|predicate| self.evaluated(predicate, values));
        verdicts.min().unwrap_or(Verdict::In)
    }

    /// The verdict on a partition that is given by its texts.
    pub fn of_texts(&self, texts: &[Option<Box<str>>]) -> Verdict {
        let keys = self.table.partition_keys.iter().zip(texts);
        let values: Vec<Option<Value>> =
            keys.map(|(key, text)| Value::of_partition(text.as_deref(), &key.data_type)).collect();
        let alone = |(key, text): (usize, &Option<Box<str>>)| {
            self.of_key(key, text.as_deref(), values.get(key)?.as_ref()).into()
        };
        let alone = texts.iter().enumerate().filter_map(alone).min().unwrap_or(Verdict::In);
        let value = |key: usize| values.get(key).cloned().flatten();
        self.always.min(alone).min(if alone == Verdict::Out { Verdict::Out } else { self.of_several(&value) })
    }

    fn evaluated(&self, predicate: &Predicate<'_>, values: ValueOf<'_>) -> Verdict {
        let value = |id: ColumnId| if self.is_key(id) { values(id.0 as usize) } else { None };
        match evaluate(predicate.expr, &value, self.as_of) {
            Evaluated::Value(Value::Bool(true)) => Verdict::In,
            Evaluated::Value(Value::Bool(false) | Value::Null) => Verdict::Out,
            Evaluated::Unknown if !predicate.is_open && self.is_left_to_rows(predicate.expr, &value) => Verdict::In,
            _ => Verdict::Maybe,
        }
    }

    /// Whether a column is a key whose value a partition knows: of a transformed column it knows a part only.
    fn is_key(&self, id: ColumnId) -> bool {
        self.table.partition_keys.get(id.0 as usize).is_some_and(|key| key.transform == Transform::Identity)
    }

    /// Whether all that is unknown of a predicate is what the rows of the partition hold: the partition is then read.
    fn is_left_to_rows(&self, expr: &Expr, value: &dyn Fn(ColumnId) -> Option<Value>) -> bool {
        match expr {
            Expr::Not(inner) => self.is_left_to_rows(inner, value),
            Expr::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), .. } => {
                expr.chain(*op).into_iter().all(|part| self.is_left_to_rows(part, value))
            }
            other => {
                let columns = other.columns();
                let is_of_rows = match columns.is_empty() {
                    true => !is_deterministic(other),
                    false => columns.iter().any(|id| !self.is_key(*id)) || differs_per_row(other),
                };
                is_of_rows || matches!(evaluate(other, value, self.as_of), Evaluated::Value(_))
            }
        }
    }
}

/// Whether no value of some data column passes all predicates: nothing is read then, as for `1 = 0`.
fn contradicts_itself(read: &TableRead) -> bool {
    let mut left: BTreeMap<&str, Domain> = BTreeMap::new();
    for (column, domain) in read.conjuncts.iter().flat_map(|conjunct| &conjunct.data_domains) {
        let domain = left.get(column.as_str()).map_or_else(|| domain.clone(), |other| other.intersect(domain));
        left.insert(column, domain);
    }
    left.values().any(Domain::is_none)
}

/// Whether a text key holds a date whose month or day lacks its zero: `CAST(key AS date)` takes it, but domains of text that
/// stand for dates are written with zeros.
fn is_loosely_dated(key: &PartitionKey, text: Option<&str>) -> bool {
    let is_loose =
        |text: &str| text.len() < 10 && text.contains('-') && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok();
    key.data_type == ColumnType::String && text.is_some_and(is_loose)
}

/// Whether a value is another one for each row, and nothing that a subquery may hand to the scan.
fn differs_per_row(expr: &Expr) -> bool {
    let mut has_run_time = false;
    expr.walk(&mut |e| has_run_time |= matches!(e, Expr::Opaque { why: Opaque::RunTime, .. }));
    !has_run_time && !is_deterministic(expr)
}
