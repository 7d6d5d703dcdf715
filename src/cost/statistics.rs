//! Which row groups the footers' statistics refute: their smallest and largest values and their NULLs against what the
//! predicates leave.

use crate::expr::{Bound, Domain};
use crate::lake::{Footers, Table, TableKind, TableRead};

/// What the predicates leave of single leaf columns, by index.
type Left = Vec<(usize, Domain)>;

/// The predicates of one read, as far as statistics can answer them.
#[derive(Debug)]
pub struct Limits {
    /// Of every row: one domain per column, which is all that Trino's readers look at (TupleDomain).
    all: Left,
    /// ORs over several columns: at least one branch of each must hold. Other engines refute by these too.
    branches: Vec<Vec<Left>>,
}

/// Whether statistics prove that no row of a row group passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refuted {
    No,
    /// Only to a reader that looks at more than one domain per column, or takes a column that the file lacks as NULL.
    Perhaps,
    Yes,
}

impl Limits {
    pub fn of(read: &TableRead, table: &Table, footers: &Footers) -> Self {
        let mut all = Left::new();
        for (name, domain) in read.conjuncts.iter().flat_map(|conjunct| &conjunct.data_domains) {
            limit(&mut all, footers, name, domain);
        }
        // The source columns of Iceberg's transforms lie in the files.
        if table.kind == TableKind::Iceberg {
            let filters = table.partition_keys.iter().zip(&read.keys);
            for (key, filter) in filters.filter(|(_, filter)| !filter.domain.is_all()) {
                limit(&mut all, footers, &key.name, &filter.domain);
            }
        }
        let branch = |domains: &std::collections::BTreeMap<String, Domain>| {
            let mut left = Left::new();
            domains.iter().for_each(|(name, domain)| limit(&mut left, footers, name, domain));
            left
        };
        let ors = read.conjuncts.iter().filter(|conjunct| !conjunct.alternatives.is_empty());
        let branches = ors.map(|conjunct| conjunct.alternatives.iter().map(branch).collect()).collect();
        Limits { all, branches }
    }

    /// Whether there is any column that statistics can be held against.
    pub fn limit_anything(&self) -> bool {
        !self.all.is_empty() || !self.branches.is_empty()
    }

    pub fn refute(&self, footers: &Footers, group: usize) -> Refuted {
        let verdict = strongest(&self.all, footers, group);
        let is_out = |branch: &Left| strongest(branch, footers, group) != Refuted::No;
        match verdict {
            Refuted::No if self.branches.iter().any(|branches| branches.iter().all(is_out)) => Refuted::Perhaps,
            verdict => verdict,
        }
    }
}

fn limit(left: &mut Left, footers: &Footers, name: &str, domain: &Domain) {
    let Some(leaf) = footers.columns.iter().position(|column| column.path == name) else { return };
    match left.iter_mut().find(|(other, _)| *other == leaf) {
        Some((_, left)) => *left = left.intersect(domain),
        None => left.push((leaf, domain.clone())),
    }
}

/// The strongest verdict of any column.
fn strongest(left: &Left, footers: &Footers, group: usize) -> Refuted {
    let verdicts = left.iter().map(|(leaf, domain)| excluded(domain, footers, *leaf, group));
    verdicts.fold(Refuted::No, |strongest, verdict| match (strongest, verdict) {
        (Refuted::Yes, _) | (_, Refuted::Yes) => Refuted::Yes,
        (Refuted::Perhaps, _) | (_, Refuted::Perhaps) => Refuted::Perhaps,
        _ => Refuted::No,
    })
}

fn excluded(domain: &Domain, footers: &Footers, leaf: usize, group: usize) -> Refuted {
    let column = &footers.columns[leaf];
    // A file without the column gives NULLs.
    if column.bytes.get(group) == Some(&0) && !domain.nulls {
        return Refuted::Perhaps;
    }
    let Some(values) = column.values.get(group) else { return Refuted::No };
    let is_out = match &values.range {
        Some((low, high)) => {
            let held = Domain::range(Bound::Included(low.clone()), Bound::Included(high.clone()));
            domain.intersect(&Domain { nulls: values.nulls != Some(0), ..held }).is_none()
        }
        None => values.nulls == Some(footers.rows[group]) && !domain.nulls,
    };
    if is_out { Refuted::Yes } else { Refuted::No }
}
