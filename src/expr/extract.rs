//! From a predicate to the domain it allows each column, as Trino's DomainTranslator does.

use std::collections::BTreeMap;

use super::step::{Seen, Step, see};
use super::{BinaryOp, Bound, ColumnId, ColumnType, Domain, Expr, Value, eval, like};

/// What a predicate says about columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Extracted {
    /// Columns that are limited; a column that is not listed may have any value. A superset of the truth, never less.
    pub domains: BTreeMap<ColumnId, Domain>,
    /// Whether the domains (and `never`) say all that the predicate says: nothing remains to be evaluated per partition.
    pub exact: bool,
    /// No row satisfies the predicate, whatever the columns hold: `false`, `1 = 2`, `dt = NULL`, contradictions. Every listed
    /// domain is then none.
    pub never: bool,
}

/// Extracts domains from a predicate whose constants are folded. `types` gives the type of a column, where known.
pub fn extract(predicate: &Expr, types: &dyn Fn(ColumnId) -> Option<ColumnType>) -> Extracted {
    Extractor { types }.rows(predicate, true)
}

struct Extractor<'a> {
    types: &'a dyn Fn(ColumnId) -> Option<ColumnType>,
}

impl Extractor<'_> {
    /// What holds for the rows where a predicate is true, or false. NOT is pushed down this way: NULL is neither.
    fn rows(&self, expr: &Expr, truth: bool) -> Extracted {
        match expr {
            Expr::Literal(Value::Bool(constant)) => constant_truth(*constant == truth),
            Expr::Literal(Value::Null) => constant_truth(false),
            Expr::Not(inner) => self.rows(inner, !truth),
            Expr::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), .. } => {
                let parts = expr.chain(*op).into_iter().map(|part| self.rows(part, truth));
                if (*op == BinaryOp::And) == truth { every(parts.collect()) } else { some(parts.collect()) }
            }
            Expr::Binary { op, left, right } if op.is_comparison() => {
                self.comparison(if truth { *op } else { opposite(*op) }, left, right)
            }
            Expr::InList { expr, list, negated } => self.list(expr, list, truth != *negated),
            Expr::Between { expr, low, high, negated } if truth != *negated => {
                every(vec![self.comparison(BinaryOp::GtEq, expr, low), self.comparison(BinaryOp::LtEq, expr, high)])
            }
            Expr::Between { expr, low, high, .. } => {
                some(vec![self.comparison(BinaryOp::Lt, expr, low), self.comparison(BinaryOp::Gt, expr, high)])
            }
            Expr::Like { expr, pattern, escape, negated } => self.like(expr, pattern, *escape, truth != *negated),
            Expr::IsNull { expr, negated } => match see(expr, self.types) {
                Some(Seen { column, step: Step::Identity, .. }) => {
                    limit(column, if truth != *negated { Domain::null() } else { Domain::not_null() }, true)
                }
                _ => nothing(),
            },
            Expr::Call { function, args } if function == "starts_with" && truth => match &args[..] {
                [column, Expr::Literal(Value::String(prefix))] => self.prefix(column, prefix, true),
                _ => nothing(),
            },
            Expr::Column(column) if (self.types)(*column) == Some(ColumnType::Boolean) => {
                limit(*column, Domain::single(Value::Bool(truth)), true)
            }
            _ => nothing(),
        }
    }

    fn comparison(&self, op: BinaryOp, left: &Expr, right: &Expr) -> Extracted {
        match (left, right) {
            (Expr::Literal(a), Expr::Literal(b)) => match eval::compare(op, a, b) {
                Ok(result) => constant_truth(result == Value::Bool(true)),
                Err(_) => nothing(),
            },
            // `(a AND b) IS TRUE`
            (predicate @ (Expr::Binary { .. } | Expr::Not(_)), Expr::Literal(Value::Bool(truth)))
                if matches!(op, BinaryOp::Eq | BinaryOp::NotDistinct) =>
            {
                self.rows(predicate, *truth)
            }
            (column, Expr::Literal(constant)) => self.compared(op, column, constant),
            (Expr::Literal(constant), column) => self.compared(op.flipped(), column, constant),
            _ => nothing(),
        }
    }

    fn compared(&self, op: BinaryOp, expr: &Expr, constant: &Value) -> Extracted {
        let seen = see(expr, self.types);
        if *constant == Value::Null {
            let column = seen.filter(|s| s.step == Step::Identity).map(|s| s.column);
            return match (op, column) {
                (BinaryOp::NotDistinct, Some(column)) => limit(column, Domain::null(), true),
                (BinaryOp::Distinct, Some(column)) => limit(column, Domain::not_null(), true),
                (BinaryOp::NotDistinct | BinaryOp::Distinct, None) => nothing(),
                // NULL compares as NULL: the row is never kept.
                (_, Some(column)) => limit(column, Domain::none(), true),
                (_, None) => constant_truth(false),
            };
        }
        match seen.and_then(|seen| Some((seen.column, seen.domain(op, constant)?))) {
            Some((column, (domain, exact))) => limit(column, domain, exact),
            None => nothing(),
        }
    }

    /// `expr IN (list)` where `within`, else `NOT IN`. One element that is no constant leaves nothing.
    fn list(&self, expr: &Expr, list: &[Expr], within: bool) -> Extracted {
        let constants = list.iter().map(|e| if let Expr::Literal(value) = e { Some(value) } else { None });
        let Some(constants) = constants.collect::<Option<Vec<&Value>>>() else { return nothing() };
        let Some(seen) = see(expr, self.types) else { return nothing() };
        let has_null = constants.iter().any(|v| **v == Value::Null);
        if has_null && !within {
            return limit(seen.column, Domain::none(), true);
        }
        let constants = constants.into_iter().filter(|v| **v != Value::Null);
        let domain = if seen.step == Step::Identity && seen.data_type != Some(ColumnType::String) {
            constants.map(|v| seen.coerce(v)).collect::<Option<Vec<Value>>>().map(|v| (Domain::values(v), true))
        } else {
            let each: Option<Vec<(Domain, bool)>> = constants.map(|v| seen.domain(BinaryOp::Eq, v)).collect();
            each.map(|each| {
                let exact = each.iter().all(|(_, exact)| *exact);
                (Domain::union_of(each.into_iter().map(|(domain, _)| domain).collect()), exact)
            })
        };
        match domain {
            Some((domain, exact)) if within => limit(seen.column, domain, exact),
            Some((domain, true)) => limit(seen.column, Domain { nulls: false, ..domain.complement() }, true),
            _ => nothing(),
        }
    }

    fn like(&self, expr: &Expr, pattern: &Expr, escape: Option<char>, within: bool) -> Extracted {
        let Expr::Literal(Value::String(pattern)) = pattern else { return nothing() };
        let Some(parsed) = like::Pattern::parse(pattern, escape) else { return nothing() };
        let prefix = parsed.prefix();
        if !parsed.has_wildcard() {
            let op = if within { BinaryOp::Eq } else { BinaryOp::NotEq };
            return match self.text_column(expr) {
                Some(_) => self.compared(op, expr, &Value::String(prefix)),
                None => nothing(),
            };
        }
        if within { self.prefix(expr, &prefix, parsed.is_prefix_only()) } else { nothing() }
    }

    /// Texts that start with a prefix.
    fn prefix(&self, expr: &Expr, prefix: &str, exact: bool) -> Extracted {
        let Some(column) = self.text_column(expr).filter(|_| !prefix.is_empty()) else { return nothing() };
        limit(column, prefix_range(prefix), exact)
    }

    fn text_column(&self, expr: &Expr) -> Option<ColumnId> {
        let seen = see(expr, self.types)?;
        let text = matches!(seen.data_type, None | Some(ColumnType::String)) && seen.step == Step::Identity;
        text.then_some(seen.column)
    }
}

