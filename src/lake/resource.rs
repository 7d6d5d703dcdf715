//! Infrastructure around queries and state machines: schedules, Glue jobs, functions, delivery streams, workgroups, lifecycle rules.

use std::sync::Arc;

use super::{BookmarkOption, LifecycleRule, Limit, Location, Span};

/// What a resource is called, by people and by other resources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// The template, folder or file within which references count: the shown path of a CloudFormation template or
    /// serverless.yml, the shown folder of a Terraform module.
    pub module: Arc<str>,
    /// The name in AWS, where the files write it out.
    pub literal: Option<String>,
    /// How texts of the same module refer to it: `${LogicalId}`, `${LogicalId.Arn}`, `${aws_glue_job.load.name}`.
    pub handles: Vec<String>,
}

impl Named {
    /// Whether `text`, written in `module`, means this resource: a handle, its name, or an ARN that ends with its name or a handle.
    pub fn is(&self, module: &str, text: &str) -> bool {
        let last = text.rsplit([':', '/']).next().unwrap_or(text);
        // `arn:aws:lambda:...:function:load:live` ends with a version.
        let ends = |name: &str| text == name || last == name || text.contains(&format!(":function:{name}:"));
        let by_handle = || *self.module == *module && self.handles.iter().any(|handle| text.contains(handle.as_str()));
        self.literal.as_deref().is_some_and(ends) || by_handle()
    }
}

/// One resource.
#[derive(Debug, Clone)]
pub struct Resource {
    pub named: Named,
    /// For people: the name in AWS, else the logical one.
    pub name: String,
    /// What a finding points at: the logical name, or the id of a lifecycle rule.
    pub span: Span,
    pub kind: ResourceKind,
}

#[derive(Debug, Clone)]
pub enum ResourceKind {
    Schedule(Schedule),
    GlueJob(GlueJob),
    Lambda(Function),
    Firehose(Firehose),
    Workgroup(Workgroup),
    Lifecycle(LifecycleRule),
}

/// An EventBridge rule or Scheduler schedule, with one target: a rule with several targets is several schedules.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// `rate(1 day)`, `cron(0 6 * * ? *)`; `None` for a rule that waits for events, or when only the deployment knows.
    pub expression: Option<String>,
    /// Scheduler, not a rule of EventBridge.
    pub is_scheduler: bool,
    /// `None` when only the deployment knows.
    pub is_enabled: Option<bool>,
    /// A text that [`Named::is`] understands.
    pub target: Option<String>,
    /// `MaximumRetryAttempts` and `MaximumEventAgeInSeconds`; `None` when there is no `RetryPolicy`.
    pub retry_policy: Option<RetryPolicy>,
    pub has_dead_letter_queue: bool,
}

/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html>: 185 times in 24 hours by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RetryPolicy {
    pub max_attempts: Option<u64>,
    pub max_age_seconds: Option<u64>,
}

