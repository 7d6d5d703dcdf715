//! An Athena workgroup in which a query may scan everything.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::finding::{Place, Severity};
use crate::lake::{Bytes, Cutoff, Resource, ResourceKind, Table, statement};

pub const RULE: Rule = rule!("workgroup-without-scan-limit", Check::Resource(check));

fn check(resource: &Resource, cx: &mut Context<'_>) {
    let ResourceKind::Workgroup(workgroup) = &resource.kind else { return };
    if !workgroup.is_enabled || workgroup.scan_limit != Cutoff::Unset || !cx.estimator.pricing.is_metered() {
        return;
    }
    let (severity, example) = match largest(cx) {
        Some((table, bytes)) => {
            let is_large = bytes.0 >= cx.params().bytes("large-table");
            let price = cx.estimator.pricing.bill(bytes.0).map_or(String::new(), |usd| format!(", {usd} a query"));
            let severity = if is_large { Severity::Medium } else { Severity::Low };
            (severity, format!("; all of `{}` is {bytes}{price}", table.name))
        }
        None => (Severity::Low, String::new()),
    };
    let message = format!("a query in workgroup `{}` may scan any number of bytes{example}", resource.name);
    let field = cx.field(resource.span, "bytes_scanned_cutoff_per_query", "BytesScannedCutoffPerQuery");
    let help = format!(
        "set `{field}` to a few times what the largest query needs: a query that exceeds it is cancelled, and charged up to there"
    );
    let help = match workgroup.is_scanned {
        true => format!("{help}: `{}`", statement::limit_workgroup(&resource.name)),
        false => help,
    };
    cx.report(Place::Span(resource.span), message).at_most(severity).help(help);
}

/// The largest table whose size is known, where a query costs enough to be worth a word.
fn largest<'a>(cx: &Context<'a>) -> Option<(&'a Table, Bytes)> {
    let sizes = cx.lake.catalog.iter().filter_map(|(_, table)| Some((table, table.layout.as_ref()?.bytes())));
    // The first of equal ones.
    sizes.reduce(|most, next| if next.1 > most.1 { next } else { most })
}

#[cfg(test)]
mod tests {
    use super::super::example::machine::{found, lake_of, resource, with_resources};
    use super::super::example::{GIB, table};
    use super::*;
    use crate::lake::{Catalog, Lake, Workgroup};

    fn lake(scan_limit: Cutoff, is_enabled: bool, bytes: u64) -> Lake {
        let workgroup = Workgroup { scan_limit, is_enforced: None, is_enabled, is_scanned: false };
        let mut lake =
            with_resources(lake_of(Vec::new()), vec![resource("analysts", ResourceKind::Workgroup(workgroup))]);
        lake.catalog = Catalog::new(vec![table("lake.t", &[], &[("a", 900, bytes)])]);
        lake
    }

    #[test]
    fn a_large_table_raises_the_severity() {
        let found = |bytes| found("workgroup-without-scan-limit", &lake(Cutoff::Unset, true, bytes));
        let large =
            "a query in workgroup `analysts` may scan any number of bytes; all of `lake.t` is 2.1 TB, $10.74 a query";
        assert_eq!(found(2_000 * GIB), [(Severity::Medium, large.to_string())]);
        assert_eq!(found(20 * GIB)[0].0, Severity::Low);
    }

    #[test]
    fn limits_unknown_limits_and_disabled_workgroups_are_silent() {
        for (limit, is_enabled) in [(Cutoff::Bytes(10_000_000), true), (Cutoff::Dynamic, true), (Cutoff::Unset, false)]
        {
            assert!(found("workgroup-without-scan-limit", &lake(limit, is_enabled, GIB)).is_empty(), "{limit:?}");
        }
    }
}
