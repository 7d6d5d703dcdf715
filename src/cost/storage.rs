//! What stored bytes cost in a month, and what is saved when some of them go.

use std::collections::BTreeMap;

use super::prices::prices;
use crate::finding::{Billed, Change, Waste};
use crate::lake::{Layout, StorageClass, Usage, Usd};

/// A gigabyte as S3 bills it: the examples of <https://aws.amazon.com/s3/faqs/> divide by 2^30.
const GIGABYTE: f64 = (1u64 << 30) as f64;

/// Stored bytes by what they cost.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Stored {
    pub bytes: u64,
    pub usd_per_month: Usd,
    /// The class was taken for granted.
    pub is_assumed: bool,
}

impl Stored {
    /// Bytes of one class. Of a class that is not known the standard price is taken.
    pub fn of(bytes: u64, class: StorageClass) -> Stored {
        let price = |class: StorageClass| {
            let row = prices().storage.iter().find(|price| price.class == class);
            row.map(|row| row.usd_per_gb_month)
        };
        let known = price(class);
        let per_gb = known.or(price(StorageClass::Standard)).unwrap_or_default();
        Stored { bytes, usd_per_month: Usd(bytes as f64 / GIGABYTE * per_gb), is_assumed: known.is_none() }
    }

    /// Everything that lies under a table as its classes tell; the standard class where the source tells none.
    pub fn table(layout: &Layout) -> Stored {
        Stored::sum(&layout.classes, |_| true).unwrap_or_else(|| Stored {
            is_assumed: true,
            ..Stored::of(layout.bytes().0.saturating_add(layout.oddities.archived.bytes), StorageClass::Standard)
        })
    }

    /// Everything that lies under a table, with what no query reads: files beside partitions and hidden ones, old versions, parts of
    /// uploads. Their classes are those of the table where it has one class, else the standard one is assumed.
    pub fn everything(layout: &Layout) -> Stored {
        let odd = &layout.oddities;
        let more =
            [&odd.hidden, &odd.outside_partitions, &odd.noncurrent, &odd.unfinished_uploads, &odd.inconsistent_names];
        let bytes = more.iter().fold(0u64, |sum, oddity| sum.saturating_add(oddity.bytes));
        let all = Stored::table(layout);
        match bytes {
            0 => all,
            bytes => all.plus(Stored { is_assumed: true, ..Stored::of(bytes, StorageClass::Standard) }),
        }
    }

    /// Some of the bytes that a query can read, each at the mean price of the table's readable classes.
    pub fn readable(layout: &Layout, bytes: u64) -> Stored {
        match Stored::sum(&layout.classes, |class| !class.is_archived()) {
            Some(all) if layout.classes.keys().filter(|class| !class.is_archived()).count() == 1 => all.part(bytes),
            Some(all) => Stored { is_assumed: true, ..all.part(bytes) },
            None => Stored { is_assumed: true, ..Stored::of(bytes, StorageClass::Standard) },
        }
    }

    /// The archived bytes; as in the cheaper class where the source tells none.
    pub fn archived(layout: &Layout) -> Stored {
        let bytes = layout.oddities.archived.bytes;
        match Stored::sum(&layout.classes, StorageClass::is_archived) {
            Some(all) => all.part(bytes),
            None => Stored { is_assumed: true, ..Stored::of(bytes, StorageClass::DeepArchive) },
        }
    }

    /// `None` when no class of the kind is known.
    fn sum(classes: &BTreeMap<StorageClass, Usage>, counts: impl Fn(StorageClass) -> bool) -> Option<Stored> {
        let of_kind = classes.iter().filter(|(class, usage)| counts(**class) && usage.bytes > 0);
        of_kind.map(|(class, usage)| Stored::of(usage.bytes, *class)).reduce(Stored::plus)
    }

    fn plus(self, other: Stored) -> Stored {
        Stored {
            bytes: self.bytes.saturating_add(other.bytes),
            usd_per_month: Usd(self.usd_per_month.0 + other.usd_per_month.0),
            is_assumed: self.is_assumed || other.is_assumed,
        }
    }

