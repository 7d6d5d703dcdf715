//! Glue jobs, functions, delivery streams and workgroups.
//!
//! Their arguments are described at <https://registry.terraform.io/providers/hashicorp/aws/latest/docs>.

use super::Declared;
use super::evaluate::Evaluator;
use super::fields::{Fields, Number};
use crate::lake::{
    BOOKMARK_OPTION, BookmarkOption, Cutoff, Firehose, Function, GlueCommand, GlueJob, Location, Resource,
    ResourceKind, Workgroup,
};

/// The resource of a block, if it is one of these.
pub(super) fn read(declared: Declared, fields: Fields) -> Option<Resource> {
    let (attribute, kind) = match declared.kind {
        "aws_glue_job" => ("name", ResourceKind::GlueJob(glue_job(fields))),
        "aws_lambda_function" => return Some(lambda(declared, fields)),
        "aws_kinesis_firehose_delivery_stream" => ("name", ResourceKind::Firehose(firehose(fields))),
        "aws_athena_workgroup" => ("name", ResourceKind::Workgroup(workgroup(fields))),
        _ => return None,
    };
    Some(declared.resource(fields, attribute, kind))
}

fn glue_job(fields: Fields) -> GlueJob {
    let block = fields.block("command");
    let command = block.map(|(command, _)| command.text("name"));
    GlueJob {
        max_retries: fields.number("max_retries").whole(),
        timeout: fields.number("timeout").limit(60),
        worker_type: fields.literal("worker_type"),
        workers: fields.number("number_of_workers").known(),
        max_capacity: fields.number("max_capacity").known(),
        version: fields.literal("glue_version"),
        command: match command.flatten().as_deref() {
            None | Some("glueetl") => GlueCommand::Spark,
            Some("gluestreaming") => GlueCommand::Streaming,
            Some("pythonshell") => GlueCommand::PythonShell,
            Some(_) => GlueCommand::Other,
        },
        is_flex: fields.literal("execution_class").is_some_and(|class| class == "FLEX"),
        is_open: fields.is_open(&[
            "max_retries",
            "worker_type",
            "number_of_workers",
            "max_capacity",
            "glue_version",
            "execution_class",
        ]),
        script: block.and_then(|(command, _)| command.text("script_location")),
        bookmarks: bookmarks(fields),
    }
}

/// A map that is not all known may hold the option.
fn bookmarks(fields: Fields) -> BookmarkOption {
    let mut found = BookmarkOption::Disabled;
    for arguments in
        ["default_arguments", "non_overridable_arguments"].into_iter().filter_map(|name| fields.value(name))
    {
        match (arguments.get(BOOKMARK_OPTION).map(|node| node.as_str()), arguments.as_map()) {
            (Some(value), _) => return value.map_or(BookmarkOption::Unknown, BookmarkOption::parse),
            (None, Some(map)) if map.entries.iter().all(|entry| !entry.key.contains("${")) => {}
            (None, _) => found = BookmarkOption::Unknown,
        }
    }
    found
}

/// A function, or the module of the same arguments.
pub(super) fn lambda(declared: Declared, fields: Fields) -> Resource {
    let architectures = fields.value("architectures");
    let is_arm = |node: &crate::document::Node| node.as_str() == Some("arm64");
    let function = Function {
        memory_mb: fields.number("memory_size").known(),
        timeout: fields.number("timeout").known(),
        is_arm: architectures.is_some_and(|list| list.as_list().is_some_and(|list| list.iter().any(is_arm))),
        async_retries: fields.number("maximum_retry_attempts").whole(),
        is_open: fields.is_open(&["memory_size", "timeout", "architectures", "maximum_retry_attempts"]),
    };
    declared.resource(fields, "function_name", ResourceKind::Lambda(function))
}

