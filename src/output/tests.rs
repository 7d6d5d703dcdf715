//! Each format over a small hand-built lake.

use std::time::Duration;

use proptest::prelude::*;

use super::{Detail, Fixed, Format, Look, render};
use crate::finding::{Place, Related, Severity};
use crate::lake::{FileId, Slot, SlotStyle, Span};
use crate::patch::Draft;
use crate::triage::Fixture;

const QUERY: &str = "SELECT sum(amount)\nFROM lake.orders o\nJOIN lake.items i ON i.id = o.id\nWHERE o.ts > 1;\n";

fn usual() -> Fixture {
    Fixture::default()
        .file("queries/revenue.sql", QUERY)
        .file("ddl/orders.sql", "CREATE TABLE lake.orders (id int)\n")
        .at("lake.orders", Severity::High, "reads all 1,095 partitions (4.1 TB) of `lake.orders`")
        .help("add a predicate on `dt`, as in `dt >= date_format(current_date - interval '7' day, '%Y-%m-%d')`")
        .related(0, "o.ts > 1", "`ts` is no partition key")
        .related(1, "lake.orders", "declared here")
}

#[test]
fn a_finding_has_its_lines_its_related_places_and_a_help_that_can_be_copied() {
    insta::assert_snapshot!(usual().terminal(80), @r"
    high[missing-partition-filter]: reads all 1,095 partitions (4.1 TB) of
        `lake.orders`
     --> queries/revenue.sql:2:6
      |
    2 | FROM lake.orders o
      |      ^^^^^^^^^^^
    3 | JOIN lake.items i ON i.id = o.id
    4 | WHERE o.ts > 1;
      |       -------- `ts` is no partition key
      |
     ::: ddl/orders.sql:1:14
      |
    1 | CREATE TABLE lake.orders (id int)
      |              ----------- declared here
      |
      = help: add a predicate on `dt`, as in
              `dt >= date_format(current_date - interval '7' day, '%Y-%m-%d')`

    checked 2 files, 0 statements: 1 high
    ");
}

/// A finding of every kind of place, with everything that needs escaping.
fn odd() -> Fixture {
    Fixture::default()
        .file("a dir/50%, é:1.sql", "\u{feff}select\t'日本', x\r\n\tfrom \"t,:%\"\r\n where a = 1\r\n")
        .at("'日本'", Severity::Low, "100% of `t`,\nand: more")
        .at("\"t,:%\"\r\n where a = 1", Severity::Medium, "two lines")
        .found("unreadable-sql", Severity::High, Place::Path("../x.sql".to_string()), "is not UTF-8")
        .found("small-files", Severity::Medium, Place::File(FileId(0)), "a whole file")
        .found("small-files", Severity::Low, Place::Lake, "1,200 files below 1 MB")
        .table("lake.orders")
        .object("s3://lake/curated/orders/dt=2025-06-01/")
        .help("merge them")
}

/// A retrier with too many attempts, and one whose attempts only the user can tell.
fn patched() -> Fixture {
    const MACHINE: &str = "{\n  \"Retry\": [{\n    \"IntervalSeconds\": 1,\n    \"MaxAttempts\": 99999999\n  }]\n}\n";
    let fixture = Fixture::default().file("load.asl.json", MACHINE);
    let (attempts, interval) = (fixture.span(0, "99999999"), fixture.span(0, "\"IntervalSeconds\": 1"));
    let slot = Some(Slot { after: fixture.span(0, "\"MaxAttempts\": 99999999"), style: SlotStyle::Json });
    fixture
        .at("99999999", Severity::High, "retries 99,999,999 times")
        .patch(|lake| {
            let draft = Draft::new(&lake.sources).replace_number(attempts, 99_999_999.0, 6);
            draft.insert(slot, "MaxDelaySeconds", 300).safe()
        })
        .found("small-files", Severity::Low, Place::Span(interval), "waits a second")
        .help("wait longer")
        .patch(|lake| Draft::new(&lake.sources).replace_number(attempts, 99_999_999.0, 3).suggestion())
}

#[test]
fn a_patch_is_shown_as_a_diff() {
    insta::assert_snapshot!(patched().terminal(80), @r#"
    low[small-files]: waits a second
     --> load.asl.json:3:5
      |
    3 |     "IntervalSeconds": 1,
      |     ^^^^^^^^^^^^^^^^^^^^
      |
      = help: wait longer
      = fix: a change to look at before it is made
    3 |     "IntervalSeconds": 1,
    4 -     "MaxAttempts": 99999999
    4 +     "MaxAttempts": 3
    5 |   }]

    high[missing-partition-filter]: retries 99,999,999 times
     --> load.asl.json:4:20
      |
    4 |     "MaxAttempts": 99999999
      |                    ^^^^^^^^
      |
      = fix: `lakelint check --fix` makes this change
    3 |     "IntervalSeconds": 1,
    4 -     "MaxAttempts": 99999999
    4 +     "MaxAttempts": 6,
    5 +     "MaxDelaySeconds": 300
    6 |   }]

    checked 1 file, 0 statements: 1 high, 1 low
    1 finding can be fixed: run `lakelint check --fix`
    "#);
    let look = Look { width: 80, color: true, detail: Detail::Quiet, ..Look::default() };
    let colored = patched().render(Format::Terminal, &look);
    assert!(colored.contains("\u{1b}[32m+     \"MaxAttempts\": 6,\u{1b}[0m\n"), "{colored:?}");
    let look = Look { width: 80, fixed: Some(Fixed { findings: 1, files: 1 }), ..Look::default() };
    assert!(patched().render(Format::Terminal, &look).contains("\nfixed 1 finding in 1 file\nchecked 1 file"));
}

