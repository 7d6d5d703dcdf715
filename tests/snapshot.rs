//! `lakelint scan` and what other commands make of its snapshot, in process.

mod program;

use std::path::Path;

use lakelint::commands::Status;
use program::{lakelint, write};

fn succeeds(base: &Path, args: &[&str]) -> String {
    let ran = lakelint(base, args);
    assert_eq!(ran.status, Status::Clean, "{}", ran.stderr);
    ran.stdout
}

/// Standard error of a run that could not do its job.
fn fails(base: &Path, args: &[&str]) -> String {
    let ran = lakelint(base, args);
    assert_eq!(ran.status, Status::Failed, "{}", ran.stdout);
    ran.stderr
}

fn cost(base: &Path, args: &[&str]) -> String {
    succeeds(base, &[&["cost", "--format", "json", "--as-of", "2025-06-30"], args].concat())
}

fn edit(root: &Path, name: &str, from: &str, to: &str) {
    let text = std::fs::read_to_string(root.join(name)).expect("text");
    assert!(text.contains(from), "{text}");
    write(root, name, &text.replace(from, to));
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).expect("copied")),
        }
    }
}

/// Two tables, one behind a view, with a listing of both.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let table = |name: &str| {
        format!(
            "CREATE EXTERNAL TABLE lake.{name} (id bigint, amount double) PARTITIONED BY (dt string) STORED AS PARQUET \
             LOCATION 's3://b/{name}/';\n"
        )
    };
    write(folder.path(), "lakelint.toml", "");
    write(folder.path(), "tables.sql", &format!("{}{}", table("sales"), table("visits")));
    write(folder.path(), "views.sql", "CREATE VIEW lake.newest AS SELECT * FROM lake.sales WHERE dt > '2025-06-28';\n");
    write(folder.path(), "q/sales.sql", "SELECT sum(amount) FROM \"Lake\".\"SALES\" WHERE dt = '2025-06-29';\n");
    write(folder.path(), "q/newest.sql", "SELECT sum(amount) FROM newest;\n");
    let mut listing = String::new();
    for name in ["sales", "visits"] {
        for day in 1..=30 {
            listing +=
                &format!("2025-07-01 04:00:00  {} {name}/dt=2025-06-{day:02}/part-0.parquet\n", 150_000_000 + day);
        }
    }
    write(folder.path(), "listing.txt", &listing);
    folder
}

#[test]
fn a_snapshot_gives_the_estimates_of_what_it_was_taken_from() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = folder.path();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_sql"), base);
    let live = cost(base, &[]);
    let printed = succeeds(base, &["scan"]);
    assert_eq!(
        printed,
        "wrote `.lakelint/lake`: 19 tables, 2,688 partitions, 4,106 files, 1.8 TB\n\
         read 15 footers, knew 0 from the last scan\n\
         no source holds files of `curated.attribution`, `finance.invoices`\n"
    );
    edit(base, "lakelint.toml", "sources = ", "#");
    std::fs::remove_dir_all(base.join("lake")).expect("removed");
    assert!(cost(base, &[]) == live, "the estimates differ");
    let check = |args: &[&str]| lakelint(base, &[&["check", "--as-of", "2025-06-30", "--quiet"], args].concat()).stdout;
    let of_snapshot = check(&[]);
    assert!(of_snapshot.contains("high[missing-partition-filter]"), "{of_snapshot}");
    assert_eq!(of_snapshot, check(&["--lake", ".lakelint/lake"]));
}

#[test]
fn a_second_scan_opens_no_file_and_writes_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = folder.path();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_sql"), base);
    succeeds(base, &["scan", "lake", "-o", "one"]);
    let files = |name: &str| {
        let mut files: Vec<_> = std::fs::read_dir(base.join(name).join("tables"))
            .expect("a folder")
            .map(|entry| entry.expect("an entry"))
            .map(|entry| (entry.file_name(), std::fs::read(entry.path()).expect("bytes")))
            .collect();
        files.sort();
        files
    };
    let first = files("one");
    let second = succeeds(base, &["scan", "lake", "-o", "one"]);
    assert!(second.contains("read 0 footers, knew 15 from the last scan"), "{second}");
    assert_eq!(first, files("one"));
    write(base, "one.cache/footers.jsonl", "{}");
    let third = succeeds(base, &["scan", "lake", "-o", "one"]);
    assert!(third.contains("read 15 footers"), "{third}");
    assert_eq!(first, files("one"));
}

