//! Which partitions of a table survive the filters of a read.

use rayon::prelude::*;

use super::verdict::{Filters, Verdict};
use crate::expr::{AsOf, Value};
use crate::lake::{KeyValues, Layout, Partition, Pruning, Survivor, Table, TableRead};

/// Partitions that a read cannot skip, of those that exist. Bytes are those of whole files, whatever columns are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pruned {
    pub partitions: u64,
    pub bytes: u64,
    pub of_partitions: u64,
    pub of_bytes: u64,
    /// The true numbers may be lower: a filter has a placeholder, is known only at run time, or could not be followed.
    pub uncertain: bool,
}

/// The same as sums; `None` when the layout is unknown.
pub fn surviving(read: &TableRead, table: &Table, as_of: AsOf) -> Option<Pruned> {
    let (layout, pruning) = (table.layout.as_ref()?, prune(read, table, as_of)?);
    let bytes = pruning.survivors.iter().map(|survivor| layout.partitions[survivor.partition as usize].bytes);
    Some(Pruned {
        partitions: pruning.kept,
        bytes: bytes.sum(),
        of_partitions: pruning.total,
        of_bytes: layout.bytes().0,
        uncertain: pruning.certain < pruning.kept,
    })
}

/// Applies the filters of one read to every partition of its table; `None` when the layout is unknown. A run has one `as_of`, so
/// the answer is kept with the read.
pub fn prune<'a>(read: &'a TableRead, table: &Table, as_of: AsOf) -> Option<&'a Pruning> {
    if read.pruning.get().is_none() {
        // Worked out before the cell is locked: it takes several threads, and one that waits for the others may turn to a job
        // that wants the same cell. The first answer stays.
        let _ = read.pruning.set(apply(read, table, as_of));
    }
    read.pruning.get()?.as_ref()
}

fn apply(read: &TableRead, table: &Table, as_of: AsOf) -> Option<Pruning> {
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
            pruning.survivors.push(survivor);
        }
    }
    (pruning.kept, pruning.certain) = (pruning.survivors.count(), pruning.survivors.certain());
    pruning.total -= pruning.unseen;
    add_empty(&mut pruning, &filters, table);
    Some(pruning)
}

/// The known partitions that a read cannot skip. A partition whose values or filters cannot be evaluated is kept.
pub fn kept<'a>(read: &'a TableRead, table: &'a Table, as_of: AsOf) -> impl Iterator<Item = &'a Partition> {
    let partitions = table.layout.as_ref().map_or(&[][..], |layout| &layout.partitions);
    let survivors = prune(read, table, as_of).into_iter().flat_map(|pruning| pruning.survivors.iter());
    survivors.map(|survivor| &partitions[survivor.partition as usize])
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
    let mut count = |indices: &[u32]| -> u64 {
        let verdicts = indices.iter().map(|index| filters.of_texts(&values[*index as usize]));
        let kept = verdicts.filter(|verdict| *verdict > Verdict::Out);
        kept.inspect(|verdict| pruning.certain += u64::from(*verdict == Verdict::In)).count() as u64
    };
    let (empty, unlisted) = (count(&registered.empty), count(&registered.unlisted));
    (pruning.empty, pruning.unlisted) = (empty, unlisted);
    pruning.kept += empty + unlisted;
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
