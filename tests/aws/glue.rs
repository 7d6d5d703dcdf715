//! `scan --glue` through the real client: pages, segments, refusals.

use serde_json::{Value, json};

use crate::child::{lakelint, printed};
use crate::server::{Failure, Fault, On, Server, athena, json::page, pages};

/// A database with tables as `name`, `partitions`; each partition lies in its own folder.
fn catalog(server: &Server, tables: &[(&str, usize)]) {
    let table = |(name, _): &(&str, usize)| {
        json!({
            "Name": name, "DatabaseName": "lake", "TableType": "EXTERNAL_TABLE", "CatalogId": "123456789012",
            "StorageDescriptor": {
                "Location": format!("s3://lake/{name}/"), "Columns": [{ "Name": "id", "Type": "bigint" }],
                "SerdeInfo": { "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe" },
            },
            "PartitionKeys": [{ "Name": "n", "Type": "int" }], "Parameters": {},
        })
    };
    // {"originalSql": "SELECT id, n FROM t000", "schema": "lake"}
    let view = json!({ "Name": "v", "DatabaseName": "lake", "TableType": "VIRTUAL_VIEW", "ViewOriginalText":
        "/* Presto View: eyJvcmlnaW5hbFNxbCI6ICJTRUxFQ1QgaWQsIG4gRlJPTSB0MDAwIiwgInNjaGVtYSI6ICJsYWtlIn0= */" });
    let link =
        json!({ "Name": "link", "DatabaseName": "lake", "TargetTable": { "DatabaseName": "other", "Name": "x" } });
    let all: Vec<Value> = tables.iter().map(table).chain([view, link]).collect();
    server.on_json("AWSGlue.GetDatabase", |input| match input["Name"].as_str() {
        Some("lake") => Ok(json!({ "Database": { "Name": "lake" } })),
        _ => Err(Failure::new("EntityNotFoundException", "Database not found.")),
    });
    server
        .on_json("AWSGlue.GetDatabases", |_| Ok(json!({ "DatabaseList": [{ "Name": "lake" }, { "Name": "other" }] })));
    server.on_json("AWSGlue.GetPartitionIndexes", |input| {
        let index = |keys: &[&str], status: &str| {
            let keys: Vec<Value> = keys.iter().map(|key| json!({ "Name": key, "Type": "int" })).collect();
            json!({ "IndexName": format!("{keys:?}"), "Keys": keys, "IndexStatus": status })
        };
        let all = match input["TableName"].as_str() {
            Some("t000") => vec![index(&["N"], "ACTIVE"), index(&["n", "m"], "CREATING")],
            _ => Vec::new(),
        };
        page("PartitionIndexDescriptorList", 1, &all, input)
    });
    server.on_json("AWSGlue.GetTables", move |input| page("TableList", 100, &all, input));
    let counts: Vec<(String, usize)> = tables.iter().map(|(name, n)| ((*name).to_string(), *n)).collect();
    server.on_json("AWSGlue.GetPartitions", move |input| {
        let name = input["TableName"].as_str().unwrap_or_default();
        let count = counts.iter().find(|(table, _)| table == name).map_or(0, |(_, count)| *count);
        let segment = &input["Segment"];
        let (of, all) = (segment["SegmentNumber"].as_u64().unwrap_or(0), segment["TotalSegments"].as_u64().unwrap_or(1));
        let numbers = (0..count as u64).filter(|n| n % all == of);
        let partition = |n: u64| {
            let location = format!("s3://lake/{name}/n={n}");
            let storage = json!({ "Location": location });
            json!({ "Values": [n.to_string()], "DatabaseName": "lake", "TableName": name, "StorageDescriptor": storage })
        };
        page("Partitions", 1000, &numbers.map(partition).collect::<Vec<_>>(), input)
    });
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let listing = "2024-01-01 00:00:00 1000 t000/n=1/a.parquet\n2024-01-01 00:00:00 1000 t001/n=1/a.parquet\n";
    std::fs::write(folder.path().join("listing.txt"), listing).expect("written");
    folder
}

fn scan(folder: &tempfile::TempDir, server: &Server, database: &str) -> std::process::Output {
    lakelint(folder.path(), server, &["scan", "s3://lake=listing.txt", "--glue", database])
}

/// The registered partitions of a table of the snapshot; `null` when they are not known.
fn registered(folder: &tempfile::TempDir, table: &str) -> Value {
    let path = folder.path().join(format!(".lakelint/lake/tables/lake.{table}.json"));
    let text = std::fs::read_to_string(path).expect("a table's file");
    serde_json::from_str::<Value>(&text).expect("JSON")["registered"].clone()
}