#[test]
fn the_change_of_a_long_line_is_in_sight() {
    let text = format!("{{{}\"MaxAttempts\":99,{}}}", "\"a\":1,".repeat(40), "\"b\":2,".repeat(40));
    let fixture = Fixture::default().file("a.json", &text);
    let span = fixture.span(0, "99");
    let shown = fixture
        .at("99", Severity::High, "retries")
        .patch(|lake| Draft::new(&lake.sources).replace_number(span, 99.0, 6).safe())
        .terminal(60);
    assert!(shown.lines().all(|line| line.len() <= 60), "{shown}");
    assert!(shown.contains("\"MaxAttempts\":6,\"b\":2"), "{shown}");
}

#[test]
fn json_and_sarif_have_the_edits_of_a_patch() {
    let report: serde_json::Value = serde_json::from_str(&patched().render(Format::Json, &folder())).expect("JSON");
    let fix = &report["findings"][1]["fix"];
    assert_eq!(
        (&fix["safe"], &fix["edits"][0]["line"], &fix["edits"][0]["column"]),
        (&true.into(), &4.into(), &20.into())
    );
    assert_eq!(fix["edits"][0]["text"], "6");
    assert_eq!(report["findings"][0]["fix"]["safe"], false);
    let result = &sarif(&patched())["runs"][0]["results"][1];
    let change = &result["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "data/sql/load.asl.json");
    let [replaced, inserted] = &change["replacements"].as_array().expect("a list")[..] else { panic!("{change}") };
    assert_eq!(
        (&replaced["deletedRegion"]["endColumn"], &replaced["insertedContent"]["text"]),
        (&28.into(), &"6".into())
    );
    assert_eq!(inserted["deletedRegion"]["startColumn"], inserted["deletedRegion"]["endColumn"]);
    assert_eq!(inserted["insertedContent"]["text"], ",\n    \"MaxDelaySeconds\": 300");
    assert!(sarif(&usual())["runs"][0]["results"][0].get("fixes").is_none());
}

fn validate(schema: &str, document: &str) {
    let schema = serde_json::from_str(schema).expect("a schema in JSON");
    let document = serde_json::from_str(document).expect("JSON");
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
    let errors: Vec<String> = validator.iter_errors(&document).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

fn folder() -> Look {
    Look { width: 80, repository_prefix: "data/sql/".to_string(), ..Look::default() }
}

#[test]
fn json_is_valid() {
    for fixture in [Fixture::default(), usual(), odd(), patched()] {
        validate(include_str!("../../docs/json.schema.json"), &fixture.render(Format::Json, &folder()));
    }
}

#[test]
fn the_documented_json_is_valid() {
    let page = include_str!("../../docs/json.md");
    let block = crate::rules::blocks(page).into_iter().find(|block| block.info == "json").expect("an example");
    validate(include_str!("../../docs/json.schema.json"), block.content);
}

#[test]
fn every_json_field_is_documented() {
    let page = include_str!("../../docs/json.md");
    let schema: serde_json::Value = serde_json::from_str(include_str!("../../docs/json.schema.json")).expect("JSON");
    let objects = [
        &schema,
        &schema["$defs"]["summary"],
        &schema["$defs"]["finding"],
        &schema["$defs"]["related"],
        &schema["$defs"]["fix"],
        &schema["$defs"]["edit"],
    ];
    for name in objects.iter().flat_map(|object| object["properties"].as_object().expect("properties").keys()) {
        assert!(page.contains(&format!("`{name}`")), "docs/json.md does not name `{name}`");
    }
}

#[test]
fn sarif_is_valid_and_counts_paths_from_the_repository() {
    for fixture in [Fixture::default(), usual(), odd(), patched()] {
        let text = fixture.render(Format::Sarif, &folder());
        // The standard's pattern of a language tag has a bracket too many, which the validator rightly refuses.
        let schema = include_str!("../../tests/schemas/sarif-schema-2.1.0.json").replace("{2}]?$", "{2}$");
        validate(&schema, &text);
    }
    let run = sarif(&odd())["runs"][0].clone();
    let uris: Vec<String> = run["results"]
        .as_array()
        .expect("results")
        .iter()
        .map(|result| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].to_string())
        .collect();
    let odd = "\"data/sql/a%20dir/50%25%2C%20%C3%A9%3A1.sql\"";
    assert_eq!(uris, ["\"data/x.sql\"", odd, odd, odd, "\"data/sql/lakelint.toml\""]);
    let look = Look { config: Some("../../lakelint.toml".to_string()), ..folder() };
    let text = self::odd().render(Format::Sarif, &look);
    assert!(text.contains("\"uri\": \"lakelint.toml\""), "{text}");
}

fn sarif(fixture: &Fixture) -> serde_json::Value {
    serde_json::from_str(&fixture.render(Format::Sarif, &folder())).expect("JSON")
}

#[test]
fn sarif_results_point_to_their_rule_and_their_places() {
    let document = sarif(&usual());
    let run = &document["runs"][0];
    let result = &run["results"][0];
    let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().expect("an index") as usize];
    assert_eq!(rule["id"], "missing-partition-filter");
    assert!(rule["help"]["markdown"].as_str().expect("help").starts_with("# Missing partition filter"));
    assert_eq!(result["level"], "error");
    let region = &result["locations"][0]["physicalLocation"]["region"];
    assert_eq!([&region["startLine"], &region["startColumn"], &region["endLine"], &region["endColumn"]], [2, 6, 2, 17]);
    assert_eq!(result["relatedLocations"].as_array().map(Vec::len), Some(2));
    assert_eq!(result["partialFingerprints"]["lakelint/v1"], usual().report().findings[0].fingerprint.as_str());
}