    /// As many bytes at the same price each.
    fn part(self, bytes: u64) -> Stored {
        let share = bytes as f64 / self.bytes.max(1) as f64;
        Stored { bytes, usd_per_month: Usd(self.usd_per_month.0 * share), ..self }
    }

    /// What is saved when these bytes go; `is_most` says that a part of them may have to stay.
    pub fn gone(self, how: impl Into<String>, is_most: bool) -> Waste {
        Waste {
            billed: Billed::Storage,
            bytes: Change { before: self.bytes, after: 0 },
            requests: None,
            usd: Change { before: self.usd_per_month, after: Usd(0.0) },
            usd_per_month: Some(self.usd_per_month),
            fix: how.into(),
            is_assumed: self.is_assumed,
            by_ratio: false,
            is_scaled: false,
            is_most,
            shares: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::Partition;
    use proptest::prelude::*;

    const GIB: u64 = 1 << 30;

    fn layout(classes: &[(StorageClass, u64)]) -> Layout {
        let classes = classes.iter().map(|(class, bytes)| (*class, Usage { files: 1, bytes: *bytes })).collect();
        let all = Partition { files: 1, bytes: 1_000 * GIB, ..Partition::default() };
        Layout { partitions: vec![all], classes, ..Layout::default() }
    }

    fn cents(usd: Usd) -> i64 {
        (usd.0 * 100.0).round() as i64
    }

    #[test]
    fn every_class_that_is_sold_has_a_price() {
        use StorageClass::*;
        for class in
            [Standard, IntelligentTiering, StandardIa, OnezoneIa, ExpressOnezone, GlacierIr, Glacier, DeepArchive]
        {
            let stored = Stored::of(GIB, class);
            assert!(stored.usd_per_month.0 > 0.0 && !stored.is_assumed, "{class:?}");
        }
        assert!(Stored::of(GIB, Other).is_assumed);
    }

    #[test]
    fn without_classes_the_standard_one_is_assumed() {
        let stored = Stored::table(&layout(&[]));
        assert_eq!((cents(stored.usd_per_month), stored.is_assumed), (2300, true));
        let cold = layout(&[(StorageClass::StandardIa, 1_000 * GIB)]);
        let stored = Stored::readable(&cold, 500 * GIB);
        assert_eq!((cents(stored.usd_per_month), stored.is_assumed), (625, false));
        let mixed = layout(&[(StorageClass::Standard, 500 * GIB), (StorageClass::StandardIa, 500 * GIB)]);
        let stored = Stored::readable(&mixed, 100 * GIB);
        assert_eq!((cents(stored.usd_per_month), stored.is_assumed), (178, true));
    }

    proptest! {
        #[test]
        fn a_part_never_costs_more_than_the_table(
            sizes in proptest::collection::vec(0u64..100 * GIB, 9), share in 0.0f64..1.0
        ) {
            use StorageClass::*;
            let classes = [
                Standard, ReducedRedundancy, IntelligentTiering, StandardIa, OnezoneIa, ExpressOnezone, GlacierIr,
                Glacier, DeepArchive,
            ];
            let classes: Vec<(StorageClass, u64)> = classes.into_iter().zip(sizes).collect();
            let mut layout = layout(&classes);
            let sum = |archived: bool| -> u64 {
                classes.iter().filter(|(class, _)| class.is_archived() == archived).map(|(_, bytes)| bytes).sum()
            };
            layout.partitions[0].bytes = sum(false);
            layout.oddities.archived.bytes = sum(true);
            let all = Stored::table(&layout).usd_per_month.0;
            let part = Stored::readable(&layout, (sum(false) as f64 * share) as u64).gone("", false);
            prop_assert!(part.usd.before.0 >= 0.0 && part.usd.after.0 >= 0.0);
            prop_assert!(part.usd.before.0 <= all * (1.0 + 1e-9), "{} of {all}", part.usd.before.0);
            let archived = Stored::archived(&layout).usd_per_month.0;
            prop_assert!((0.0..=all * (1.0 + 1e-9)).contains(&archived));
        }
    }
}
