//! `LifecycleConfiguration` of `AWS::S3::Bucket`.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-s3-bucket-rule.html>

use super::scope::{Number, Scope, call};
use crate::document::{Entry, Node};
use crate::lake::{LifecycleRule, Resource, ResourceKind, StorageClass, Transition};

/// The enabled rules of a bucket, without those that are computed.
pub(super) fn rules(entry: &Entry, properties: &Node, scope: &Scope) -> Vec<Resource> {
    let bucket = match scope.written(properties.get("BucketName")) {
        Some(name) => name,
        None => scope.bucket(&format!("${{{}}}", entry.key)),
    };
    let rules = properties.at(&["LifecycleConfiguration", "Rules"]).and_then(Node::as_list).unwrap_or_default();
    let rules = rules.iter().filter(|rule| call(rule).is_none());
    let resource = |node: &Node| {
        let id = node.get("Id");
        Some(Resource {
            named: scope.named(&entry.key, None),
            name: scope.written(id).unwrap_or_else(|| entry.key.clone()),
            span: id.map_or(node.span, |id| id.span),
            kind: ResourceKind::Lifecycle(rule(node, bucket.clone(), scope)?),
        })
    };
    rules.filter_map(resource).collect()
}

fn rule(node: &Node, bucket: String, scope: &Scope) -> Option<LifecycleRule> {
    (node.get("Status").and_then(Node::as_str) == Some("Enabled")).then_some(())?;
    let prefix = match node.get("Prefix") {
        Some(prefix) => scope.string(Some(prefix)).filter(|prefix| !prefix.contains("${"))?,
        None => String::new(),
    };
    let count = |path: &[&str]| Number::of(node.at(path)).count();
    let transition = |node: &Node| {
        let class = node.get("StorageClass")?;
        Some(Transition {
            class: StorageClass::of_name(&class.as_str()?.to_ascii_uppercase()),
            days: Number::of(node.get("TransitionInDays")).count(),
            span: class.span,
        })
    };
    let listed = node.get("Transitions").and_then(Node::as_list).unwrap_or_default();
    Some(LifecycleRule {
        bucket,
        prefix,
        is_narrowed: ["TagFilters", "ObjectSizeGreaterThan", "ObjectSizeLessThan"]
            .iter()
            .any(|name| node.get(name).is_some()),
        expiration_days: count(&["ExpirationInDays"]),
        noncurrent_days: count(&["NoncurrentVersionExpiration", "NoncurrentDays"])
            .or(count(&["NoncurrentVersionExpirationInDays"])),
        abort_days: count(&["AbortIncompleteMultipartUpload", "DaysAfterInitiation"]),
        transitions: listed.iter().chain(node.get("Transition")).filter_map(transition).collect(),
    })
}
