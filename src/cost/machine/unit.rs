//! What one call of a task costs.

use super::PaidWork;
use super::nesting::glue_job;
use super::part::{PartKind, Unit};
use crate::cost::prices::prices;
use crate::cost::{Basis, Estimator};
use crate::lake::{
    Call, Cutoff, Function, GlueCommand, GlueJob, Pattern, QueryText, ResourceKind, Spread, State, Task, Usd, Workflow,
    WorkflowId,
};

/// The bill of one call, child executions excluded; `None` for what costs nothing to speak of beside its transition.
pub(super) fn unit(estimator: &Estimator<'_>, workflow: &Workflow, state: &State) -> Option<Unit> {
    let task = state.task()?;
    match &task.call {
        Call::AthenaQuery { sql, workgroup } => {
            let workgroup = workgroup.as_ref().and_then(Option::as_deref);
            query(estimator, workflow, state, *sql, workgroup)
        }
        Call::GlueJob { .. } => Some(glue(estimator, workflow, state, task)),
        Call::Lambda { function, is_event } => Some(lambda(estimator, workflow, state, function.as_deref(), *is_event)),
        Call::Service { service, action, .. } if starts_job(&task.call) => {
            let what = format!("`{service}:{action}` of `{}`", state.name);
            Some(unknown(PartKind::Job, what, &format!("what {service}:{action} of `{}` costs", state.name)))
        }
        Call::Unknown => {
            Some(unknown(PartKind::Job, format!("the task `{}`", state.name), &format!("what `{}` calls", state.name)))
        }
        Call::Activity | Call::Service { .. } | Call::Execution { .. } => None,
    }
}

/// A part of which nothing is known.
pub(super) fn unknown(kind: PartKind, what: String, reason: &str) -> Unit {
    let mut basis = Basis::default();
    basis.lacks(reason);
    Unit { what, kind, usd: Spread { low: Some(Usd(0.0)), likely: None, high: None }, seconds: None, basis }
}

fn query(
    estimator: &Estimator<'_>,
    workflow: &Workflow,
    state: &State,
    sql: QueryText,
    workgroup: Option<&str>,
) -> Option<Unit> {
    let pricing = estimator.pricing;
    let least = pricing.bill(0)?;
    let step = estimator.lake.id_of(workflow).map(|id: WorkflowId| (id, state.id));
    let mut basis = Basis::default();
    let mut usd = Spread::exactly(Some(Usd(0.0)));
    let mut found = false;
    for query in estimator.lake.queries.iter().filter(|query| step.is_some() && query.step == step) {
        found = true;
        let estimate = estimator.query(query);
        basis.merge(&estimate.basis);
        let more = match estimate.usd {
            Some(usd) => usd.map(Some),
            None => Spread { low: pricing.bill(estimate.at_least), likely: None, high: None },
        };
        usd = usd.plus(more, |a, b| Some(Usd(a?.0 + b?.0)));
    }
    if !found {
        usd = Spread { low: Some(least), likely: None, high: None };
        basis.lacks(match sql {
            QueryText::Known => format!("the query of `{}` could not be read", state.name),
            QueryText::Dynamic | QueryText::Missing => format!("the query of `{}` is made when it runs", state.name),
        });
    }
    // A query is stopped at the limit of its workgroup, and billed for what it scanned.
    let group = workgroup.and_then(|name| {
        estimator.lake.resource(&workflow.named.module, name, |kind| match kind {
            ResourceKind::Workgroup(group) => Some(group),
            _ => None,
        })
    });
    if let Some((_, group)) = group
        && let Cutoff::Bytes(bytes) = group.scan_limit
    {
        let most = pricing.bill(bytes)?;
        let capped = |usd: Usd| if usd.0 < most.0 { usd } else { most };
        usd = Spread {
            low: usd.low.map(capped),
            likely: usd.likely.map(capped),
            high: Some(usd.high.map_or(most, capped)),
        };
    }
    Some(Unit { what: format!("Athena query of `{}`", state.name), kind: PartKind::Query, usd, seconds: None, basis })
}

