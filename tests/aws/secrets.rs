//! A scan that uses every source keeps and prints neither credentials nor accounts.

use std::path::Path;

use serde_json::json;

use crate::child::{command, printed};
use crate::columnar::parquet;
use crate::server::{Fault, On, Server, Upload, pages};

const ACCOUNT: &str = "123456789012";
const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLETOKEN";
/// What must be nowhere: the keys are those of `child`.
const SECRETS: [&str; 5] =
    [ACCOUNT, TOKEN, "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "hunter2"];

fn server() -> Server {
    let server = Server::start();
    for day in 1..5 {
        server.put("lake", &format!("events/dt=2024-01-0{day}/a.parquet"), parquet(2));
        server.put("lake", &format!("users/dt=2024-01-0{day}/a.parquet"), parquet(2));
    }
    server.bucket("lake").uploads.push(Upload {
        key: "events/x".into(),
        id: "id".into(),
        initiated: 0,
        parts: vec![5],
    });
    server.fault(On::operation("ListObjectsV2").under("users/"), Fault::AccessDenied);
    server.fault(On::operation("GetObject").under("events/dt=2024-01-02/"), Fault::AccessDenied);
    server.fault(On::operation("ListParts"), Fault::AccessDenied);
    server.fault(On::any().nth(3), Fault::SlowDown);
    let arn = |what: &str| format!("arn:aws:iam::{ACCOUNT}:{what}");
    let table = |name: &str| {
        json!({
            "Name": name, "DatabaseName": "lake", "TableType": "EXTERNAL_TABLE", "CatalogId": ACCOUNT,
            "Owner": arn("role/owner"), "CreatedBy": arn("user/maker"),
            "StorageDescriptor": { "Location": format!("s3://lake/{name}/"), "Parameters": { "by": arn("role/crawler") },
                "Columns": [{ "Name": "id", "Type": "bigint", "Comment": "the password is hunter2" }],
                "SerdeInfo": { "Parameters": { "key": arn("role/serde") } } },
            "PartitionKeys": [{ "Name": "dt", "Type": "string" }],
            "Parameters": { "CrawlerArn": arn("role/crawler"), "aws:account": ACCOUNT, "password": "hunter2" },
        })
    };
    server.on_json("AWSGlue.GetDatabase", |_| Err(crate::server::Failure::new("AccessDeniedException", ACCOUNT)));
    server.on_json("AWSGlue.GetTables", pages("TableList", 100, vec![table("events"), table("users")]));
    let partition = json!({ "Values": ["2024-01-01"], "DatabaseName": "lake", "TableName": "events", "CatalogId": ACCOUNT,
        "Parameters": { "by": arn("role/crawler") } });
    server.on_json("AWSGlue.GetPartitions", pages("Partitions", 1000, vec![partition]));
    server.fault(On::operation("AWSGlue.GetPartitions").saying("users"), Fault::AccessDenied);
    services(&server);
    server
}

/// State machines, and workgroups with a query.
fn services(server: &Server) {
    let machine = |name: &str| {
        json!({ "name": name, "type": "STANDARD", "creationDate": 1.7e9,
            "stateMachineArn": format!("arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:{name}") })
    };
    server
        .on_json("AWSStepFunctions.ListStateMachines", pages("stateMachines", 9, vec![machine("load"), machine("no")]));
    server.on_json("AWSStepFunctions.DescribeStateMachine", |input| {
        let task = json!({ "Type": "Task", "End": true, "Resource": format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"),
            "Credentials": { "RoleArn": format!("arn:aws:iam::{ACCOUNT}:role/r") },
            "Parameters": { "QueueUrl": format!("https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/q") } });
        let definition = json!({ "StartAt": "A", "States": { "A": task } }).to_string();
        Ok(json!({ "stateMachineArn": input["stateMachineArn"], "name": "load", "type": "STANDARD", "creationDate": 1.7e9,
            "definition": definition, "roleArn": format!("arn:aws:iam::{ACCOUNT}:role/r") }))
    });
    server.fault(On::operation("AWSStepFunctions.DescribeStateMachine").saying("Machine:no"), Fault::AccessDenied);
    let groups = vec![json!({ "Name": "w" }), json!({ "Name": "closed" })];
    server.on_json("AmazonAthena.ListWorkGroups", pages("WorkGroups", 10, groups));
    server.on_json("AmazonAthena.GetWorkGroup", |input| {
        let place = format!("s3://aws-athena-query-results-{ACCOUNT}-us-east-1/");
        Ok(json!({ "WorkGroup": { "Name": input["WorkGroup"], "State": "ENABLED", "Configuration": {
            "ExecutionRole": format!("arn:aws:iam::{ACCOUNT}:role/athena"),
            "ResultConfiguration": { "OutputLocation": place } } } }))
    });
    server.fault(On::operation("AmazonAthena.GetWorkGroup").saying("closed"), Fault::AccessDenied);
    server.on_json("AmazonAthena.ListQueryExecutions", pages("QueryExecutionIds", 50, vec![json!("id-1")]));
    server.on_json("AmazonAthena.BatchGetQueryExecution", |_| {
        let sql = format!("SELECT id FROM lake.events WHERE note = 'hunter2' AND account = '{ACCOUNT}' -- hunter2");
        let place = format!("s3://aws-athena-query-results-{ACCOUNT}-us-east-1/id-1.csv");
        Ok(json!({ "QueryExecutions": [{
            "QueryExecutionId": "id-1", "Query": sql, "StatementType": "DML", "WorkGroup": "w",
            "ExecutionParameters": ["hunter2"], "ResultConfiguration": { "OutputLocation": place },
            "Status": { "State": "SUCCEEDED", "SubmissionDateTime": 4.0e9, "StateChangeReason": ACCOUNT },
            "Statistics": { "DataScannedInBytes": 1000, "DataManifestLocation": place },
        }] }))
    });
}

/// Every file of a folder as text, with its path.
fn texts(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        match entry.path().is_dir() {
            true => texts(&entry.path(), found),
            false => {
                let text = String::from_utf8_lossy(&std::fs::read(entry.path()).expect("a file")).into_owned();
                found.push((entry.path().display().to_string(), text));
            }
        }
    }
}

