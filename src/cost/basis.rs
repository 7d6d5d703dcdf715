//! How an estimate was obtained: from what its runs scanned, measured, assumed or unknown.

use std::fmt;

use crate::lake::Count;

/// Ordered so that the worse is greater: a query is as sure as its least sure read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// What runs of the same statement scanned.
    Actual,
    /// From footers and stored sizes.
    #[default]
    Measured,
    /// Something was taken for granted; [`Basis::assumptions`] says what.
    Assumed,
    /// The size of something is not known; [`Basis::unknown`] says what.
    Unknown,
}

/// What stands behind an estimate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Basis {
    pub certainty: Certainty,
    /// Runs that an actual figure is the median of.
    pub actual_runs: u64,
    /// Columnar files whose footers were read, and all columnar files, of the partitions that are read.
    pub footers: u64,
    pub columnar_files: u64,
    /// Those of which Iceberg's manifests tell the sizes of columns.
    pub manifests: u64,
    /// Each assumption once, in the tool's message style.
    pub assumptions: Vec<String>,
    /// Why something is unknown, each reason once.
    pub unknown: Vec<String>,
}

impl Certainty {
    pub fn word(self) -> &'static str {
        match self {
            Certainty::Actual => "actual",
            Certainty::Measured => "measured",
            Certainty::Assumed => "assumed",
            Certainty::Unknown => "unknown",
        }
    }
}

impl Basis {
    /// That of what past runs scanned.
    pub fn actual(runs: u64) -> Basis {
        Basis { certainty: Certainty::Actual, actual_runs: runs, ..Basis::default() }
    }

    pub fn assume(&mut self, assumption: impl Into<String>) {
        self.certainty = self.certainty.max(Certainty::Assumed);
        push_once(&mut self.assumptions, assumption.into());
    }

    /// States how a measured figure was completed, where that is part of the measurement.
    pub fn note(&mut self, note: impl Into<String>) {
        push_once(&mut self.assumptions, note.into());
    }

    pub fn lacks(&mut self, reason: impl Into<String>) {
        self.certainty = Certainty::Unknown;
        push_once(&mut self.unknown, reason.into());
    }

    /// Columnar files whose columns are measured.
    pub(super) fn measured(&self) -> u64 {
        self.footers + self.manifests
    }

    /// Adds what stands behind another part of the same estimate.
    pub fn merge(&mut self, other: &Basis) {
        self.certainty = self.certainty.max(other.certainty);
        self.footers += other.footers;
        self.columnar_files += other.columnar_files;
        self.manifests += other.manifests;
        other.assumptions.iter().for_each(|a| push_once(&mut self.assumptions, a.clone()));
        other.unknown.iter().for_each(|u| push_once(&mut self.unknown, u.clone()));
    }
}

fn push_once(list: &mut Vec<String>, text: String) {
    if !list.contains(&text) {
        list.push(text);
    }
}

impl fmt::Display for Basis {
    /// `measured (724 footers of 724 files)`, `measured (43 manifest entries of 43 files)`, `actual: median of 214 runs`, `assumed`, `unknown`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.certainty.word())?;
        match (self.certainty, self.actual_runs) {
            (Certainty::Actual, 1) => return f.write_str(": one run"),
            (Certainty::Actual, runs) => return write!(f, ": median of {} runs", Count(runs)),
            _ => {}
        }
        let parts: Vec<String> =
            [(self.footers, "footer", "footers"), (self.manifests, "manifest entry", "manifest entries")]
                .into_iter()
                .filter(|(count, ..)| *count > 0)
                .map(|(count, one, many)| {
                    format!("{} {}", Count(count), if self.columnar_files == 1 { one } else { many })
                })
                .collect();
        match (parts.is_empty(), self.columnar_files) {
            (true, _) => Ok(()),
            (false, 1) => write!(f, " ({} of 1 file)", parts.join(" and ")),
            (false, all) => write!(f, " ({} of {} files)", parts.join(" and "), Count(all)),
        }
    }
}
