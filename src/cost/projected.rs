//! Partitions of a table whose files nobody has listed: projected values, or those that Glue has registered.
//!
//! Athena computes projected values from the table's properties, whether or not anything is stored under them
//! (<https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html>).

use super::estimate::Partitions;
use super::verdict::{Filters, Verdict};
use crate::expr::{AsOf, Value};
use crate::lake::{ProjectionKind, Table, TableRead};

/// Most values of one key, and most combinations of keys, that predicates are evaluated on.
pub(super) const MOST: usize = 1_000_000;

/// How many partitions a read keeps of those that its table's description implies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Projected {
    pub partitions: Partitions,
    /// There are more than [`MOST`]: the filters were not evaluated on every one, and the kept ones are an upper bound.
    pub is_capped: bool,
}

/// The values of one key, with what the filters on it alone say.
struct Candidates {
    total: u64,
    kept: Vec<(Option<Value>, Verdict)>,
    is_capped: bool,
}

/// The partitions that a read keeps of those that are projected or registered; `None` when neither is known.
pub fn projected(read: &TableRead, table: &Table, as_of: AsOf) -> Option<Projected> {
    let filters = Filters::of(read, table, as_of);
    if table.projection.is_none() {
        let registered = table.registered_partitions.as_ref()?;
        let mut partitions = Partitions { total: registered.len() as u64, ..Partitions::default() };
        for texts in registered {
            let verdict = filters.of_texts(texts);
            partitions.high += u64::from(verdict > Verdict::Out);
            partitions.low += u64::from(verdict == Verdict::In);
        }
        return Some(Projected { partitions, is_capped: false });
    }
    let keys = 0..table.partition_keys.len();
    let candidates: Vec<Candidates> =
        keys.map(|key| candidates(key, &filters, read, table, as_of)).collect::<Option<_>>()?;
    let product = |count: &dyn Fn(&Candidates) -> u64| candidates.iter().map(count).fold(1, u64::saturating_mul);
    let mut projected = Projected {
        partitions: Partitions {
            total: product(&|c| c.total),
            low: product(&|c| c.kept.iter().filter(|(_, verdict)| *verdict == Verdict::In).count() as u64),
            high: product(&|c| if c.is_capped { c.total } else { c.kept.len() as u64 }),
        },
        is_capped: candidates.iter().any(|c| c.is_capped),
    };
    let partitions = &mut projected.partitions;
    if filters.has_several() && !projected.is_capped {
        match partitions.high > MOST as u64 {
            true => (partitions.low, projected.is_capped) = (0, true),
            false => (partitions.low, partitions.high) = combined(&candidates, &filters),
        }
    }
    if projected.is_capped || filters.always() < Verdict::In {
        partitions.low = 0;
    }
    if filters.always() == Verdict::Out {
        partitions.high = 0;
    }
    Some(projected)
}

/// `None` for a key whose values cannot be told: its range cannot be read, or it is injected and the query does not list it.
fn candidates(key: usize, filters: &Filters<'_>, read: &TableRead, table: &Table, as_of: AsOf) -> Option<Candidates> {
    let declared = &table.partition_keys[key];
    let kind = table.projection.as_ref()?.keys.get(&declared.name)?;
    let texts = match kind {
        ProjectionKind::Injected => {
            let text = |value: &Value| if let Value::String(text) = value { Some(text.clone()) } else { None };
            read.keys.get(key)?.domain.discrete()?.into_iter().map(text).collect::<Option<Vec<String>>>()?
        }
        kind => kind.texts(as_of, MOST + 1)?,
    };
    let is_capped = texts.len() > MOST;
    let total = if is_capped { kind.values(as_of)? } else { texts.len() as u64 };
    let verdict = |text: String| {
        let value = Value::of_partition(Some(&text), &declared.data_type);
        let verdict = filters.of_key(key, Some(&text), value.as_ref());
        (verdict > Verdict::Out).then_some((value, verdict))
    };
    Some(Candidates { total, kept: texts.into_iter().filter_map(verdict).collect(), is_capped })
}

/// Certain and kept combinations of the keys' values under the predicates over several keys.
fn combined(candidates: &[Candidates], filters: &Filters<'_>) -> (u64, u64) {
    let (mut certain, mut kept) = (0, 0);
    let mut at = vec![0; candidates.len()];
    if candidates.iter().any(|c| c.kept.is_empty()) {
        return (0, 0);
    }
    loop {
        let value = |key: usize| candidates[key].kept[at[key]].0.clone();
        let alone = candidates.iter().zip(&at).map(|(c, i)| c.kept[*i].1).min().unwrap_or(Verdict::In);
        let verdict = alone.min(filters.of_several(&value));
        kept += u64::from(verdict > Verdict::Out);
        certain += u64::from(verdict == Verdict::In);
        // The next combination, the last key first.
        let next = (0..at.len()).rev().find(|key| at[*key] + 1 < candidates[*key].kept.len());
        let Some(next) = next else { return (certain, kept) };
        at[next] += 1;
        at[next + 1..].fill(0);
    }
}
