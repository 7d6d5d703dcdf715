//! A delivery stream that writes small files into the lake.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::finding::{Place, Severity};
use crate::lake::{Count, Firehose, Lake, Layer, Location, Resource, ResourceKind, Table};

pub const RULE: Rule = rule!("firehose-small-buffers", Check::Resource(check));

/// What Firehose takes when nothing is written.
/// <https://docs.aws.amazon.com/firehose/latest/APIReference/API_BufferingHints.html>
const DEFAULT_MIB: f64 = 5.0;
const DAY_SECONDS: f64 = 86_400.0;
const MIB: f64 = 1_048_576.0;

fn check(resource: &Resource, cx: &mut Context<'_>) {
    let ResourceKind::Firehose(stream) = &resource.kind else { return };
    // Format conversion comes with a larger buffer when nothing is written.
    if stream.is_open || !stream.to_s3 || stream.converts_format && stream.buffer_mb.is_none() {
        return;
    }
    let mib = stream.buffer_mb.unwrap_or(DEFAULT_MIB);
    if mib * MIB >= cx.params().bytes("small-buffer") as f64 {
        return;
    }
    let place = stream.prefix.as_ref();
    let table = place.and_then(|place| table_at(place, cx.lake));
    let severity = match table.is_some() || place.is_some_and(is_in_layer) {
        true => Severity::Medium,
        false => Severity::Low,
    };
    let seconds = stream.buffer_seconds.unwrap_or(Firehose::DEFAULT_SECONDS).max(1.0);
    let by_default = if stream.buffer_mb.is_none() { ", the default" } else { "" };
    let message = format!(
        "`{}` writes a file for every {mib} MiB or {seconds} s{by_default}: {} and more files a day{}",
        resource.name,
        Count((DAY_SECONDS / seconds) as u64),
        table.map_or(String::new(), |table| format!(" into `{}`", table.name)),
    );
    let is_terraform = cx.lake.sources.get(resource.span.file).path.ends_with(".tf");
    let report = cx.report(Place::Span(stream.hints_span.unwrap_or(resource.span)), message).at_most(severity);
    let report = report.help(help(stream, is_terraform));
    if let Some(table) = table {
        report.table(table.name.to_string());
    }
}

fn help(stream: &Firehose, is_terraform: bool) -> String {
    let [size, interval, conversion] = match is_terraform {
        true => ["buffering_size = 128", "buffering_interval = 900", "data_format_conversion_configuration"],
        false => ["SizeInMBs: 128", "IntervalInSeconds: 900", "DataFormatConversionConfiguration"],
    };
    match stream.converts_format {
        true => format!("set `{size}` and `{interval}`: format conversion needs at least 64"),
        false => format!("set `{size}` and `{interval}`; `{conversion}` makes Parquet of JSON on the way"),
    }
}

/// The table whose files the stream writes.
fn table_at<'a>(place: &Location, lake: &'a Lake) -> Option<&'a Table> {
    lake.catalog.iter().map(|(_, table)| table).find(|table| table.holds(place))
}

fn is_in_layer(place: &Location) -> bool {
    place.segments().any(|segment| Layer::well_known(segment).is_some())
}

#[cfg(test)]
mod tests {
    use super::super::example::machine::{found, lake_of, resource, with_resources};
    use super::super::example::table;
    use super::*;
    use crate::lake::Catalog;

    fn stream(buffer_mb: Option<f64>, prefix: &str) -> Firehose {
        Firehose {
            buffer_mb,
            buffer_seconds: buffer_mb.map(|_| 60.0),
            hints_span: None,
            is_open: false,
            converts_format: false,
            compression: None,
            prefix: Some(Location::parse(prefix)),
            to_s3: true,
        }
    }

    fn messages(stream: Firehose) -> Vec<(Severity, String)> {
        let clicks = resource("clicks", ResourceKind::Firehose(stream));
        let mut lake = with_resources(lake_of(Vec::new()), vec![clicks]);
        lake.catalog = Catalog::new(vec![table("lake.events", &["dt"], &[])]);
        found("firehose-small-buffers", &lake)
    }

    #[test]
    fn places_in_the_lake_count_more() {
        let message = "`clicks` writes a file for every 5 MiB or 300 s, the default: 288 and more files a day";
        assert_eq!(messages(stream(None, "s3://logs/app/")), [(Severity::Low, message.to_string())]);
        assert_eq!(messages(stream(None, "s3://main.tf#bucket/raw/clicks/"))[0].0, Severity::Medium);
        let message = "`clicks` writes a file for every 1 MiB or 60 s: 1,440 and more files a day into `lake.events`";
        for place in ["s3://lake/lake/events/dt=/", "s3://main.tf#bucket/lake/events/"] {
            assert_eq!(messages(stream(Some(1.0), place)), [(Severity::Medium, message.to_string())]);
        }
    }

    #[test]
    fn large_unknown_and_other_deliveries_are_silent() {
        let default = || stream(None, "s3://lake/raw/");
        assert!(messages(stream(Some(64.0), "s3://lake/raw/")).is_empty());
        assert!(messages(Firehose { is_open: true, ..default() }).is_empty());
        assert!(messages(Firehose { to_s3: false, ..default() }).is_empty());
        assert!(messages(Firehose { converts_format: true, ..default() }).is_empty());
    }
}
