//! EventBridge rules with their targets, and the schedules of EventBridge Scheduler.

use super::Declared;
use super::evaluate::Evaluator;
use super::fields::Fields;
use crate::document::HclBlock;
use crate::lake::{Resource, ResourceKind, RetryPolicy, Schedule};

/// Adds a schedule per target.
pub(super) fn read(evaluator: &Evaluator, resources: &mut Vec<Resource>) {
    for block in &evaluator.module.blocks {
        let Some(declared) = Declared::of(block) else { continue };
        let fields = Fields { evaluator, body: &block.body };
        match declared.kind {
            "aws_cloudwatch_event_target" => resources.push(target(declared, fields)),
            "aws_scheduler_schedule" => resources.push(scheduler(declared, fields)),
            _ => {}
        }
    }
}

/// A target of a rule, under the name of the rule.
fn target(declared: Declared, fields: Fields) -> Resource {
    let rule = rule_of(fields);
    let of_rule = rule.map(|block| Fields { body: &block.body, ..fields });
    let schedule = Schedule {
        expression: of_rule.and_then(|rule| rule.literal("schedule_expression")),
        is_scheduler: false,
        is_enabled: of_rule.is_none_or(is_enabled),
        target: fields.text("arn"),
        retry_policy: retry_policy(fields),
        has_dead_letter_queue: fields.block("dead_letter_config").is_some(),
    };
    match rule.and_then(Declared::of).zip(of_rule) {
        Some((rule, of_rule)) => {
            let mut resource = rule.resource(of_rule, "name", ResourceKind::Schedule(schedule));
            resource.span = declared.span;
            resource
        }
        None => declared.resource(fields, "target_id", ResourceKind::Schedule(schedule)),
    }
}

/// The rule that a target names.
fn rule_of<'a>(fields: Fields<'a>) -> Option<&'a HclBlock> {
    let text = fields.text("rule")?;
    let evaluator = fields.evaluator;
    let is_it = |block: &&&HclBlock| {
        let rule = Declared::of(block).filter(|declared| declared.kind == "aws_cloudwatch_event_rule");
        let names = rule.map(|rule| rule.names(Fields { evaluator, body: &block.body }, "name").0);
        names.is_some_and(|named| named.is(&evaluator.module.path, &text))
    };
    evaluator.module.blocks.iter().find(is_it).copied()
}

fn scheduler(declared: Declared, fields: Fields) -> Resource {
    let target = fields.block("target").map(|(target, _)| target);
    let schedule = Schedule {
        expression: fields.literal("schedule_expression"),
        is_scheduler: true,
        is_enabled: is_enabled(fields),
        target: target.and_then(scheduler_target),
        retry_policy: target.and_then(retry_policy),
        has_dead_letter_queue: target.is_some_and(|target| target.block("dead_letter_config").is_some()),
    };
    declared.resource(fields, "name", ResourceKind::Schedule(schedule))
}

/// A universal target (`arn:aws:scheduler:::aws-sdk:sfn:startExecution`) names the resource in its input.
fn scheduler_target(target: Fields) -> Option<String> {
    let arn = target.text("arn")?;
    match arn.contains(":aws-sdk:") {
        true => target.text("input").or(Some(arn)),
        false => Some(arn),
    }
}

fn is_enabled(fields: Fields) -> bool {
    fields.literal("state").is_none_or(|state| state != "DISABLED") && fields.flag("is_enabled") != Some(false)
}

fn retry_policy(fields: Fields) -> Option<RetryPolicy> {
    let (policy, _) = fields.block("retry_policy")?;
    Some(RetryPolicy {
        max_attempts: policy.number("maximum_retry_attempts").whole(),
        max_age_seconds: policy.number("maximum_event_age_in_seconds").whole(),
    })
}