#[test]
fn only_the_tables_that_a_run_names_are_opened() {
    let folder = project();
    let base = folder.path();
    succeeds(base, &["scan", "s3://b=listing.txt"]);
    write(base, ".lakelint/lake/tables/lake.visits.json", "[");
    for query in ["q/sales.sql", "q/newest.sql", "q"] {
        assert!(cost(base, &[query]).contains("\"partitions\""), "{query}");
        let checked = lakelint(base, &["check", query]);
        assert_ne!(checked.status, Status::Failed, "{query}: {}", checked.stderr);
    }
    let broken =
        "error: `.lakelint/lake/tables/lake.visits.json` line 1 is truncated: take it again with `lakelint scan`\n";
    assert_eq!(fails(base, &["check"]), broken);
    assert_eq!(fails(base, &["check", "q/sales.sql", "--lake", ".lakelint/lake"]), broken);
    write(base, "q/visits.sql", "select count(*) from `visits` where dt = 'x'");
    assert_eq!(fails(base, &["cost", "q", "--format", "json"]), broken);
    edit(base, "lakelint.toml", "", "[[tables]]\nname = \"VISITS\"\n");
    assert_eq!(fails(base, &["cost", "q/sales.sql", "--format", "json"]), broken);
}

#[test]
fn a_view_leads_to_its_tables() {
    let folder = project();
    let base = folder.path();
    let live = cost(base, &["q/newest.sql", "--lake", "s3://b=listing.txt"]);
    succeeds(base, &["scan", "s3://b=listing.txt"]);
    assert!(live.contains("\"lake.sales\""), "{live}");
    assert_eq!(cost(base, &["q/newest.sql"]), live);
}

#[test]
fn glue_tables_and_their_partitions_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = folder.path();
    let glue = r#"{"TableList": [{"Name": "events", "DatabaseName": "lake", "StorageDescriptor": {
          "Columns": [{"Name": "id", "Type": "bigint"}], "Location": "s3://b/events",
          "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"}},
          "PartitionKeys": [{"Name": "dt", "Type": "string"}, {"Name": "h", "Type": "int"}], "Parameters": {
          "projection.enabled": "true", "projection.dt.type": "injected", "projection.h.type": "integer",
          "projection.h.range": "0,23"}}]}
        {"Partitions": [{"Values": ["2025-06-01", "1"], "DatabaseName": "lake", "TableName": "events"}]}"#;
    write(base, "glue.json", glue);
    write(base, "q.sql", "select count(*) from lake.events where dt = '2025-06-01' and h = 1; select id from events");
    write(base, "listing.txt", "2025-07-01 04:00:00  150000000 events/dt=2025-06-01/h=1/a.parquet\n");
    for sources in [&["glue.json"][..], &["glue.json", "s3://b=listing.txt"]] {
        let lake: Vec<&str> = sources.iter().flat_map(|source| ["--lake", source]).collect();
        let live = cost(base, &lake);
        succeeds(base, &[&["scan"], sources].concat());
        assert_eq!(cost(base, &[]), live);
    }
}

#[test]
fn a_table_that_has_changed_since_the_scan_is_not_used() {
    let folder = project();
    let base = folder.path();
    succeeds(base, &["scan", "s3://b=listing.txt"]);
    edit(base, "tables.sql", "s3://b/sales/", "s3://b/sales_v2/");
    edit(
        base,
        "tables.sql",
        "visits (id bigint, amount double) PARTITIONED BY (dt",
        "visits (id bigint) PARTITIONED BY (day",
    );
    let checked = lakelint(base, &["check"]).stdout;
    let text = checked.split_whitespace().collect::<Vec<_>>().join(" ");
    for expected in [
        "the snapshot of `lake.sales` is not used: it was at `s3://b/sales/`, now at `s3://b/sales_v2/`",
        "the snapshot of `lake.visits` is not used: it was partitioned by `dt`, now by `day`",
        "take it again with `lakelint scan`",
    ] {
        assert!(text.contains(expected), "{checked}");
    }
}

