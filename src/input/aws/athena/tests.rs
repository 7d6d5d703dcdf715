//! Athena as a server on loopback tells it.

use serde_json::{Value, json};

use super::run::Ran;
use super::*;
use crate::input::Reach;
use crate::input::ScanRequest;
use crate::input::aws::testing::{Answer, Requests, connection, serve};
use crate::input::glue_json::Export;
use crate::lake::TableName;

/// An Athena that waits for nothing.
fn athena(answer: impl Fn(&str, usize, &Value) -> Answer + Send + Sync + 'static) -> (Athena, Requests) {
    let (connection, requests) = serve(answer);
    let mut athena = Athena::new(&connection, Some("w"), Some("s3://results/"));
    let nap = Duration::from_millis(1);
    athena.patience = Patience { first: nap, most: nap, total: Duration::from_secs(20) };
    (athena, requests)
}

fn operations(requests: &Requests) -> Vec<String> {
    requests.lock().expect("no panic").iter().map(|(operation, _)| operation.clone()).collect()
}

fn started() -> Answer {
    (200, json!({ "QueryExecutionId": "q" }))
}

fn state(state: &str) -> Answer {
    let status = json!({ "State": state, "StateChangeReason": "arn:aws:iam::123456789012:role/x may not" });
    (200, json!({ "QueryExecution": { "Status": status, "Statistics": { "DataScannedInBytes": 1234 } } }))
}

/// A page of rows with one column; `named` puts the column's name first, as after a SELECT.
fn page(rows: std::ops::Range<usize>, named: bool, next: Option<&str>) -> Answer {
    let row = |text: String| json!({ "Data": [{ "VarCharValue": text }] });
    let name = named.then(|| row("x".to_string()));
    let rows: Vec<Value> = name.into_iter().chain(rows.map(|i| row(format!("r{i}")))).collect();
    let columns = json!([{ "Name": "x", "Type": "varchar" }]);
    (200, json!({ "ResultSet": { "Rows": rows, "ResultSetMetadata": { "ColumnInfo": columns } }, "NextToken": next }))
}

fn all(athena: &Athena) -> Result<Vec<Option<String>>, String> {
    let mut rows = Vec::new();
    let ran = athena.run("SELECT 1", Some("lake")).map_err(|error| format!("{error:#}"))?;
    assert_eq!(ran, Ran { id: "q".to_string(), scanned: Some(1234) });
    athena
        .rows(&ran, &mut |row| {
            rows.extend(row);
            Ok(())
        })
        .map_err(|error| format!("{error:#}"))?;
    Ok(rows)
}

#[test]
fn a_statement_is_waited_for_and_its_pages_are_read() {
    let (athena, requests) = athena(|operation, before, body| match operation {
        "StartQueryExecution" => {
            assert_eq!(body["WorkGroup"], "w");
            assert_eq!(body["ResultConfiguration"]["OutputLocation"], "s3://results/");
            assert_eq!(body["QueryExecutionContext"]["Database"], "lake");
            assert!(body["ClientRequestToken"].as_str().is_some_and(|token| token.len() >= 32));
            started()
        }
        "GetQueryExecution" => state(["QUEUED", "RUNNING", "RUNNING", "SUCCEEDED"][before]),
        _ => match body["NextToken"].as_str() {
            None => page(0..999, true, Some("two")),
            Some("two") => page(999..1999, false, Some("three")),
            _ => page(1999..2500, false, None),
        },
    });
    let rows = all(&athena).expect("rows");
    assert_eq!(rows.len(), 2500);
    assert!(rows.iter().enumerate().all(|(i, row)| row.as_deref() == Some(&format!("r{i}"))));
    assert_eq!(operations(&requests).iter().filter(|o| *o == "GetQueryResults").count(), 3);
    assert_eq!(athena.connection.requests(), 8);
}

#[test]
fn no_rows_are_no_rows() {
    let (athena, _) = athena(|operation, _, _| match operation {
        "StartQueryExecution" => started(),
        "GetQueryExecution" => state("SUCCEEDED"),
        _ => page(0..0, true, None),
    });
    assert_eq!(all(&athena), Ok(Vec::new()));
}

