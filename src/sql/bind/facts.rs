//! Facts: what is known of one column, and what follows for the columns that are equal to it.

use std::collections::{HashMap, HashSet};

use crate::expr::{BinaryOp, ColumnId, Expr, Opaque};
use crate::lake::Span;

use super::tree::Predicate;

/// Whether it says something about one column that holds whatever else happens.
pub(super) fn is_fact(predicate: &Predicate) -> bool {
    fact_about(predicate).is_some()
}

/// The one column that a fact is about.
fn fact_about(predicate: &Predicate) -> Option<ColumnId> {
    let mut is_followed = !predicate.run_time;
    predicate.expr.walk(&mut |e| {
        is_followed &= !matches!(e, Expr::Opaque { why: Opaque::RunTime | Opaque::NonDeterministic, .. })
    });
    match predicate.expr.columns()[..] {
        [column] if is_followed => Some(column),
        _ => None,
    }
}

/// What follows for other columns from facts and column equalities: `a = b` and `a > 1` give `b > 1`.
pub(super) fn infer(equalities: &[Predicate], facts: &[Predicate]) -> Vec<Predicate> {
    let mut class: HashMap<ColumnId, usize> = HashMap::new();
    let mut members: Vec<Vec<ColumnId>> = Vec::new();
    for p in equalities {
        let Expr::Binary { op: BinaryOp::Eq | BinaryOp::NotDistinct, left, right } = &p.expr else { continue };
        let (Expr::Column(a), Expr::Column(b)) = (&**left, &**right) else { continue };
        match (class.get(a).copied(), class.get(b).copied()) {
            (Some(x), Some(y)) if x == y => {}
            (Some(x), Some(y)) => {
                for id in std::mem::take(&mut members[y]) {
                    class.insert(id, x);
                    members[x].push(id);
                }
            }
            (Some(x), None) => {
                class.insert(*b, x);
                members[x].push(*b);
            }
            (None, Some(y)) => {
                class.insert(*a, y);
                members[y].push(*a);
            }
            (None, None) => {
                class.insert(*a, members.len());
                class.insert(*b, members.len());
                members.push(vec![*a, *b]);
            }
        }
    }
    // Each fact once, with the columns that it is known of: long chains of equal columns know the same of all of them.
    let mut known: Vec<(Expr, &Predicate, HashSet<ColumnId>)> = Vec::new();
    let mut of_span: HashMap<(usize, Span), Vec<usize>> = HashMap::new();
    for fact in facts {
        let Some((about, class)) = fact_about(fact).and_then(|about| Some((about, *class.get(&about)?))) else {
            continue;
        };
        let pattern = fact.expr.substitute(&|_| Expr::Column(ColumnId(u32::MAX)));
        let same_span = of_span.entry((class, fact.span)).or_default();
        match same_span.iter().find(|i| known[**i].0 == pattern) {
            Some(i) => drop(known[*i].2.insert(about)),
            None => {
                same_span.push(known.len());
                known.push((pattern, fact, HashSet::from([about])));
            }
        }
    }
    let mut inferred: Vec<Predicate> = Vec::new();
    for (pattern, fact, columns) in known {
        let class = columns.iter().next().and_then(|about| class.get(about));
        for other in class.into_iter().flat_map(|class| &members[*class]).filter(|id| !columns.contains(id)) {
            inferred.push(Predicate { expr: pattern.substitute(&|_| Expr::Column(*other)), ..fact.clone() });
        }
    }
    inferred
}
