//! A Glue job that nothing stops for hours when it hangs.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::prices;
use crate::finding::{Place, Severity};
use crate::lake::{Call, GlueCommand, GlueJob, Lake, Limit, Resource, ResourceKind, State, Usd, Workflow};

pub const RULE: Rule = rule!("glue-job-without-timeout", Check::Resource(check));

/// Minutes after which Glue itself stops a run: from Glue 5.0 on, and before.
const FROM_GLUE_5: u64 = 480;
const BEFORE_GLUE_5: u64 = 2_880;

fn check(resource: &Resource, cx: &mut Context<'_>) {
    let ResourceKind::GlueJob(job) = &resource.kind else { return };
    let ends = matches!(job.command, GlueCommand::Spark | GlueCommand::PythonShell);
    if !ends || job.timeout != Limit::Unset || is_bounded_by_callers(resource, cx.lake) {
        return;
    }
    let minutes = job.default_timeout_minutes();
    let hours = match minutes {
        Some(minutes) => format!("{} hours", minutes / 60),
        None => format!("{} hours ({} up to Glue 4.0)", FROM_GLUE_5 / 60, BEFORE_GLUE_5 / 60),
    };
    let most = run_usd(job, minutes.unwrap_or(FROM_GLUE_5));
    let cost = most.map_or(String::new(), |(dpus, usd)| format!(": at {dpus} DPUs that is {usd}"));
    let is_dear = most.is_some_and(|(_, usd)| usd.0 >= cx.params().number("dear-run-usd"));
    let message = format!("a run of `{}` that hangs is stopped only after {hours}{cost}", resource.name);
    let field = cx.field(resource.span, "timeout", "Timeout");
    cx.report(Place::Span(resource.span), message)
        .at_most(if is_dear { Severity::Medium } else { Severity::Low })
        .help(format!("set `{field}` (in minutes) to two or three times the longest good run"));
}

/// What a run of so many minutes costs, with its data processing units; `None` when these are not known, and for `FLEX` runs,
/// which have another price.
fn run_usd(job: &GlueJob, minutes: u64) -> Option<(f64, Usd)> {
    let dpus = job.dpus().or(job.default_dpus()).filter(|_| !job.is_flex)?;
    Some((dpus, Usd(dpus * prices().glue.dpu_hour * minutes as f64 / 60.0)))
}

/// Whether state machines of the lake start the job, and each of them ends its runs: by the call's own timeout, or by one of
/// the state or the machine, at which a `.sync` Task stops the run.
fn is_bounded_by_callers(resource: &Resource, lake: &Lake) -> bool {
    let starts = |workflow: &Workflow, state: &State| match state.task().map(|task| &task.call) {
        Some(Call::GlueJob { job: Some(job), .. }) => resource.named.is(&workflow.named.module, job),
        _ => false,
    };
    let callers = || {
        let states =
            lake.workflows.iter().flat_map(|workflow| workflow.states.iter().map(move |state| (workflow, state)));
        states.filter(|(workflow, state)| starts(workflow, state))
    };
    let ends = |workflow: &Workflow, state: &State| {
        let of_call = state.task().is_some_and(|task| match &task.call {
            Call::GlueJob { timeout_minutes, .. } => *timeout_minutes != Limit::Unset,
            _ => false,
        });
        of_call || state.timeout != Limit::Unset || workflow.timeout != Limit::Unset
    };
    callers().next().is_some() && callers().all(|(workflow, state)| ends(workflow, state))
}

#[cfg(test)]
mod tests {
    use super::super::example::machine::{found, glue, glue_job, lake_of, machine, resource, task, with_resources};
    use super::*;

    fn messages(job: GlueJob, states: Vec<State>) -> Vec<(Severity, String)> {
        let load = resource("load", ResourceKind::GlueJob(job));
        found("glue-job-without-timeout", &with_resources(lake_of(vec![machine("m", states)]), vec![load]))
    }

    #[test]
    fn the_version_tells_the_hours_and_the_workers_the_dollars() {
        let message = "a run of `load` that hangs is stopped only after 48 hours: at 10 DPUs that is $211.20";
        assert_eq!(
            messages(glue_job(Some("4.0"), "G.1X", 10.0), Vec::new()),
            [(Severity::Medium, message.to_string())]
        );
        let message = "a run of `load` that hangs is stopped only after 8 hours: at 10 DPUs that is $35.20";
        assert_eq!(messages(glue_job(Some("5.0"), "G.2X", 5.0), Vec::new()), [(Severity::Low, message.to_string())]);
        let message = "a run of `load` that hangs is stopped only after 8 hours (48 up to Glue 4.0)";
        assert_eq!(messages(glue_job(None, "R.1X", 5.0), Vec::new()), [(Severity::Low, message.to_string())]);
    }

    #[test]
    fn jobs_with_a_timeout_of_their_own_or_of_every_caller_are_silent() {
        let job = || glue_job(Some("4.0"), "G.1X", 10.0);
        let limited = |mut state: State| {
            state.timeout = Limit::Seconds { seconds: 3_600, span: state.span };
            state
        };
        assert!(messages(job(), vec![limited(task("run", glue("load")))]).is_empty());
        let both = vec![limited(task("run", glue("load"))), task("again", glue("load"))];
        assert_eq!(messages(job(), both).len(), 1, "one caller waits for ever");
        assert_eq!(messages(job(), vec![limited(task("run", glue("other")))]).len(), 1);
        assert!(messages(GlueJob { command: GlueCommand::Streaming, ..job() }, Vec::new()).is_empty());
        assert!(
            messages(GlueJob { timeout: Limit::Dynamic(task("x", glue("y")).span), ..job() }, Vec::new()).is_empty()
        );
    }
}
