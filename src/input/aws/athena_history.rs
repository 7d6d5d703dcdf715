//! What queries have scanned, from Athena: workgroups, and the executions of each.
//!
//! Executions come newest first, so that a workgroup is done when they are older than what is asked for. Rates stay below what
//! Athena answers: ListQueryExecutions 5 a second after a burst of 10, BatchGetQueryExecution 20 after 40
//! (<https://docs.aws.amazon.com/athena/latest/ug/service-limits.html>).

use std::time::Duration;

use anyhow::Result;
use aws_sdk_athena::Client;
use aws_sdk_athena::config::http::HttpResponse;
use aws_sdk_athena::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_athena::types::{QueryExecution, StatementType, WorkGroupState};
use chrono::Utc;
use tokio::time::{Instant, sleep, sleep_until};

use super::Connection;
use super::error::{Asked, Failure, Reason};
use crate::input::history::{Execution, Executions, State};
use crate::lake::{Gap, PastWorkgroup, Record};

/// Executions that one BatchGetQueryExecution may ask for, and that a page of ListQueryExecutions has at most
/// (<https://docs.aws.amazon.com/athena/latest/APIReference/API_BatchGetQueryExecution.html>).
const PAGE: usize = 50;
/// Athena forgets executions after so many days
/// (<https://docs.aws.amazon.com/athena/latest/ug/queries-viewing-history.html>).
const REMEMBERED_DAYS: u32 = 45;
/// How often executions are asked for that Athena did not answer about.
const ATTEMPTS: u32 = 5;
/// Waited before they are asked for again, times the attempts made.
const AGAIN: Duration = Duration::from_millis(250);
const SECONDS_PER_DAY: i64 = 86_400;

/// Executions of all workgroups that may be read, of the last days; what is refused becomes a gap. Any other failure is an error:
/// a history with holes would make every frequency too low.
pub(crate) fn read(connection: &Connection, days: u32, keep_sql: bool) -> Result<(Record, Vec<Gap>)> {
    let days = days.min(REMEMBERED_DAYS);
    let config = aws_sdk_athena::config::Builder::from(&connection.config)
        .interceptor(connection.counter())
        .retry_classifier(connection.patience())
        .build();
    let mut reader = Reader {
        client: Client::from_conf(config),
        since: Utc::now().timestamp() - i64::from(days) * SECONDS_PER_DAY,
        executions: Executions::new(keep_sql),
        lists: Pace::new(10, Duration::from_millis(200)),
        batches: Pace::new(40, Duration::from_millis(50)),
    };
    let (mut workgroups, mut gaps) = (Vec::new(), Vec::new());
    for name in connection.wait(reader.names())? {
        match connection.wait(reader.workgroup(&name))? {
            (workgroup, None) => workgroups.extend(workgroup),
            (workgroup, Some(reason)) => {
                workgroups.extend(workgroup);
                gaps.push(Gap { prefix: format!("workgroup `{name}`"), reason });
            }
        }
    }
    let many = if workgroups.len() == 1 { "" } else { "s" };
    let source = format!("Athena, {} workgroup{many}", workgroups.len());
    let said = gaps.iter().map(|gap| format!("{}: {}", gap.prefix, gap.reason)).collect();
    let record = Record { days: Some(f64::from(days)), workgroups, gaps: said, ..reader.executions.record(source) };
    Ok((record, gaps))
}

struct Reader {
    client: Client,
    /// Seconds since 1970: what was submitted before does not count.
    since: i64,
    executions: Executions,
    lists: Pace,
    batches: Pace,
}

/// A call that failed, and what it was.
struct Failed {
    action: &'static str,
    failure: Failure,
}

impl Failed {
    fn of<E>(action: &'static str) -> impl Fn(SdkError<E, HttpResponse>) -> Failed
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        move |error| Failed { action, failure: Failure::of(&error) }
    }

    fn explain(&self, what: &str) -> anyhow::Error {
        self.failure.explain(&Asked { what, action: self.action, resource: "" })
    }
}

impl Reader {
    /// Workgroups by name, sorted.
    async fn names(&self) -> Result<Vec<String>> {
        let (mut names, mut token) = (Vec::new(), None);
        loop {
            let page = self.client.list_work_groups().set_next_token(token).send().await;
            let page = page
                .map_err(Failed::of("athena:ListWorkGroups"))
                .map_err(|failed| failed.explain("the workgroups of Athena cannot be listed"))?;
            names.extend(page.work_groups().iter().filter_map(|group| group.name().map(str::to_string)));
            token = page.next_token;
            if token.is_none() {
                names.sort();
                return Ok(names);
            }
        }
    }

