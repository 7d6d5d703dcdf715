//! `scan --athena-history`: pages, executions that are not answered at once, workgroups that may not be read.

use std::sync::Mutex;

use chrono::Utc;
use serde_json::{Value, json};

use crate::child::{lakelint, printed};
use crate::server::json::page;
use crate::server::{Failure, Fault, On, Server};

const DAY: i64 = 86_400;

/// An execution so many days ago.
fn execution(id: &str, days_ago: i64, sql: &str, bytes: u64) -> Value {
    json!({
        "QueryExecutionId": id,
        "Query": sql,
        "StatementType": "DML",
        "WorkGroup": "analysts",
        "Status": { "State": "SUCCEEDED", "SubmissionDateTime": (Utc::now().timestamp() - days_ago * DAY) as f64 },
        "Statistics": { "DataScannedInBytes": bytes },
    })
}

/// Workgroups `analysts` with 180 executions, one every four hours, and `finance`, which may not be read.
fn server() -> Server {
    let server = Server::start();
    let groups = ["finance", "analysts"].map(|name| json!({ "Name": name, "State": "ENABLED" }));
    server.on_json("AmazonAthena.ListWorkGroups", move |input| page("WorkGroups", 1, &groups, input));
    server.on_json("AmazonAthena.GetWorkGroup", |input| match input["WorkGroup"].as_str() {
        Some("analysts") => Ok(json!({ "WorkGroup": { "Name": "analysts", "State": "ENABLED", "Configuration": {
            "BytesScannedCutoffPerQuery": 10_000_000_000u64, "EnforceWorkGroupConfiguration": true,
            "EngineVersion": { "EffectiveEngineVersion": "Athena engine version 3" } } } })),
        _ => Err(Failure::new("AccessDeniedException", "arn:aws:iam::123456789012:user/x may not")),
    });
    let ids: Vec<Value> = (0..180).map(|n| json!(format!("id-{n}"))).collect();
    server.on_json("AmazonAthena.ListQueryExecutions", move |input| page("QueryExecutionIds", 50, &ids, input));
    let refused = Mutex::new(false);
    server.on_json("AmazonAthena.BatchGetQueryExecution", move |input| {
        let ids: Vec<&str> = input["QueryExecutionIds"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        assert!(ids.len() <= 50);
        let found = |id: &&str| {
            let n: i64 = id.trim_start_matches("id-").parse().expect("a number");
            execution(id, n / 6, &format!("select a from t where d = '{n}'"), 100 + n as u64)
        };
        // The first page is answered in two parts.
        let rest = if std::mem::replace(&mut *refused.lock().expect("not poisoned"), true) { ids.len() } else { 20 };
        let (answered, left) = ids.split_at(rest.min(ids.len()));
        let left: Vec<Value> = left.iter().map(|id| json!({ "QueryExecutionId": id, "ErrorCode": "THROTTLED" })).collect();
        Ok(json!({ "QueryExecutions": answered.iter().map(found).collect::<Vec<_>>(), "UnprocessedQueryExecutionIds": left }))
    });
    server
}

fn record(dir: &std::path::Path) -> Value {
    let text = std::fs::read_to_string(dir.join(".lakelint/lake/history.json")).expect("a history");
    serde_json::from_str::<Value>(&text).expect("JSON")["records"][0].clone()
}

#[test]
fn executions_are_read_until_they_are_too_old() {
    let (dir, server) = (tempfile::tempdir().expect("a folder"), server());
    server.fault(On::operation("AmazonAthena.ListQueryExecutions").nth(2), Fault::SlowDown);
    let output = lakelint(dir.path(), &server, &["scan", "--athena-history", "--days", "10"]);
    assert!(output.status.success(), "{}", printed(&output));
    let record = record(dir.path());
    // Days 0 to 9 and the moment that is 10 days ago: six executions a day.
    let runs = record["statements"][0]["runs"].as_u64().expect("a number");
    assert!((60..=66).contains(&runs), "{runs}");
    assert_eq!((record["source"].clone(), record["days"].clone()), (json!("Athena, 1 workgroup"), json!(10.0)));
    // Two pages are enough; one of them was asked for again, and so was the rest of a batch.
    assert_eq!(server.count("AmazonAthena.ListQueryExecutions"), 3);
    assert_eq!(server.count("AmazonAthena.BatchGetQueryExecution"), 3);
    let group = json!({ "name": "analysts", "is_enabled": true, "scan_limit": 10_000_000_000u64, "is_enforced": true,
        "engine": "Athena engine version 3" });
    assert_eq!(record["workgroups"], json!([group]));
    assert_eq!(record["gaps"], json!(["workgroup `finance`: access denied: allow `athena:GetWorkGroup`"]));
    let all = printed(&output) + &record.to_string();
    assert!(!all.contains("123456789012"), "{all}");
    assert!(!all.contains("select a"), "{all}");
}

#[test]
fn nothing_is_written_when_workgroups_cannot_be_listed() {
    let (dir, server) = (tempfile::tempdir().expect("a folder"), server());
    server.fault(On::operation("AmazonAthena.ListWorkGroups"), Fault::AccessDenied);
    let output = lakelint(dir.path(), &server, &["scan", "--athena-history"]);
    assert_eq!(output.status.code(), Some(2), "{}", printed(&output));
    let text = printed(&output);
    assert!(
        text.contains("the workgroups of Athena cannot be listed: access denied: allow `athena:ListWorkGroups`"),
        "{text}"
    );
    assert!(!dir.path().join(".lakelint").exists());
}