#[test]
fn a_folder_or_listing_beside_a_snapshot_wins() {
    let folder = project();
    let base = folder.path();
    succeeds(base, &["scan", "s3://b=listing.txt"]);
    write(base, "newer.txt", "2025-07-01 04:00:00  777000000 sales/dt=2025-06-29/part-0.parquet\n");
    let newer = cost(base, &["q/sales.sql", "--lake", "s3://b=newer.txt"]);
    assert_ne!(newer, cost(base, &["q/sales.sql"]));
    assert_eq!(newer, cost(base, &["q/sales.sql", "--lake", ".lakelint/lake", "--lake", "s3://b=newer.txt"]));
}

#[test]
fn a_snapshot_that_the_configuration_passes_over_is_told() {
    let folder = project();
    let scan = |base: &Path, args: &[&str]| {
        let ran = lakelint(base, &[&["scan", "s3://b=listing.txt"], args].concat());
        assert_eq!(ran.status, Status::Clean, "{}", ran.stderr);
        ran.stderr
    };
    assert_eq!(scan(folder.path(), &[]), "");
    write(folder.path(), "lakelint.toml", "[lake]\nsources = [\"s3://b=listing.txt\"]\n");
    let warning = "warning: nothing reads this snapshot: `[lake] sources` in `lakelint.toml` does not name it: add \
                   `.lakelint/lake`, or take the line out\n";
    assert_eq!(scan(folder.path(), &[]), warning);
    // Whoever says where it goes knows of it.
    assert_eq!(scan(folder.path(), &["--output", "elsewhere"]), "");
    write(folder.path(), "lakelint.toml", "[lake]\nsources = [\"./.lakelint/lake\"]\n");
    assert_eq!(scan(folder.path(), &[]), "");
    // The configuration is above, and names what is beside it.
    write(folder.path(), "q/listing.txt", &std::fs::read_to_string(folder.path().join("listing.txt")).expect("text"));
    std::fs::create_dir(folder.path().join(".git")).expect("made");
    let said = scan(&folder.path().join("q"), &[]);
    assert!(said.contains("in `../lakelint.toml` does not name it: add `q/.lakelint/lake`, or"), "{said}");
}

#[test]
fn what_cannot_be_scanned_is_an_error_and_nothing_is_written() {
    let folder = project();
    let base = folder.path();
    write(base, "sql/a.sql", "select 1");
    write(base, "cut.txt", "2025-07-01 04:00:00  1 a/b.parquet\nnonsense\n");
    write(base, "other/snapshot.json", "{\"version\": 9}");
    succeeds(base, &["scan", "listing.txt", "-o", "good"]);
    let cases: [(&[&str], &str); 8] = [
        (&["scan"], "there is nothing to scan: name a bucket (`s3://bucket/prefix`), the `manifest.json`"),
        (&["scan", "nowhere"], "cannot read lake source `nowhere`"),
        (&["scan", "listing.txt", "-o", "sql"], "`sql` is no snapshot and not empty"),
        (&["scan", ".", "-o", "out"], "`out` lies in `.`, which is scanned"),
        (&["scan", "good"], "`good` is a snapshot: scan the folder or listing that it was taken of"),
        (&["scan", "cut.txt"], "`cut.txt`: line 2 of this listing cannot be read"),
        (&["cost", "--lake", "other"], "`other/snapshot.json` has version 9, made by a newer lakelint"),
        (&["check", "--lake", "s3://b=good"], "`good` is a snapshot, which knows where its tables are"),
    ];
    for (args, expected) in cases {
        let error = fails(base, args);
        assert!(error.contains(expected), "{error}");
    }
    assert!(!base.join(".lakelint").exists() && !base.join("out").exists());
}

