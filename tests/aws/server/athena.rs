//! Statements on Athena: started, running for a while, and read page by page.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::Server;
use super::json::{Failure, page};

/// What becomes of a statement.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// `SUCCEEDED`, `FAILED` or `CANCELLED`.
    pub state: &'static str,
    pub reason: Option<String>,
    pub scanned: u64,
    pub columns: Vec<&'static str>,
    /// NULL is `None`.
    pub rows: Vec<Vec<Option<String>>>,
    /// How often it is still `QUEUED` or `RUNNING` when it is asked for.
    pub polls: u64,
}

impl Outcome {
    /// A statement that succeeds at the third look.
    pub fn rows(columns: &[&'static str], rows: Vec<Vec<Option<String>>>) -> Outcome {
        Outcome { state: "SUCCEEDED", reason: None, scanned: 0, columns: columns.to_vec(), rows, polls: 2 }
    }

    /// A statement that fails.
    pub fn failed(reason: &str) -> Outcome {
        Outcome { state: "FAILED", reason: Some(reason.to_owned()), ..Outcome::rows(&[], Vec::new()) }
    }
}

struct Started {
    input: Value,
    outcome: Outcome,
    polls: u64,
}

/// Lets a server run statements: `run` says what becomes of one, from its text.
pub fn serve(server: &Server, run: impl Fn(&str) -> Outcome + Send + Sync + 'static) {
    let started: Arc<Mutex<BTreeMap<String, Started>>> = Arc::default();
    let all = Arc::clone(&started);
    server.on_json("AmazonAthena.StartQueryExecution", move |input| {
        let mut all = all.lock().expect("not poisoned");
        let id = format!("00000000-0000-0000-0000-{:012}", all.len());
        let outcome = run(input["QueryString"].as_str().unwrap_or_default());
        all.insert(id.clone(), Started { input: input.clone(), outcome, polls: 0 });
        Ok(json!({ "QueryExecutionId": id }))
    });
    let all = Arc::clone(&started);
    server.on_json("AmazonAthena.GetQueryExecution", move |input| {
        let mut all = all.lock().expect("not poisoned");
        let (id, started) = find(&mut all, input)?;
        started.polls += 1;
        let state = match started.polls {
            1 if started.outcome.polls > 0 => "QUEUED",
            n if n <= started.outcome.polls => "RUNNING",
            _ => started.outcome.state,
        };
        Ok(json!({ "QueryExecution": execution(&id, started, state) }))
    });
    let all = Arc::clone(&started);
    server.on_json("AmazonAthena.StopQueryExecution", move |input| {
        let mut all = all.lock().expect("not poisoned");
        let (_, started) = find(&mut all, input)?;
        (started.outcome.state, started.outcome.polls) = ("CANCELLED", 0);
        Ok(json!({}))
    });
    server.on_json("AmazonAthena.GetQueryResults", move |input| {
        let mut all = started.lock().expect("not poisoned");
        results(find(&mut all, input)?.1, input)
    });
}

fn find<'a>(all: &'a mut BTreeMap<String, Started>, input: &Value) -> Result<(String, &'a mut Started), Failure> {
    let id = input["QueryExecutionId"].as_str().unwrap_or_default();
    let none = || Failure::new("InvalidRequestException", &format!("QueryExecution {id} was not found"));
    Ok((id.to_owned(), all.get_mut(id).ok_or_else(none)?))
}

fn execution(id: &str, started: &Started, state: &str) -> Value {
    let mut status = json!({ "State": state, "SubmissionDateTime": 1_704_067_200.0 });
    if let Some(reason) = started.outcome.reason.as_ref().filter(|_| state == started.outcome.state) {
        status["StateChangeReason"] = reason.clone().into();
    }
    json!({
        "QueryExecutionId": id,
        "Query": started.input["QueryString"],
        "StatementType": "DML",
        "WorkGroup": started.input.get("WorkGroup").cloned().unwrap_or("primary".into()),
        "ResultConfiguration": started.input["ResultConfiguration"],
        "Status": status,
        "Statistics": { "DataScannedInBytes": started.outcome.scanned, "EngineExecutionTimeInMillis": 100 },
    })
}

/// The first row of the first page is the names of the columns.
fn results(started: &Started, input: &Value) -> Result<Value, Failure> {
    let outcome = &started.outcome;
    if outcome.state != "SUCCEEDED" {
        return Err(Failure::new("InvalidRequestException", "Query did not finish successfully"));
    }
    let header = outcome.columns.iter().map(|name| Some((*name).to_owned())).collect();
    let row = |row: &Vec<Option<String>>| {
        let value = |value: &Option<String>| value.as_ref().map_or(json!({}), |text| json!({ "VarCharValue": text }));
        json!({ "Data": row.iter().map(value).collect::<Vec<_>>() })
    };
    let rows: Vec<Value> = std::iter::once(&header).chain(&outcome.rows).map(row).collect();
    let mut paged = page("Rows", 1000, &rows, input)?;
    let column = |name: &&str| json!({ "Name": name, "Type": "varchar", "Nullable": "UNKNOWN" });
    let columns: Vec<Value> = outcome.columns.iter().map(column).collect();
    let token = paged["NextToken"].take();
    let mut output = json!({ "ResultSet": { "Rows": paged["Rows"], "ResultSetMetadata": { "ColumnInfo": columns } } });
    if !token.is_null() {
        output["NextToken"] = token;
    }
    Ok(output)
}
