//! What a placeholder most likely stands for: `dt = '{{ ds }}'` keeps one day, whichever it is.

use std::collections::BTreeSet;

use crate::expr::{BinaryOp, ColumnId, Expr};
use crate::lake::{Survivors, Table, TableRead, Transform};

/// Keys that placeholders hold to one value each, and the number of their combined values among the survivors; `None` when no
/// key is, or when one value is left anyway.
pub struct OneValue {
    pub keys: Vec<String>,
    pub of: u64,
}

impl OneValue {
    pub fn of(read: &TableRead, table: &Table, survivors: &Survivors) -> Option<OneValue> {
        let compared = read.conjuncts.iter().filter(|conjunct| conjunct.placeholder);
        let keys: BTreeSet<usize> = compared.filter_map(|conjunct| held_key(conjunct.expr.as_ref()?, table)).collect();
        if keys.is_empty() {
            return None;
        }
        let values = table.key_values();
        let combined: BTreeSet<Vec<u32>> = survivors
            .iter()
            .map(|survivor| keys.iter().map(|key| values[*key].of_partition[survivor.partition as usize]).collect())
            .collect();
        let keys = keys.into_iter().map(|key| table.partition_keys[key].name.clone()).collect();
        Some(OneValue { keys, of: combined.len() as u64 }).filter(|one| one.of > 1)
    }
}

/// The key that an equality holds to the value of a placeholder.
fn held_key(expr: &Expr, table: &Table) -> Option<usize> {
    let Expr::Binary { op: BinaryOp::Eq | BinaryOp::NotDistinct, left, right } = expr else { return None };
    let (id, other) = match (&**left, &**right) {
        (Expr::Column(id), other) | (other, Expr::Column(id)) => (*id, other),
        _ => return None,
    };
    let ColumnId(key) = id;
    let is_constant = other.columns().is_empty() && other.has_placeholder();
    let declared = table.partition_keys.get(key as usize).filter(|_| is_constant)?;
    (declared.transform == Transform::Identity).then_some(key as usize)
}
