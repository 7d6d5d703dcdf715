//! `scan --sfn` through the real client.

use serde_json::{Value, json};

use crate::child::{lakelint, printed};
use crate::server::{Fault, On, Server, pages};

fn machines(server: &Server, names: &[&str]) {
    let arn = |name: &str| format!("arn:aws:states:us-east-1:123456789012:stateMachine:{name}");
    let item =
        |name: &&str| json!({ "name": name, "stateMachineArn": arn(name), "type": "STANDARD", "creationDate": 1.7e9 });
    server.on_json("AWSStepFunctions.ListStateMachines", pages("stateMachines", 2, names.iter().map(item).collect()));
    server.on_json("AWSStepFunctions.DescribeStateMachine", |input| {
        let arn = input["stateMachineArn"].as_str().unwrap_or_default();
        let kind = if arn.ends_with("fast") { "EXPRESS" } else { "STANDARD" };
        let query = json!({
            "Type": "Task", "Resource": "arn:aws:states:::athena:startQueryExecution.sync", "End": true,
            "Parameters": { "QueryString": "SELECT * FROM lake.events", "WorkGroup": "w" },
        });
        let call =
            json!({ "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "Next": "Query" });
        let definition = json!({ "StartAt": "Call", "States": { "Call": call, "Query": query } });
        Ok(json!({
            "stateMachineArn": arn, "name": arn.rsplit(':').next(), "definition": definition.to_string(), "type": kind,
            "roleArn": "arn:aws:iam::123456789012:role/r", "creationDate": 1.7e9,
        }))
    });
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("listing.txt"), "2024-01-01 00:00:00 1000 events/a.csv\n").expect("written");
    folder
}

fn definitions(folder: &tempfile::TempDir) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path().join(".lakelint/lake/machines")).expect("definitions");
    let mut names: Vec<String> = entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn definitions_are_kept_without_accounts_and_checked_offline() {
    let server = Server::start();
    machines(&server, &["load", "Load", "clean", "../../up", "a b"]);
    let folder = folder();
    let ran = lakelint(folder.path(), &server, &["scan", "s3://lake=listing.txt", "--sfn"]);
    assert!(ran.status.success(), "{}", printed(&ran));
    assert_eq!(server.count("AWSStepFunctions.ListStateMachines"), 3);
    let names = definitions(&folder);
    assert_eq!(names.len(), 5, "{names:?}");
    assert!(names.iter().all(|name| name.ends_with(".asl.json") && !name.starts_with('.')), "{names:?}");
    for name in &names {
        let path = folder.path().join(".lakelint/lake/machines").join(name);
        let text = std::fs::read_to_string(path).expect("a definition");
        assert!(text.contains("arn:aws:lambda:us-east-1:000000000000:function:f"), "{text}");
        assert!(!text.contains("123456789012"), "{text}");
        serde_json::from_str::<Value>(&text).expect("JSON");
    }
    let requests = server.requests().len();
    let ran = lakelint(folder.path(), &server, &["cost", "--format", "json"]);
    let text = String::from_utf8_lossy(&ran.stdout);
    assert!(text.contains("\"Query\"") || text.contains("/Query"), "{}", printed(&ran));
    assert_eq!(server.requests().len(), requests);
}

#[test]
fn the_type_of_a_machine_counts_offline() {
    let server = Server::start();
    machines(&server, &["Fast", "breakfast", "load"]);
    let folder = folder();
    let ran = lakelint(folder.path(), &server, &["scan", "s3://lake=listing.txt", "--sfn"]);
    assert!(ran.status.success(), "{}", printed(&ran));
    let lake = folder.path().join(".lakelint/lake");
    let index: Value =
        serde_json::from_str(&std::fs::read_to_string(lake.join("machines.json")).expect("an index")).expect("JSON");
    let types: Vec<_> =
        index.as_array().expect("a list").iter().map(|machine| [&machine["name"], &machine["type"]]).collect();
    assert_eq!(types, [["Fast", "STANDARD"], ["breakfast", "EXPRESS"], ["load", "STANDARD"]]);

    let checked = || {
        let ran =
            lakelint(folder.path(), &server, &["check", "--format", "json", "--select", "sync-in-express-workflow"]);
        let report: Value = serde_json::from_slice(&ran.stdout).unwrap_or_else(|_| panic!("{}", printed(&ran)));
        let files = report["findings"].as_array().expect("findings").iter().map(|f| f["file"].to_string());
        files.collect::<Vec<_>>()
    };
    assert_eq!(checked(), ["\".lakelint/lake/machines/breakfast.asl.json\""]);
    let kind = |name: &str| {
        let ran = lakelint(folder.path(), &server, &["cost", "--format", "json"]);
        let report: Value = serde_json::from_slice(&ran.stdout).unwrap_or_else(|_| panic!("{}", printed(&ran)));
        let machines: Vec<Value> = report["machines"].as_array().expect("machines").clone();
        let found: Vec<Value> = machines.into_iter().filter(|machine| machine["name"] == name).collect();
        assert_eq!(found.len(), 1, "{report}");
        found[0]["kind"].as_str().unwrap_or("unknown").to_string()
    };
    assert_eq!([kind("Fast"), kind("breakfast"), kind("load")], ["standard", "express", "standard"]);

    // What the project defines is not read twice; only the scan knows its type.
    let own = std::fs::read(lake.join("machines/breakfast.asl.json")).expect("a definition");
    std::fs::write(folder.path().join("breakfast.asl.json"), own).expect("written");
    assert_eq!(checked(), ["\"breakfast.asl.json\""]);
    assert_eq!(kind("breakfast"), "express");
}

#[test]
fn a_machine_that_may_not_be_read_is_a_gap() {
    let server = Server::start();
    machines(&server, &["load", "secret"]);
    server.fault(On::operation("AWSStepFunctions.DescribeStateMachine").saying("secret"), Fault::AccessDenied);
    server.fault(On::operation("AWSStepFunctions.DescribeStateMachine").saying(":load").nth(1), Fault::SlowDown);
    let folder = folder();
    let ran = lakelint(folder.path(), &server, &["scan", "s3://lake=listing.txt", "--sfn"]);
    assert!(ran.status.success(), "{}", printed(&ran));
    assert_eq!(definitions(&folder), ["load.asl.json"]);
    assert!(
        printed(&ran).contains("`secret`") && printed(&ran).contains("states:DescribeStateMachine"),
        "{}",
        printed(&ran)
    );
}
