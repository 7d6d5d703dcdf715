//! What starts machines and functions by the clock: EventBridge rules, Scheduler schedules, the events of SAM.

use super::scope::{Number, Scope, call, is_computed};
use crate::document::Node;
use crate::lake::{Named, Resource, ResourceKind, RetryPolicy, Schedule, Span};

/// `AWS::Events::Rule`: a schedule for each of its targets.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-events-rule.html>
pub(super) fn rule(logical: &str, span: Span, properties: &Node, scope: &Scope) -> Vec<Resource> {
    let targets = properties.get("Targets").and_then(Node::as_list).unwrap_or_default();
    let schedule = |target: &Node| {
        let expression = scope.written(properties.get("ScheduleExpression"));
        let schedule = with_target(expression, false, properties, target, scope);
        resource(scope.named(logical, properties.get("Name")), logical, span, schedule)
    };
    // A target that is computed as a whole may well have a policy.
    targets.iter().filter(|target| call(target).is_none() && target.as_map().is_some()).map(schedule).collect()
}

/// `AWS::Scheduler::Schedule`.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-scheduler-schedule.html>
pub(super) fn scheduler(logical: &str, span: Span, properties: &Node, scope: &Scope) -> Option<Resource> {
    let target = properties.get("Target").filter(|target| call(target).is_none())?;
    let expression = scope.written(properties.get("ScheduleExpression"));
    let mut schedule = with_target(expression, true, properties, target, scope);
    // A universal target names what it starts in its input.
    if schedule.target.as_deref().is_some_and(|arn| arn.contains(":aws-sdk:")) {
        schedule.target = scope.string(target.get("Input"));
    }
    Some(resource(scope.named(logical, properties.get("Name")), logical, span, schedule))
}

/// The `Events` of a SAM resource.
/// <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-statemachine-statemachineeventsource.html>
pub(super) fn events(logical: &str, properties: &Node, scope: &Scope) -> Vec<Resource> {
    let events = properties.get("Events").and_then(Node::as_map).map_or(&[][..], |map| &map.entries);
    let schedule = |entry: &crate::document::Entry| {
        let properties = entry.value.get("Properties").unwrap_or(&entry.value);
        let (expression, is_scheduler) = match entry.value.get("Type")?.as_str()? {
            "Schedule" => (properties.get("Schedule"), false),
            "ScheduleV2" => (properties.get("ScheduleExpression"), true),
            "EventBridgeRule" | "CloudWatchEvent" => (None, false),
            _ => return None,
        };
        let mut schedule = with_target(scope.written(expression), is_scheduler, properties, properties, scope);
        schedule.target = Some(format!("${{{logical}}}"));
        let named =
            Named { module: scope.module.clone(), literal: scope.written(properties.get("Name")), handles: Vec::new() };
        Some(resource(named, &entry.key, entry.key_span, schedule))
    };
    events.iter().filter_map(schedule).collect()
}

fn with_target(
    expression: Option<String>,
    is_scheduler: bool,
    properties: &Node,
    target: &Node,
    scope: &Scope,
) -> Schedule {
    Schedule {
        expression,
        is_scheduler,
        is_enabled: is_enabled(properties),
        target: scope.string(target.get("Arn")),
        retry_policy: target.get("RetryPolicy").map(retry_policy),
        has_dead_letter_queue: target
            .get("DeadLetterConfig")
            .is_some_and(|queue| is_computed(Some(queue)) || queue.as_map().is_some_and(|map| !map.entries.is_empty())),
    }
}

/// `State` of CloudFormation, `Enabled` of SAM. What is computed only the deployment knows, whatever the default of a parameter.
fn is_enabled(properties: &Node) -> Option<bool> {
    let (state, enabled) = (properties.get("State"), properties.get("Enabled"));
    if is_computed(state) || is_computed(enabled) {
        return None;
    }
    Some(state.and_then(Node::as_str) != Some("DISABLED") && enabled.and_then(Node::as_bool) != Some(false))
}

fn retry_policy(node: &Node) -> RetryPolicy {
    RetryPolicy {
        max_attempts: Number::of(node.get("MaximumRetryAttempts")).count(),
        max_age_seconds: Number::of(node.get("MaximumEventAgeInSeconds")).count(),
    }
}

fn resource(named: Named, logical: &str, span: Span, schedule: Schedule) -> Resource {
    let name = named.literal.clone().unwrap_or_else(|| logical.to_owned());
    Resource { named, name, span, kind: ResourceKind::Schedule(schedule) }
}
