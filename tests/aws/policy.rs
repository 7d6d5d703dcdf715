//! What `--print-policy` allows is what the scan asks for.

use std::path::Path;

use serde_json::{Value, json};

use crate::aggregate;
use crate::child::{lakelint, printed};
use crate::columnar::parquet;
use crate::server::{Logged, Server, Upload, athena, pages};

/// A bucket and every service.
fn server() -> Server {
    let server = Server::start();
    for day in 1..4 {
        server.put("lake", &format!("curated/events/dt=2024-01-0{day}/a.parquet"), parquet(3));
    }
    let upload = Upload { key: "curated/events/x".into(), id: "id".into(), initiated: 0, parts: vec![5; 3] };
    server.bucket("lake").uploads.push(upload);
    let table = json!({
        "Name": "events", "DatabaseName": "lake", "TableType": "EXTERNAL_TABLE", "CatalogId": "123456789012",
        "StorageDescriptor": { "Location": "s3://lake/curated/events/", "Columns": [{ "Name": "id", "Type": "bigint" }],
            "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat" },
        "PartitionKeys": [{ "Name": "dt", "Type": "string" }], "Parameters": {},
    });
    let iceberg = json!({
        "Name": "ice", "DatabaseName": "lake", "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": { "Location": "s3://other/ice", "Columns": [{ "Name": "id", "Type": "bigint" }] },
        "Parameters": { "table_type": "ICEBERG", "metadata_location": "s3://other/ice/metadata/00001.metadata.json" },
    });
    server.on_json("AWSGlue.GetDatabase", |_| Ok(json!({ "Database": { "Name": "lake" } })));
    server.on_json("AWSGlue.GetTables", pages("TableList", 100, vec![table, iceberg]));
    let partition = json!({ "Values": ["2024-01-01"], "DatabaseName": "lake", "TableName": "events" });
    server.on_json("AWSGlue.GetPartitionIndexes", pages("PartitionIndexDescriptorList", 10, Vec::new()));
    server.on_json("AWSGlue.GetPartitions", pages("Partitions", 1000, vec![partition]));
    let metadata = json!({
        "Name": "events", "TableType": "EXTERNAL_TABLE", "Columns": [{ "Name": "id", "Type": "bigint" }],
        "PartitionKeys": [{ "Name": "dt", "Type": "string" }],
        "Parameters": { "location": "s3://lake/curated/events/",
            "inputformat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat" },
    });
    server.on_json("AmazonAthena.ListTableMetadata", pages("TableMetadataList", 50, vec![metadata]));
    inventory(&server);
    let machine = json!({ "name": "load", "stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:load",
        "type": "STANDARD", "creationDate": 1.7e9 });
    server.on_json("AWSStepFunctions.ListStateMachines", pages("stateMachines", 2, vec![machine]));
    server.on_json("AWSStepFunctions.DescribeStateMachine", |input| {
        Ok(json!({ "stateMachineArn": input["stateMachineArn"], "name": "load", "type": "STANDARD",
            "definition": "{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Succeed\"}}}",
            "roleArn": "arn:aws:iam::123456789012:role/r", "creationDate": 1.7e9 }))
    });
    server.on_json("AmazonAthena.ListWorkGroups", pages("WorkGroups", 10, vec![json!({ "Name": "w" })]));
    server.on_json("AmazonAthena.GetWorkGroup", |_| Ok(json!({ "WorkGroup": { "Name": "w", "State": "ENABLED" } })));
    server.on_json("AmazonAthena.ListQueryExecutions", pages("QueryExecutionIds", 50, vec![json!("id-1")]));
    server.on_json("AmazonAthena.BatchGetQueryExecution", |_| Ok(json!({ "QueryExecutions": [] })));
    server
}

/// An inventory table with projected deliveries, and statements on Athena.
fn inventory(server: &Server) {
    server.put("reports", "lake/all/hive/dt=2024-01-05-01-00/symlink.txt", "x");
    server.put("reports", "lake/all/2024-01-05T01-00Z/manifest.json", "{\"files\": [{\"size\": 100}]}");
    aggregate::describe(server);
    athena::serve(server, |statement| match statement.starts_with("SHOW") {
        true => athena::Outcome::rows(&["partition"], vec![vec![Some("dt=2024-01-01".to_owned())]]),
        false => aggregate::tallies(1),
    });
}

/// The action, the resource and the prefix that IAM looks at.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>
fn needed(request: &Logged) -> (String, String, Option<String>) {
    let Logged { bucket, key, operation, .. } = request;
    let (object, whole) = (format!("arn:aws:s3:::{bucket}/{key}"), format!("arn:aws:s3:::{bucket}"));
    match operation.as_str() {
        "ListObjectsV2" => ("s3:ListBucket".into(), whole, Some(key.clone())),
        "ListMultipartUploads" => ("s3:ListBucketMultipartUploads".into(), whole, Some(key.clone())),
        "GetObject" | "HeadObject" => ("s3:GetObject".into(), object, None),
        "ListParts" => ("s3:ListMultipartUploadParts".into(), object, None),
        target => {
            let (service, name) = target.split_once('.').expect("a JSON operation");
            let service = match service {
                "AWSGlue" => "glue",
                "AmazonAthena" => "athena",
                "AWSStepFunctions" => "states",
                other => panic!("{other}"),
            };
            (format!("{service}:{name}"), "*".into(), None)
        }
    }
}