fn assert_none(dir: &Path, what: &str, output: &std::process::Output) {
    let mut found = vec![(what.to_string(), printed(output))];
    texts(dir, &mut found);
    for (place, text) in &found {
        for secret in SECRETS {
            assert!(!text.contains(secret), "{what}: `{secret}` in {place}: {text}");
        }
    }
}

#[test]
fn neither_credentials_nor_accounts_are_kept_or_printed() {
    let (dir, home) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("home"));
    let args = ["scan", "s3://lake/", "--footers", "all", "--uploads", "--glue", "lake", "--athena-history", "--sfn"];
    let run = |server: &Server, args: &[&str]| {
        let mut child = command(dir.path(), home.path(), &server.url(), args);
        child.env("AWS_SESSION_TOKEN", TOKEN).env("RUST_LOG", "trace").env("RUST_BACKTRACE", "1");
        child.output().expect("run")
    };
    let server = server();
    let output = run(&server, &args);
    let text = printed(&output);
    assert!(output.status.success(), "{text}");
    for told in
        ["s3://lake/users/", "s3:GetObject", "glue:GetPartitions", "states:DescribeStateMachine", "athena:GetWorkGroup"]
    {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert_none(dir.path(), "a scan", &output);
    for command in [&["check", "-v", "--as-of", "2024-06-30"][..], &["cost", "--explain", "--as-of", "2024-06-30"]] {
        assert_none(dir.path(), command[0], &run(&server, command));
    }
    // Now each service refuses altogether, or fails with what AWS says then.
    let codes = [
        Fault::AccessDenied,
        Fault::ExpiredToken,
        Fault::Error(
            403,
            "InvalidAccessKeyId".into(),
            format!("The key AKIAIOSFODNN7EXAMPLE of {ACCOUNT} is not known"),
        ),
        Fault::Error(400, "InvalidRequestException".into(), format!("arn:aws:iam::{ACCOUNT}:user/x may not")),
    ];
    for operation in [
        "ListObjectsV2",
        "ListMultipartUploads",
        "AWSGlue.GetTables",
        "AWSStepFunctions.ListStateMachines",
        "AmazonAthena.ListWorkGroups",
        "AmazonAthena.BatchGetQueryExecution",
    ] {
        for fault in &codes {
            server.heal();
            server.fault(On::operation(operation), fault.clone());
            let output = run(&server, &args);
            assert_none(dir.path(), &format!("{operation} {fault:?}"), &output);
        }
    }
}
