//! What a read leaves of its table's partitions.

/// What the filters of a read leave of the partitions that exist: stored ones and, where Glue registers them, empty ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pruning {
    pub total: u64,
    /// Partitions that cannot be ruled out before the query runs.
    pub kept: u64,
    /// Of those, the ones that are read in any case.
    pub certain: u64,
    /// Those of them that hold files.
    pub survivors: Survivors,
    /// Registered partitions that hold no file.
    pub empty: u64,
    /// Registered partitions at places that nobody has looked at.
    pub unlisted: u64,
    /// Stored partitions that nobody has registered, or that lie outside of the projected values: Athena does not see them.
    pub unseen: u64,
}

/// A partition that a read cannot skip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Survivor {
    /// Index in the layout's partitions.
    pub partition: u32,
    /// It is read whatever placeholders, run-time filters and predicates that cannot be evaluated hold.
    pub is_certain: bool,
}

/// Partitions of a layout, in its order. Filters leave neighbours: a range of days takes as little space as one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survivors(Vec<Run>);

/// Neighbouring partitions, from the first one to before the end.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Run {
    first: u32,
    end: u32,
    is_certain: bool,
}

impl Pruning {
    /// What is left when only some of the stored survivors stay.
    pub fn retain(&self, stays: impl Fn(&Survivor) -> bool) -> Pruning {
        let survivors: Survivors = self.survivors.iter().filter(stays).collect();
        Pruning { kept: survivors.count(), certain: survivors.certain(), survivors, empty: 0, unlisted: 0, ..*self }
    }
}

impl Survivors {
    /// Adds a partition behind those that are there.
    pub fn push(&mut self, Survivor { partition, is_certain }: Survivor) {
        match self.0.last_mut() {
            Some(run) if run.end == partition && run.is_certain == is_certain => run.end += 1,
            _ => self.0.push(Run { first: partition, end: partition + 1, is_certain }),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = Survivor> {
        let each = |run: &Run| {
            let is_certain = run.is_certain;
            (run.first..run.end).map(move |partition| Survivor { partition, is_certain })
        };
        self.0.iter().flat_map(each)
    }

    /// How many partitions there are.
    pub fn count(&self) -> u64 {
        self.0.iter().map(Run::count).sum()
    }

    /// How many of them are read in any case.
    pub fn certain(&self) -> u64 {
        self.0.iter().filter(|run| run.is_certain).map(Run::count).sum()
    }
}

impl Run {
    fn count(&self) -> u64 {
        u64::from(self.end - self.first)
    }
}

impl FromIterator<Survivor> for Survivors {
    fn from_iter<I: IntoIterator<Item = Survivor>>(each: I) -> Self {
        let mut survivors = Survivors::default();
        each.into_iter().for_each(|survivor| survivors.push(survivor));
        survivors
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn runs_give_back_the_partitions_that_went_in(
            partitions in prop::collection::btree_map(0..40u32, any::<bool>(), 0..30),
        ) {
            let each: Vec<Survivor> =
                partitions.into_iter().map(|(partition, is_certain)| Survivor { partition, is_certain }).collect();
            let survivors: Survivors = each.iter().copied().collect();
            prop_assert!(survivors.iter().eq(each.iter().copied()));
            prop_assert_eq!(survivors.count(), each.len() as u64);
            prop_assert_eq!(survivors.certain(), each.iter().filter(|survivor| survivor.is_certain).count() as u64);
            let apart = |run: &[Run]| run[0].end < run[1].first || run[0].is_certain != run[1].is_certain;
            prop_assert!(survivors.0.windows(2).all(apart), "no two runs could be one");
        }
    }

    #[test]
    fn what_stays_is_counted_again() {
        let survivors = (0..10).map(|partition| Survivor { partition, is_certain: partition < 5 }).collect();
        let pruning = Pruning { total: 20, kept: 12, certain: 7, survivors, empty: 2, unlisted: 1, unseen: 1 };
        let left = pruning.retain(|survivor| survivor.partition >= 3);
        assert_eq!((left.total, left.kept, left.certain, left.empty, left.unseen), (20, 7, 2, 0, 1));
    }
}
