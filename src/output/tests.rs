//! Each format over a small hand-built lake.

use std::time::Duration;

use clap::ValueEnum as _;
use proptest::prelude::*;

use super::{Detail, Fixed, Format, Look, render};
use crate::finding::{Billed, Change, Place, Related, Severity, Waste};
use crate::lake::{FileId, Slot, SlotStyle, Span, Usd};
use crate::patch::Draft;
use crate::triage::Fixture;

const QUERY: &str = "SELECT sum(amount)\nFROM lake.orders o\nJOIN lake.items i ON i.id = o.id\nWHERE o.ts > 1;\n";

pub(super) fn usual() -> Fixture {
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
pub(super) fn odd() -> Fixture {
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

/// The last finding with a price.
pub(super) fn priced(mut fixture: Fixture, usd_per_month: f64) -> Fixture {
    fixture.findings.last_mut().expect("a finding").waste = Some(Waste {
        billed: Billed::Scan,
        bytes: Change { before: 4_100_000_000_000, after: 26_200_000_000 },
        requests: None,
        usd: Change { before: Usd(20.5), after: Usd(0.131) },
        usd_per_month: Some(Usd(usd_per_month)),
        fix: "with `dt = '2025-06-29'`".to_string(),
        is_assumed: false,
        by_ratio: false,
        is_scaled: false,
        is_most: false,
        shares: Vec::new(),
    });
    fixture
}

/// A retrier with too many attempts, and one whose attempts only the user can tell.
pub(super) fn patched() -> Fixture {
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
    1 finding has a fix to look at: run `lakelint check --fix --unsafe`
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
fn json_has_the_edits_of_a_patch() {
    let report: serde_json::Value = serde_json::from_str(&patched().render(Format::Json, &folder())).expect("JSON");
    let fix = &report["findings"][1]["fix"];
    assert_eq!(
        (&fix["safe"], &fix["edits"][0]["line"], &fix["edits"][0]["column"]),
        (&true.into(), &4.into(), &20.into())
    );
    assert_eq!(fix["edits"][0]["text"], "6");
    assert_eq!(report["findings"][0]["fix"]["safe"], false);
}

pub(super) fn validate(schema: &str, document: &str) {
    let schema = serde_json::from_str(schema).expect("a schema in JSON");
    let document = serde_json::from_str(document).expect("JSON");
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
    let errors: Vec<String> = validator.iter_errors(&document).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

pub(super) fn folder() -> Look {
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

#[test]
fn every_format_has_its_name() {
    let values = Format::value_variants().iter().filter_map(Format::to_possible_value);
    assert_eq!(values.map(|value| value.get_name().to_string()).collect::<Vec<_>>(), Format::NAMES);
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
        for format in Format::value_variants() {
            let shown = render(*format, &report, &fixture.lake, &look);
            prop_assert!(shown.ends_with('\n'));
            if *format == Format::Github {
                prop_assert_eq!(shown.lines().count(), 1);
            }
        }
    }
}
