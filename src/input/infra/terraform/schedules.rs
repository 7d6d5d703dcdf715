//! EventBridge rules with their targets, and the schedules of EventBridge Scheduler.

use std::collections::BTreeMap;

use super::Declared;
use super::evaluate::Evaluator;
use super::fields::Fields;
use crate::lake::{Resource, ResourceKind, RetryPolicy, Schedule};

/// Adds a schedule per target.
pub(super) fn read(evaluator: &Evaluator, resources: &mut Vec<Resource>) {
    let rules = Rules::of(evaluator);
    for block in &evaluator.module.blocks {
        let Some(declared) = Declared::of(block) else { continue };
        let fields = Fields { evaluator, body: &block.body };
        match declared.kind {
            "aws_cloudwatch_event_target" => resources.push(target(declared, fields, &rules)),
            "aws_scheduler_schedule" => resources.push(scheduler(declared, fields)),
            _ => {}
        }
    }
}

const RULE: &str = "aws_cloudwatch_event_rule";

/// The rules of a module.
struct Rules<'a> {
    by_label: BTreeMap<&'a str, (Declared<'a>, Fields<'a>)>,
    by_name: BTreeMap<String, &'a str>,
}

impl<'a> Rules<'a> {
    fn of(evaluator: &'a Evaluator<'a>) -> Rules<'a> {
        let mut rules = Rules { by_label: BTreeMap::new(), by_name: BTreeMap::new() };
        for block in &evaluator.module.blocks {
            let Some(rule) = Declared::of(block).filter(|declared| declared.kind == RULE) else { continue };
            let fields = Fields { evaluator, body: &block.body };
            rules.by_label.insert(rule.name, (rule, fields));
            rules.by_name.extend(fields.literal("name").map(|name| (name, rule.name)));
        }
        rules
    }

    /// The rule that a target names: `${aws_cloudwatch_event_rule.daily.name}`, or its name in AWS.
    fn named(&self, text: &str) -> Option<&(Declared<'a>, Fields<'a>)> {
        let label = match text.split_once(RULE).and_then(|(_, rest)| rest.strip_prefix('.')) {
            Some(rest) => rest.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).next()?,
            None => self.by_name.get(text)?,
        };
        self.by_label.get(label)
    }
}

/// A target of a rule, under the name of the rule.
fn target(declared: Declared, fields: Fields, rules: &Rules) -> Resource {
    let rule = fields.text("rule").and_then(|text| rules.named(&text).copied());
    let schedule = Schedule {
        expression: rule.and_then(|(_, rule)| rule.literal("schedule_expression")),
        is_scheduler: false,
        is_enabled: rule.map_or(Some(true), |(_, rule)| is_enabled(rule)),
        target: fields.text("arn"),
        retry_policy: retry_policy(fields),
        has_dead_letter_queue: fields.block("dead_letter_config").is_some(),
    };
    let kind = ResourceKind::Schedule(schedule);
    match rule {
        Some((rule, of_rule)) => Resource { span: declared.span, ..rule.resource(of_rule, "name", kind) },
        None => declared.resource(fields, "target_id", kind),
    }
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

/// `None` when only the deployment knows.
fn is_enabled(fields: Fields) -> Option<bool> {
    let is_open = fields.is_open(&["state", "is_enabled"]);
    let is_enabled =
        fields.literal("state").is_none_or(|state| state != "DISABLED") && fields.flag("is_enabled") != Some(false);
    (!is_open).then_some(is_enabled)
}

fn retry_policy(fields: Fields) -> Option<RetryPolicy> {
    let (policy, _) = fields.block("retry_policy")?;
    Some(RetryPolicy {
        max_attempts: policy.number("maximum_retry_attempts").whole(),
        max_age_seconds: policy.number("maximum_event_age_in_seconds").whole(),
    })
}