#[derive(Debug, Clone)]
pub struct GlueJob {
    /// `None` when it is not written: no retries.
    pub max_retries: Option<u64>,
    /// Minutes; the limit's `seconds` are minutes times 60.
    pub timeout: Limit,
    pub worker_type: Option<String>,
    pub workers: Option<f64>,
    pub max_capacity: Option<f64>,
    /// `4.0`.
    pub version: Option<String>,
    pub command: GlueCommand,
    /// `ExecutionClass: FLEX`.
    pub is_flex: bool,
    /// Some of it only the deployment knows: what is `None` here may be written by an expression.
    pub is_open: bool,
    /// Where its script lies, as far as it is written: what is not is in braces.
    pub script: Option<String>,
    pub bookmarks: BookmarkOption,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GlueCommand {
    /// `glueetl`.
    Spark,
    /// `gluestreaming`: runs on until it is stopped.
    Streaming,
    /// `pythonshell`.
    PythonShell,
    /// `glueray`, or not known.
    Other,
}

#[derive(Debug, Clone, Default)]
pub struct Function {
    /// `None` when it is not written: 128 MB.
    pub memory_mb: Option<f64>,
    /// Seconds; `None` when it is not written: 3 seconds (SAM and CloudFormation), 6 in the Serverless Framework, which its reader fills in.
    pub timeout: Option<f64>,
    /// `arm64`.
    pub is_arm: bool,
    /// `MaximumRetryAttempts` of asynchronous calls; 2 when nothing says.
    pub async_retries: Option<u64>,
    /// Some of it only the deployment knows: what is `None` here may be written by an expression.
    pub is_open: bool,
}

impl Function {
    /// Retries of an asynchronous call when nothing says.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>
    pub const ASYNC_RETRIES: u64 = 2;
}

#[derive(Debug, Clone)]
pub struct Firehose {
    /// MB to collect; `None` when it is not written: 5.
    pub buffer_mb: Option<f64>,
    /// Seconds to collect; `None` when it is not written: 300.
    pub buffer_seconds: Option<f64>,
    /// The buffering hints, else the resource.
    pub hints_span: Option<Span>,
    /// Some of it only the deployment knows.
    pub is_open: bool,
    /// Converts to Parquet or ORC.
    pub converts_format: bool,
    /// `GZIP` and the like; `UNCOMPRESSED` when it is not written.
    pub compression: Option<String>,
    /// Where it writes, up to the first `!{timestamp:...}` or variable; a bucket that only the deployment knows is as in
    /// [`Table::open_place`](super::Table::open_place).
    pub prefix: Option<Location>,
    /// It delivers to S3 (and not to a warehouse or an index).
    pub to_s3: bool,
}

impl Firehose {
    /// Seconds that it collects when nothing is written.
    /// <https://docs.aws.amazon.com/firehose/latest/APIReference/API_BufferingHints.html>
    pub const DEFAULT_SECONDS: f64 = 300.0;
}

#[derive(Debug, Clone)]
pub struct Workgroup {
    /// `BytesScannedCutoffPerQuery`.
    pub scan_limit: Cutoff,
    /// `EnforceWorkGroupConfiguration`; `None` when it is not written: true.
    pub is_enforced: Option<bool>,
    pub is_enabled: bool,
    /// A scan has read it: no file declares it.
    pub is_scanned: bool,
}

impl GlueJob {
    /// Data processing units of a run, as far as they are written; the units of memory-optimised (`R`) and Ray (`Z`) workers
    /// have another price and do not count. <https://docs.aws.amazon.com/glue/latest/dg/worker-types.html>
    pub fn dpus(&self) -> Option<f64> {
        let per_worker = match self.worker_type.as_deref() {
            Some("G.025X") => 0.25,
            Some("Standard" | "G.1X") => 1.0,
            Some("G.2X") => 2.0,
            Some("G.4X") => 4.0,
            Some("G.8X") => 8.0,
            Some("G.12X") => 12.0,
            Some("G.16X") => 16.0,
            _ => return self.max_capacity,
        };
        self.workers.map(|workers| workers * per_worker)
    }

    /// What a run has when the job writes nothing about its capacity; `None` when it does, or may.
    /// <https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-job.html>
    pub fn default_dpus(&self) -> Option<f64> {
        let is_silent = self.worker_type.is_none() && self.workers.is_none() && self.max_capacity.is_none();
        match self.command {
            GlueCommand::Spark if is_silent && !self.is_open => Some(10.0),
            GlueCommand::PythonShell if is_silent && !self.is_open => Some(0.0625),
            _ => None,
        }
    }

    /// Minutes after which Glue stops a run that has no `Timeout`, by the version: 480 from 5.0 on, 2,880 before; `None` when
    /// the version is not known, or for runs that nothing stops.
    /// <https://docs.aws.amazon.com/glue/latest/webapi/API_CreateJob.html>
    pub fn default_timeout_minutes(&self) -> Option<u64> {
        if self.command == GlueCommand::Streaming {
            return None;
        }
        let version: f64 = self.version.as_deref()?.trim().parse().ok()?;
        Some(if version >= 5.0 { 480 } else { 2_880 })
    }
}

/// The bytes at which a query is stopped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cutoff {
    Unset,
    Bytes(u64),
    /// Only the deployment knows it.
    Dynamic,
}
