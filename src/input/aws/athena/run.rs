//! One statement on Athena: started, waited for, and its rows page by page.

use std::time::Instant;

use anyhow::{Result, anyhow, bail};
use aws_sdk_athena::types::{
    QueryExecution, QueryExecutionContext, QueryExecutionState, ResultConfiguration, ResultSet, Row,
};

use super::Athena;
use crate::input::aws::error::{Asked, Failure, without_accounts};

/// Rows of one page: <https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html>.
const PAGE: i32 = 1000;

/// A statement that has succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ran {
    pub id: String,
    /// `DataScannedInBytes`; `None` where Athena does not tell.
    pub scanned: Option<u64>,
}

/// A statement that is under way: stopped when nobody waits for it any more, since it costs what it scans. Ctrl-C stops it, too.
struct UnderWay<'a> {
    athena: &'a Athena,
    id: String,
    has_ended: bool,
}

impl<'a> UnderWay<'a> {
    fn start(athena: &'a Athena, statement: &str, database: Option<&str>) -> Result<UnderWay<'a>> {
        let under_way = &athena.connection.under_way;
        let _starting = under_way.starting();
        let id = athena.start(statement, database)?;
        under_way.started(&id, &athena.stopping);
        Ok(UnderWay { athena, id, has_ended: false })
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.athena.connection.under_way.ended(&self.id);
        if !self.has_ended {
            let stop = self.athena.stopping.stop_query_execution().query_execution_id(&self.id).send();
            // What made us give up is reported; a second failure changes nothing about it.
            let _ = self.athena.connection.wait(stop);
        }
    }
}

impl Athena {
    /// Runs a statement to its end. One that fails, or that we cannot follow any more, is an error and is stopped.
    pub(crate) fn run(&self, statement: &str, database: Option<&str>) -> Result<Ran> {
        let mut under_way = UnderWay::start(self, statement, database)?;
        let execution = self.follow(&mut under_way)?;
        let id = under_way.id.clone();
        let scanned = execution.statistics().and_then(|statistics| statistics.data_scanned_in_bytes());
        Ok(Ran { id, scanned: scanned.and_then(|bytes| bytes.try_into().ok()) })
    }

    /// The SDK sends one client request token with all tries of this request, so that a lost answer starts nothing twice.
    fn start(&self, statement: &str, database: Option<&str>) -> Result<String> {
        let output = self.output.as_ref().map(|place| ResultConfiguration::builder().output_location(place).build());
        let context = database.map(|database| QueryExecutionContext::builder().database(database).build());
        let request = self.client.start_query_execution().query_string(statement);
        let request = request.set_work_group(self.workgroup.clone()).set_query_execution_context(context);
        let answer = self.connection.wait(request.set_result_configuration(output).send());
        let answer = answer.map_err(|error| {
            let what = format!("Athena does not start a statement in workgroup `{}`", self.workgroup());
            let asked = Asked { what: &what, action: "athena:StartQueryExecution", resource: "" };
            let failure = Failure::of(&error).explain(&asked);
            match self.output {
                Some(_) => failure,
                None => anyhow!(
                    "{failure}: where the workgroup has no place for results, name one with `--output s3://...`"
                ),
            }
        })?;
        answer.query_execution_id.ok_or_else(|| anyhow!("Athena started a statement without telling its id"))
    }

    /// Looks at a statement until it has ended, less and less often.
    fn follow(&self, under_way: &mut UnderWay<'_>) -> Result<QueryExecution> {
        let start = Instant::now();
        let mut nap = self.patience.first;
        loop {
            let execution = self.look(&under_way.id)?;
            let status = execution.status();
            let why = || match status.and_then(|status| status.state_change_reason()) {
                Some(reason) => without_accounts(reason),
                None => "Athena does not say why".to_string(),
            };
            match status.and_then(|status| status.state()) {
                Some(QueryExecutionState::Succeeded) => {
                    under_way.has_ended = true;
                    return Ok(execution);
                }
                Some(QueryExecutionState::Failed) => {
                    under_way.has_ended = true;
                    bail!("the statement failed on Athena (query {}): {}", under_way.id, why());
                }
                Some(QueryExecutionState::Cancelled) => {
                    under_way.has_ended = true;
                    bail!("the statement was cancelled on Athena (query {}): {}", under_way.id, why());
                }
                _ if start.elapsed() > self.patience.total => {
                    let minutes = self.patience.total.as_secs() / 60;
                    bail!(
                        "the statement has not ended after {minutes} minutes and is stopped (query {})",
                        under_way.id
                    );
                }
                _ => self.connection.wait(async { tokio::time::sleep(nap).await }),
            }
            nap = (nap * 3 / 2).min(self.patience.most);
        }
    }

    fn look(&self, id: &str) -> Result<QueryExecution> {
        let answer = self.connection.wait(self.client.get_query_execution().query_execution_id(id).send());
        let answer = answer.map_err(|error| {
            let what = format!("query {id} cannot be followed on Athena and is stopped");
            Failure::of(&error).explain(&Asked { what: &what, action: "athena:GetQueryExecution", resource: "" })
        })?;
        answer.query_execution.ok_or_else(|| anyhow!("Athena knows nothing of query {id}, which it has started"))
    }

    /// Streams the rows of a result, without the line of column names that Athena puts before those of a SELECT.
    pub(crate) fn rows(&self, ran: &Ran, each: &mut dyn FnMut(Vec<Option<String>>) -> Result<()>) -> Result<()> {
        let mut token: Option<String> = None;
        loop {
            let request = self.client.get_query_results().query_execution_id(&ran.id).max_results(PAGE);
            let answer = self.connection.wait(request.set_next_token(token.clone()).send()).map_err(|error| {
                let what = format!("the result of query {} cannot be read from Athena", ran.id);
                let action = "athena:GetQueryResults` and `s3:GetObject";
                Failure::of(&error).explain(&Asked { what: &what, action, resource: "" })
            })?;
            let is_first = token.is_none();
            if let Some(set) = answer.result_set {
                let named = is_first && starts_with_names(&set);
                for row in set.rows.unwrap_or_default().into_iter().skip(usize::from(named)) {
                    each(values(row))?;
                }
            }
            match answer.next_token.filter(|next| !next.is_empty()) {
                Some(next) if Some(&next) == token.as_ref() => {
                    bail!("Athena repeats a page of the result of query {}", ran.id)
                }
                Some(next) => token = Some(next),
                None => return Ok(()),
            }
        }
    }
}

/// Whether the first row holds the names of the columns: so it is after a SELECT, and not after SHOW.
fn starts_with_names(set: &ResultSet) -> bool {
    let columns = set.result_set_metadata().map(|metadata| metadata.column_info()).unwrap_or_default();
    let first = set.rows().first().map(|row| row.data()).unwrap_or_default();
    !columns.is_empty()
        && columns.len() == first.len()
        && columns.iter().zip(first).all(|(column, datum)| datum.var_char_value() == Some(column.name()))
}

fn values(row: Row) -> Vec<Option<String>> {
    row.data.unwrap_or_default().into_iter().map(|datum| datum.var_char_value).collect()
}
