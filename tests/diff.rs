//! `lakelint diff` over real git repositories: its money is the difference of two `lakelint cost` runs, and the comment it writes
//! is the example that docs/diff.md shows. `UPDATE=1` rewrites the examples.

mod git;
mod program;

use std::path::Path;
use std::process::Command;

use git::git;
use lakelint::commands::Status;
use program::{Ran, lakelint, write};
use serde_json::Value;

const CONFIG: &str = "[runs]\n\"models/**\" = \"1/day\"\n\"reports/**\" = \"1/hour\"\n\n[lake]\nsources = [\"s3://lake/=listing.txt\"]\n";

const TABLES: &str = "CREATE EXTERNAL TABLE lake.events (id bigint, user_id bigint, name string, payload string)\n\
    PARTITIONED BY (dt string) STORED AS PARQUET LOCATION 's3://lake/events/';\n\
    CREATE EXTERNAL TABLE lake.users (user_id bigint, country string) STORED AS PARQUET LOCATION 's3://lake/users/';\n";

const DAILY: &str =
    "-- name: daily events\nSELECT name, count(*) FROM lake.events WHERE dt = '2025-06-29' GROUP BY name;\n";
const SESSIONS: &str = "SELECT e.user_id, u.country, min(e.id) AS first, max(e.id) AS last\nFROM lake.events e JOIN lake.users u \
    ON e.user_id = u.user_id\nWHERE e.dt >= '2025-06-01'\nGROUP BY e.user_id, u.country;\n";

/// A hundred days of events, a gigabyte each, and a small table.
fn listing() -> String {
    let day = |n: i64| chrono::NaiveDate::from_ymd_opt(2025, 6, 29).expect("a day") - chrono::Days::new(n as u64);
    let events = (0..100).map(|n| format!("2025-06-30 00:00:00 1000000000 events/dt={}/part-0.parquet\n", day(n)));
    events.chain(["2025-06-30 00:00:00 50000000 users/part-0.parquet\n".to_string()]).collect()
}

/// A repository with a commit on `main`, on a branch of its own.
fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let listing = listing();
    let always = [("lakelint.toml", CONFIG), ("ddl/tables.sql", TABLES), ("listing.txt", listing.as_str())];
    for (name, text) in always.iter().chain(files) {
        write(folder.path(), name, text);
    }
    git(folder.path(), &["init", "-q"]);
    commit(folder.path());
    git(folder.path(), &["switch", "-q", "-c", "change"]);
    folder
}

fn commit(folder: &Path) {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", "change"]);
}

fn diff(folder: &Path, arguments: &[&str]) -> Ran {
    lakelint(folder, &[&["diff", "--base", "main", "--as-of", "2025-06-30"], arguments].concat())
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let ran = diff(folder, &[&["--format", "json"], arguments].concat());
    assert!(ran.status != Status::Failed, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).expect("JSON")
}

/// Dollars of a run and of a month that `lakelint cost` says everything costs.
fn cost(folder: &Path) -> (f64, f64) {
    let ran = lakelint(folder, &["cost", "--as-of", "2025-06-30", "--format", "json"]);
    let document: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let of = |list: &str, key: &str| -> f64 {
        let entries = document[list].as_array().expect("a list").iter();
        entries.filter_map(|entry| entry.pointer(key)?.as_f64()).sum()
    };
    (of("queries", "/usd/likely"), of("queries", "/usd_per_month"))
}

/// The diff of a change that is committed: its money is the difference of two `cost` runs, the rows add up to it, and the comment
/// is the example of this name.
fn example(name: &str, folder: &Path) -> Value {
    commit(folder);
    let after = cost(folder);
    git(folder, &["switch", "-q", "--detach", "main"]);
    let before = cost(folder);
    git(folder, &["switch", "-q", "change"]);
    let document = json(folder, &[]);
    let schema: Value = serde_json::from_str(include_str!("../docs/diff.schema.json")).expect("a schema");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let wrong: Vec<String> = schema.iter_errors(&document).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{name}: {a} is not {b}: {document:#}");
    let usd = |side: &str, key: &str| document[side][key].as_f64().expect("dollars");
    near(usd("before", "usd"), before.0);
    near(usd("after", "usd"), after.0);
    near(usd("after", "usd_per_month") - usd("before", "usd_per_month"), after.1 - before.1);
    near(document["usd_per_month"].as_f64().expect("dollars"), after.1 - before.1);
    let rows = document["rows"].as_array().expect("rows");
    let sum = |key: &str| rows.iter().filter_map(|row| row[key].as_f64()).sum::<f64>();
    near(sum("usd_per_month"), after.1 - before.1);
    near(sum("usd"), after.0 - before.0);
    // The same from another work tree: only git's objects count.
    let head = json(folder, &["--head", "change"]);
    git(folder, &["switch", "-q", "--detach", "main"]);
    let elsewhere = json(folder, &["--head", "change"]);
    git(folder, &["switch", "-q", "change"]);
    assert_eq!(head["rows"], document["rows"], "{name}");
    assert_eq!(elsewhere, head, "{name}");
    assert_eq!(git(folder, &["status", "--porcelain"]), "", "{name}: the work tree is as it was");

    let comment = diff(folder, &["--format", "markdown", "--max-increase-usd-month", "5"]).stdout;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/diff/{name}.md"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::fs::write(&path, &comment).expect("written");
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), comment, "{name}: UPDATE=1 rewrites it");
    document
}

fn changes(document: &Value) -> Vec<(&str, &str)> {
    let rows = document["rows"].as_array().expect("rows").iter();
    let side = |row: &Value| if row["after"].is_null() { "before" } else { "after" };
    rows.map(|row| (row["change"].as_str().expect("text"), row[side(row)]["name"].as_str().expect("text"))).collect()
}