/// Texts that start with a prefix: from it up to, and without, the next text of its length.
pub fn prefix_range(prefix: &str) -> Domain {
    let low = Bound::Included(Value::String(prefix.to_string()));
    let high = match after_prefix(prefix) {
        Some(next) => Bound::Excluded(Value::String(next)),
        None => Bound::Unbounded,
    };
    Domain::range(low, high)
}

/// The smallest text that is greater than every text with this prefix.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut head: Vec<char> = prefix.chars().collect();
    while let Some(last) = head.pop() {
        // Surrogates are no characters: the next one after them is U+E000.
        let next = if last == '\u{D7FF}' { Some('\u{E000}') } else { char::from_u32(last as u32 + 1) };
        if let Some(next) = next {
            head.push(next);
            return Some(head.into_iter().collect());
        }
    }
    None
}

/// The comparison that is true where this one is false.
fn opposite(op: BinaryOp) -> BinaryOp {
    use BinaryOp::*;
    match op {
        Eq => NotEq,
        NotEq => Eq,
        Lt => GtEq,
        LtEq => Gt,
        Gt => LtEq,
        GtEq => Lt,
        NotDistinct => Distinct,
        Distinct => NotDistinct,
        other => other,
    }
}

fn nothing() -> Extracted {
    Extracted { domains: BTreeMap::new(), exact: false, never: false }
}

