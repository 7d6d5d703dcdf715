//! Which statement of a change was which before it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::lake::Fingerprint;

/// What tells a statement, or a state machine, from others.
#[derive(Debug, Clone, Default)]
pub(super) struct Mark {
    /// Where it is after the change: a file that moved has its new path.
    pub file: String,
    /// A name of its own, that of a dbt model included.
    pub name: Option<String>,
    pub fingerprint: Option<Fingerprint>,
    /// Of its literal values.
    pub literals: Option<u16>,
    pub writes: Option<String>,
    pub reads: BTreeSet<String>,
}

impl Mark {
    /// In one file, or under one name.
    pub(super) fn stays_as(&self, after: &Mark) -> bool {
        self.file == after.file || self.name.is_some() && self.name == after.name
    }
}

/// Pairs what is before with what is after, both in file order: for each after, the number before.
///
/// The surest signs come first: within a file a name, the text, the text but for its values, the table that it writes, what it reads;
/// then, anywhere, a name that only one has and the text, so that a copy takes nothing from an original that is still there; and last
/// what statements of a file share.
pub(super) fn pair(before: &[Mark], after: &[Mark]) -> Vec<Option<usize>> {
    let mut pairing = Pairing { before, after, free: vec![true; before.len()], found: vec![None; after.len()] };
    let file = |mark: &Mark| mark.file.clone();
    let text = |mark: &Mark| Some((mark.fingerprint?, mark.literals));
    let (once_before, once_after) = (once(before), once(after));
    let own = |mark: &Mark| mark.name.clone().filter(|name| once_before.contains(name) && once_after.contains(name));
    pairing.by(|mark| Some((file(mark), mark.name.clone()?)));
    pairing.by(|mark| Some((file(mark), text(mark)?)));
    pairing.by(own);
    pairing.by(|mark| Some((file(mark), mark.fingerprint?)));
    pairing.by(|mark| Some((file(mark), mark.writes.clone()?)));
    pairing.by(|mark| Some((file(mark), Some(mark.reads.clone()).filter(|reads| !reads.is_empty())?)));
    pairing.by(text);
    pairing.by(|mark| mark.fingerprint);
    pairing.by_what_they_share();
    pairing.found
}

/// The names that one bears alone.
fn once(marks: &[Mark]) -> BTreeSet<String> {
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    marks.iter().filter_map(|mark| mark.name.as_ref()).for_each(|name| *counts.entry(name).or_default() += 1);
    counts.into_iter().filter(|(_, count)| *count == 1).map(|(name, _)| name.clone()).collect()
}

struct Pairing<'m> {
    before: &'m [Mark],
    after: &'m [Mark],
    /// Those before that have no pair yet.
    free: Vec<bool>,
    found: Vec<Option<usize>>,
}