    /// How a workgroup is set up and what ran in it, and what of it may not be read.
    async fn workgroup(&mut self, name: &str) -> Result<(Option<PastWorkgroup>, Option<String>)> {
        let (group, failed) = match self.settings(name).await {
            Ok(group) => (Some(group), self.runs(name).await.err()),
            Err(failed) => (None, Some(failed)),
        };
        match failed {
            None => Ok((group, None)),
            Some(Failed { action, failure }) if failure.reason == Reason::Denied => {
                Ok((group, Some(format!("{}: allow `{action}`", failure.short()))))
            }
            Some(failed) => Err(failed.explain(&format!("the queries of workgroup `{name}` cannot be read"))),
        }
    }

    async fn settings(&self, name: &str) -> Result<PastWorkgroup, Failed> {
        let answer = self.client.get_work_group().work_group(name).send().await;
        let answer = answer.map_err(Failed::of("athena:GetWorkGroup"))?;
        let group = answer.work_group();
        let config = group.and_then(|group| group.configuration());
        let limit = config.and_then(|config| config.bytes_scanned_cutoff_per_query());
        let engine = config.and_then(|config| config.engine_version()?.effective_engine_version());
        Ok(PastWorkgroup {
            name: name.to_string(),
            is_enabled: group.and_then(|group| group.state()) != Some(&WorkGroupState::Disabled),
            scan_limit: limit.and_then(|bytes| u64::try_from(bytes).ok()),
            is_enforced: config.and_then(|config| config.enforce_work_group_configuration()),
            engine: engine.map(str::to_string),
        })
    }

    /// Adds the executions of a workgroup that are young enough.
    async fn runs(&mut self, workgroup: &str) -> Result<(), Failed> {
        let mut token = None;
        loop {
            self.lists.wait().await;
            let request = self.client.list_query_executions().work_group(workgroup).max_results(PAGE as i32);
            let page = request.set_next_token(token).send().await;
            let page = page.map_err(Failed::of("athena:ListQueryExecutions"))?;
            for ids in page.query_execution_ids().chunks(PAGE) {
                if !self.batch(ids.to_vec()).await? {
                    return Ok(());
                }
            }
            token = page.next_token;
            if token.is_none() {
                return Ok(());
            }
        }
    }

    /// Adds some executions. Whether all of them are young enough, so that older ones matter.
    async fn batch(&mut self, mut ids: Vec<String>) -> Result<bool, Failed> {
        const ACTION: &str = "athena:BatchGetQueryExecution";
        let mut is_young = true;
        for attempt in 1u32.. {
            self.batches.wait().await;
            let request = self.client.batch_get_query_execution().set_query_execution_ids(Some(ids));
            let answer = request.send().await.map_err(Failed::of(ACTION))?;
            for found in answer.query_executions.into_iter().flatten() {
                let execution = execution(found);
                match execution.submitted.is_some_and(|at| at < self.since) {
                    true => is_young = false,
                    false => self.executions.add(execution),
                }
            }
            let unprocessed = answer.unprocessed_query_execution_ids.unwrap_or_default();
            let Some(first) = unprocessed.first() else { break };
            if attempt == ATTEMPTS {
                let code = first.error_code().unwrap_or("no reason is given");
                let detail = format!("{} executions are not answered: {code}", unprocessed.len());
                return Err(Failed { action: ACTION, failure: Failure::new(Reason::Transient, detail) });
            }
            ids = unprocessed.into_iter().filter_map(|one| one.query_execution_id).collect();
            sleep(AGAIN * attempt).await;
        }
        Ok(is_young)
    }
}

fn execution(found: QueryExecution) -> Execution {
    let (status, statistics) = (found.status(), found.statistics());
    let reuse = statistics.and_then(|statistics| statistics.result_reuse_information());
    Execution {
        is_dml: found.statement_type().map(|kind| *kind == StatementType::Dml),
        state: State::of(status.and_then(|status| status.state()).map_or("", |state| state.as_str())),
        submitted: status.and_then(|status| status.submission_date_time()).map(|at| at.secs()),
        scanned_bytes: statistics.and_then(|s| s.data_scanned_in_bytes()).and_then(|bytes| u64::try_from(bytes).ok()),
        is_reused: reuse.is_some_and(|reuse| reuse.reused_previous_result()),
        id: found.query_execution_id.unwrap_or_default(),
        sql: found.query.unwrap_or_default(),
        parameters: found.execution_parameters.unwrap_or_default(),
        workgroup: found.work_group.unwrap_or_default(),
    }
}

/// Requests of one kind at the rate that the service answers.
struct Pace {
    /// When the next one would be due at a steady rate: a burst may run ahead of it.
    due: Instant,
    burst: Duration,
    between: Duration,
}

impl Pace {
    fn new(burst: u32, between: Duration) -> Pace {
        Pace { due: Instant::now(), burst: between * burst, between }
    }

    async fn wait(&mut self) {
        let now = Instant::now();
        self.due = self.due.max(now) + self.between;
        if let Some(start) = self.due.checked_sub(self.burst).filter(|start| *start > now) {
            sleep_until(start).await;
        }
    }
}