#[test]
fn tables_and_partitions_come_in_pages_and_segments() {
    let server = Server::start();
    let names: Vec<String> = (0..150).map(|n| format!("t{n:03}")).collect();
    let mut tables: Vec<(&str, usize)> = names.iter().map(|name| (name.as_str(), 3)).collect();
    tables[0].1 = 25_000;
    catalog(&server, &tables);
    let folder = folder();
    let ran = scan(&folder, &server, "lake");
    assert!(ran.status.success(), "{}", printed(&ran));
    assert_eq!(server.count("AWSGlue.GetTables"), 2);
    // One page each, and the large one in ten segments of three pages.
    assert_eq!(server.count("AWSGlue.GetPartitions"), 150 + 30);
    let values = |table: &str| registered(&folder, table)["count"].as_u64();
    assert_eq!((values("t000"), values("t149")), (Some(25_000), Some(3)));
    let of_partitions = |r: &crate::server::Logged| r.operation == "AWSGlue.GetPartitions";
    assert!(server.requests().iter().filter(|r| of_partitions(r)).all(|r| r.input["ExcludeColumnSchema"] == true));
    let views = std::fs::read_to_string(folder.path().join(".lakelint/lake/views.json")).expect("views");
    assert!(views.contains("SELECT id, n FROM t000"), "{views}");
    // The account of the catalog is nowhere.
    let grep = std::process::Command::new("grep").args(["-r", "123456789012", "."]).current_dir(folder.path()).output();
    assert_eq!(grep.expect("grep").stdout, b"");
    std::fs::write(folder.path().join("q.sql"), "SELECT id FROM lake.v WHERE n = 1").expect("written");
    let cost = lakelint(folder.path(), &server, &["cost", "--explain", "q.sql"]);
    assert!(printed(&cost).contains("1/1"), "{}", printed(&cost));
}

#[test]
fn partition_indexes_are_kept_and_what_cannot_be_read_of_them_is_told() {
    let server = Server::start();
    catalog(&server, &[("t000", 3), ("t001", 3)]);
    let folder = folder();
    let indexes = |table: &str| {
        let path = folder.path().join(format!(".lakelint/lake/tables/lake.{table}.json"));
        let text = std::fs::read_to_string(path).expect("a table's file");
        serde_json::from_str::<Value>(&text).expect("JSON").get("partition_indexes").cloned()
    };
    let ran = scan(&folder, &server, "lake");
    assert!(ran.status.success(), "{}", printed(&ran));
    assert_eq!(indexes("t000"), Some(json!({ "keys": [["n"]], "are_used": false })));
    assert_eq!(indexes("t001"), Some(json!({ "keys": [], "are_used": false })));
    // Two pages of one table, and one of the other.
    assert_eq!(server.count("AWSGlue.GetPartitionIndexes"), 3);
    for (fault, told) in [
        (
            Fault::AccessDenied,
            "partition indexes of `lake.t000` are missing: access denied: allow `glue:GetPartitionIndexes`",
        ),
        (
            Fault::Error(400, "UnknownOperationException".into(), String::new()),
            "partition indexes of `lake.t000` are missing: ",
        ),
    ] {
        server.heal();
        server.fault(On::operation("AWSGlue.GetPartitionIndexes").saying("t000"), fault);
        let ran = scan(&folder, &server, "lake");
        assert!(ran.status.success() && printed(&ran).contains(told), "{}", printed(&ran));
        assert_eq!((indexes("t000"), registered(&folder, "t000")["count"].as_u64()), (None, Some(3)));
    }
}

#[test]
fn a_catalog_alone_is_a_source() {
    let server = Server::start();
    catalog(&server, &[("t000", 3)]);
    let folder = tempfile::tempdir().expect("a folder");
    let ran = lakelint(folder.path(), &server, &["scan", "--glue", "lake"]);
    assert!(
        ran.status.success() && printed(&ran).contains("no source holds files of `lake.t000`"),
        "{}",
        printed(&ran)
    );
    assert_eq!(registered(&folder, "t000")["count"], 3);
    let asked = server.requests().len();
    let ran = lakelint(folder.path(), &server, &["scan", "--glue", ""]);
    assert_eq!(ran.status.code(), Some(2));
    assert!(printed(&ran).contains("names a database that is empty"), "{}", printed(&ran));
    assert_eq!(server.requests().len(), asked);
}

