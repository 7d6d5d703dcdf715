//! How far estimates are from what runs scanned, in words.

use crate::cost::{Calibration, Compared};
use crate::lake::{Bytes, Count};

/// One paragraph each: the error over all, the outliers, and what was not compared.
pub(super) fn lines(calibration: &Calibration) -> Vec<String> {
    let Calibration { queries, runs, .. } = calibration;
    let what = if *queries == 1 { "query" } else { "queries" };
    let of = format!("{} of {} {what}", amount(*runs, "run"), Count(*queries as u64));
    let from = calibration.sources.join(", ");
    let mut lines = vec![match calibration.median_error {
        Some(error) => format!("estimates and history: median error {} over {of} ({from})", percent(error)),
        None => format!("estimates and history: no run can be compared ({from})"),
    }];
    lines.extend(calibration.outliers.iter().map(outlier));
    lines.extend(not_compared(calibration));
    lines
}

/// `3 %`, `0.4 %`.
fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 0.95 {
        format!("{percent:.1} %")
    } else {
        format!("{} %", Count(percent.round() as u64))
    }
}

/// `daily revenue: runs scanned 1.2 GB, estimated 5 GB (30 runs)`.
fn outlier(one: &Compared) -> String {
    let (actual, estimate) = (Bytes(one.actual), Bytes(one.estimate));
    format!(
        "off by more than twice: {}: scanned {actual}, estimated {estimate} ({})",
        one.name,
        amount(one.runs, "run")
    )
}

fn not_compared(calibration: &Calibration) -> Option<String> {
    let parts = [
        (calibration.changed as u64, "statement whose values have changed", "statements whose values have changed"),
        (calibration.without_estimate as u64, "statement without an estimate", "statements without an estimate"),
        (calibration.reused, "run that reused a result", "runs that reused a result"),
        (calibration.failed, "failed run", "failed runs"),
        (calibration.cancelled, "cancelled run", "cancelled runs"),
    ];
    let named = parts.iter().filter(|(count, ..)| *count > 0);
    let named: Vec<String> =
        named.map(|(count, one, many)| format!("{} {}", Count(*count), if *count == 1 { one } else { many })).collect();
    (!named.is_empty()).then(|| format!("not compared: {}", named.join(", ")))
}

/// `1 run`, `2 runs`.
pub(super) fn amount(number: u64, what: &str) -> String {
    format!("{} {what}{}", Count(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_the_outliers_and_the_rest_are_said() {
        let calibration = Calibration {
            sources: vec!["Athena, 3 workgroups".to_string()],
            queries: 31,
            runs: 214,
            median_error: Some(0.03),
            outliers: vec![Compared {
                name: "daily revenue".to_string(),
                file: "q.sql".to_string(),
                line: 1,
                runs: 30,
                actual: 1_200_000_000,
                estimate: 5_000_000_000,
            }],
            changed: 2,
            cancelled: 1,
            ..Calibration::default()
        };
        assert_eq!(
            lines(&calibration),
            [
                "estimates and history: median error 3 % over 214 runs of 31 queries (Athena, 3 workgroups)",
                "off by more than twice: daily revenue: scanned 1.2 GB, estimated 5 GB (30 runs)",
                "not compared: 2 statements whose values have changed, 1 cancelled run",
            ]
        );
        let none = Calibration { sources: vec!["a.jsonl".to_string()], ..Calibration::default() };
        assert_eq!(lines(&none), ["estimates and history: no run can be compared (a.jsonl)"]);
        assert_eq!(["0 %", "0.4 %", "1 %", "1,200 %"], [0.0, 0.004, 0.0096, 12.0].map(percent));
    }
}