#[test]
fn github_gets_the_highest_severity_first_and_escaped() {
    insta::assert_snapshot!(odd().render(Format::Github, &folder()), @r#"
    ::error file=data/x.sql,title=high[unreadable-sql]::is not UTF-8
    ::warning file=data/sql/a dir/50%25%2C é%3A1.sql,title=medium[small-files]::a whole file
    ::warning file=data/sql/a dir/50%25%2C é%3A1.sql,line=2,endLine=3,title=medium[missing-partition-filter]::two lines
    ::notice file=data/sql/a dir/50%25%2C é%3A1.sql,line=1,endLine=1,col=8,endColumn=12,title=low[missing-partition-filter]::100%25 of `t`,%0Aand: more
    ::notice title=low[small-files]::1,200 files below 1 MB (s3://lake/curated/orders/dt=2025-06-01/)%0Ahelp: merge them
    "#);
}

#[test]
fn every_kind_of_place_is_shown() {
    insta::assert_snapshot!(odd().terminal(80), @r#"
    high[unreadable-sql]: is not UTF-8
     --> ../x.sql

    medium[small-files]: a whole file
     --> a dir/50%, é:1.sql

    low[missing-partition-filter]: 100% of `t`,
        and: more
     --> a dir/50%, é:1.sql:1:8
      |
    1 | select    '日本', x
      |           ^^^^^^

    medium[missing-partition-filter]: two lines
     --> a dir/50%, é:1.sql:2:7
      |
    2 |       from "t,:%"
      |  __________^
    3 | |  where a = 1
      | |____________^

    low[small-files]: 1,200 files below 1 MB
     = at: s3://lake/curated/orders/dt=2025-06-01/
     = help: merge them

    checked 1 file, 0 statements: 1 high, 2 medium, 2 low
    "#);
}

#[test]
fn a_long_line_is_cut_around_the_mark_and_a_long_statement_after_its_first_line() {
    let long = format!("select {}\nfrom lake.orders where {}\n", "a, ".repeat(100), "b and ".repeat(100));
    let fixture = Fixture::default().file("x.sql", &long).at("lake.orders", Severity::Low, "one");
    let whole = "with x as (\n select 1\n)\nselect *\nfrom x";
    let fixture = fixture.file("y.sql", whole);
    let span = fixture.span(1, whole);
    let fixture = fixture.found("select-star", Severity::Medium, Place::Span(span), "two");
    let line = format!("select {}", "日本, ".repeat(50));
    let fixture = fixture.file("z.sql", &line);
    let span = fixture.span(2, &line);
    let shown = fixture.found("select-star", Severity::Low, Place::Span(span), "three").terminal(80);
    assert!(shown.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 80), "{shown}");
    insta::assert_snapshot!(shown, @r#"
    low[missing-partition-filter]: one
     --> x.sql:2:6
      |
    2 | from lake.orders where b and b and b and b and b and b and b and b and b ...
      |      ^^^^^^^^^^^

    medium[select-star]: two
     --> y.sql:1:1
      |
    1 | with x as (
      | ^^^^^^^^^^^

    low[select-star]: three
     --> z.sql:1:1
      |
    1 | select 日本, 日本, 日本, 日本, 日本, 日本, 日本, 日本, 日本, 日本, 日本,...
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    checked 3 files, 0 statements: 1 medium, 2 low
    "#);
}

#[test]
fn colour_changes_nothing_but_colour() {
    let look = Look { width: 80, color: true, ..Look::default() };
    let painted = usual().render(Format::Terminal, &look);
    assert!(painted.starts_with("\u{1b}["));
    let stripped = regex::Regex::new("\u{1b}\\[[0-9;]*m").expect("a pattern").replace_all(&painted, "").into_owned();
    assert_eq!(stripped, usual().terminal(80));
}

#[test]
fn nothing_in_a_file_can_write_to_the_terminal() {
    let fixture = Fixture::default().file("a\u{1b}[2J.sql", "select '\u{1b}[31m' from t\n").at(
        "'\u{1b}[31m'",
        Severity::Low,
        "\u{1b}[0m",
    );
    assert!(!fixture.help("\u{1b}]0;x\u{7}").terminal(80).contains(['\u{1b}', '\u{7}']));
}

#[test]
fn the_summary_says_what_was_and_was_not_checked() {
    let clean = Fixture::default().file("a.sql", "select 1").statement(0, "select 1", &[]);
    assert_eq!(clean.terminal(80), "checked 1 file, 1 statement: no findings\n");
    assert_eq!(
        Fixture::default().terminal(200),
        "nothing to check: no .sql, .ddl or .hql file and no state machine in `.`; files that git ignores or `exclude` names are left out unless they are given by name\n"
    );
    let unknown = Fixture::default().file("a.sql", "select 1").statement(0, "select 1", &["b", "a"]);
    assert_eq!(
        unknown.terminal(200),
        "checked 1 file, 1 statement: no findings\n\
         2 tables not checked: a, b; describe them with a CREATE TABLE, `--lake`, or [[tables]] in lakelint.toml\n"
    );
    let many =
        Fixture::default().file("a.sql", "select 1").statement(0, "select 1", &["a", "b", "c", "d", "e", "f", "g"]);
    assert!(many.terminal(200).contains("7 tables not checked: a, b, c, d, e and 2 more; describe them"));
    let look = Look { width: 80, elapsed: Some(Duration::from_millis(1234)), ..Look::default() };
    assert_eq!(clean.render(Format::Terminal, &look), "checked 1 file, 1 statement in 1.23 s: no findings\n");
    let quiet = Look { width: 80, detail: Detail::Quiet, ..Look::default() };
    assert_eq!(clean.render(Format::Terminal, &quiet), "");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_text_and_any_place_can_be_shown(
        text in "\u{feff}?(a|é|日|`|\t|\r|\r\n|\n|\u{1b}|\u{301}|\u{200d}|[a-z ]{1,40}){0,40}",
        ends in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..4),
        width in 0usize..130,
        color in any::<bool>(),
    ) {
        let borders: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
        let mut spans = ends.iter().map(|(a, b)| {
            let (a, b) = (*a.get(&borders), *b.get(&borders));
            Span::new(FileId(0), a.min(b)..a.max(b))
        });
        let first = Place::Span(spans.next().expect("one"));
        let mut fixture = Fixture::default().file("a.sql", &text).found("select-star", Severity::Low, first, &text);
        for span in spans {
            fixture.findings[0].related.push(Related { place: Place::Span(span), message: text.clone() });
        }
        let look = Look { width, color, ..Look::default() };
        let report = fixture.report();
        for format in [Format::Terminal, Format::Json, Format::Sarif, Format::Github] {
            let shown = render(format, &report, &fixture.lake, &look);
            prop_assert!(shown.ends_with('\n'));
            if format == Format::Github {
                prop_assert_eq!(shown.lines().count(), 1);
            }
        }
    }
}