#[test]
fn a_statement_that_fails_or_is_cancelled_is_told_without_account_ids_and_not_stopped_again() {
    for (end, word) in [("FAILED", "failed"), ("CANCELLED", "was cancelled")] {
        let (athena, requests) = athena(move |operation, before, _| match operation {
            "StartQueryExecution" => started(),
            _ => state(["RUNNING", end][before]),
        });
        let error = all(&athena).expect_err("it ended badly");
        let expected = format!("the statement {word} on Athena (query q)");
        assert!(error.contains(&expected) && error.contains("arn:aws:iam::***:role/x may not"), "{error}");
        assert!(!operations(&requests).contains(&"StopQueryExecution".to_string()));
    }
}

#[test]
fn a_statement_that_cannot_be_followed_is_stopped() {
    let denied = || (400, json!({ "__type": "AccessDeniedException", "Message": "123456789012 may not" }));
    let (athena, requests) = athena(move |operation, before, _| match (operation, before) {
        ("StartQueryExecution", _) => started(),
        ("GetQueryExecution", 0) => state("RUNNING"),
        ("GetQueryExecution", _) => denied(),
        _ => (200, json!({})),
    });
    let error = all(&athena).expect_err("denied");
    assert!(
        error.contains("query q cannot be followed on Athena and is stopped: access denied")
            && error.contains("athena:GetQueryExecution"),
        "{error}"
    );
    assert_eq!(operations(&requests).last().map(String::as_str), Some("StopQueryExecution"));
}

#[test]
fn a_statement_that_never_ends_is_stopped() {
    let (mut athena, requests) = athena(|operation, _, _| match operation {
        "StartQueryExecution" => started(),
        "GetQueryExecution" => state("RUNNING"),
        _ => (200, json!({})),
    });
    athena.patience.total = Duration::from_millis(20);
    let error = all(&athena).expect_err("too long");
    assert!(error.contains("has not ended after 0 minutes and is stopped (query q)"), "{error}");
    assert_eq!(operations(&requests).last().map(String::as_str), Some("StopQueryExecution"));
}

#[test]
fn throttled_requests_are_sent_again_with_the_same_token() {
    let (athena, requests) = athena(|operation, before, _| match (operation, before) {
        ("StartQueryExecution", 0) => (400, json!({ "__type": "TooManyRequestsException", "Message": "slow down" })),
        ("GetQueryResults", 0) => (400, json!({ "__type": "ThrottlingException", "message": "Rate exceeded" })),
        ("GetQueryResults", 1) => (500, json!({ "__type": "InternalServerException" })),
        ("StartQueryExecution", _) => started(),
        ("GetQueryExecution", _) => state("SUCCEEDED"),
        _ => page(0..2, true, None),
    });
    assert_eq!(all(&athena).map(|rows| rows.len()), Ok(2));
    let requests = requests.lock().expect("no panic");
    let tokens: Vec<&Value> = requests
        .iter()
        .filter(|(name, _)| name == "StartQueryExecution")
        .map(|(_, body)| &body["ClientRequestToken"])
        .collect();
    assert_eq!(tokens.len(), 2);
    assert_eq!(tokens[0], tokens[1]);
}

#[test]
fn a_refused_start_and_a_repeated_page_are_errors() {
    let refusal = json!({ "__type": "InvalidRequestException", "Message": "No output location provided" });
    let (refusing, requests) = athena(move |_, _, _| (400, refusal.clone()));
    let error = all(&refusing).expect_err("refused");
    assert!(
        error.contains("workgroup `w`") && error.contains("No output location") && !error.contains("--output s3://"),
        "{error}"
    );
    assert_eq!(operations(&requests), ["StartQueryExecution"]);
    let (repeating, _) = athena(|operation, _, _| match operation {
        "StartQueryExecution" => started(),
        "GetQueryExecution" => state("SUCCEEDED"),
        _ => page(0..1, false, Some("same")),
    });
    let error = all(&repeating).expect_err("repeated");
    assert!(error.contains("repeats a page"), "{error}");
}

#[test]
fn the_most_requests_stop_a_statement_that_is_under_way() {
    let (served, requests) = serve(|operation, _, _| match operation {
        "StartQueryExecution" => started(),
        "GetQueryExecution" => state("RUNNING"),
        _ => (200, json!({})),
    });
    let url = served.config.endpoint_url().expect("a server").to_string();
    let connection = connection(&url, Reach { max_requests: Some(3), ..Reach::default() });
    let mut athena = Athena::new(&connection, None, None);
    athena.patience.first = Duration::from_millis(1);
    let error = athena.run("SELECT 1", None).expect_err("too many");
    assert!(error.to_string().contains("3 requests"), "{error}");
    assert_eq!(
        operations(&requests),
        ["StartQueryExecution", "GetQueryExecution", "GetQueryExecution", "StopQueryExecution"]
    );
}

