//! A schedule that starts paid work late, up to a day, or never without a trace: it leaves retrying to the defaults.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::machine::{listed, starts};
use crate::finding::{Confidence, Place};
use crate::lake::{Lake, Resource, ResourceKind};

pub const RULE: Rule = rule!("schedule-retry-policy-default", Check::Resource(check));

fn check(resource: &Resource, cx: &mut Context<'_>) {
    let ResourceKind::Schedule(schedule) = &resource.kind else { return };
    if schedule.is_enabled == Some(false) || schedule.retry_policy.is_some() || schedule.has_dead_letter_queue {
        return;
    }
    let (Some(expression), Some(target)) = (&schedule.expression, &schedule.target) else { return };
    let Some(started) = started(&resource.named.module, target, cx.lake) else { return };
    let message = format!(
        "`{}` (`{expression}`) starts {started} without a retry policy: a start that fails is tried again up to 185 times in \
         24 hours, and then dropped",
        resource.name
    );
    let field = cx.field(resource.span, "maximum_event_age_in_seconds", "MaximumEventAgeInSeconds");
    cx.report(Place::Span(resource.span), message).confidence(Confidence::Low).help(format!(
        "set `{field}` below the time between two runs, and a dead-letter queue for starts that never succeed"
    ));
}

/// What a schedule starts, for people, when that costs money.
fn started(module: &str, target: &str, lake: &Lake) -> Option<String> {
    if let Some(machine) = lake.machine(module, target) {
        let starts = starts(machine, lake);
        return (!starts.is_empty()).then(|| format!("`{}` and its {}", machine.name, listed(&starts)));
    }
    lake.glue_job(module, target).map(|(job, _)| format!("the Glue job `{}`", job.name))
}

#[cfg(test)]
mod tests {
    use super::super::example::machine::machine as of_states;
    use super::super::example::machine::{athena, found, lake_of, resource, schedule, service, task, with_resources};
    use super::*;
    use crate::lake::{RetryPolicy, Schedule};

    fn messages(schedule: Schedule, machine: &str) -> Vec<String> {
        let states = vec![
            of_states("load", vec![task("a", athena())]),
            of_states("mail", vec![task("b", service("ses", "send"))]),
        ];
        let nightly = Schedule { target: Some(machine.to_string()), ..schedule };
        let lake = with_resources(lake_of(states), vec![resource("nightly", ResourceKind::Schedule(nightly))]);
        found("schedule-retry-policy-default", &lake).into_iter().map(|(_, message)| message).collect()
    }

    #[test]
    fn only_schedules_of_paid_work_without_policy_and_queue_are_found() {
        let daily = || schedule(Some("rate(1 day)"), "");
        let message = "`nightly` (`rate(1 day)`) starts `load` and its Athena queries without a retry policy: a start that \
                       fails is tried again up to 185 times in 24 hours, and then dropped";
        assert_eq!(messages(daily(), "load"), [message]);
        assert!(messages(daily(), "mail").is_empty());
        assert!(messages(daily(), "elsewhere").is_empty());
        assert!(messages(Schedule { retry_policy: Some(RetryPolicy::default()), ..daily() }, "load").is_empty());
        assert!(messages(Schedule { has_dead_letter_queue: true, ..daily() }, "load").is_empty());
        assert!(messages(Schedule { is_enabled: Some(false), ..daily() }, "load").is_empty());
    }
}