impl Pairing<'_> {
    /// Pairs those that are left and share a sign, in order.
    fn by<S: Ord>(&mut self, sign: impl Fn(&Mark) -> Option<S>) {
        let mut left: BTreeMap<S, VecDeque<usize>> = BTreeMap::new();
        for (number, mark) in self.before.iter().enumerate().filter(|(number, _)| self.free[*number]) {
            if let Some(sign) = sign(mark) {
                left.entry(sign).or_default().push_back(number);
            }
        }
        for (number, mark) in self.after.iter().enumerate() {
            if self.found[number].is_some() {
                continue;
            }
            if let Some(before) = sign(mark).and_then(|sign| left.get_mut(&sign)?.pop_front()) {
                (self.free[before], self.found[number]) = (false, Some(before));
            }
        }
    }

    /// Pairs those that are left in a file and read a table in common, or are alone there.
    fn by_what_they_share(&mut self) {
        let mut left: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (number, mark) in self.before.iter().enumerate().filter(|(number, _)| self.free[*number]) {
            left.entry(mark.file.as_str()).or_default().push(number);
        }
        let mut waiting: BTreeMap<&str, usize> = BTreeMap::new();
        for (mark, _) in self.after.iter().zip(&self.found).filter(|(_, found)| found.is_none()) {
            *waiting.entry(mark.file.as_str()).or_default() += 1;
        }
        for (mark, found) in self.after.iter().zip(&mut self.found).filter(|(_, found)| found.is_none()) {
            let Some(numbers) = left.get_mut(mark.file.as_str()) else { continue };
            let is_alone = numbers.len() == 1 && waiting.get(mark.file.as_str()) == Some(&1);
            let fits = |number: &usize| is_alone || !mark.reads.is_disjoint(&self.before[*number].reads);
            if let Some(at) = numbers.iter().position(fits) {
                *found = Some(numbers.remove(at));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mark(file: &str, name: &str, text: u64, literals: u16, reads: &str) -> Mark {
        Mark {
            file: file.to_string(),
            name: (!name.is_empty()).then(|| name.to_string()),
            fingerprint: Some(Fingerprint(text)),
            literals: Some(literals),
            writes: None,
            reads: reads.split_whitespace().map(str::to_string).collect(),
        }
    }

    #[test]
    fn names_count_before_texts_and_texts_before_tables() {
        let before = [mark("a", "x", 1, 1, "t"), mark("a", "", 2, 1, "t"), mark("a", "", 3, 1, "u")];
        let after = [mark("a", "", 2, 1, "t"), mark("a", "x", 9, 1, "t"), mark("a", "", 8, 1, "u v")];
        assert_eq!(pair(&before, &after), [Some(1), Some(0), Some(2)]);
    }

    #[test]
    fn what_moved_is_found_by_its_name_or_text() {
        let before = [mark("a", "x", 1, 1, "t"), mark("a", "", 2, 7, "t")];
        let after = [mark("b", "x", 5, 1, "t"), mark("c", "", 2, 8, "t")];
        assert_eq!(pair(&before, &after), [Some(0), Some(1)]);
        // Of two with one name nobody knows which it is.
        let twice = [mark("b", "x", 5, 1, "t"), mark("c", "x", 6, 1, "t")];
        assert_eq!(pair(&before[..1], &twice), [None, None]);
    }

    #[test]
    fn a_copy_takes_nothing_from_an_original_that_is_still_there() {
        let before = [mark("reports", "", 1, 1, "t")];
        let after = [mark("misc", "", 1, 1, "t"), mark("reports", "", 2, 1, "t")];
        assert_eq!(pair(&before, &after), [None, Some(0)]);
    }

    #[test]
    fn the_same_text_twice_stays_in_order_and_strangers_stay_alone() {
        let before = [mark("a", "", 1, 1, "t"), mark("a", "", 1, 2, "t")];
        let after = [mark("a", "", 1, 2, "t"), mark("a", "", 1, 3, "t")];
        assert_eq!(pair(&before, &after), [Some(1), Some(0)]);
        let strangers = [mark("b", "", 7, 1, "t"), mark("b", "", 8, 1, "u")];
        assert_eq!(pair(&before, &strangers), [None, None]);
        assert_eq!(pair(&[mark("a", "p", 1, 1, "t")], &[mark("a", "q", 2, 1, "u")]), [Some(0)], "another name");
    }

    fn marks() -> impl Strategy<Value = Vec<Mark>> {
        let one = (0..3u8, 0..4u8, 0..4u64, 0..2u16, 0..3u8).prop_map(|(file, name, text, literals, reads)| {
            let name = if name == 0 { String::new() } else { name.to_string() };
            mark(&file.to_string(), &name, text, literals, &"t ".repeat(usize::from(reads)))
        });
        prop::collection::vec(one, 0..8)
    }

    proptest! {
        #[test]
        fn each_is_paired_once(before in marks(), after in marks()) {
            let found = pair(&before, &after);
            let mut used: Vec<usize> = found.iter().flatten().copied().collect();
            used.sort();
            let all = used.len();
            used.dedup();
            prop_assert_eq!((used.len(), found.len()), (all, after.len()));
            prop_assert!(used.iter().all(|number| *number < before.len()));
        }

        #[test]
        fn nothing_changes_without_a_change(marks in marks()) {
            let same: Vec<Option<usize>> = pair(&marks, &marks);
            for (number, found) in same.iter().enumerate() {
                let found = found.expect("a pair");
                prop_assert_eq!(&marks[found].file, &marks[number].file);
            }
        }
    }
}
