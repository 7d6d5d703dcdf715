//! Statements and tables of templates in `diff` and `audit`: each is itself under its name and at its place, wherever it moves.

mod git;
mod program;

use std::path::Path;

use git::git;
use lakelint::commands::Status;
use program::{lakelint, write};
use serde_json::Value;

const CONFIG: &str = "[runs]\n\"**\" = \"1/day\"\n\n[lake]\nsources = [\"s3://lake/=listing.txt\"]\n";

const TEMPLATE: &str = "Parameters:
  Db: {Type: String, Default: shop}
Resources:
  Orders:
    Type: AWS::Glue::Table
    Properties:
      DatabaseName: !Ref Db
      TableInput:
        Name: orders
        Parameters: {classification: parquet}
        PartitionKeys: [{Name: dt, Type: string}]
        StorageDescriptor:
          Location: s3://lake/orders/
          Columns: [{Name: id, Type: string}, {Name: total, Type: double}]
  Daily:
    Type: AWS::Athena::NamedQuery
    Properties:
      Name: daily
      Database: !Ref Db
      QueryString: !Sub |
        SELECT sum(total) AS total
        FROM ${Orders}
        WHERE dt = '2025-06-29'
  Unnamed:
    Type: AWS::Athena::NamedQuery
    Properties:
      Database: !Ref Db
      QueryString: SELECT id FROM orders WHERE dt >= '2025-06-20'
";

const WEEKLY: &str = "resource \"aws_athena_named_query\" \"weekly\" {
  name     = \"weekly\"
  database = \"shop\"
  query    = file(\"weekly.sql\")
}
";

const HEREDOC: &str = "
resource \"aws_athena_named_query\" \"heredoc\" {
  name     = \"heredoc\"
  database = \"shop\"
  query    = <<-SQL
    SELECT id
    FROM orders
    WHERE dt >= '2025-06-28'
  SQL
}
";

/// A repository of a template and a module, a commit on `main`, on a branch of its own.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let day = |n: u64| chrono::NaiveDate::from_ymd_opt(2025, 6, 29).expect("a day") - chrono::Days::new(n);
    let listing = (0..100).map(|n| format!("2025-06-30 00:00:00 10000000000 orders/dt={}/part-0.parquet\n", day(n)));
    write(folder.path(), "lakelint.toml", CONFIG);
    write(folder.path(), "listing.txt", &listing.collect::<String>());
    write(folder.path(), "template.yaml", TEMPLATE);
    write(folder.path(), "main.tf", &format!("{WEEKLY}{HEREDOC}"));
    write(folder.path(), "weekly.sql", "SELECT sum(total) FROM orders WHERE dt >= '2025-06-23'\n");
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-q", "-m", "change"]);
    git(folder.path(), &["switch", "-q", "-c", "change"]);
    folder
}

fn diff(folder: &Path) -> Value {
    let ran = lakelint(folder, &["diff", "--base", "main", "--as-of", "2025-06-30", "--format", "json"]);
    assert_ne!(ran.status, Status::Failed, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).expect("JSON")
}

/// `changed daily template.yaml:21 -> daily template.yaml:21`, sorted.
fn rows(document: &Value) -> Vec<String> {
    let side = |side: &Value| match side {
        Value::Null => "nothing".to_string(),
        side => format!("{} {}:{}", side["name"], side["file"], side["line"]).replace('"', ""),
    };
    let row = |row: &Value| format!("{} {} -> {}", row["change"], side(&row["before"]), side(&row["after"]));
    let mut rows: Vec<String> =
        document["rows"].as_array().expect("rows").iter().map(|of| row(of).replace('"', "")).collect();
    rows.sort();
    rows
}

#[test]
fn changed_statements_are_the_same_ones_by_their_names() {
    let folder = repository();
    let path = folder.path();
    // What stands before them moves all of them.
    let added = "  Added:\n    Type: AWS::Athena::PreparedStatement\n    Properties:\n      StatementName: added\n      \
        QueryStatement: SELECT id FROM shop.orders WHERE dt = ?\n";
    let template = TEMPLATE.replace("dt = '2025-06-29'", "total > 5").replace("06-20", "06-01");
    write(path, "template.yaml", &template.replace("  Daily:\n", &format!("{added}  Daily:\n")));
    write(path, "main.tf", &format!("# moved\n{WEEKLY}{}", HEREDOC.replace("06-28", "05-28")));
    write(path, "weekly.sql", "-- from here on\nSELECT sum(total) FROM orders WHERE dt >= '2025-06-13'\n");
    let expected = [
        "added nothing -> added template.yaml:19",
        "changed Unnamed template.yaml:28 -> Unnamed template.yaml:33",
        "changed daily template.yaml:21 -> daily template.yaml:26",
        "changed heredoc main.tf:11 -> heredoc main.tf:12",
        "changed weekly weekly.sql:1 -> weekly weekly.sql:2",
    ];
    assert_eq!(rows(&diff(path)), expected);
}

