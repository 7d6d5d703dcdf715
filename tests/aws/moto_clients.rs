//! The real clients against moto: what another implementation of AWS answers is read as well.

use std::path::Path;

use base64::Engine;
use serde_json::{Value, json};

use crate::child::{command, printed};
use crate::fake::http;
use crate::moto::{self, Moto};

fn call(moto: &Moto, service: &str, target: &str, input: &Value) -> Value {
    // moto finds the service in the signature.
    let signed = format!(
        "AWS4-HMAC-SHA256 Credential=test/20240101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    );
    let headers =
        [("x-amz-target", target), ("authorization", signed.as_str()), ("content-type", "application/x-amz-json-1.1")];
    let (status, _, body) = http(&moto.url, "POST", "/", &headers, &input.to_string()).expect("an answer");
    assert_eq!(status, 200, "{target}: {body}");
    serde_json::from_str(&body).unwrap_or_default()
}

fn scan(dir: &Path, moto: &Moto, args: &[&str]) -> std::process::Output {
    let home = tempfile::tempdir().expect("home");
    let output = command(dir, home.path(), &moto.url, &[&["scan"], args].concat()).output().expect("run");
    assert!(output.status.success(), "{args:?}: {}", printed(&output));
    output
}

fn table(dir: &Path, name: &str) -> Value {
    let path = dir.join(format!(".lakelint/lake/tables/{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(&path).expect("a table")).expect("JSON")
}

/// Three days of a table, of which two are registered, a view and a state machine.
fn fill(moto: &Moto) {
    http(&moto.url, "PUT", "/lake", &[], "").expect("a bucket");
    for day in 1..=3 {
        for part in 0..4 {
            let path = format!("/lake/events/dt%3D2024-01-0{day}/part-{part}.csv");
            assert_eq!(http(&moto.url, "PUT", &path, &[], "1,2\n").map(|reply| reply.0), Some(200));
        }
    }
    let glue = |operation: &str, input: Value| call(moto, "glue", &format!("AWSGlue.{operation}"), &input);
    glue("CreateDatabase", json!({ "DatabaseInput": { "Name": "lake" } }));
    let storage = |location: &str| {
        json!({ "Location": location, "Columns": [{ "Name": "id", "Type": "bigint" }],
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "SerdeInfo": { "SerializationLibrary": "org.apache.hadoop.hive.serde2.OpenCSVSerde" } })
    };
    glue(
        "CreateTable",
        json!({ "DatabaseName": "lake", "TableInput": { "Name": "events", "TableType": "EXTERNAL_TABLE",
            "PartitionKeys": [{ "Name": "dt", "Type": "string" }], "StorageDescriptor": storage("s3://lake/events/") } }),
    );
    for day in ["2024-01-01", "2024-01-02"] {
        let input = json!({ "Values": [day], "StorageDescriptor": storage(&format!("s3://lake/events/dt={day}/")) });
        glue("CreatePartition", json!({ "DatabaseName": "lake", "TableName": "events", "PartitionInput": input }));
    }
    let view = json!({ "originalSql": "SELECT id, dt FROM events", "schema": "lake" }).to_string();
    let view = base64::engine::general_purpose::STANDARD.encode(view);
    glue(
        "CreateTable",
        json!({ "DatabaseName": "lake", "TableInput": { "Name": "v", "TableType": "VIRTUAL_VIEW",
            "StorageDescriptor": { "Columns": [{ "Name": "id", "Type": "bigint" }] },
            "ViewOriginalText": format!("/* Presto View: {view} */") } }),
    );
    let definition = json!({ "StartAt": "A", "States": { "A": { "Type": "Succeed" } } }).to_string();
    let role = "arn:aws:iam::123456789012:role/r";
    call(
        moto,
        "states",
        "AWSStepFunctions.CreateStateMachine",
        &json!({ "name": "load", "definition": definition, "roleArn": role }),
    );
}

#[test]
fn buckets_catalogs_and_machines_of_moto_are_read() {
    let Some(moto) = moto::start() else { return };
    fill(&moto);
    let dir = tempfile::tempdir().expect("folder");
    let output = scan(dir.path(), &moto, &["s3://lake/", "--glue", "lake", "--sfn", "--uploads"]);
    let events = table(dir.path(), "lake.events");
    let days = json!(["2024-01-01", "2024-01-02", "2024-01-03"]);
    assert_eq!(events["layout"]["partitions"]["values"][0], days, "{}", printed(&output));
    assert_eq!(events["layout"]["partitions"]["files"], json!([4, 4, 4]));
    assert_eq!(events["registered"]["count"], 2, "{}", printed(&output));
    assert!(dir.path().join(".lakelint/lake/machines/load.asl.json").exists());
    let views = std::fs::read_to_string(dir.path().join(".lakelint/lake/views.json")).expect("views");
    assert!(views.contains("SELECT id, dt FROM events"), "{views}");
}

#[test]
fn the_history_of_moto_is_as_far_as_it_goes() {
    let Some(moto) = moto::start() else { return };
    // moto has the workgroup `primary` and no BatchGetQueryExecution: without executions that is not asked for.
    let dir = tempfile::tempdir().expect("folder");
    let output = scan(dir.path(), &moto, &["--athena-history"]);
    let history = std::fs::read_to_string(dir.path().join(".lakelint/lake/history.json")).expect("a history");
    assert!(history.contains("\"primary\""), "{history}: {}", printed(&output));
}
