//! What a fix saves, in words.

use crate::finding::{Billed, Waste};
use crate::lake::{Bytes, Count, Usd};

/// ``230.7 GB ($1.15) a run -> 12.7 GB ($0.06) with `dt = '2025-06-29'`; saves $32.70 a month (measured)``
pub(super) fn sentence(waste: &Waste) -> String {
    let side = |amount: String, usd: Usd| match waste.usd.before.0 > 0.0 {
        true => format!("{amount} ({usd})"),
        false => amount,
    };
    let (before, per, after) = match (waste.billed, waste.requests) {
        (Billed::Requests, Some(requests)) => (amount(requests.before), "a run", Count(requests.after).to_string()),
        (Billed::Storage, _) => {
            (format!("{} stored", Bytes(waste.bytes.before)), "a month", Bytes(waste.bytes.after).to_string())
        }
        _ => (Bytes(waste.bytes.before).to_string(), "a run", Bytes(waste.bytes.after).to_string()),
    };
    let month = waste.usd_per_month.map_or(String::new(), |usd| match waste.is_most {
        true => format!("; saves up to {usd} a month"),
        false => format!("; saves {usd} a month"),
    });
    let basis = match waste.basis() {
        "actual" => "what its runs scanned, and the estimated share of it",
        basis => basis,
    };
    format!(
        "{}{} {per} -> {} {}{month} ({})",
        if waste.is_most { "up to " } else { "" },
        side(before, waste.usd.before),
        side(after, waste.usd.after),
        waste.fix,
        basis
    )
}

fn amount(requests: u64) -> String {
    let s = if requests == 1 { "" } else { "s" };
    format!("{} request{s}", Count(requests))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Change;

    #[test]
    fn dollars_are_left_out_where_capacity_is_provisioned() {
        let mut waste = Waste {
            billed: Billed::Scan,
            requests: None,
            bytes: Change { before: 230_700_000_000, after: 12_700_000_000 },
            usd: Change { before: Usd(1.1535), after: Usd(0.0635) },
            usd_per_month: Some(Usd(32.7)),
            fix: "without `payload`".to_string(),
            is_assumed: false,
            by_ratio: false,
            is_scaled: false,
            is_most: false,
            shares: Vec::new(),
        };
        let with = "230.7 GB ($1.15) a run -> 12.7 GB ($0.06) without `payload`; saves $32.70 a month (measured)";
        assert_eq!(sentence(&waste), with);
        waste.usd = Change { before: Usd(0.0), after: Usd(0.0) };
        (waste.usd_per_month, waste.is_assumed) = (None, true);
        assert_eq!(sentence(&waste), "230.7 GB a run -> 12.7 GB without `payload` (assumed)");
        waste.is_most = true;
        assert_eq!(sentence(&waste), "up to 230.7 GB a run -> 12.7 GB without `payload` (assumed)");
    }
    #[test]
    fn storage_is_of_a_month_and_requests_are_counted() {
        let storage = Waste {
            billed: Billed::Storage,
            bytes: Change { before: 534_000_000_000, after: 0 },
            requests: None,
            usd: Change { before: Usd(12.3), after: Usd(0.0) },
            usd_per_month: Some(Usd(12.3)),
            fix: "without old versions".to_string(),
            is_assumed: true,
            by_ratio: false,
            is_scaled: false,
            is_most: true,
            shares: Vec::new(),
        };
        let with = "up to 534 GB stored ($12.30) a month -> 0 B ($0) without old versions; saves up to $12.30 a month (assumed)";
        assert_eq!(sentence(&storage), with);
        let requests = Waste {
            billed: Billed::Requests,
            bytes: Change { before: 5, after: 5 },
            requests: Some(Change { before: 3_650, after: 90 }),
            usd: Change { before: Usd(0.01825), after: Usd(0.00045) },
            usd_per_month: None,
            fix: "with a narrower range".to_string(),
            is_assumed: false,
            by_ratio: false,
            is_scaled: false,
            is_most: false,
            shares: Vec::new(),
        };
        let with = "3,650 requests ($0.02) a run -> 90 ($0.00045) with a narrower range (measured)";
        assert_eq!(sentence(&requests), with);
    }
}