fn constant_truth(holds: bool) -> Extracted {
    Extracted { domains: BTreeMap::new(), exact: true, never: !holds }
}

fn limit(column: ColumnId, domain: Domain, exact: bool) -> Extracted {
    let never = domain.is_none();
    // An empty superset says everything.
    Extracted { domains: BTreeMap::from([(column, domain)]), exact: exact || never, never }
}

/// Rows for which all parts hold.
fn every(parts: Vec<Extracted>) -> Extracted {
    let exact = parts.iter().all(|part| part.exact);
    let mut never = parts.iter().any(|part| part.never);
    let mut columns: BTreeMap<ColumnId, Vec<Domain>> = BTreeMap::new();
    for (column, domain) in parts.into_iter().flat_map(|part| part.domains) {
        columns.entry(column).or_default().push(domain);
    }
    let mut domains: BTreeMap<ColumnId, Domain> =
        columns.into_iter().map(|(column, domains)| (column, Domain::intersection(domains))).collect();
    never |= domains.values().any(|domain| domain.is_none());
    if never {
        domains.values_mut().for_each(|domain| *domain = Domain::none());
    }
    Extracted { domains, exact: exact || never, never }
}

/// Rows for which some part holds: a column is limited only where every part limits it, and two limited columns together say
/// more than either.
fn some(parts: Vec<Extracted>) -> Extracted {
    let (mut possible, mut impossible) = (Vec::new(), Vec::new());
    for part in parts {
        if part.never { impossible.push(part) } else { possible.push(part) }
    }
    if possible.is_empty() {
        return every(impossible);
    }
    if possible.iter().any(|part| part.exact && part.domains.is_empty()) {
        return constant_truth(true);
    }
    let count = possible.len();
    let one_column = possible.iter().all(|part| part.domains.len() == 1);
    let exact = possible.iter().all(|part| part.exact);
    let mut columns: BTreeMap<ColumnId, Vec<Domain>> = BTreeMap::new();
    for (column, domain) in possible.into_iter().flat_map(|part| part.domains) {
        columns.entry(column).or_default().push(domain);
    }
    let common = columns.into_iter().filter(|(_, domains)| domains.len() == count);
    let domains: BTreeMap<ColumnId, Domain> =
        common.map(|(column, domains)| (column, Domain::union_of(domains))).filter(|(_, d)| !d.is_all()).collect();
    let exact = exact && (count == 1 || (one_column && domains.len() == 1));
    Extracted { domains, exact, never: false }
}

#[cfg(test)]
mod tests;