/// Seconds that a Glue run is billed for at least, from version 2.0 on. <https://aws.amazon.com/glue/pricing/>
const GLUE_MINIMUM: f64 = 60.0;
/// Minutes after which a run of the newest version ends, which is taken where none is written.
const DEFAULT_TIMEOUT: u64 = 480;

fn glue(estimator: &Estimator<'_>, workflow: &Workflow, state: &State, task: &Task) -> Unit {
    let Some((resource, job)) = glue_job(estimator.lake, workflow, state) else {
        let what = format!("Glue job of `{}`", state.name);
        return unknown(
            PartKind::GlueJob,
            what,
            &format!("the files do not describe the Glue job of `{}`", state.name),
        );
    };
    let job = with_call(job, &task.call);
    let what = format!("Glue job `{}`", resource.name);
    let mut basis = Basis::default();
    let Some(dpus) = dpus(&job, &resource.name, &mut basis) else {
        return unknown(PartKind::GlueJob, what, &format!("the workers of the Glue job `{}`", resource.name));
    };
    let usd = |seconds: f64| Usd(dpus * seconds / 3600.0 * prices().glue.dpu_hour);
    let longest = glue_seconds(&job, &resource.name, &mut basis).and_then(|run| {
        let runs = match (job.max_retries, job.is_open) {
            (None, true) => return None,
            (retries, _) => retries.unwrap_or(0).saturating_add(1),
        };
        Some(run * runs as f64)
    });
    // Step Functions stops the job when the task times out.
    let task_limit = state.timeout.seconds().filter(|_| task.pattern == Pattern::Sync).map(|seconds| seconds as f64);
    let longest = match (longest, task_limit) {
        (Some(job), Some(task)) => Some(job.min(task)),
        (one, other) => one.or(other),
    };
    basis.lacks(format!("how long the Glue job `{}` runs", resource.name));
    if job.is_flex {
        basis.note(format!("the Glue job `{}` is priced as a regular one: FLEX costs less", resource.name));
    }
    let high = longest.map(|seconds| usd(seconds.max(GLUE_MINIMUM)));
    let seconds = longest.filter(|_| task.pattern == Pattern::Sync);
    let usd = Spread { low: Some(usd(GLUE_MINIMUM)), likely: None, high };
    Unit { what, kind: PartKind::GlueJob, usd, seconds, basis }
}

/// The job with what the call says instead.
fn with_call(job: &GlueJob, call: &Call) -> GlueJob {
    let mut job = job.clone();
    if let Call::GlueJob { timeout_minutes, workers, worker_type, max_capacity, .. } = call {
        if *timeout_minutes != crate::lake::Limit::Unset {
            job.timeout = *timeout_minutes;
        }
        if max_capacity.is_some() {
            (job.max_capacity, job.worker_type, job.workers) = (*max_capacity, None, None);
        }
        job.worker_type = worker_type.clone().or(job.worker_type);
        job.workers = workers.or(job.workers);
    }
    job
}

fn dpus(job: &GlueJob, name: &str, basis: &mut Basis) -> Option<f64> {
    if let Some(dpus) = job.dpus() {
        return Some(dpus);
    }
    let default = job.default_dpus()?;
    basis.assume(format!("the Glue job `{name}` has the default of {default} units"));
    Some(default)
}

/// The longest that one run takes.
fn glue_seconds(job: &GlueJob, name: &str, basis: &mut Basis) -> Option<f64> {
    use crate::lake::Limit;
    match job.timeout {
        Limit::Seconds { seconds, .. } => return Some(seconds as f64),
        Limit::Dynamic(_) => return None,
        Limit::Unset if job.is_open || job.command == GlueCommand::Streaming => return None,
        Limit::Unset => {}
    }
    let minutes = job.default_timeout_minutes().or_else(|| {
        let is_silent = job.version.is_none();
        if is_silent {
            basis.assume(format!("the Glue job `{name}` has the newest version, which stops a run after 8 hours"));
        }
        is_silent.then_some(DEFAULT_TIMEOUT)
    })?;
    Some(minutes as f64 * 60.0)
}

