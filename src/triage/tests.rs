//! Ignores, order and fingerprints.

use proptest::prelude::*;

use super::*;
use crate::ignore::Scope;
use crate::lake::{FileId, Span, TextMap};
use crate::output::{Format, Look, render};

const TEXT: &str = "-- ignore\nselect a from t;\n\nselect b from u;\n";

fn two_statements() -> Fixture {
    Fixture::default()
        .file("models/a.sql", TEXT)
        .statement(0, "select a from t", &[])
        .statement(0, "select b from u", &[])
        .at("t;", Severity::High, "reads t")
        .table("t")
        .at("u;", Severity::Low, "reads u")
        .table("u")
}

fn first_statement(fixture: &Fixture) -> Scope {
    Scope::Statement(fixture.span(0, "select a from t;"))
}

const RULE: &[&str] = &["missing-partition-filter"];

fn configured(path: Option<&str>, table: Option<&str>, object: Option<&str>) -> Scope {
    let own = |glob: Option<&str>| glob.map(str::to_string);
    Scope::Configured { path: own(path), table: own(table), object: own(object) }
}

#[test]
fn an_ignore_silences_its_statement_or_its_file() {
    let fixture = two_statements();
    let scope = first_statement(&fixture);
    let fixture = fixture.ignore(RULE, 0, "-- ignore", scope, None);
    assert_eq!(fixture.kept(), ["missing-partition-filter: reads u"]);
    assert_eq!((fixture.report().summary.high, fixture.report().summary.low), (0, 1));
    let fixture = two_statements().ignore(RULE, 0, "-- ignore", Scope::File(FileId(0)), None);
    assert_eq!(fixture.kept(), [""; 0]);
}

#[test]
fn the_last_day_counts_and_an_expired_ignore_silences_nothing() {
    let kept = |until| two_statements().ignore(RULE, 0, "-- ignore", Scope::File(FileId(0)), Some(until)).kept();
    assert_eq!(kept("2025-06-30"), [""; 0]);
    assert_eq!(
        kept("2025-06-29"),
        [
            "expired-ignore: this ignore of `missing-partition-filter` ended on 2025-06-29",
            "missing-partition-filter: reads t",
            "missing-partition-filter: reads u",
        ]
    );
}

#[test]
fn configured_ignores_match_paths_from_their_file_and_tables_by_either_name() {
    // The shown path is `models/a.sql` below `/repo/models`, and the configuration is in `/repo`.
    let left = |path, table, object| {
        let fixture = two_statements().declared("lake.fact.t", 0, "t;");
        let fixture = fixture.found("small-files", Severity::Low, Place::Lake, "small").object("s3://b/x/y").table("u");
        let fixture = fixture.ignore(
            &["missing-partition-filter", "small-files"],
            0,
            "-- ignore",
            configured(path, table, object),
            None,
        );
        let kept = fixture.report().findings;
        kept.into_iter()
            .map(|found| found.finding.message)
            .filter(|m| !m.starts_with('`') && !m.starts_with("unknown"))
            .collect::<Vec<_>>()
    };
    assert_eq!(left(Some("models/models/*.sql"), None, None), ["small"]);
    assert_eq!(left(Some("models/"), None, None), ["small"]);
    assert_eq!(left(Some("models/*.sql"), None, None), ["reads t", "reads u", "small"]);
    assert_eq!(left(None, Some("LAKE.fact.*"), None), ["reads u", "small"]);
    assert_eq!(left(None, Some("t"), None), ["reads u", "small"]);
    assert_eq!(left(None, None, Some("s3://b/*")), ["reads t", "reads u"]);
    assert_eq!(left(None, None, None), [""; 0]);
}

#[test]
fn a_finding_without_a_place_is_silenced_where_its_table_is_declared() {
    let fixture = two_statements()
        .declared("lake.t", 0, "t;")
        .found("missing-partition-filter", Severity::Low, Place::Lake, "in the lake")
        .table("lake.t");
    let scope = first_statement(&fixture);
    let fixture = fixture.ignore(RULE, 0, "-- ignore", scope, None);
    assert_eq!(fixture.kept(), ["missing-partition-filter: reads u"]);
}

