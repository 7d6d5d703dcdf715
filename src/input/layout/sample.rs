//! Objects of one table that are kept for their footers: of as many partitions as possible.

use std::collections::BTreeMap;

use super::tally::Sampling;
use crate::lake::ColumnarFile;

/// A bounded sample: the first of every folder, then the second ones. A folder's files are sorted by a number that is as good as
/// chance, so the sample is the same in whatever order and in whatever parts the objects come.
#[derive(Debug, Default)]
pub(super) struct Sample {
    /// By partition, sorted by rank, then by place.
    files: BTreeMap<u32, Vec<(u64, ColumnarFile)>>,
    count: usize,
    sampling: Sampling,
    /// What is not kept any more comes after this place in its folder and rank.
    last: Option<(usize, u64)>,
}

impl Sample {
    pub(super) fn offer(&mut self, rank: u64, file: ColumnarFile, sampling: Sampling) {
        self.sampling = sampling;
        let own = self.files.get(&file.partition).map_or(&[][..], Vec::as_slice);
        let place = own.partition_point(|(other, kept)| (*other, &kept.at) < (rank, &file.at));
        if place >= sampling.of_folder || self.last.is_some_and(|last| (place, rank) > last) {
            return;
        }
        let own = self.files.entry(file.partition).or_default();
        own.insert(place, (rank, file));
        self.count += 1;
        if own.len() > sampling.of_folder {
            own.pop();
            self.count -= 1;
        }
        if self.count > sampling.of_table {
            self.drop_last();
        }
    }

    /// Places in a folder only grow, and what comes last only gets less: whatever was dropped once would be dropped later too.
    fn drop_last(&mut self) {
        let Some(partition) = self.last_of_all().map(|(partition, ..)| partition) else { return };
        if let Some(own) = self.files.get_mut(&partition) {
            own.pop();
            self.count -= 1;
            if own.is_empty() {
                self.files.remove(&partition);
            }
        }
        self.last = Some(self.last_of_all().map_or((0, 0), |(_, place, rank)| (place, rank)));
    }

    fn last_of_all(&self) -> Option<(u32, usize, u64)> {
        let last = |(partition, own): (&u32, &Vec<(u64, ColumnarFile)>)| {
            own.last().map(|(rank, file)| (own.len() - 1, *rank, file.at.clone(), *partition))
        };
        self.files.iter().filter_map(last).max().map(|(place, rank, _, partition)| (partition, place, rank))
    }

    /// Takes over the files of folders, whose partitions have other numbers here.
    pub(super) fn absorb(&mut self, other: Sample, moved: impl Fn(ColumnarFile) -> ColumnarFile) {
        for (rank, file) in other.files.into_values().flatten() {
            self.offer(rank, moved(file), other.sampling);
        }
    }

    pub(super) fn into_files(self) -> impl Iterator<Item = ColumnarFile> {
        self.files.into_values().flatten().map(|(_, file)| file)
    }
}
