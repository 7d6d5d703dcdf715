//! How far estimates are from what runs really scanned.

use super::bill::{Bill, Priced};
use crate::lake::Sameness;

/// Estimates beside what runs scanned, over all statements of which a history knows runs. Bytes are compared, not bills: those are
/// rounded, and the same for everything small.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Calibration {
    /// Where the runs were read: each source once, in the order of the statements.
    pub sources: Vec<String>,
    /// Statements and runs that were compared.
    pub queries: usize,
    pub runs: u64,
    /// Of the distances of estimates from the bytes of each run, as shares of these. `None` when nothing could be compared.
    pub median_error: Option<f64>,
    /// Furthest apart first: those of which one is more than twice the other.
    pub outliers: Vec<Compared>,
    /// Statements whose runs had other literal values, and those whose bytes the layout does not tell.
    pub changed: usize,
    pub without_estimate: usize,
    /// Runs of known statements that scanned nothing because an earlier result was used, that failed or were cancelled.
    pub reused: u64,
    pub failed: u64,
    pub cancelled: u64,
}

/// One statement's estimate and the median of what its runs scanned.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    pub name: String,
    pub file: String,
    pub line: u32,
    pub runs: u64,
    pub actual: u64,
    pub estimate: u64,
}

/// Estimates that are further away than this are outliers.
const FACTOR: f64 = 2.0;
/// Most outliers that are kept.
const OUTLIERS: usize = 5;
/// Below this, every run costs the same: the minimum of a bill (<https://aws.amazon.com/athena/pricing/>).
const SMALL: u64 = 10_000_000;

impl Calibration {
    /// `None` when no history knows any of the statements.
    pub fn of(bill: &Bill<'_>) -> Option<Calibration> {
        let mut found = Calibration::default();
        let (mut compared, mut errors) = (Vec::new(), Vec::new());
        let mut is_known = false;
        for priced in bill.billed() {
            let Some(past) = &priced.query.past else { continue };
            is_known = true;
            if !found.sources.contains(&past.source) {
                found.sources.push(past.source.clone());
            }
            found.reused += past.reused;
            found.failed += past.failed;
            found.cancelled += past.cancelled;
            match (past.scanned, priced.estimate.from_layout) {
                (None, _) => {}
                (Some(_), _) if past.sameness == Sameness::OtherValues => found.changed += 1,
                (Some(_), None) => found.without_estimate += 1,
                (Some(scanned), Some(estimate)) => {
                    compared.push(Compared::new(priced, scanned.runs, scanned.median, estimate.likely));
                    let error = |(actual, weight): (u64, u64)| (error(actual, estimate.likely), weight);
                    errors.extend(scanned.points().into_iter().map(error));
                }
            }
        }
        found.queries = compared.len();
        found.runs = compared.iter().map(|one| one.runs).sum();
        found.median_error = median(errors);
        compared.retain(Compared::is_outlier);
        compared
            .sort_by(|a, b| b.factor().total_cmp(&a.factor()).then_with(|| (&a.name, a.line).cmp(&(&b.name, b.line))));
        compared.truncate(OUTLIERS);
        found.outliers = compared;
        is_known.then_some(found)
    }
}

impl Compared {
    fn new(priced: &Priced<'_>, runs: u64, actual: u64, estimate: u64) -> Compared {
        Compared { name: priced.name.clone(), file: priced.file.to_string(), line: priced.line, runs, actual, estimate }
    }

    /// How many times the one is the other, at least 1.
    fn factor(&self) -> f64 {
        let (less, more) = (self.actual.min(self.estimate), self.actual.max(self.estimate));
        if more == 0 { 1.0 } else { more as f64 / less as f64 }
    }

    fn is_outlier(&self) -> bool {
        self.factor() > FACTOR && self.actual.max(self.estimate) > SMALL
    }
}

/// Distance of an estimate from the actual bytes as a share of these; all of it where nothing was scanned.
fn error(actual: u64, estimate: u64) -> f64 {
    match (actual, estimate) {
        (0, 0) => 0.0,
        (0, _) => 1.0,
        (actual, estimate) => actual.abs_diff(estimate) as f64 / actual as f64,
    }
}

/// The smallest value that half of all weight does not exceed.
fn median(mut weighted: Vec<(f64, u64)>) -> Option<f64> {
    weighted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: u128 = weighted.iter().map(|(_, weight)| u128::from(*weight)).sum();
    let mut passed = 0;
    weighted.into_iter().find_map(|(value, weight)| {
        passed += u128::from(weight);
        (passed * 2 >= all).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(actual: u64, estimate: u64) -> Compared {
        Compared { name: "q".to_string(), file: "q.sql".to_string(), line: 1, runs: 1, actual, estimate }
    }

    #[test]
    fn errors_are_shares_of_what_was_scanned() {
        let errors = [(100, 103), (100, 97), (0, 0), (0, 5), (10, 40)].map(|(a, e)| error(a, e));
        assert_eq!(errors, [0.03, 0.03, 0.0, 1.0, 3.0]);
    }

    #[test]
    fn outliers_are_beyond_twice_and_cost_more_than_the_minimum() {
        let mb = 1_000_000;
        let is_outlier = |actual: u64, estimate: u64| compared(actual * mb, estimate * mb).is_outlier();
        assert!(!is_outlier(100, 200) && is_outlier(100, 201) && is_outlier(201, 100));
        assert!(!is_outlier(1, 9) && is_outlier(0, 11) && !is_outlier(0, 0));
    }

    #[test]
    fn the_median_counts_runs() {
        assert_eq!(median(vec![(0.5, 1), (0.1, 5), (0.9, 3)]), Some(0.1));
        assert_eq!(median(vec![(0.5, 1), (0.1, 1), (0.9, 2)]), Some(0.5));
        assert_eq!(median(Vec::new()), None);
    }
}