/// The most that a function has. <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MOST_MEMORY_MB: f64 = 10_240.0;
const LONGEST_CALL: f64 = 900.0;
const DEFAULT_MEMORY_MB: f64 = 128.0;
const DEFAULT_CALL: f64 = 3.0;
/// What is taken for likely: nothing in the files tells how long a function takes.
const LIKELY_SECONDS: f64 = 1.0;
const LIKELY_MEMORY_MB: f64 = 1_024.0;

fn lambda(
    estimator: &Estimator<'_>,
    workflow: &Workflow,
    state: &State,
    function: Option<&str>,
    is_event: bool,
) -> Unit {
    let price = &prices().lambda;
    let mut basis = Basis::default();
    let found = function.and_then(|name| estimator.lake.function(&workflow.named.module, name));
    let (what, memory, timeout, second, retries) = match found {
        Some((resource, function)) => {
            let or = |value: Option<f64>, default: f64| value.or((!function.is_open).then_some(default));
            let memory = or(function.memory_mb, DEFAULT_MEMORY_MB);
            let timeout = or(function.timeout, DEFAULT_CALL);
            let second = if function.is_arm { price.gb_second_arm } else { price.gb_second };
            (format!("function `{}`", resource.name), memory, timeout, second, function.async_retries)
        }
        None => (format!("function of `{}`", state.name), None, None, price.gb_second, None),
    };
    basis.assume("a call of a function takes a second, or its timeout where that is shorter");
    if memory.is_none() || timeout.is_none() {
        basis.assume("a function that the files do not describe has 1,024 MB, at most 10,240 MB and 15 minutes");
    }
    let usd =
        |memory_mb: f64, seconds: f64| Usd(price.requests_per_million / 1e6 + memory_mb / 1024.0 * seconds * second);
    let calls = if is_event { retries.unwrap_or(Function::ASYNC_RETRIES).saturating_add(1) as f64 } else { 1.0 };
    let longest = timeout.unwrap_or(LONGEST_CALL);
    let low = usd(memory.unwrap_or(DEFAULT_MEMORY_MB), 0.001);
    let likely = usd(memory.unwrap_or(LIKELY_MEMORY_MB), longest.min(LIKELY_SECONDS));
    let high = Usd(usd(memory.unwrap_or(MOST_MEMORY_MB), longest.max(0.001)).0 * calls);
    let usd = Spread { low: Some(low), likely: Some(likely), high: Some(high) };
    Unit { what, kind: PartKind::Lambda, usd, seconds: (!is_event).then_some(longest), basis }
}

/// Whether a call starts work that is billed by its length. What other calls cost is small, and not priced.
fn starts_job(call: &Call) -> bool {
    const OTHERS: [(&str, &str); 6] = [
        ("sagemaker", "create"),
        ("codebuild", "startBuild"),
        ("bedrock", "invokeModel"),
        ("bedrockruntime", "invokeModel"),
        ("redshiftdata", "executeStatement"),
        ("redshift-data", "executeStatement"),
    ];
    let is_other = match call {
        Call::Service { service, action, .. } => {
            OTHERS.iter().any(|(name, start)| name == service && action.starts_with(start))
        }
        _ => false,
    };
    is_other || PaidWork::of(call).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_price_is_known_of_is_no_small_call() {
        let starts = |service: &str, action: &str| {
            starts_job(&Call::Service { service: service.into(), action: action.into(), is_sdk: true })
        };
        // The SDK and the optimised integrations spell the same service in two ways.
        assert!(starts("emrserverless", "startJobRun") && starts("emr-serverless", "startJobRun"));
        assert!(starts("emr", "addJobFlowSteps") && starts("elasticmapreduce", "addStep"));
        assert!(starts("sagemaker", "createTrainingJob") && starts("bedrockruntime", "invokeModel"));
        assert!(!starts("dynamodb", "putItem") && !starts("glue", "getJobRun"));
    }
}
