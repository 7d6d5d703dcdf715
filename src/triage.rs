//! Which findings count: ignores, order, fingerprints. The only place that drops a finding.