#[test]
fn unused_and_unknown_ignores_are_findings() {
    let idle = |select: &[&str], unknown: &[&str]| {
        let fixture = Fixture::default().file("a.sql", TEXT).statement(0, "select a from t;", unknown);
        let scope = first_statement(&fixture);
        let fixture = fixture.ignore(RULE, 0, "-- ignore", scope, None);
        fixture.report_of(Vec::new(), select).findings.into_iter().map(|f| f.finding.message).collect::<Vec<_>>()
    };
    assert_eq!(idle(&[], &[]), ["`missing-partition-filter` finds nothing to ignore in this statement"]);
    // What did not run, or met unknown tables, proves nothing.
    assert_eq!(idle(&["unused-ignore"], &[]), [""; 0]);
    assert_eq!(idle(&[], &["lake.unknown"]), [""; 0]);
    let fixture = two_statements();
    let scope = first_statement(&fixture);
    let fixture = fixture.ignore(&["missing-partition-filtre", RULE[0]], 0, "-- ignore", scope, None);
    assert_eq!(
        fixture.kept(),
        [
            "unused-ignore: unknown rule `missing-partition-filtre`, did you mean `missing-partition-filter`?",
            "missing-partition-filter: reads u",
        ]
    );
}

#[test]
fn an_ignore_can_silence_the_rules_about_ignores() {
    let fixture = Fixture::default()
        .file("a.sql", TEXT)
        .ignore(RULE, 0, "-- ignore", Scope::File(FileId(0)), None)
        .ignore(&["unused-ignore"], 0, "-- ignore", Scope::File(FileId(0)), None);
    assert_eq!(fixture.kept(), [""; 0]);
}

#[test]
fn the_same_thing_is_said_once() {
    let fixture =
        two_statements().at("t;", Severity::High, "reads t").table("t").at("t;", Severity::High, "something else");
    assert_eq!(fixture.kept().len(), 3);
    let lake = Fixture::default();
    let lake = lake.found("small-files", Severity::Low, Place::Lake, "small").table("a");
    let lake = lake.found("small-files", Severity::Low, Place::Lake, "small").table("b");
    assert_eq!(lake.kept().len(), 2);
}

#[test]
fn many_thousands_that_are_not_analysed_are_told_once_each_and_at_once() {
    let mut lake = Lake::default();
    let file = lake.sources.add("models/tests.yml", "a\nb\n");
    let missing = |reason: usize, line: usize| crate::lake::NotAnalysed {
        kind: UnreadableKind::Sql,
        span: Span::new(file, 2 * line..2 * line + 1),
        reason: format!("the test {reason} cannot be rendered"),
    };
    lake.not_analysed = (0..100_000).flat_map(|reason| [missing(reason, 1), missing(reason, 0)]).collect();
    let told = not_analysed(&lake);
    assert_eq!((told.len(), told[0].line, told[99_999].line), (100_000, 2, 2));
}

#[test]
fn tables_that_nobody_describes_are_named_once() {
    let fixture = Fixture::default().file("a.sql", TEXT).statement(0, "select a", &["b.y", "x"]).statement(
        0,
        "select b",
        &["B.Y"],
    );
    assert_eq!(fixture.report().summary.tables_not_checked, ["b.y", "x"]);
}

/// SQL in a string of a state machine, whose line feeds are escaped, with a finding in its second line.
fn inside() -> Fixture {
    const MACHINE: &str = "{\n  \"Query\": \"-- ignore\\nselect a from t\"\n}\n";
    let mut fixture = Fixture::default().file("load.asl.json", MACHINE);
    let (comment, select) = (fixture.span(0, "-- ignore"), fixture.span(0, "select a from t"));
    let mut map = TextMap::empty(FileId(0));
    map.push(comment.range().len(), comment.range());
    map.push(1, comment.range().end..select.range().start);
    map.push(select.range().len(), select.range());
    fixture.lake.sources.add_inside("-- ignore\nselect a from t", map);
    let place = Span::new(FileId(1), 24..25);
    fixture.statement(1, "select a from t", &[]).found(RULE[0], Severity::High, Place::Span(place), "reads t")
}

