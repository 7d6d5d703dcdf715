//! Glue jobs, functions, delivery streams and workgroups of a template.

use super::scope::{Number, Scope, call, is_computed, limit};
use crate::document::{Node, Value};
use crate::lake::{
    BOOKMARK_OPTION, BookmarkOption, Cutoff, Firehose, Function, GlueCommand, GlueJob, Location, ResourceKind,
    Workgroup,
};

/// The resource that a type and its properties describe, and its name's property.
pub(super) fn kind(
    kind: &str,
    properties: &Node,
    globals: Option<&Node>,
    scope: &Scope,
) -> Option<(ResourceKind, &'static str)> {
    Some(match kind {
        "AWS::Glue::Job" => (ResourceKind::GlueJob(glue_job(properties, scope)), "Name"),
        "AWS::Lambda::Function" => (ResourceKind::Lambda(function(properties, None)), "FunctionName"),
        "AWS::Serverless::Function" => (ResourceKind::Lambda(function(properties, globals)), "FunctionName"),
        "AWS::KinesisFirehose::DeliveryStream" => {
            (ResourceKind::Firehose(firehose(properties, scope)), "DeliveryStreamName")
        }
        "AWS::Athena::WorkGroup" => (ResourceKind::Workgroup(workgroup(properties)), "Name"),
        _ => return None,
    })
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-glue-job.html>
fn glue_job(properties: &Node, scope: &Scope) -> GlueJob {
    let number = |key: &str| Number::of(properties.get(key));
    let text = |key: &str| properties.get(key).and_then(plain);
    let parts = ["MaxRetries", "NumberOfWorkers", "WorkerType", "MaxCapacity", "AllocatedCapacity", "GlueVersion"];
    let command = properties.at(&["Command", "Name"]);
    GlueJob {
        max_retries: number("MaxRetries").count(),
        timeout: limit(properties.get("Timeout"), 60.0),
        worker_type: text("WorkerType"),
        workers: number("NumberOfWorkers").known(),
        max_capacity: number("MaxCapacity").known().or(number("AllocatedCapacity").known()),
        version: text("GlueVersion"),
        command: match command.and_then(Node::as_str) {
            Some("glueetl") => GlueCommand::Spark,
            Some("gluestreaming") => GlueCommand::Streaming,
            Some("pythonshell") => GlueCommand::PythonShell,
            _ => GlueCommand::Other,
        },
        is_flex: properties.get("ExecutionClass").and_then(Node::as_str) == Some("FLEX"),
        is_open: parts.iter().any(|key| is_computed(properties.get(key))) || is_computed(command),
        script: scope.string(properties.at(&["Command", "ScriptLocation"])),
        bookmarks: bookmarks(properties, scope),
    }
}

/// What is computed as a whole may hold the option.
fn bookmarks(properties: &Node, scope: &Scope) -> BookmarkOption {
    let arguments = ["DefaultArguments", "NonOverridableArguments"].map(|key| properties.get(key));
    if arguments.into_iter().any(is_computed) {
        return BookmarkOption::Unknown;
    }
    match arguments.into_iter().flatten().find_map(|node| node.get(BOOKMARK_OPTION)) {
        None => BookmarkOption::Disabled,
        Some(node) => scope.string(Some(node)).map_or(BookmarkOption::Unknown, |text| BookmarkOption::parse(&text)),
    }
}

/// A text that is written out; `GlueVersion: 4.0` is a number in YAML.
fn plain(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.value.to_string()),
        Value::Number(number) if number.fract() == 0.0 => Some(format!("{number:.1}")),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-function.html>; what a SAM function lacks
/// comes from the template's `Globals`.
fn function(properties: &Node, globals: Option<&Node>) -> Function {
    let get = |key: &str| properties.get(key).or_else(|| globals?.get(key));
    let (memory, timeout) = (Number::of(get("MemorySize")), Number::of(get("Timeout")));
    let architectures = get("Architectures");
    let retries = Number::of(get("EventInvokeConfig").and_then(|config| config.get("MaximumRetryAttempts")));
    let is_arm = |list: &[Node]| list.iter().any(|node| node.as_str() == Some("arm64"));
    let is_open = |number: Number| number == Number::Open;
    Function {
        memory_mb: memory.known(),
        timeout: timeout.known(),
        is_arm: architectures.and_then(Node::as_list).is_some_and(is_arm),
        async_retries: retries.count(),
        is_open: is_open(memory)
            || is_open(timeout)
            || is_open(retries)
            || is_computed(architectures)
            || is_computed(get("EventInvokeConfig")),
    }
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-kinesisfirehose-deliverystream.html>
fn firehose(properties: &Node, scope: &Scope) -> Firehose {
    let of = |key: &str| properties.get(key);
    let destination = of("ExtendedS3DestinationConfiguration").or_else(|| of("S3DestinationConfiguration"));
    let get = |key: &str| destination.and_then(|destination| destination.get(key));
    let hints = get("BufferingHints");
    let hint = |key: &str| Number::of(hints.and_then(|hints| hints.get(key)));
    let (size, interval) = (hint("SizeInMBs"), hint("IntervalInSeconds"));
    let conversion = get("DataFormatConversionConfiguration");
    let is_off = conversion.and_then(|node| node.get("Enabled")).and_then(Node::as_bool) == Some(false);
    Firehose {
        buffer_mb: size.known(),
        buffer_seconds: interval.known(),
        hints_span: hints.map(|hints| hints.span),
        is_open: [size, interval].contains(&Number::Open)
            || [hints, conversion, destination, get("CompressionFormat")].into_iter().any(is_computed),
        converts_format: conversion.is_some_and(|node| call(node).is_none()) && !is_off,
        compression: get("CompressionFormat").and_then(Node::as_str).map(str::to_owned),
        prefix: s3_prefix(get("BucketARN"), get("Prefix"), scope),
        to_s3: destination.is_some(),
    }
}

/// Bucket and prefix, up to the first thing that only the deployment or the stream knows.
fn s3_prefix(bucket: Option<&Node>, prefix: Option<&Node>, scope: &Scope) -> Option<Location> {
    let arn = scope.string(bucket)?;
    let bucket = match arn.strip_suffix(".Arn}") {
        Some(logical) => scope.bucket(&format!("{logical}}}")),
        None => scope.bucket(arn.rsplit_once(":s3:::").map_or(&arn, |(_, name)| name)),
    };
    let prefix = scope.string(prefix).unwrap_or_default();
    let known = prefix.find(['$', '!']).map_or(prefix.as_str(), |at| &prefix[..at]);
    Some(Location { bucket: Some(bucket), ..Location::parse(known) })
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-athena-workgroup.html>
fn workgroup(properties: &Node) -> Workgroup {
    let configuration = properties.get("WorkGroupConfiguration");
    let updates = properties.get("WorkGroupConfigurationUpdates");
    let get = |key: &str| [configuration, updates].into_iter().flatten().find_map(|node| node.get(key));
    let scan_limit = match Number::of(get("BytesScannedCutoffPerQuery")) {
        Number::Known(bytes) => Cutoff::Bytes(bytes.max(0.0) as u64),
        Number::Open => Cutoff::Dynamic,
        Number::Unset if is_computed(configuration) => Cutoff::Dynamic,
        Number::Unset => Cutoff::Unset,
    };
    Workgroup {
        scan_limit,
        is_enforced: get("EnforceWorkGroupConfiguration").and_then(Node::as_bool),
        is_enabled: properties.get("State").and_then(Node::as_str) != Some("DISABLED"),
        is_scanned: false,
    }
}