#[test]
fn a_footer_that_cannot_be_read_is_a_warning() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = folder.path();
    write(base, "lake/orders/dt=2025-06-01/a.parquet", "PAR1 but no footer");
    let ran = lakelint(base, &["scan", "lake"]);
    assert_eq!(ran.status, Status::Clean, "{}", ran.stderr);
    assert!(ran.stdout.starts_with("wrote `.lakelint/lake`: 1 table, 1 partition, 1 file, 18 B"), "{}", ran.stdout);
    assert!(ran.stderr.contains("warning: `lake/orders/dt=2025-06-01/a.parquet`: "), "{}", ran.stderr);
}

#[test]
fn a_snapshot_knows_no_place_of_this_machine() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = tempfile::Builder::new().prefix("lake").tempdir().expect("a folder");
    write(lake.path(), "orders/dt=2025-06-01/a.csv.gz", "x");
    write(lake.path(), "orders/_hidden/a.csv", "x");
    write(lake.path(), "events/dt=2025-06-01/a.parquet", "no footer");
    let source = lake.path().display().to_string();
    succeeds(folder.path(), &["scan", &source, "-o", "out"]);
    let above = lake.path().parent().expect("a parent").display().to_string();
    for entry in std::fs::read_dir(folder.path().join("out/tables")).expect("a folder") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("text");
        assert!(!text.contains(&above), "{text}");
    }
}

/// A Glue table of 40 registered days in two years, of which one is listed.
fn in_part() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let days = |year: u32| (1..=20).map(move |day| format!("{year}-06-{day:02}"));
    let partition = |day: String| {
        format!(r#"{{"Values": ["{}", "{day}"], "DatabaseName": "lake", "TableName": "events"}}"#, &day[..4])
    };
    let partitions: Vec<String> = days(2024).chain(days(2025)).map(partition).collect();
    let glue = format!(
        r#"{{"TableList": [{{"Name": "events", "DatabaseName": "lake", "StorageDescriptor": {{
          "Columns": [{{"Name": "id", "Type": "bigint"}}], "Location": "s3://b/events",
          "Parameters": {{"classification": "json"}}}},
          "PartitionKeys": [{{"Name": "year", "Type": "int"}}, {{"Name": "dt", "Type": "string"}}]}}]}}
        {{"Partitions": [{}]}}"#,
        partitions.join(",\n")
    );
    write(folder.path(), "lakelint.toml", "");
    write(folder.path(), "glue.json", &glue);
    let name = "events/year=2025/dt=2025-06-20/a.json.gz";
    write(folder.path(), "listing.txt", &format!("2025-07-01 04:00:00  150000000 {name}\n"));
    write(folder.path(), "q.sql", "select id from lake.events where dt > '2025-06-10';\n");
    folder
}

fn check_empty(base: &Path, args: &[&str]) -> String {
    let args = [&["check", "--as-of", "2025-06-30", "--select", "unregistered-partitions"], args].concat();
    lakelint(base, &args).stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_scan_of_a_part_of_a_table_tells_nothing_of_the_rest() {
    let folder = in_part();
    let base = folder.path();
    let live = |place: &str| check_empty(base, &["--lake", "glue.json", "--lake", &format!("{place}=listing.txt")]);
    let of_snapshot = |place: &str| {
        succeeds(base, &["scan", "glue.json", &format!("{place}=listing.txt")]);
        check_empty(base, &[])
    };
    for (place, expected) in [
        ("s3://b", Some("39 of 40 registered partitions of `lake.events` hold no file")),
        ("s3://b/events", Some("39 of 40 registered partitions of `lake.events` hold no file")),
        (
            "s3://b/events/year=2025",
            Some("19 of 20 registered partitions of `lake.events` in `s3://b/events/year=2025/` hold"),
        ),
        ("s3://b/events/year=2025/dt=2025-06-20", None),
        ("s3://b/events/y/z", None),
    ] {
        for printed in [live(place), of_snapshot(place)] {
            match expected {
                Some(expected) => assert!(printed.contains(expected), "{place}: {printed}"),
                None => assert!(!printed.contains("registered partitions"), "{place}: {printed}"),
            }
            let is_part = place.contains("year");
            assert_eq!(printed.contains("its numbers are lower bounds"), is_part, "{place}: {printed}");
        }
    }
    let explained = succeeds(
        base,
        &[
            "cost",
            "--as-of",
            "2025-06-30",
            "--lake",
            "glue.json",
            "--lake",
            "s3://b/events/year=2025=listing.txt",
            "--explain",
        ],
    );
    let text = explained.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("only `s3://b/events/year=2025/` of `lake.events` was scanned"), "{explained}");
}