/// `--workgroup` reads the catalog through Athena, also where Glue's own client is there.
#[test]
fn the_catalog_is_read_through_athena() {
    let server = Server::start();
    let table = |name: &str, parameters: Value| {
        json!({ "Name": name, "TableType": "EXTERNAL_TABLE", "Columns": [{ "Name": "id", "Type": "bigint" }],
            "PartitionKeys": [{ "Name": "n", "Type": "int" }], "Parameters": parameters })
    };
    let all = vec![
        table("t000", json!({ "location": "s3://lake/t000/", "classification": "parquet" })),
        table(
            "t001",
            json!({ "location": "s3://lake/t001/", "projection.enabled": "true", "projection.n.type": "injected" }),
        ),
    ];
    server.on_json("AmazonAthena.ListTableMetadata", pages("TableMetadataList", 1, all));
    athena::serve(&server, |statement| {
        assert_eq!(statement, "SHOW PARTITIONS `t000`");
        athena::Outcome::rows(&["partition"], (2..1500).map(|n| vec![Some(format!("n={n}"))]).collect())
    });
    let folder = folder();
    let args = ["scan", "s3://lake=listing.txt", "--glue", "lake", "--workgroup", "w", "--output", "s3://results/"];
    let ran = lakelint(folder.path(), &server, &args);
    assert!(ran.status.success(), "{}", printed(&ran));
    assert_eq!(registered(&folder, "t000")["count"], 1498);
    assert_eq!(registered(&folder, "t001"), Value::Null);
    assert_eq!(server.count("AmazonAthena.ListTableMetadata"), 2);
    assert_eq!(server.count("AmazonAthena.GetQueryResults"), 2);
    assert!(server.requests().iter().all(|request| !request.operation.starts_with("AWSGlue.")));
    let numbers = registered(&folder, "t000")["values"][0].as_array().expect("values of the key").clone();
    assert!(numbers.contains(&json!("2")) && numbers.contains(&json!("1499")) && !numbers.contains(&json!("1")));
}

#[test]
fn a_table_whose_partitions_are_denied_is_a_gap_and_the_rest_is_there() {
    let server = Server::start();
    catalog(&server, &[("t000", 3), ("t001", 3)]);
    server.fault(On::operation("AWSGlue.GetPartitions").saying("t000"), Fault::AccessDenied);
    let folder = folder();
    let ran = scan(&folder, &server, "lake");
    assert!(ran.status.success(), "{}", printed(&ran));
    assert_eq!(registered(&folder, "t000"), Value::Null);
    assert_eq!(registered(&folder, "t001")["count"], 3);
    let text = printed(&ran);
    assert!(text.contains("registered partitions of `lake.t000`") && text.contains("glue:GetPartitions"), "{text}");
    assert!(!text.contains("123456789012"), "{text}");
}

#[test]
fn throttling_is_waited_for_and_expired_credentials_end_the_scan() {
    let server = Server::start();
    catalog(&server, &[("t000", 3), ("t001", 3)]);
    server.fault(On::operation("AWSGlue.GetPartitions").times(2), Fault::SlowDown);
    server.fault(On::operation("AWSGlue.GetTables").nth(1), Fault::Reset);
    let folder = folder();
    let ran = scan(&folder, &server, "lake");
    assert!(ran.status.success(), "{}", printed(&ran));
    assert_eq!(registered(&folder, "t000")["count"], 3);
    server.fault(On::operation("AWSGlue.GetPartitions").saying("t001"), Fault::ExpiredToken);
    let before = registered(&folder, "t001");
    let ran = scan(&folder, &server, "lake");
    assert_eq!(ran.status.code(), Some(2), "{}", printed(&ran));
    assert!(printed(&ran).contains("expired"), "{}", printed(&ran));
    assert_eq!(registered(&folder, "t001"), before);
}

#[test]
fn a_database_that_does_not_exist_is_an_error_with_the_closest_name() {
    let server = Server::start();
    catalog(&server, &[("t000", 1)]);
    let folder = folder();
    let ran = scan(&folder, &server, "lakes");
    assert_eq!(ran.status.code(), Some(2));
    assert!(
        printed(&ran).contains("no database `lakes`") && printed(&ran).contains("did you mean `lake`?"),
        "{}",
        printed(&ran)
    );
    assert!(!folder.path().join(".lakelint").exists());
}
