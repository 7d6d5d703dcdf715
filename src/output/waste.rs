//! What a fix saves, in words.

use crate::finding::Waste;
use crate::lake::{Bytes, Usd};

/// ``230.7 GB ($1.15) a run -> 12.7 GB ($0.06) with `dt = '2025-06-29'`; saves $32.70 a month (measured)``
pub(super) fn sentence(waste: &Waste) -> String {
    let side = |bytes: u64, usd: Usd| match waste.usd.before.0 > 0.0 {
        true => format!("{} ({usd})", Bytes(bytes)),
        false => Bytes(bytes).to_string(),
    };
    let month = waste.usd_per_month.map_or(String::new(), |usd| format!("; saves {usd} a month"));
    format!(
        "{}{} a run -> {} {}{month} ({})",
        if waste.is_most { "up to " } else { "" },
        side(waste.bytes.before, waste.usd.before),
        side(waste.bytes.after, waste.usd.after),
        waste.fix,
        if waste.is_assumed { "assumed" } else { "measured" }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Change;

    #[test]
    fn dollars_are_left_out_where_capacity_is_provisioned() {
        let mut waste = Waste {
            bytes: Change { before: 230_700_000_000, after: 12_700_000_000 },
            usd: Change { before: Usd(1.1535), after: Usd(0.0635) },
            usd_per_month: Some(Usd(32.7)),
            fix: "without `payload`".to_string(),
            is_assumed: false,
            is_most: false,
        };
        let with = "230.7 GB ($1.15) a run -> 12.7 GB ($0.06) without `payload`; saves $32.70 a month (measured)";
        assert_eq!(sentence(&waste), with);
        waste.usd = Change { before: Usd(0.0), after: Usd(0.0) };
        (waste.usd_per_month, waste.is_assumed) = (None, true);
        assert_eq!(sentence(&waste), "230.7 GB a run -> 12.7 GB without `payload` (assumed)");
        waste.is_most = true;
        assert_eq!(sentence(&waste), "up to 230.7 GB a run -> 12.7 GB without `payload` (assumed)");
    }
}