#[test]
fn partitions_at_places_of_their_own_are_kept() {
    let folder = in_part();
    let base = folder.path();
    let elsewhere = |text: String, n: usize| {
        let from = format!(r#"["2024", "2024-06-{n:02}"], "#);
        let to = format!(r#"{from}"StorageDescriptor": {{"Location": "s3://cold/{n}/"}}, "#);
        assert!(text.contains(&from), "{text}");
        text.replace(&from, &to)
    };
    let glue = std::fs::read_to_string(base.join("glue.json")).expect("text");
    write(base, "glue.json", &(1..=20).fold(glue, elsewhere));
    succeeds(base, &["scan", "glue.json", "s3://b=listing.txt"]);
    let stored = std::fs::read_to_string(base.join(".lakelint/lake/tables/lake.events.json")).expect("text");
    assert!(stored.contains("\"s3://cold/7/\""), "{stored}");
    let expected = "19 of 20 registered partitions of `lake.events` that were listed hold no file";
    for printed in [check_empty(base, &[]), check_empty(base, &["--lake", "glue.json", "--lake", "s3://b=listing.txt"])]
    {
        assert!(printed.contains(expected), "{printed}");
    }
    edit(base, ".lakelint/lake/tables/lake.events.json", "\"partition\": [\n0,", "\"partition\": [\n77,");
    let refused = fails(base, &["check"]);
    assert!(refused.contains("was changed since the scan: `places` names partition 77 of 40"), "{refused}");
}

#[test]
fn workgroups_of_a_scan_are_checked_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = folder.path();
    write(base, "lakelint.toml", "");
    write(base, "listing.txt", "2025-07-01 04:00:00  150000000 events/a.parquet\n");
    succeeds(base, &["scan", "s3://b=listing.txt"]);
    let group = |name: &str, limit: &str| {
        format!(
            r#"{{"name": "{name}", "is_enabled": true, "scan_limit": {limit}, "is_enforced": null, "engine": null}}"#
        )
    };
    let groups = [group("analysts", "null"), group("etl", "null"), group("limited", "10000000")].join(",\n");
    write(
        base,
        ".lakelint/lake/history.json",
        &format!(
            r#"{{"records": [{{"source": "Athena", "days": 30, "statements": [], "models": {{}}, "workgroups": [{groups}],
            "gaps": [], "left_out": 0, "left_out_runs": 0}}]}}"#
        ),
    );
    let check = |args: &[&str]| {
        let args = [&["check", "--select", "workgroup-without-scan-limit"], args].concat();
        lakelint(base, &args).stdout
    };
    let printed = check(&[]);
    assert_eq!(printed.matches("low[workgroup-without-scan-limit]").count(), 2, "{printed}");
    assert!(printed.contains("--> .lakelint/lake/history.json:1:"), "{printed}");
    let line = printed.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(line.contains("aws athena update-work-group --work-group etl"), "{printed}");

    // The project says the same, and something else of the other.
    let declared = "Resources:\n  A:\n    Type: AWS::Athena::WorkGroup\n    Properties:\n      Name: analysts\n  \
        E:\n    Type: AWS::Athena::WorkGroup\n    Properties:\n      Name: etl\n      WorkGroupConfiguration:\n        \
        BytesScannedCutoffPerQuery: 10000000\n";
    write(base, "template.yaml", declared);
    let printed = check(&[]);
    assert_eq!(printed.matches("[workgroup-without-scan-limit]").count(), 1, "{printed}");
    assert!(printed.contains("--> template.yaml:2:3"), "{printed}");

    std::fs::remove_file(base.join("template.yaml")).expect("removed");
    write(base, "q.sql", "select 1");
    assert!(!check(&["q.sql"]).contains("workgroup-without"), "who asks about a query asks about no account");
}