/// `aws_lambda_function_event_invoke_config` belongs to the function that it names.
pub(super) fn add_async_retries(evaluator: &Evaluator, resources: &mut [Resource]) {
    let module = evaluator.module;
    for block in &module.blocks {
        let is_it = |declared: &Declared| declared.kind == "aws_lambda_function_event_invoke_config";
        let Some(_) = Declared::of(block).filter(is_it) else { continue };
        let fields = Fields { evaluator, body: &block.body };
        let Some(name) = fields.text("function_name") else { continue };
        let retries = fields.number("maximum_retry_attempts");
        for resource in resources.iter_mut().filter(|resource| resource.named.is(&module.path, &name)) {
            if let ResourceKind::Lambda(function) = &mut resource.kind {
                function.async_retries = retries.whole();
                function.is_open |= matches!(retries, Number::Unknown(_));
            }
        }
    }
}

fn firehose(fields: Fields) -> Firehose {
    let destination = fields.text("destination").unwrap_or_default();
    let to_s3 = matches!(destination.as_str(), "extended_s3" | "s3");
    let block = fields.block("extended_s3_configuration").or_else(|| fields.block("s3_configuration"));
    let Some((s3, is_dynamic)) = block else {
        return Firehose {
            buffer_mb: None,
            buffer_seconds: None,
            hints_span: None,
            is_open: to_s3 || destination.contains("${"),
            converts_format: false,
            compression: None,
            prefix: None,
            to_s3,
        };
    };
    // Named `buffer_size` and `buffer_interval` before version 5 of the provider.
    let [size, interval] =
        [["buffering_size", "buffer_size"], ["buffering_interval", "buffer_interval"]].map(|names| {
            let set = names.into_iter().find(|name| s3.body.attribute(name).is_some());
            (set.map_or(Number::Unset, |name| s3.number(name)), set.and_then(|name| s3.span(name)))
        });
    let conversion = s3.block("data_format_conversion_configuration");
    let is_unknown = |number: Number| matches!(number, Number::Unknown(_));
    Firehose {
        buffer_mb: size.0.known(),
        buffer_seconds: interval.0.known(),
        hints_span: size.1.or(interval.1),
        is_open: is_dynamic
            || is_unknown(size.0)
            || is_unknown(interval.0)
            || conversion.is_some_and(|(_, is_dynamic)| is_dynamic),
        converts_format: conversion.is_some_and(|(conversion, _)| conversion.flag("enabled") != Some(false)),
        compression: s3.literal("compression_format"),
        prefix: s3_location(s3),
        to_s3: to_s3 || destination.contains("${"),
    }
}

/// Bucket and prefix, up to the first `!{` or `${` of the prefix.
fn s3_location(s3: Fields) -> Option<Location> {
    let arn = s3.text("bucket_arn")?;
    let bucket = s3.evaluator.bucket(arn.rsplit_once(":s3:::").map_or(&arn, |(_, name)| name));
    let prefix = s3.text("prefix").unwrap_or_default();
    let known = ["!{", "${"].iter().filter_map(|mark| prefix.find(mark)).min().unwrap_or(prefix.len());
    Some(Location { bucket: Some(bucket), ..Location::parse(&prefix[..known]) })
}

fn workgroup(fields: Fields) -> Workgroup {
    let configuration = fields.block("configuration");
    let cutoff = configuration.map_or(Number::Unset, |(block, _)| block.number("bytes_scanned_cutoff_per_query"));
    let is_dynamic = configuration.is_some_and(|(_, is_dynamic)| is_dynamic);
    Workgroup {
        scan_limit: match cutoff {
            Number::Known(bytes, _) => Cutoff::Bytes(bytes as u64),
            Number::Unset if !is_dynamic => Cutoff::Unset,
            Number::Unset | Number::Unknown(_) => Cutoff::Dynamic,
        },
        is_enforced: configuration.and_then(|(block, _)| block.flag("enforce_workgroup_configuration")),
        is_enabled: fields.literal("state").is_none_or(|state| state != "DISABLED"),
        is_scanned: false,
    }
}
