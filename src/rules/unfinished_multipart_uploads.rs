//! Parts of uploads that nobody completed are kept and paid for.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::Stored;
use crate::finding::Severity;
use crate::lake::{Bytes, Count, StorageClass, Table, statement};

pub const RULE: Rule = rule!("unfinished-multipart-uploads", Check::Table(check));

fn check(table: &Table, cx: &mut Context<'_>) {
    let Some(layout) = &table.layout else { return };
    let uploads = &layout.oddities.unfinished_uploads;
    // A few are under way at any time.
    if uploads.bytes < cx.params().bytes("min-bytes") && uploads.objects < cx.params().count("min-uploads").max(1) {
        return;
    }
    // Not every source tells the bytes of their parts.
    let size = if uploads.bytes > 0 { format!(" ({})", Bytes(uploads.bytes)) } else { String::new() };
    let s = if uploads.objects == 1 { "" } else { "s" };
    let message = format!(
        "{} multipart upload{s}{size} under `{}` {} neither completed nor aborted: no query and no listing shows their parts",
        Count(uploads.objects),
        table.name,
        if s.is_empty() { "was" } else { "were" }
    );
    let days = cx.params().count("keep-days").max(1);
    let rules = cx.lake.lifecycle_of(table).filter_map(|(resource, rule)| Some((rule.abort_days?, resource)));
    if let Some((declared, rule)) = rules.min_by_key(|(days, _)| *days) {
        let help = format!(
            "lifecycle rule `{}` aborts them after {declared} days: deploy it, if that has not been done; younger ones stay",
            rule.name
        );
        cx.report_table(table, message).at_most(Severity::Low).help(help).related(rule.span, "the lifecycle rule");
        return;
    }
    let help = match (statement::abort_uploads(table, days), table.location.as_ref().and_then(|l| l.bucket.as_ref())) {
        (Some(rule), Some(bucket)) => {
            format!("add a rule to the lifecycle configuration of bucket `{bucket}`: `{rule}`")
        }
        (Some(rule), None) => format!("add a rule to the bucket's lifecycle configuration: `{rule}`"),
        (None, _) => "let a lifecycle rule abort incomplete multipart uploads".to_string(),
    };
    let stored = Stored { is_assumed: true, ..Stored::of(uploads.bytes, StorageClass::Standard) };
    let waste = (uploads.bytes > 0).then(|| stored.gone(format!("without uploads older than {days} days"), true));
    cx.report_table(table, message).waste(waste).help(help);
}

#[cfg(test)]
mod tests {
    use super::super::example::lifecycle::found_with;
    use super::super::example::{GIB, findings, table};

    #[test]
    fn a_lifecycle_rule_of_a_template_is_named() {
        let mut events = table("lake.events", &[], &[("", 10, 100 * GIB)]);
        if let Some(layout) = &mut events.layout {
            (layout.oddities.unfinished_uploads.objects, layout.oddities.unfinished_uploads.bytes) = (9, 100 * GIB);
        }
        let of = |days: Option<u64>| {
            let found = found_with("unfinished-multipart-uploads", events.clone(), |rule| rule.abort_days = days);
            (found.help.unwrap_or_default(), found.waste.is_some())
        };
        let (help, is_waste) = of(Some(7));
        assert!(help.starts_with("lifecycle rule `old` aborts them after 7 days") && !is_waste, "{help}");
        assert!(of(None).0.starts_with("add a rule"));
    }

    #[test]
    fn a_few_uploads_under_way_are_left_alone() {
        let found = |uploads: u64, bytes: u64| {
            let mut events = table("lake.events", &[], &[("", 10, 100 * GIB)]);
            if let Some(layout) = &mut events.layout {
                (layout.oddities.unfinished_uploads.objects, layout.oddities.unfinished_uploads.bytes) =
                    (uploads, bytes);
            }
            let found = findings("unfinished-multipart-uploads", vec![events]);
            found.into_iter().map(|f| f.waste.map(|waste| (waste.usd.before.0 * 1000.0).round())).collect::<Vec<_>>()
        };
        assert_eq!(found(3, GIB / 2), []);
        assert_eq!(found(3, 100 * GIB), [Some(2300.0)]);
        assert_eq!(found(1_000, 0), [None]);
    }
}
