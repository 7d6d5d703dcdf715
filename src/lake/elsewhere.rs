//! Past runs of statements that no file holds.

use std::collections::HashSet;

use super::history::{DAYS_PER_MONTH, Fingerprint, History, Identity, Role};

/// Runs of one statement that no file holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Elsewhere {
    /// Succeeded and billed.
    pub runs: u64,
    /// What one of them scanned, on average.
    pub bytes: u64,
    /// In a month; `None` when nobody knows over which period they were counted.
    pub runs_per_month: Option<f64>,
}

impl History {
    /// Runs of statements that are none of these. What several sources tell of counts as the first one has it.
    pub fn elsewhere_than(&self, identities: &[Identity]) -> Vec<Elsewhere> {
        let mut held: HashSet<Fingerprint> = HashSet::new();
        let mut loose: HashSet<Fingerprint> = HashSet::new();
        for identity in identities {
            held.extend([identity.fingerprint].into_iter().chain(identity.inner));
            if let Role::Prepares(execution) = identity.role {
                held.insert(execution);
            }
            loose.extend(identity.has_relation.then_some(identity.loose));
        }
        let mut elsewhere = Vec::new();
        for record in &self.records {
            for past in &record.statements {
                let is_held = held.contains(&past.fingerprint)
                    || past.inner.is_some_and(|inner| held.contains(&inner))
                    || loose.contains(&past.loose);
                if is_held || past.runs == 0 || !held.insert(past.fingerprint) {
                    continue;
                }
                let days = record.days.filter(|days| *days > 0.0);
                elsewhere.push(Elsewhere {
                    runs: past.runs,
                    bytes: past.bytes / past.runs,
                    runs_per_month: days.map(|days| past.runs as f64 / days * DAYS_PER_MONTH),
                });
            }
        }
        elsewhere
    }
}
