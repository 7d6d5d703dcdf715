//! Which partitions of a table survive the filters of a read.

use rayon::prelude::*;

use super::verdict::{Filters, Verdict};
use crate::expr::{AsOf, Value};
use crate::lake::{KeyValues, Layout, Partition, Pruned, Table, TableRead};

/// Evaluates the filters of one read against every partition of its table; `None` when the layout is unknown. A run has one
/// `as_of`, so the answer is kept with the read.
pub fn surviving(read: &TableRead, table: &Table, as_of: AsOf) -> Option<Pruned> {
    *read.pruned.get_or_init(|| {
        let layout = table.layout.as_ref()?;
        let pruning = prune(read, table, as_of)?;
        let bytes = pruning.survivors.iter().map(|survivor| layout.partitions[survivor.partition as usize].bytes);
        Some(Pruned {
            partitions: pruning.kept,
            bytes: bytes.sum(),
            of_partitions: pruning.total,
            of_bytes: layout.bytes().0,
            uncertain: pruning.certain < pruning.kept,
        })
    })
}

/// A partition that a read cannot skip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Survivor {
    /// Index in the layout's partitions.
    pub partition: u32,
    /// It is read whatever placeholders, run-time filters and predicates that cannot be evaluated hold.
    pub is_certain: bool,
}

/// What the filters of a read leave of the partitions that exist: stored ones and, where Glue registers them, empty ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pruning {
    pub total: u64,
    /// Partitions that cannot be ruled out before the query runs.
    pub kept: u64,
    /// Of those, the ones that are read in any case.
    pub certain: u64,
    /// Those of them that hold files, in order.
    pub survivors: Vec<Survivor>,
    /// Registered partitions that hold no file.
    pub empty: u64,
    /// Stored partitions that nobody has registered, or that lie outside of the projected values: Athena does not see them.
    pub unseen: u64,
}

impl Pruning {
    /// What is left when only some of the stored survivors stay.
    pub fn retain(mut self, stays: impl Fn(&Survivor) -> bool) -> Pruning {
        self.survivors.retain(stays);
        self.kept = self.survivors.len() as u64;
        self.certain = self.survivors.iter().filter(|survivor| survivor.is_certain).count() as u64;
        self.empty = 0;
        self
    }
}

/// Applies the filters of one read to every partition of its table; `None` when the layout is unknown.
pub fn prune(read: &TableRead, table: &Table, as_of: AsOf) -> Option<Pruning> {
    let layout = table.layout.as_ref()?;
    let filters = Filters::of(read, table, as_of);
    let seen = Seen::of(table, layout, as_of);
    let mut pruning = Pruning { total: layout.partitions.len() as u64, ..Pruning::default() };
    let per_key = per_key(&filters, table, layout);
    let values = table.key_values();
    for index in 0..layout.partitions.len() {
        if !seen.has(index) {
            pruning.unseen += 1;
            continue;
        }
        let mut verdict = filters.always();
        for (key, verdicts) in &per_key {
            verdict = verdict.min(verdicts[values[*key].of_partition[index] as usize]);
        }
        if verdict > Verdict::Out && filters.has_several() {
            let value = |key: usize| value_of(&values[key], index).cloned();
            verdict = verdict.min(filters.of_several(&value));
        }
        if verdict > Verdict::Out {
            let survivor = Survivor { partition: index as u32, is_certain: verdict == Verdict::In };
            pruning.certain += u64::from(survivor.is_certain);
            pruning.survivors.push(survivor);
        }
    }
    pruning.kept = pruning.survivors.len() as u64;
    pruning.total -= pruning.unseen;
    add_empty(&mut pruning, &filters, table);
    Some(pruning)
}

/// The partitions of a layout that a read cannot skip, in order; none without a layout.
pub fn survivors(read: &TableRead, table: &Table, as_of: AsOf) -> Vec<Survivor> {
    prune(read, table, as_of).map_or(Vec::new(), |pruning| pruning.survivors)
}

/// The known partitions that a read cannot skip. A partition whose values or filters cannot be evaluated is kept.
pub fn kept<'a>(read: &'a TableRead, table: &'a Table, as_of: AsOf) -> impl Iterator<Item = &'a Partition> {
    let partitions = table.layout.as_ref().map_or(&[][..], |layout| &layout.partitions);
    survivors(read, table, as_of).into_iter().map(|survivor| &partitions[survivor.partition as usize])
}

/// From this many values of a key on, predicates are evaluated on several threads.
const IN_PARALLEL: usize = 50_000;

/// The verdicts of every value of the keys that are limited.
fn per_key(filters: &Filters<'_>, table: &Table, layout: &Layout) -> Vec<(usize, Vec<Verdict>)> {
    let limited = (0..table.partition_keys.len()).filter(|key| filters.is_limited(*key));
    let verdicts = |key: usize| {
        let KeyValues { values, example, .. } = &table.key_values()[key];
        let verdict = |(value, partition): (&Option<Value>, &u32)| {
            let text = layout.partitions[*partition as usize].values.get(key).and_then(Option::as_deref);
            filters.of_key(key, text, value.as_ref())
        };
        let verdicts = match values.len() < IN_PARALLEL {
            true => values.iter().zip(example).map(verdict).collect(),
            false => values.par_iter().zip(example).map(verdict).collect(),
        };
        (key, verdicts)
    };
    limited.map(verdicts).collect()
}

fn value_of(values: &KeyValues, partition: usize) -> Option<&Value> {
    values.values[values.of_partition[partition] as usize].as_ref()
}

/// Counts the registered partitions that hold nothing.
fn add_empty(pruning: &mut Pruning, filters: &Filters<'_>, table: &Table) {
    let (Some(registered), Some(values)) = (table.registered(), &table.registered_partitions) else { return };
    pruning.total = registered.total;
    for index in &registered.empty {
        let verdict = filters.of_texts(&values[*index as usize]);
        pruning.empty += u64::from(verdict > Verdict::Out);
        pruning.certain += u64::from(verdict == Verdict::In);
    }
    pruning.kept += pruning.empty;
}

/// Which stored partitions Athena knows of.
struct Seen<'a> {
    registered: Option<&'a [bool]>,
    /// Per projected key, which of its values are projected.
    projected: Vec<(&'a KeyValues, Vec<bool>)>,
}

impl<'a> Seen<'a> {
    fn of(table: &'a Table, layout: &Layout, as_of: AsOf) -> Self {
        let mut seen = Seen { registered: table.registered().map(|r| &r.of_layout[..]), projected: Vec::new() };
        let Some(projection) = &table.projection else { return seen };
        for (index, (key, values)) in table.partition_keys.iter().zip(table.key_values()).enumerate() {
            let Some(kind) = projection.keys.get(&key.name) else { continue };
            let of_value = |partition: &u32| {
                let text = layout.partitions[*partition as usize].values.get(index).and_then(Option::as_deref);
                kind.holds(text, as_of)
            };
            seen.projected.push((values, values.example.iter().map(of_value).collect()));
        }
        seen
    }

    fn has(&self, partition: usize) -> bool {
        self.registered.is_none_or(|registered| registered[partition])
            && self.projected.iter().all(|(values, held)| held[values.of_partition[partition] as usize])
    }
}

#[cfg(test)]
mod tests;