#[test]
fn statements_that_only_move_are_no_change() {
    let template = |text: &str| {
        let (head, rest) = text.split_once("  Daily:\n").expect("the query");
        let (daily, unnamed) = rest.split_once("  Unnamed:\n").expect("the other");
        format!("{head}  Renamed:\n{unnamed}  Daily:\n{daily}")
    };
    type Change<'a> = Box<dyn Fn(&Path) + 'a>;
    let changes: [(&str, Change); 4] = [
        ("within the template", Box::new(|path| write(path, "template.yaml", &template(TEMPLATE)))),
        (
            "to another file of the module",
            Box::new(|path| {
                write(path, "main.tf", WEEKLY);
                write(path, "queries.tf", HEREDOC);
            }),
        ),
        (
            "to a file of their own",
            Box::new(|path| {
                let (head, _) = HEREDOC.split_once("<<-SQL").expect("a heredoc");
                write(path, "main.tf", &format!("{WEEKLY}{head}file(\"heredoc.sql\")\n}}\n"));
                write(path, "heredoc.sql", "SELECT id\nFROM orders\nWHERE dt >= '2025-06-28'\n");
            }),
        ),
        ("with the template", Box::new(|path| drop(git(path, &["mv", "template.yaml", "infra.yaml"])))),
    ];
    for (name, change) in changes {
        let folder = repository();
        change(folder.path());
        let document = diff(folder.path());
        assert_eq!((rows(&document), document["unchanged"].as_u64()), (Vec::new(), Some(4)), "{name}: {document:#}");
    }
}

#[test]
fn a_table_that_changes_changes_what_reads_it() {
    let folder = repository();
    write(folder.path(), "template.yaml", &TEMPLATE.replace("s3://lake/orders/", "s3://lake/elsewhere/"));
    let document = diff(folder.path());
    assert_eq!(rows(&document).len(), 4);
    assert_eq!(document["unknown"].as_u64(), Some(4), "{document:#}");
    // The listing tells a table without one, but not its columns.
    let (head, rest) = TEMPLATE.split_once("  Orders:\n").expect("the table");
    let (_, queries) = rest.split_once("  Daily:\n").expect("the query");
    write(folder.path(), "template.yaml", &format!("{head}  Daily:\n{}", queries.replace("${Orders}", "orders")));
    let document = diff(folder.path());
    assert_eq!((rows(&document).len(), document["unknown"].as_u64()), (4, Some(0)), "{document:#}");
    assert!(document["usd_per_month"].as_f64().is_some_and(|usd| usd > 0.0));
}

#[test]
fn a_statement_that_nobody_can_read_any_more_is_told() {
    let folder = repository();
    let (head, _) = HEREDOC.split_once("<<-SQL").expect("a heredoc");
    write(folder.path(), "main.tf", &format!("{WEEKLY}{head}var.sql\n}}\n"));
    let document = diff(folder.path());
    assert_eq!(rows(&document), ["removed heredoc main.tf:11 -> nothing"]);
    let unread: Vec<&str> = document["unread"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert_eq!(unread, ["`main.tf:10`: the SQL of `heredoc` comes from the variable `sql`"]);
}

#[test]
fn an_audit_names_statements_and_tables_of_templates_and_their_places() {
    let folder = repository();
    write(folder.path(), "template.yaml", &TEMPLATE.replace("dt = '2025-06-29'", "total > 5"));
    write(
        folder.path(),
        "more.tf",
        "resource \"aws_athena_named_query\" \"x\" {\n  name  = \"x\"\n  query = var.sql\n}\n",
    );
    let ran = lakelint(folder.path(), &["audit", "--as-of", "2025-06-30", "--json", "audit.json"]);
    assert_ne!(ran.status, Status::Failed, "{}", ran.stderr);
    let shown = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "`shop.orders`: Missing partition filter (missing-partition-filter)",
        "in template.yaml:22",
        "1 place whose SQL is not analysed: more.tf:3: the SQL of `x` comes from the variable `sql`",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    let text = std::fs::read_to_string(folder.path().join("audit.json")).expect("written");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let queries = document["queries"].as_array().expect("queries").iter();
    let mut named: Vec<String> = queries
        .map(|query| format!("{} {}:{}", query["name"], query["file"], query["line"]).replace('"', ""))
        .collect();
    named.sort();
    let expected = ["Unnamed template.yaml:28", "daily template.yaml:21", "heredoc main.tf:11", "weekly weekly.sql:1"];
    assert_eq!(named, expected, "{text}");
}
