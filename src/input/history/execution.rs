//! One execution of a query, as `aws athena batch-get-query-execution` and `get-query-execution` print it.
//!
//! Fields: <https://docs.aws.amazon.com/athena/latest/APIReference/API_QueryExecution.html>.

use std::io::Read;

use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDateTime};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// What counts of one execution.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::input) struct Execution {
    pub id: String,
    pub sql: String,
    /// Values of the `?` in the text, as SQL.
    pub parameters: Vec<String>,
    /// It reads data: neither DDL nor a utility statement. `None` where nothing says.
    pub is_dml: Option<bool>,
    pub state: State,
    /// Seconds since 1970.
    pub submitted: Option<i64>,
    pub workgroup: String,
    pub scanned_bytes: Option<u64>,
    /// An earlier result was used: nothing was scanned.
    pub is_reused: bool,
}

/// How an execution ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::input) enum State {
    Succeeded,
    Failed,
    Cancelled,
    /// Queued or running.
    #[default]
    Open,
}

impl State {
    pub(in crate::input) fn of(name: &str) -> State {
        match name {
            "SUCCEEDED" => State::Succeeded,
            "FAILED" => State::Failed,
            "CANCELLED" => State::Cancelled,
            _ => State::Open,
        }
    }
}

/// Anything that such an export may hold: a page, one execution in its envelope, or bare.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Line {
    #[serde(default)]
    query_executions: Vec<Exported>,
    query_execution: Option<Exported>,
    #[serde(default)]
    unprocessed_query_execution_ids: Vec<Unprocessed>,
    #[serde(flatten)]
    bare: Exported,
}

/// An execution that was asked for and not answered.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Unprocessed {
    query_execution_id: Option<String>,
}

/// What an export says of one execution.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::input) enum Told {
    Ran(Execution),
    /// It was not answered: its id.
    Nothing(String),
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Exported {
    query_execution_id: Option<String>,
    query: Option<String>,
    execution_parameters: Option<Vec<String>>,
    statement_type: Option<String>,
    work_group: Option<String>,
    status: Option<Status>,
    statistics: Option<Statistics>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Status {
    state: Option<String>,
    submission_date_time: Option<Time>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Statistics {
    data_scanned_in_bytes: Option<u64>,
    result_reuse_information: Option<ResultReuse>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ResultReuse {
    reused_previous_result: bool,
}

/// The CLI prints seconds or ISO 8601, by version and `cli_timestamp_format`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Time {
    Seconds(f64),
    Text(String),
    Other(IgnoredAny),
}

/// Hands on what an export tells: one execution per line, or pages, in any number.
pub(super) fn read(input: impl Read, found: &mut dyn FnMut(Told)) -> Result<()> {
    for line in serde_json::Deserializer::from_reader(input).into_iter::<Line>() {
        let line = line.context("it is no output of `aws athena batch-get-query-execution`")?;
        let bare = line.bare.query_execution_id.is_some().then_some(line.bare);
        let executions = line.query_executions.into_iter().chain(line.query_execution).chain(bare);
        executions.for_each(|one| found(Told::Ran(one.into())));
        let missing = line.unprocessed_query_execution_ids.into_iter();
        missing.for_each(|one| found(Told::Nothing(one.query_execution_id.unwrap_or_default())));
    }
    Ok(())
}

impl From<Exported> for Execution {
    fn from(exported: Exported) -> Execution {
        let status = exported.status.unwrap_or_default();
        let statistics = exported.statistics.unwrap_or_default();
        Execution {
            id: exported.query_execution_id.unwrap_or_default(),
            sql: exported.query.unwrap_or_default(),
            parameters: exported.execution_parameters.unwrap_or_default(),
            is_dml: exported.statement_type.map(|kind| kind == "DML"),
            state: State::of(status.state.as_deref().unwrap_or_default()),
            submitted: status.submission_date_time.as_ref().and_then(Time::seconds),
            workgroup: exported.work_group.unwrap_or_default(),
            scanned_bytes: statistics.data_scanned_in_bytes,
            is_reused: statistics.result_reuse_information.is_some_and(|reuse| reuse.reused_previous_result),
        }
    }
}

impl Time {
    fn seconds(&self) -> Option<i64> {
        match self {
            Time::Seconds(seconds) => Some(*seconds as i64),
            Time::Text(text) => seconds(text),
            Time::Other(_) => None,
        }
    }
}

/// Seconds since 1970 of `2024-01-05T12:00:00.123000+00:00`, `2024-01-05 12:00:00Z` or the like; UTC where nothing says.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let text = text.trim().replacen(' ', "T", 1);
    let zoned = DateTime::parse_from_rfc3339(&text).map(|at| at.timestamp());
    let naive = || text.parse::<NaiveDateTime>().map(|at| at.and_utc().timestamp());
    zoned.or_else(|_| naive()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn executions(text: &str) -> Vec<Execution> {
        let mut found = Vec::new();
        let mut take = |told: Told| match told {
            Told::Ran(execution) => found.push(execution),
            Told::Nothing(id) => panic!("{id} is not answered"),
        };
        read(text.as_bytes(), &mut take).expect("an export");
        found
    }

    const ONE: &str = r#"{"QueryExecutionId": "a", "Query": "select 1", "StatementType": "DML", "WorkGroup": "w",
        "ResultReuseConfiguration": {"x": 1}, "Status": {"State": "SUCCEEDED", "SubmissionDateTime": "2024-01-05T12:00:00.5+02:00"},
        "Statistics": {"DataScannedInBytes": 7, "ResultReuseInformation": {"ReusedPreviousResult": false}}}"#;

    #[test]
    fn lines_envelopes_and_pages_hold_the_same() {
        let bare = executions(ONE);
        assert_eq!((bare[0].id.as_str(), bare[0].state, bare[0].scanned_bytes), ("a", State::Succeeded, Some(7)));
        assert_eq!((bare[0].submitted, bare[0].is_dml), (Some(1_704_448_800), Some(true)));
        assert_eq!(executions(&format!("{{\"QueryExecution\": {ONE}}}")), bare);
        let page = format!("{{\"QueryExecutions\": [{ONE}, {ONE}], \"UnprocessedQueryExecutionIds\": []}}\n");
        assert_eq!(executions(&page.repeat(2)).len(), 4);
    }

    #[test]
    fn times_come_in_several_spellings() {
        let at = |time: &str| {
            let text = format!(r#"{{"QueryExecutionId": "a", "Status": {{"SubmissionDateTime": {time}}}}}"#);
            executions(&text)[0].submitted
        };
        for time in
            ["1704456000.25", "\"2024-01-05 12:00:00+00:00\"", "\"2024-01-05T12:00:00Z\"", "\"2024-01-05T12:00:00.25\""]
        {
            assert_eq!(at(time), Some(1_704_456_000), "{time}");
        }
        assert_eq!((at("\"yesterday\""), at("null"), at("[]")), (None, None, None));
    }
}