#[test]
fn a_filter_is_removed() {
    let folder = repository(&[("models/daily.sql", DAILY), ("models/sessions.sql", SESSIONS)]);
    write(folder.path(), "models/daily.sql", &DAILY.replace("WHERE dt = '2025-06-29' ", ""));
    let document = example("filter-removed", folder.path());
    assert_eq!(changes(&document), [("changed", "daily events")]);
    assert!(document["usd_per_month"].as_f64().expect("dollars") > 1.0, "{document:#}");
    assert_eq!(document["unchanged"], 1);
    let ran = diff(folder.path(), &["--max-increase-usd-month", "1"]);
    assert_eq!(ran.status, Status::Findings, "{}", ran.stdout);
    assert!(ran.stdout.contains("broken: at most $1.00 more a month: +$"), "{}", ran.stdout);
    assert_eq!(diff(folder.path(), &["--max-increase-usd-month", "1000"]).status, Status::Clean);
    assert_eq!(diff(folder.path(), &["--max-increase-pct", "10"]).status, Status::Findings);
    assert_eq!(diff(folder.path(), &["--max-query-usd", "0.01"]).status, Status::Findings);
}

#[test]
fn a_filter_is_added() {
    let folder = repository(&[("models/sessions.sql", SESSIONS)]);
    write(folder.path(), "models/sessions.sql", &SESSIONS.replace(">= '2025-06-01'", "= '2025-06-29'"));
    let document = example("filter-added", folder.path());
    assert!(document["usd_per_month"].as_f64().expect("dollars") < 0.0, "{document:#}");
}

#[test]
fn a_file_is_renamed() {
    let folder = repository(&[("models/sessions.sql", SESSIONS), ("models/daily.sql", DAILY)]);
    std::fs::remove_file(folder.path().join("models/sessions.sql")).expect("removed");
    write(folder.path(), "models/web/sessions.sql", &SESSIONS.replace(">= '2025-06-01'", ">= '2025-05-01'"));
    let document = example("file-renamed", folder.path());
    let rows = document["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 1, "{document:#}");
    assert_eq!(rows[0]["change"], "changed");
    assert_eq!(
        (&rows[0]["before"]["file"], &rows[0]["after"]["file"]),
        (&"models/sessions.sql".into(), &"models/web/sessions.sql".into())
    );
}

#[test]
fn a_model_is_split() {
    let both = format!("{DAILY}{SESSIONS}");
    let folder = repository(&[("models/all.sql", &both)]);
    write(folder.path(), "models/all.sql", DAILY);
    write(folder.path(), "models/sessions.sql", SESSIONS);
    write(folder.path(), "models/users.sql", "SELECT country, count(*) FROM lake.users GROUP BY country;\n");
    let document = example("model-split", folder.path());
    assert_eq!(changes(&document), [("added", "models/users.sql:1")], "what moved costs the same: {document:#}");
}

#[test]
fn a_query_is_deleted() {
    let folder = repository(&[("models/daily.sql", DAILY), ("reports/sessions.sql", SESSIONS)]);
    std::fs::remove_file(folder.path().join("reports/sessions.sql")).expect("removed");
    let document = example("query-deleted", folder.path());
    assert_eq!(changes(&document), [("removed", "reports/sessions.sql:1")]);
}

#[test]
fn the_snapshot_is_older_than_the_change() {
    let folder = repository(&[("models/daily.sql", DAILY)]);
    let table = "CREATE EXTERNAL TABLE lake.clicks (id bigint) PARTITIONED BY (dt string) STORED AS PARQUET LOCATION 's3://lake/clicks/';\n";
    write(folder.path(), "ddl/clicks.sql", table);
    write(folder.path(), "models/clicks.sql", "SELECT count(*) FROM lake.clicks WHERE dt = '2025-06-29';\n");
    let document = example("table-not-scanned-yet", folder.path());
    assert_eq!(changes(&document), [("added", "models/clicks.sql:1")]);
    assert_eq!(document["rows"][0]["usd_per_month"], Value::Null);
    for limit in [["--max-increase-usd-month", "1000"], ["--max-increase-pct", "1000"], ["--max-query-usd", "1000"]] {
        let ran = diff(folder.path(), &limit);
        assert_eq!(ran.status, Status::Findings, "a limit that cannot be evaluated fails: {limit:?}: {}", ran.stdout);
        assert!(ran.stdout.contains("cannot be evaluated"), "{}", ran.stdout);
    }
}

#[test]
fn a_view_changes_what_others_cost() {
    let view = "CREATE VIEW lake.recent AS SELECT id, dt FROM lake.events WHERE dt >= '2025-06-23';\n";
    let folder = repository(&[("ddl/views.sql", view), ("models/recent.sql", "SELECT count(id) FROM lake.recent;\n")]);
    write(folder.path(), "ddl/views.sql", &view.replace(" WHERE dt >= '2025-06-23'", ""));
    let document = example("view-changed", folder.path());
    assert_eq!(changes(&document), [("changed", "models/recent.sql:1")]);
}

#[test]
fn what_is_not_committed_counts_and_the_base_is_where_the_branch_began() {
    let folder = repository(&[("models/daily.sql", DAILY)]);
    // `main` goes on without this branch.
    git(folder.path(), &["switch", "-q", "main"]);
    write(folder.path(), "models/others.sql", "SELECT count(payload) FROM lake.events;\n");
    commit(folder.path());
    git(folder.path(), &["switch", "-q", "change"]);
    write(folder.path(), "models/new.sql", "SELECT count(id) FROM lake.events WHERE dt = '2025-06-29';\n");
    let document = json(folder.path(), &[]);
    assert_eq!(changes(&document), [("added", "models/new.sql:1")]);
    // From a folder below, and of a part.
    let below = diff(&folder.path().join("models"), &["--format", "json", "daily.sql"]);
    let below: Value = serde_json::from_str(&below.stdout).unwrap_or_else(|e| panic!("{e}: {}", below.stderr));
    assert_eq!((below["rows"].as_array().map(Vec::len), &below["unchanged"]), (Some(0), &1.into()), "{below:#}");
}

#[test]
fn what_cannot_be_compared_is_an_error() {
    let folder = repository(&[("models/daily.sql", DAILY)]);
    let error = |ran: Ran| {
        assert_eq!(ran.status, Status::Failed, "{}", ran.stdout);
        ran.stderr
    };
    let unknown = error(lakelint(folder.path(), &["diff", "--base", "origin/mian"]));
    assert_eq!(
        unknown,
        "error: git knows no commit `origin/mian`: fetch it first, as with `git fetch origin mian:refs/remotes/origin/mian`\n"
    );
    let option = error(lakelint(folder.path(), &["diff", "--base=--output=x"]));
    assert!(option.contains("git knows no commit"), "{option}");
    git(folder.path(), &["switch", "-q", "--orphan", "other"]);
    git(folder.path(), &["commit", "-q", "--allow-empty", "-m", "other"]);
    let apart = error(lakelint(folder.path(), &["diff", "--base", "main"]));
    assert!(apart.contains("fetch the whole history"), "{apart}");
    let outside = tempfile::tempdir().expect("a folder");
    let none = error(lakelint(outside.path(), &["diff", "--base", "main"]));
    assert!(none.contains("revisions are compared within a git repository"), "{none}");
    let path = outside.path().to_str().expect("UTF-8");
    git(folder.path(), &["switch", "-q", "main"]);
    let other = error(lakelint(folder.path(), &["diff", "--base", "main", path]));
    assert!(other.contains("outside of the repository"), "{other}");
}

/// A change that cannot be evaluated, by any limit.
fn assert_open(folder: &Path, reason: &str) {
    for limit in [["--max-increase-usd-month", "1000"], ["--max-increase-pct", "1000"], ["--max-query-usd", "1000"]] {
        let ran = diff(folder, &limit);
        assert_eq!(ran.status, Status::Findings, "{limit:?}: {}{}", ran.stdout, ran.stderr);
        let said = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("cannot be evaluated") && said.contains(reason), "{limit:?}: {said}");
    }
}

const MACHINE: &str = r#"{"StartAt": "Q", "States": {"Q": {"Type": "Task", "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
  "Parameters": {"QueryString": "SELECT name FROM lake.events", "WorkGroup": "w"}, "End": true}}}"#;

