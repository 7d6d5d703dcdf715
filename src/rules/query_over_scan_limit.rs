//! A statement that reads more than its workgroup lets a query scan.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::Bill;
use crate::finding::{Confidence, Severity};
use crate::lake::{Bytes, Cutoff, Lake, Resource, ResourceKind};

pub const RULE: Rule = rule!("query-over-scan-limit", Check::Bill(check));

/// No limit is lower (<https://docs.aws.amazon.com/athena/latest/APIReference/API_WorkGroupConfiguration.html>).
const LEAST: u64 = 10_000_000;

fn check(bill: &Bill<'_>, cx: &mut Context<'_>) {
    let lake = cx.lake;
    // By module and name of the workgroup.
    let mut limits: BTreeMap<&(Arc<str>, String), Option<Limit<'_>>> = BTreeMap::new();
    for priced in bill.billed() {
        let likely = priced.estimate.bytes.map_or(0, |bytes| bytes.likely);
        let least = priced.estimate.at_least;
        let Some(workgroup) = priced.query.workgroup.as_ref().filter(|_| least.max(likely) > LEAST) else { continue };
        let limit = *limits.entry(workgroup).or_insert_with(|| limit(workgroup, lake));
        let Some((resource, limit)) = limit.filter(|(_, limit)| least.max(likely) > *limit) else { continue };
        let is_certain = least > limit;
        let (reads, limit) = match is_certain {
            true => (format!("reads {} or more", Bytes(least)), Bytes(limit)),
            false => (format!("reads about {}", Bytes(likely)), Bytes(limit)),
        };
        let price = cx.estimator.pricing.bill(limit.0).map_or(String::new(), |usd| format!(", and {usd} is billed"));
        let message = format!("{reads}: workgroup `{}` cancels it at {limit}{price}", resource.name);
        let help =
            "read less (`lakelint cost --explain` shows what it reads), or run it in a workgroup with a higher limit";
        let report = cx.report_statement(priced.query, message).help(help);
        let report = match is_certain {
            true => report,
            false => report.at_most(Severity::Medium).confidence(Confidence::Medium),
        };
        report.related(resource.span, "the workgroup");
    }
}

/// A workgroup, and the bytes at which it cancels a query.
type Limit<'a> = (&'a Resource, u64);

fn limit<'a>((module, name): &(Arc<str>, String), lake: &'a Lake) -> Option<Limit<'a>> {
    let group = |kind: &'a ResourceKind| match kind {
        ResourceKind::Workgroup(group) => Some(group),
        _ => None,
    };
    let (resource, group) = lake.resource(module, name, group)?;
    match group.scan_limit {
        Cutoff::Bytes(bytes) => Some((resource, bytes)),
        Cutoff::Unset | Cutoff::Dynamic => None,
    }
}
