//! The `events` of a machine or function that call it by the clock, or on other events.
//!
//! <https://www.serverless.com/framework/docs/providers/aws/events/schedule>,
//! <https://www.serverless.com/framework/docs/providers/aws/events/event-bridge>

use crate::document::Node;
use crate::input::infra::cloudformation::scope::{Number, Scope};
use crate::lake::{Named, Resource, ResourceKind, RetryPolicy, Schedule};

/// A schedule for each event, and for each rate of one that has several. `target` is a text that names the machine or function.
pub(super) fn events(name: &str, target: &str, properties: &Node, scope: &Scope) -> Vec<Resource> {
    let events = properties.get("events").and_then(Node::as_list).unwrap_or_default();
    let entries = events.iter().filter_map(|event| event.as_map()).flat_map(|map| &map.entries);
    let schedules = entries.flat_map(|entry| {
        let settings = &entry.value;
        let rates: Vec<Option<&Node>> = match entry.key.as_str() {
            "schedule" => rates(settings.get("rate").unwrap_or(settings)),
            "eventBridge" => settings.get("schedule").map_or(vec![None], rates),
            "cloudwatchEvent" => vec![None],
            _ => Vec::new(),
        };
        rates.into_iter().map(|rate| Resource {
            named: Named { module: scope.module.clone(), literal: None, handles: Vec::new() },
            name: scope.written(settings.get("name")).unwrap_or_else(|| name.to_owned()),
            span: entry.key_span,
            kind: ResourceKind::Schedule(schedule(rate, target, settings, scope)),
        })
    });
    schedules.collect()
}

fn rates(node: &Node) -> Vec<Option<&Node>> {
    match node.as_list() {
        Some(list) => list.iter().map(Some).collect(),
        None => vec![Some(node)],
    }
}

fn schedule(rate: Option<&Node>, target: &str, settings: &Node, scope: &Scope) -> Schedule {
    let policy = settings.get("retryPolicy").map(|policy| RetryPolicy {
        max_attempts: Number::of(policy.get("maximumRetryAttempts")).count(),
        max_age_seconds: Number::of(policy.get("maximumEventAge")).count(),
    });
    Schedule {
        expression: scope.written(rate),
        is_scheduler: settings.get("method").and_then(Node::as_str) == Some("scheduler"),
        is_enabled: settings.get("enabled").map_or(Some(true), Node::as_bool),
        target: Some(target.to_owned()),
        retry_policy: policy,
        has_dead_letter_queue: settings.get("deadLetterQueueArn").is_some(),
    }
}