/// A catalog of two pages: a partitioned table, a view, a projected and an Iceberg table, and one that cannot be asked.
fn catalog(operation: &str, before: usize, body: &Value) -> Answer {
    let column = json!([{ "Name": "dt", "Type": "string" }]);
    let table = |name: &str, kind: &str, parameters: Value| json!({ "Name": name, "TableType": kind, "Columns": [{ "Name": "x", "Type": "bigint" }], "PartitionKeys": column, "Parameters": parameters });
    let at = "s3://b/t";
    match operation {
        "ListTableMetadata" if body["NextToken"].is_null() => {
            let events = table("events", "EXTERNAL_TABLE", json!({ "location": at, "classification": "parquet" }));
            let view = json!({ "Name": "v", "TableType": "VIRTUAL_VIEW", "Parameters": { "presto_view": "true" } });
            (200, json!({ "TableMetadataList": [events, view], "NextToken": "more" }))
        }
        "ListTableMetadata" => {
            let ice = table("ice", "EXTERNAL_TABLE", json!({ "location": at, "table_type": "ICEBERG" }));
            let projected = json!({ "location": at, "projection.enabled": "true", "projection.dt.type": "injected" });
            let projected = table("projected", "EXTERNAL_TABLE", projected);
            let broken = table("broken", "EXTERNAL_TABLE", json!({ "location": at }));
            (200, json!({ "TableMetadataList": [ice, projected, broken] }))
        }
        "StartQueryExecution" => (200, json!({ "QueryExecutionId": body["QueryString"] })),
        "GetQueryExecution" if body["QueryExecutionId"] == "SHOW PARTITIONS `broken`" => state("FAILED"),
        "GetQueryExecution" => state("SUCCEEDED"),
        _ => {
            let row = |text: &str| json!({ "Data": [{ "VarCharValue": text }] });
            let rows = match body["QueryExecutionId"].as_str() {
                Some("SHOW PARTITIONS `events`") => json!([row("dt=2024-01-01"), row("dt=a%3Ab")]),
                Some("SHOW CREATE VIEW \"v\"") => json!([row("CREATE VIEW v AS"), row("SELECT x"), row("FROM events")]),
                other => panic!("{other:?} was asked after {before}"),
            };
            (200, json!({ "ResultSet": { "Rows": rows } }))
        }
    }
}

#[test]
fn the_catalog_is_read_through_athena() {
    let (connection, requests) = serve(catalog);
    let request = ScanRequest { glue: vec!["lake".to_string()], ..ScanRequest::default() };
    let mut export = Export::default();
    let warnings = catalog::read_through_athena(&connection, &request, &mut export).expect("catalog");
    let names: Vec<String> = export.tables.iter().map(|table| table.name.to_string()).collect();
    assert_eq!(names, ["lake.events", "lake.ice", "lake.projected", "lake.broken"]);
    let values = &export.partitions[&TableName::parse("lake.events")];
    assert_eq!(format!("{values:?}"), r#"[[Some("2024-01-01")], [Some("a:b")]]"#);
    assert_eq!(export.partitions.len(), 1);
    let view = &export.views[&TableName::parse("lake.v")];
    assert_eq!(view, "CREATE VIEW \"lake\".\"v\" AS\nSELECT x\nFROM events");
    let [warning] = &warnings[..] else { panic!("{warnings:?}") };
    assert!(warning.starts_with("cannot read partitions of `lake.broken`: the statement failed"), "{warning}");
    assert_eq!(operations(&requests).iter().filter(|operation| *operation == "StartQueryExecution").count(), 3);
}

#[test]
fn a_database_that_is_not_there_is_an_error() {
    let missing = json!({ "__type": "MetadataException", "Message": "Database nope not found" });
    let (connection, _) = serve(move |_, _, _| (400, missing.clone()));
    let request = ScanRequest { glue: vec!["nope".to_string()], ..ScanRequest::default() };
    let error = catalog::read_through_athena(&connection, &request, &mut Export::default()).expect_err("missing");
    let error = format!("{error:#}");
    assert!(error.contains("database `nope`") && error.contains("Database nope not found"), "{error}");
}