#[test]
fn what_stands_in_a_text_inside_of_a_file_is_shown_there() {
    insta::assert_snapshot!(inside().related(1, "select", "here").terminal(80), @r#"
    high[missing-partition-filter]: reads t
     --> load.asl.json:2:38
      |
    2 |   "Query": "-- ignore\nselect a from t"
      |                        ------ here   ^

    checked 1 file, 1 statement: 1 high
    "#);
    let report = inside().report();
    let place = &report.findings[0].place;
    let (start, end) = place.range.expect("a range");
    assert_eq!((place.file.as_deref(), start.line, start.column, end.column), (Some("load.asl.json"), 2, 38, 39));
}

#[test]
fn ignores_inside_of_a_text_and_around_it_both_count() {
    let around = |fixture: &Fixture| Scope::Part(fixture.span(0, "\"Query\": \"-- ignore\\nselect a from t\""));
    let within = |fixture: &Fixture| Scope::Statement(fixture.span(1, "select a from t"));
    for (file, scope) in [
        (1, within(&inside())),
        (0, around(&inside())),
        (0, Scope::Part(inside().span(0, "a from t"))),
        (0, Scope::File(FileId(0))),
        (1, Scope::File(FileId(1))),
    ] {
        assert_eq!(inside().ignore(RULE, file, "-- ignore", scope.clone(), None).kept(), [""; 0], "{scope:?}");
    }
    let beside = Scope::Part(inside().span(0, "}"));
    assert_eq!(inside().ignore(RULE, 0, "-- ignore", beside, None).kept().len(), 2);
}

#[test]
fn a_machine_that_was_not_read_proves_no_ignore_idle() {
    let idle = |place: Option<Place>| {
        let fixture = Fixture::default().file("load.asl.json", TEXT);
        let scope = Scope::Part(fixture.span(0, "select a"));
        let mut fixture = fixture.ignore(RULE, 0, "-- ignore", scope, None);
        fixture.lake.unreadable.extend(place.map(|place| crate::lake::Unreadable {
            kind: UnreadableKind::StateMachine,
            place,
            message: String::new(),
            help: String::new(),
        }));
        fixture.report_of(Vec::new(), &[]).findings.len()
    };
    assert_eq!(idle(None), 1);
    let elsewhere = Fixture::default().file("load.asl.json", TEXT).span(0, "u;");
    assert_eq!(idle(Some(Place::Span(elsewhere))), 0);
}

#[test]
fn fingerprints_survive_moved_lines_and_tell_equal_lines_apart() {
    let of = |text: &str| {
        let fixture = Fixture::default().file("a.sql", text);
        let places: Vec<Span> =
            text.match_indices("from t").map(|(i, m)| Span::new(FileId(0), i..i + m.len())).collect();
        let fixture = places.iter().fold(fixture, |fixture, span| {
            fixture.found("missing-partition-filter", Severity::High, Place::Span(*span), &format!("at {}", span.start))
        });
        fixture.report().findings.into_iter().map(|found| found.fingerprint).collect::<Vec<_>>()
    };
    let before = of("select a from t;\nselect a from t;\nselect b from t;\n");
    let after = of("-- new\n\nselect a from t;\n\n  select a  from t;\r\nselect b from t;\n");
    assert_eq!(before, after);
    assert_eq!(before.iter().collect::<std::collections::BTreeSet<_>>().len(), 3);
    // Stored in other tools: a change here makes every known alert a new one.
    assert_eq!(before[0], "88eecd0dae51eafe");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn findings_in_any_order_give_the_same_bytes(
        order in Just((0..9usize).collect::<Vec<_>>()).prop_shuffle(),
        kinds in prop::collection::vec((0..4usize, 0..3usize, 0..2usize), 9),
    ) {
        let messages = ["reads t", "reads more"];
        let severities = [Severity::Low, Severity::Medium, Severity::High];
        let fixture = kinds.iter().fold(Fixture::default().file("b.sql", TEXT).file("a.sql", TEXT), |fixture, (place, severity, message)| {
            let place = match place {
                0 => Place::Span(fixture.span(0, "t;")),
                1 => Place::Span(fixture.span(1, "select a")),
                2 => Place::File(FileId(1)),
                _ => Place::Lake,
            };
            fixture.found("missing-partition-filter", severities[*severity], place, messages[*message]).help(messages[*severity % 2])
        });
        let shuffled = order.iter().map(|i| fixture.findings[*i].clone()).collect();
        let look = Look { width: 80, ..Look::default() };
        let (one, other) = (fixture.report(), fixture.report_of(shuffled, &[]));
        for format in [Format::Terminal, Format::Json, Format::Sarif, Format::Github] {
            prop_assert_eq!(render(format, &one, &fixture.lake, &look), render(format, &other, &fixture.lake, &look));
        }
    }
}