fn is_like(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text
            .strip_prefix(start)
            .is_some_and(|text| (0..=text.len()).any(|at| text.is_char_boundary(at) && is_like(rest, &text[at..]))),
    }
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn allows(statement: &Value, (action, resource, prefix): &(String, String, Option<String>)) -> bool {
    let prefixes = &statement["Condition"]["StringLike"]["s3:prefix"];
    let within = prefix.as_deref().unwrap_or_default();
    strings(&statement["Action"]).contains(&action.as_str())
        && strings(&statement["Resource"]).iter().any(|pattern| is_like(pattern, resource))
        && (prefixes.is_null() || strings(prefixes).iter().any(|pattern| is_like(pattern, within)))
}

/// Scans, and compares what was asked with what is allowed.
fn check(args: &[&str]) -> (Vec<String>, Vec<String>) {
    let (server, dir) = (server(), tempfile::tempdir().expect("folder"));
    write_sources(dir.path());
    let policy = lakelint(dir.path(), &server, &[&["scan"], args, &["--print-policy"]].concat());
    assert!(policy.status.success(), "{args:?}: {}", printed(&policy));
    assert_eq!(server.requests().len(), 0, "{args:?}: a policy is printed without asking");
    let policy: Value = serde_json::from_slice(&policy.stdout).expect("a policy");
    let ran = lakelint(dir.path(), &server, &[&["scan"], args].concat());
    assert!(ran.status.success(), "{args:?}: {}", printed(&ran));
    let statements = policy["Statement"].as_array().expect("statements");
    let asked: Vec<_> = server.requests().iter().map(needed).collect();
    for request in &asked {
        let is_allowed = statements.iter().any(|statement| allows(statement, request));
        assert!(is_allowed, "{args:?}: {request:?} is not allowed by {policy:#}");
    }
    let sorted = |mut actions: Vec<String>| {
        actions.sort();
        actions.dedup();
        actions
    };
    let allowed = statements.iter().flat_map(|s| strings(&s["Action"])).map(str::to_string).collect();
    (sorted(asked.into_iter().map(|(action, ..)| action).collect()), sorted(allowed))
}

fn write_sources(dir: &Path) {
    std::fs::write(dir.join("listing.txt"), "2024-01-01 00:00:00 1000 curated/a.csv\n").expect("written");
}

#[test]
fn a_listing_is_allowed_and_nothing_else() {
    for args in [
        &["s3://lake"][..],
        &["s3://lake/curated"],
        &["s3://lake/curated/", "--footers", "none"],
        &["s3://lake/curated", "--uploads"],
        &["s3://lake/curated/events/dt=2024-01-01/", "--footers", "all"],
    ] {
        let (asked, allowed) = check(args);
        assert_eq!(asked, allowed, "{args:?}");
    }
}

#[test]
fn histories_and_machines_are_allowed_and_nothing_else() {
    for args in [&["s3://lake=listing.txt", "--athena-history"][..], &["s3://lake=listing.txt", "--sfn"]] {
        #[cfg(not(feature = "sfn"))]
        if args.contains(&"--sfn") {
            continue;
        }
        let (asked, allowed) = check(args);
        assert_eq!(asked, allowed, "{args:?}");
    }
}

/// What only Athena itself asks for, with the rights of who runs a statement.
const OF_ATHENA: [&str; 9] = [
    "glue:GetDatabase",
    "glue:GetTable",
    "glue:GetTables",
    "glue:GetPartitions",
    "s3:GetBucketLocation",
    "s3:PutObject",
    "s3:GetObject",
    "s3:ListBucket",
    "athena:StopQueryExecution",
];

#[test]
fn catalogs_and_statements_are_allowed() {
    let (asked, allowed) = check(&["s3://lake=listing.txt", "--glue", "lake"]);
    #[cfg(feature = "glue")]
    assert_eq!(asked, allowed);
    #[cfg(not(feature = "glue"))]
    drop((asked, allowed));
    for args in [
        &["s3://lake=listing.txt", "--glue", "lake", "--workgroup", "w", "--output", "s3://results/x"][..],
        &["--inventory", "ops.inventory", "--on", "athena", "--workgroup", "w", "--output", "s3://results/x"],
    ] {
        let (asked, allowed) = check(args);
        let unused: Vec<_> = allowed.iter().filter(|action| !asked.contains(action)).collect();
        assert!(unused.iter().all(|action| OF_ATHENA.contains(&action.as_str())), "{args:?}: {unused:?}");
        assert!(allowed.iter().any(|action| action == "s3:PutObject"), "{args:?}: results are written");
    }
}
