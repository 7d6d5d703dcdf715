//! How an estimate was obtained: measured, assumed or unknown.

use std::fmt;

use crate::lake::Count;

/// Ordered so that the worse is greater: a query is as sure as its least sure read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
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
    /// Columnar files whose footers were read, and all columnar files, of the partitions that are read.
    pub footers: u64,
    pub columnar_files: u64,
    /// Each assumption once, in the tool's message style.
    pub assumptions: Vec<String>,
    /// Why something is unknown, each reason once.
    pub unknown: Vec<String>,
}

impl Basis {
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

    /// Adds what stands behind another part of the same estimate.
    pub fn merge(&mut self, other: &Basis) {
        self.certainty = self.certainty.max(other.certainty);
        self.footers += other.footers;
        self.columnar_files += other.columnar_files;
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
    /// `measured (724 footers of 724 files)`, `assumed`, `unknown`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.certainty {
            Certainty::Measured => f.write_str("measured")?,
            Certainty::Assumed => f.write_str("assumed")?,
            Certainty::Unknown => f.write_str("unknown")?,
        }
        match (self.footers, self.columnar_files) {
            (0, _) => Ok(()),
            (read, 1) => write!(f, " ({read} footer of 1 file)"),
            (read, all) => write!(f, " ({} footers of {} files)", Count(read), Count(all)),
        }
    }
}
