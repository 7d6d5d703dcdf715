//! `aws_s3_bucket_lifecycle_configuration`, and the `lifecycle_rule` blocks of `aws_s3_bucket` before version 4 of the provider.
//!
//! Their arguments are described at <https://registry.terraform.io/providers/hashicorp/aws/latest/docs>.

use super::Declared;
use super::evaluate::Evaluator;
use super::fields::Fields;
use crate::lake::{LifecycleRule, Resource, ResourceKind, StorageClass, Transition};

/// The enabled rules of a block, without those that are computed.
pub(super) fn rules(declared: Declared, fields: Fields) -> Vec<Resource> {
    let (bucket, kind) = match declared.kind {
        "aws_s3_bucket_lifecycle_configuration" => (fields.text("bucket"), "rule"),
        "aws_s3_bucket" => {
            let own = fields.literal("bucket");
            (own.or_else(|| Some(format!("${{aws_s3_bucket.{}.bucket}}", declared.name))), "lifecycle_rule")
        }
        _ => return Vec::new(),
    };
    let Some(bucket) = bucket.map(|bucket| fields.evaluator.bucket(&bucket)) else { return Vec::new() };
    let resource = |rule: Fields| {
        let (named, name) = declared.names(fields, "");
        Some(Resource {
            named,
            name: rule.literal("id").unwrap_or(name),
            span: rule.body.attribute("id").map_or(declared.span, |id| id.value.span),
            kind: ResourceKind::Lifecycle(self::rule(rule, bucket.clone())?),
        })
    };
    fields.blocks(kind).filter_map(resource).collect()
}

fn rule(fields: Fields, bucket: String) -> Option<LifecycleRule> {
    let is_enabled = fields.literal("status").map_or(fields.flag("enabled"), |status| Some(status == "Enabled"));
    (is_enabled == Some(true)).then_some(())?;
    let block = |name: &str| fields.block(name).filter(|(_, is_dynamic)| !is_dynamic).map(|(block, _)| block);
    let filter = block("filter");
    let and = filter.and_then(|filter| filter.block("and")).map(|(and, _)| and);
    let mut prefix = String::new();
    for place in [Some(fields), filter, and].into_iter().flatten() {
        if place.body.attribute("prefix").is_some() {
            prefix = place.text("prefix").unwrap_or_default();
        }
    }
    let is_set = |fields: Fields, name: &str| fields.body.attribute(name).is_some() || fields.block(name).is_some();
    let narrowing = ["tag", "tags", "object_size_greater_than", "object_size_less_than"];
    let places = || [Some(fields), filter, and].into_iter().flatten();
    let days = |name: &str, keys: &[&str]| {
        let block = block(name)?;
        keys.iter().find_map(|key| block.number(key).whole())
    };
    (!prefix.contains("${") && !fields.has_dynamic("filter")).then(|| LifecycleRule {
        bucket,
        prefix,
        is_narrowed: places().any(|place| narrowing.iter().any(|name| is_set(place, name))),
        expiration_days: days("expiration", &["days"]),
        noncurrent_days: days("noncurrent_version_expiration", &["noncurrent_days", "days"]),
        abort_days: days("abort_incomplete_multipart_upload", &["days_after_initiation"])
            .or(fields.number("abort_incomplete_multipart_upload_days").whole()),
        transitions: fields.blocks("transition").filter_map(transition).collect(),
    })
}

fn transition(fields: Fields) -> Option<Transition> {
    Some(Transition {
        class: StorageClass::of_name(&fields.literal("storage_class")?),
        days: fields.number("days").whole(),
        span: fields.body.attribute("storage_class")?.value.span,
    })
}

impl Evaluator<'_> {
    /// What a text stands for that names a bucket: the name, else the same for all texts of the module that mean the same bucket.
    pub(super) fn bucket(&self, text: &str) -> String {
        if !text.contains("${") {
            return text.to_string();
        }
        let reference = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        let resource = reference.and_then(|reference| reference.strip_prefix("aws_s3_bucket.")?.rsplit_once('.'));
        let name = match resource {
            Some((name, "bucket" | "id" | "arn")) => name.split('[').next().unwrap_or(name),
            _ => return format!("{}#{text}", self.module.path),
        };
        let body = self.module.body("resource", ["aws_s3_bucket", name]);
        // Which instance of the bucket is meant is not known here, and it is none of what is being read.
        let written = self.within(None, || body.and_then(|body| Fields { evaluator: self, body }.text("bucket")));
        match written {
            Some(written) if !written.contains("${") => written,
            Some(written) => format!("{}#{written}", self.module.path),
            None => format!("{}#aws_s3_bucket.{name}", self.module.path),
        }
    }
}