/// What a run prints, in one line.
fn said(ran: &Ran) -> String {
    ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the branch has is the base of what follows.
fn rebase(folder: &Path) {
    commit(folder);
    git(folder, &["branch", "-q", "-f", "main"]);
}

#[test]
fn what_is_unknown_on_one_side_is_not_zero() {
    let folder = repository(&[("models/daily.sql", DAILY), ("models/sessions.sql", SESSIONS)]);
    let folder = folder.path();
    write(folder, "models/sessions.sql", &SESSIONS.replace("lake.events e", "lake.nosuch e"));
    let document = json(folder, &[]);
    assert_eq!((&document["usd_per_month"], &document["unknown"]), (&0.0.into(), &1.into()), "{document:#}");
    assert_open(folder, "the price of `models/sessions.sql:1` is unknown");
    let verdict = "what this change adds a month is not known, $0 as far as it is: the price of `models/sessions.sql:1` is unknown";
    assert!(said(&diff(folder, &[])).starts_with(verdict), "{}", said(&diff(folder, &[])));
    // The other way round it costs no more than what it costs now.
    rebase(folder);
    write(folder, "models/sessions.sql", SESSIONS);
    let document = json(folder, &["--max-increase-usd-month", "1", "--max-increase-pct", "10"]);
    assert_eq!((&document["usd_per_month"], &document["unknown"]), (&0.0.into(), &1.into()), "{document:#}");
    for gate in document["gates"].as_array().expect("gates") {
        assert_eq!(gate["verdict"], "fails", "{gate:#}");
        let text = gate["text"].as_str().expect("text");
        assert!(text.ends_with("the price of `models/sessions.sql:1` before the change is unknown"), "{text}");
    }
    let below = diff(folder, &["--max-increase-usd-month", "2"]);
    assert_eq!(below.status, Status::Clean, "{}", below.stdout);
    assert!(said(&below).contains("holds: at most $2.00 more a month: +$1.48 a month at most"), "{}", said(&below));
}

#[test]
fn what_the_change_says_of_frequency_counts_for_both_sides() {
    let machine = ("m.asl.json", MACHINE);
    let bare = CONFIG.split("\n\n").nth(1).expect("the lake").to_string();
    let files = [("models/daily.sql", DAILY), ("models/sessions.sql", SESSIONS), machine, ("lakelint.toml", &bare)];
    let folder = repository(&files);
    let folder = folder.path();
    write(folder, "lakelint.toml", &CONFIG.replace("[runs]", "[runs]\nm = \"1/day\""));
    let limits = ["--max-increase-usd-month", "0", "--max-increase-pct", "0"];
    let ran = diff(folder, &limits);
    assert_eq!(ran.status, Status::Clean, "{}", ran.stdout);
    assert!(ran.stdout.starts_with("this change costs nothing more"), "{}", ran.stdout);
    let note = "nothing says how often 4 queries ran before the change: taken to be as often as after it";
    assert!(said(&ran).contains(note), "{}", ran.stdout);
    assert_eq!(json(folder, &[])["runs_as_after"], 4);
    // A new text is dearer as often as it runs.
    write(folder, "models/daily.sql", &DAILY.replace("WHERE dt = '2025-06-29' ", ""));
    let document = json(folder, &limits);
    assert_eq!(document["rows"][0]["before"]["runs_as_after"], true, "{document:#}");
    assert!(document["usd_per_month"].as_f64().expect("dollars") > 1.0, "{document:#}");
    assert_eq!(document["gates"][0]["verdict"], "broken");
}

#[test]
fn a_schedule_that_the_change_adds_is_no_old_one() {
    let machine = format!(
        "resource \"aws_sfn_state_machine\" \"m\" {{\n  name = \"m\"\n  definition = <<EOT\n{MACHINE}\nEOT\n}}\n"
    );
    let schedule = "resource \"aws_cloudwatch_event_rule\" \"r\" {\n  name = \"r\"\n  schedule_expression = \"rate(1 hour)\"\n}\n\
        resource \"aws_cloudwatch_event_target\" \"t\" {\n  rule = aws_cloudwatch_event_rule.r.name\n  arn = aws_sfn_state_machine.m.arn\n}\n";
    let folder = repository(&[("main.tf", &machine), ("models/daily.sql", DAILY)]);
    write(folder.path(), "schedule.tf", schedule);
    let ran = diff(folder.path(), &["--max-increase-usd-month", "1"]);
    assert_eq!(ran.status, Status::Findings, "{}", ran.stdout);
    assert!(said(&ran).contains("ran before the change is unknown"), "{}", ran.stdout);
    assert_eq!(json(folder.path(), &[])["runs_as_after"], 0);
}

#[test]
fn a_query_of_unknown_frequency_adds_nothing_that_is_known() {
    let folder = repository(&[("models/daily.sql", DAILY)]);
    write(folder.path(), "adhoc/x.sql", "SELECT * FROM lake.users;\n");
    let verdict =
        "what this change adds a month is not known, $0 as far as it is: how often `adhoc/x.sql:1` runs is unknown";
    let ran = diff(folder.path(), &[]);
    assert!(said(&ran).starts_with(verdict), "{}", ran.stdout);
    assert!(said(&ran).contains("nothing says how often it runs, and `[runs]` in lakelint.toml can"), "{}", ran.stdout);
}

#[test]
fn less_is_never_too_much() {
    let (adhoc, unpriced) = ("SELECT * FROM lake.users;\n", "SELECT * FROM lake.unknown;\n");
    let files =
        [("adhoc/x.sql", adhoc), ("adhoc/y.sql", DAILY), ("models/u.sql", unpriced), ("models/d.sql", SESSIONS)];
    let folder = repository(&files);
    let folder = folder.path();
    let limits = ["--max-increase-usd-month", "0", "--max-increase-pct", "0"];
    let holds = |why: &str| {
        let ran = diff(folder, &limits);
        assert_eq!(ran.status, Status::Clean, "{why}: {}", ran.stdout);
        assert!(ran.stdout.contains("holds: at most $0 more a month"), "{why}: {}", ran.stdout);
    };
    for name in ["adhoc/x.sql", "models/u.sql"] {
        std::fs::remove_file(folder.join(name)).expect("removed");
        holds(name);
    }
    git(folder, &["checkout", "-q", "."]);
    write(folder, "adhoc/y.sql", &DAILY.replace("name, count(*)", "count(*)").replace("GROUP BY name", ""));
    holds("cheaper at a frequency that did not change");
    write(folder, "adhoc/y.sql", &DAILY.replace("WHERE dt = '2025-06-29' ", ""));
    let dearer = diff(folder, &limits);
    assert_eq!(dearer.status, Status::Findings, "{}", dearer.stdout);
    assert!(
        said(&dearer).contains("cannot be evaluated, how often `daily events` runs is unknown"),
        "{}",
        dearer.stdout
    );
    // Also where nothing is known of the month before.
    for name in ["models/d.sql", "models/u.sql"] {
        std::fs::remove_file(folder.join(name)).expect("removed");
    }
    write(folder, "adhoc/y.sql", DAILY);
    rebase(folder);
    std::fs::remove_file(folder.join("adhoc/x.sql")).expect("removed");
    holds("nothing is known of the month before");
    // What is added to it is no percentage of anything.
    write(folder, "models/d.sql", SESSIONS);
    let percent = diff(folder, &["--max-increase-pct", "10"]);
    assert!(
        said(&percent).contains("cannot be evaluated, what a month cost before the change is unknown"),
        "{}",
        percent.stdout
    );
}

#[test]
fn carriage_returns_rewrite_nothing() {
    let query = DAILY.replace(" WHERE", "\nWHERE");
    let folder = repository(&[
        ("models/daily.sql", &query),
        ("models/u.sql", "SELECT a\nFROM lake.unknown\nWHERE a = 1\nOR a = 2;\n"),
    ]);
    for name in ["models/daily.sql", "models/u.sql"] {
        let text = std::fs::read_to_string(folder.path().join(name)).expect("text");
        write(folder.path(), name, &text.replace('\n', "\r\n"));
    }
    let document = json(folder.path(), &[]);
    assert_eq!((&document["unchanged"], &document["rewritten"]), (&2.into(), &0.into()), "{document:#}");
}

#[test]
fn what_cannot_be_read_any_more_saves_nothing() {
    let folder = repository(&[("models/daily.sql", DAILY), ("m.asl.json", MACHINE)]);
    let folder = folder.path();
    write(folder, "models/daily.sql", &DAILY.replace("GROUP BY", "GROUPE BY BY"));
    assert_open(folder, "models/daily.sql:2");
    let document = json(folder, &[]);
    assert_eq!((&document["usd_per_month"], &document["unknown"]), (&0.0.into(), &1.into()), "{document:#}");
    assert!(
        said(&diff(folder, &[]))
            .starts_with("what this change adds a month is not known, $0 as far as it is: `models/daily.sql:2`")
    );
    write(folder, "models/daily.sql", DAILY);
    assert_eq!(diff(folder, &["--max-increase-usd-month", "1"]).status, Status::Clean);
    write(folder, "m.asl.json", &MACHINE[..MACHINE.len() - 1]);
    assert_open(folder, "m.asl.json");
    write(
        folder,
        "m.asl.json",
        &MACHINE.replace(r#""QueryString": "SELECT name FROM lake.events""#, r#""QueryString.$": "$.q""#),
    );
    assert_open(folder, "m.asl");
    write(folder, "m.asl.json", MACHINE);
    write(folder, "models/new.sql", "SELECT a FROM WHERE;\n");
    assert_open(folder, "models/new.sql:1");
}

#[test]
fn what_an_unpriced_query_reads_and_a_lake_that_is_gone_are_told() {
    let view = "CREATE VIEW lake.v AS SELECT id FROM lake.nowhere;\n";
    let table = "CREATE EXTERNAL TABLE lake.nowhere (id bigint) STORED AS PARQUET LOCATION 's3://lake/nowhere/';\n";
    let query = "SELECT count(id) FROM lake.v;\n";
    let folder =
        repository(&[("ddl/v.sql", view), ("ddl/n.sql", table), ("models/u.sql", query), ("models/daily.sql", DAILY)]);
    write(folder.path(), "ddl/v.sql", "CREATE VIEW lake.v AS SELECT n.id FROM lake.other n CROSS JOIN lake.events;\n");
    write(folder.path(), "ddl/o.sql", &table.replace("nowhere", "other"));
    assert_open(folder.path(), "the price of `models/u.sql:1` is unknown");
    write(folder.path(), "lakelint.toml", "");
    let gone = diff(folder.path(), &["--max-increase-usd-month", "1000"]);
    assert_eq!(gone.status, Status::Findings, "{}", gone.stdout);
    assert!(gone.stdout.starts_with("what this change costs is not known: nothing has a price"), "{}", gone.stdout);
}

#[test]
fn paths_that_are_in_neither_revision_are_errors() {
    let folder = repository(&[("models/daily.sql", DAILY), ("models/sessions.sql", SESSIONS)]);
    let folder = folder.path();
    commit_change(folder, "models/daily.sql", "-- name: daily events\nSELECT name FROM lake.events;\n");
    let typo = diff(folder, &["--head", "change", "--max-increase-usd-month", "1", "modles"]);
    assert_eq!(
        (typo.status, typo.stderr.as_str()),
        (Status::Failed, "error: cannot read `modles`: it is in neither revision\n")
    );
    assert_eq!(diff(folder, &["--head", "change", "--max-increase-usd-month", "1", "models"]).status, Status::Findings);
    std::fs::remove_file(folder.join("models/sessions.sql")).expect("removed");
    assert_eq!(changes(&json(folder, &["models/sessions.sql"])), [("removed", "models/sessions.sql:1")]);
    // Whatever its name ends with.
    write(folder, "models/q.txt", SESSIONS);
    commit(folder);
    let same = ["diff", "--base", "change", "--head", "change", "--as-of", "2025-06-30", "models/q.txt"];
    let same = lakelint(folder, &same).stdout;
    assert!(same.contains("0 added, 0 removed, 0 changed; 1 untouched"), "{same}");
}

fn commit_change(folder: &Path, name: &str, text: &str) {
    write(folder, name, text);
    commit(folder);
}

#[test]
fn a_hook_of_another_work_tree_compares_the_same() {
    let folder = repository(&[("models/daily.sql", DAILY)]);
    let other = tempfile::tempdir().expect("a folder");
    let linked = other.path().join("linked");
    git(folder.path(), &["worktree", "add", "-q", linked.to_str().expect("UTF-8"), "-b", "linked"]);
    let program = env!("CARGO_BIN_EXE_lakelint");
    let hook =
        format!("#!/bin/sh\ncd models && '{program}' diff --base main --as-of 2025-06-30 --max-increase-usd-month 1\n");
    let hooks = other.path().join("hooks");
    write(other.path(), "hooks/pre-commit", &hook);
    Command::new("chmod").arg("+x").arg(hooks.join("pre-commit")).status().expect("chmod runs");
    write(&linked, "models/daily.sql", "-- name: daily events\nSELECT name FROM lake.events;\n");
    git(&linked, &["add", "-A"]);
    let hooks = format!("core.hooksPath={}", hooks.display());
    let settings = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false", "-c", &hooks];
    let done = Command::new("git").args(settings).args(["commit", "-q", "-m", "dear"]).current_dir(&linked).output();
    let done = done.expect("git runs");
    let said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
    assert!(!done.status.success() && said.contains("broken: at most $1.00 more a month: +$"), "{said}");
}

#[test]
fn links_lead_to_contents_and_nowhere_else() {
    let folder = repository(&[("shared/q.txt", SESSIONS), ("models/daily.sql", DAILY)]);
    let folder = folder.path();
    git(folder, &["switch", "-q", "main"]);
    let link = |to: &str, at: &str| {
        Command::new("ln").args(["-s", to, at]).current_dir(folder).status().expect("ln runs");
    };
    std::fs::create_dir_all(folder.join("a/b/c")).expect("made");
    link("../shared/q.txt", "models/linked.sql");
    link("../../..", "a/b/c/up.sql");
    link("a/b/c/up.sql/../outside", "out.sql");
    link("/etc", "models/etc.sql");
    commit(folder);
    git(folder, &["switch", "-q", "change"]);
    git(folder, &["merge", "-q", "main"]);
    assert_eq!(json(folder, &["--head", "change"])["unchanged"], 2);
    assert_eq!(json(folder, &["models"])["unchanged"], 2, "as the work tree has it");
}

#[test]
fn runs_are_compared_with_runs() {
    let day = r#"{"QueryExecutionId": "q%", "Query": "SELECT name FROM lake.events WHERE dt = '2025-06-29'", "StatementType": "DML",
        "Status": {"State": "SUCCEEDED", "SubmissionDateTime": "2025-06-0%T00:00:00Z"}, "Statistics": {"DataScannedInBytes": 2000000000000}}"#;
    let runs: String = (1..8).map(|n| day.replace('%', &n.to_string()).replace('\n', "") + "\n").collect();
    let config = CONFIG.replace("listing.txt\"]", "listing.txt\", \"runs.jsonl\"]");
    let before = "-- name: q\nSELECT name FROM lake.events WHERE dt = '2025-06-29';\n";
    let folder = repository(&[("models/q.sql", before), ("runs.jsonl", &runs), ("lakelint.toml", &config)]);
    write(folder.path(), "models/q.sql", &before.replace("= '2025-06-29'", ">= '2025-06-28'"));
    let document = json(folder.path(), &[]);
    let row = &document["rows"][0];
    let bytes = |side: &str| row[side]["bytes"]["likely"].as_u64().expect("bytes");
    assert_eq!((bytes("before"), bytes("after") / 1_000_000_000), (2_000_000_000_000, 4_000), "{row:#}");
    assert_eq!(row["after"]["is_scaled"], true);
}

#[test]
fn limits_of_the_command_line_cannot_be_loosened_by_the_change() {
    let folder = repository(&[("models/daily.sql", DAILY)]);
    let folder = folder.path();
    write(folder, "lakelint.toml", &format!("{CONFIG}\n[budget]\nincrease-usd-month = 1000\nunknown = \"allow\"\n"));
    write(folder, "models/new.sql", "SELECT id FROM lake.unknown;\n");
    assert_eq!(diff(folder, &[]).status, Status::Clean);
    assert_eq!(diff(folder, &["--max-increase-usd-month", "1000"]).status, Status::Findings);
    write(folder, "lakelint.toml", "[price]\nusd-per-tb = 0\n\n[lake]\nsources = [\"s3://lake/=listing.txt\"]\n");
    write(folder, "models/new.sql", "SELECT id FROM lake.events;\n");
    let ran = diff(folder, &[]);
    assert!(
        ran.stdout.starts_with("this change adds") && ran.stdout.contains("scanned in one run of everything"),
        "{}",
        ran.stdout
    );
    // What is broken at the base is said to be.
    git(folder, &["switch", "-q", "main"]);
    commit_change(folder, "lakelint.toml", "[price\n");
    git(folder, &["switch", "-q", "-c", "later"]);
    commit_change(folder, "lakelint.toml", CONFIG);
    let broken = diff(folder, &[]);
    assert!(
        broken.stderr.starts_with("error: at ") && broken.stderr.contains("where the change left `main`"),
        "{}",
        broken.stderr
    );
}

#[test]
fn what_is_left_out_of_a_revision_is_told() {
    let view = "CREATE VIEW lake.v AS SELECT id, dt FROM lake.nowhere WHERE dt = '2025-01-01';\n";
    let table = "CREATE EXTERNAL TABLE lake.nowhere (id bigint) PARTITIONED BY (dt string) STORED AS PARQUET LOCATION 's3://lake/nowhere/';\n";
    let files = [
        ("ddl/v.sql", view),
        ("ddl/n.sql", table),
        ("models/u.sql", "SELECT id FROM lake.v;\n"),
        ("models/daily.sql", DAILY),
    ];
    let folder = repository(&files);
    let folder = folder.path();
    write(folder, "ddl/v.sql", &view.replace(" WHERE dt = '2025-01-01'", ""));
    assert_open(folder, "the price of `models/u.sql:1` is unknown");
    write(folder, "ddl/v.sql", view);
    write(folder, "lakelint.toml", &format!("exclude = [\"models/daily.sql\"]\n\n{CONFIG}"));
    write(folder, "models/daily.sql", "SELECT name, payload FROM lake.events;\n");
    assert_open(folder, "`models/daily.sql` is still there, and left out by `exclude`");
    // SQL counts wherever it lies.
    let within = repository(&[
        ("lake/q/in.sql", DAILY),
        ("lakelint.toml", &CONFIG.replace("listing.txt\"]", "listing.txt\", \"lake\"]")),
    ]);
    assert_eq!(json(within.path(), &[])["unchanged"], 1);
    commit_change(within.path(), "lake/q/in.sql", "-- name: daily events\nSELECT name FROM lake.events;\n");
    assert_eq!(changes(&json(within.path(), &["--head", "change"])), [("changed", "daily events")]);
}

#[test]
fn what_lies_around_the_work_tree_or_is_made_in_it_is_no_change() {
    let home = tempfile::tempdir().expect("a folder");
    write(home.path(), ".gitignore", "*\n");
    let folder = home.path().join("project");
    std::fs::rename(repository(&[("models/daily.sql", DAILY)]).keep(), &folder).expect("moved");
    assert_eq!(json(&folder, &[])["unchanged"], 1);
    commit_change(&folder, "models/bad.sql", "SELECT * FROM lake.events;\n");
    assert_eq!(changes(&json(&folder, &[])), [("added", "models/bad.sql:1")]);
    let bad = "models/bad.sql:1:";
    for arguments in
        [&["check", "--as-of", "2025-06-30"][..], &["check", "--as-of", "2025-06-30", "--changed-since", "main"]]
    {
        let ran = lakelint(&folder, arguments);
        assert!(ran.status == Status::Findings && ran.stdout.contains(bad), "{}", ran.stdout);
    }
    // The files of the base are written to a folder that may lie in the work tree.
    std::fs::create_dir(folder.join("tmp")).expect("made");
    let program = env!("CARGO_BIN_EXE_lakelint");
    let arguments = ["diff", "--base", "main", "--as-of", "2025-06-30", "--format", "json"];
    let ran = Command::new(program).args(arguments).current_dir(&folder).env("TMPDIR", folder.join("tmp")).output();
    let document: Value = serde_json::from_slice(&ran.expect("lakelint runs").stdout).expect("JSON");
    assert_eq!(changes(&document), [("added", "models/bad.sql:1")]);
}

/// Nothing changed, and so many queries are compared.
fn assert_untouched(folder: &Path, arguments: &[&str], queries: usize) {
    let document = json(folder, arguments);
    assert_eq!(
        (changes(&document), &document["unchanged"]),
        (Vec::new(), &queries.into()),
        "{arguments:?}: {document:#}"
    );
    assert_eq!(document["before"]["queries"], document["after"]["queries"], "{document:#}");
    let limited = diff(folder, &[&["--max-increase-usd-month", "0.01"], arguments].concat());
    assert_eq!(limited.status, Status::Clean, "{}", limited.stdout);
}

#[test]
fn submodules_and_what_a_sparse_checkout_leaves_out_are_not_compared() {
    let other = repository(&[("models/other.sql", DAILY)]);
    let folder = repository(&[("models/daily.sql", DAILY), ("reports/sessions.sql", SESSIONS)]);
    let folder = folder.path();
    let from = other.path().to_str().expect("UTF-8");
    git(folder, &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", from, "sub"]);
    // New, and then old.
    assert_untouched(folder, &[], 2);
    commit(folder);
    git(folder, &["branch", "-f", "main"]);
    assert_untouched(folder, &[], 2);
    let within = diff(folder, &["sub/models"]);
    assert_eq!(within.stderr, "error: `sub/models` lies in a submodule, whose contents are not compared\n");
    // Its files become this repository's own.
    git(folder, &["rm", "-q", "--cached", "sub"]);
    std::fs::remove_file(folder.join("sub/.git")).expect("removed");
    assert_eq!(changes(&json(folder, &["sub"])), [("added", "daily events")]);
    commit(folder);
    git(folder, &["branch", "-f", "main"]);
    // And leave it again: where to, no revision says.
    git(folder, &["rm", "-q", "-r", "sub"]);
    git(folder, &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "--force", from, "sub"]);
    assert_open(folder, "`sub/models/other.sql` is still there, and left out by `exclude`, .gitignore or a submodule");
    git(folder, &["reset", "-q", "--hard"]);

    git(folder, &["sparse-checkout", "set", "ddl", "reports"]);
    assert_untouched(folder, &[], 1);
    git(folder, &["mv", "--sparse", "sub/models/other.sql", "sub/models/moved.sql"]);
    assert_untouched(folder, &[], 1);
    // What somebody puts there counts.
    write(folder, "models/daily.sql", "-- name: daily events\nSELECT name FROM lake.events;\n");
    assert_eq!(changes(&json(folder, &[])), [("changed", "daily events")]);
}

#[cfg(unix)]
#[test]
fn links_are_read_alike_on_both_sides() {
    use std::os::unix::fs::symlink;
    let folder = repository(&[("real/r.sql", SESSIONS), (".gitignore", "made/\n"), ("made/m.sql", DAILY)]);
    let folder = folder.path().canonicalize().expect("a path");
    let outside = tempfile::tempdir().expect("a folder");
    write(outside.path(), "o.sql", DAILY);
    std::fs::create_dir(folder.join("models")).expect("made");
    symlink("real", folder.join("dirlink")).expect("linked");
    symlink("../dirlink/r.sql", folder.join("models/via.sql")).expect("linked");
    symlink(folder.join("real/r.sql"), folder.join("models/inside.sql")).expect("linked");
    symlink(outside.path().join("o.sql"), folder.join("models/outside.sql")).expect("linked");
    symlink("../made/m.sql", folder.join("models/made.sql")).expect("linked");
    symlink("nowhere.sql", folder.join("models/nowhere.sql")).expect("linked");
    commit(&folder);
    git(&folder, &["branch", "-f", "main"]);
    assert_untouched(&folder, &[], 3);
    assert_untouched(&folder, &["--head", "HEAD"], 3);
    assert_untouched(&folder, &["dirlink"], 1);
    assert_untouched(&folder, &["dirlink/r.sql", "models/inside.sql", "models/outside.sql"], 2);
    write(&folder, "real/r.sql", "SELECT count(payload) FROM lake.events;\n");
    assert_eq!(json(&folder, &[])["rows"].as_array().map(Vec::len), Some(3));
}

#[test]
fn paths_do_not_cut_what_moves_in_two() {
    let folder = repository(&[("models/sessions.sql", SESSIONS), ("models/daily.sql", DAILY), ("models/q.txt", DAILY)]);
    let folder = folder.path();
    std::fs::create_dir(folder.join("archive")).expect("made");
    for (old, new) in [("sessions.sql", "s2.sql"), ("q.txt", "q2.txt")] {
        git(folder, &["mv", &format!("models/{old}"), &format!("models/{new}")]);
        for named in [old, new] {
            assert_untouched(folder, &[&format!("models/{named}")], 1);
        }
    }
    assert_untouched(folder, &["models"], 2);
    git(folder, &["reset", "-q", "--hard"]);
    // What runs in another place runs as often as it says there.
    std::fs::create_dir(folder.join("reports")).expect("made");
    git(folder, &["mv", "models/sessions.sql", "reports/sessions.sql"]);
    for part in ["models", "reports"] {
        let document = json(folder, &[part]);
        assert_eq!(changes(&document), [("changed", "reports/sessions.sql:1")], "{part}");
    }
    assert_untouched(folder, &["models/daily.sql"], 1);
    // What leaves what is read at all is not moved: whatever the paths are, it is told.
    write(folder, "lakelint.toml", &format!("exclude = [\"reports/\"]\n\n{CONFIG}"));
    assert_open(folder, "`reports/sessions.sql` is still there");
    let part = diff(folder, &["--max-increase-usd-month", "1", "models"]);
    assert!(part.status == Status::Findings && part.stdout.contains("is still there"), "{}", part.stdout);
}

#[test]
fn both_sides_take_the_same_configuration() {
    let own = CONFIG.replace("listing.txt", "../listing.txt") + "\n[budget]\nincrease-usd-month = 7\n";
    let folder = repository(&[("a/lakelint.toml", &own), ("a/models/daily.sql", DAILY), ("a/x.sql", SESSIONS)]);
    let folder = folder.path();
    git(folder, &["rm", "-q", "-r", "a/models"]);
    let gone = diff(folder, &["a/models"]);
    assert!(gone.stdout.contains("at most $7.00 more a month"), "{}", gone.stdout);
    assert_eq!(changes(&json(folder, &["a/models"])), [("removed", "daily events")]);
    git(folder, &["reset", "-q", "--hard"]);
    // The nearest to all paths, though one of them is not there yet.
    let runs = CONFIG.replace("models/**", "*/models/**");
    commit_change(folder, "lakelint.toml", &runs);
    git(folder, &["branch", "-f", "main"]);
    write(folder, "b/models/new.sql", SESSIONS);
    let document = json(folder, &["a", "b"]);
    assert_eq!(changes(&document), [("added", "b/models/new.sql:1")], "{document:#}");
    assert_eq!(json(folder, &[])["before"], document["before"]);
    assert_eq!(json(folder, &[])["after"], document["after"]);
}

#[test]
fn messages_name_what_was_typed_and_what_is_there() {
    let folder = repository(&[("models/daily.sql", DAILY)]);
    let error = |folder: &Path, arguments: &[&str]| lakelint(folder, arguments).stderr;
    let empty = tempfile::tempdir().expect("a folder");
    git(empty.path(), &["init", "-q"]);
    let none = "error: git knows no commit `HEAD`: the repository has none yet\n";
    assert_eq!(error(empty.path(), &["check", "--changed-since", "HEAD"]), none);
    assert_eq!(error(empty.path(), &["diff", "--base", "HEAD"]), none);
    let unnamed = "error: expected the name of a commit, such as `origin/main`, and it is empty\n";
    assert_eq!(error(folder.path(), &["diff", "--base", ""]), unnamed);
    assert_eq!(
        error(folder.path(), &["diff", "--base", "HEAD:models"]),
        "error: `HEAD:models` is no commit, but a tree\n"
    );
    git(folder.path(), &["switch", "-q", "--orphan", "other"]);
    git(folder.path(), &["commit", "-q", "--allow-empty", "-m", "other"]);
    let apart = "error: git finds no commit that `main` and `HEAD` share";
    for arguments in [["diff", "--base", "main"], ["check", "--changed-since", "main"]] {
        let said = error(folder.path(), &arguments);
        assert!(said.starts_with(apart), "{said}");
    }
    // A clone that leaves folders away.
    git(folder.path(), &["switch", "-q", "main"]);
    git(folder.path(), &["config", "uploadpack.allowFilter", "true"]);
    commit_change(folder.path(), "models/new.sql", SESSIONS);
    let clones = tempfile::tempdir().expect("a folder");
    let from = format!("file://{}", folder.path().display());
    git(clones.path(), &["clone", "-q", "--filter=tree:0", &from, "clone"]);
    let clone = clones.path().join("clone");
    let lacking = "error: git has no folders of the revision: fetch them, as a clone without trees leaves them away\n";
    assert_eq!(error(&clone, &["diff", "--base", "HEAD~1"]), lacking);
    assert_eq!(error(&clone, &["check", "--changed-since", "HEAD~1"]), lacking);
    // And one that leaves contents away, which tell what moved.
    git(folder.path(), &["mv", "models/new.sql", "models/moved.sql"]);
    commit_change(folder.path(), "models/moved.sql", &format!("-- moved\n{SESSIONS}"));
    git(clones.path(), &["clone", "-q", "--filter=blob:none", &from, "blobs"]);
    let lacking = "error: git has no contents of some files: fetch them, as a clone without blobs leaves them away\n";
    assert_eq!(error(&clones.path().join("blobs"), &["diff", "--base", "HEAD~1"]), lacking);
}
