//! What is wrong with definitions, and what is not.

use super::super::testing::machine_at;
use super::with;
use crate::finding::Place;

/// Problems of a definition as `text at the place | message | help`.
fn problems(asl: &str) -> Vec<String> {
    let (machine, sources) = machine_at("a.json", asl);
    let place = |place: &Place| match place {
        Place::Span(span) => sources.text(*span).to_owned(),
        other => format!("{other:?}"),
    };
    machine.problems.iter().map(|p| format!("{} | {} | {}", place(&p.place), p.message, p.help)).collect()
}

#[test]
fn each_problem_is_one_finding_at_its_place() {
    let task = |fields: &str| {
        with(&format!(r#"{{"Type":"Task","Resource":"arn:aws:states:::http:invoke",{fields}"Next":"B"}}"#))
    };
    let retry = |fields: &str| task(&format!(r#""Retry":[{{"ErrorEquals":["E"],{fields}}}],"#));
    for (asl, place, message) in [
        (r#"{"StartAt":"A"}"#.to_owned(), r#""StartAt":"A""#, "a definition without `States`"),
        (r#"{"States":{"A":{"Type":"Succeed"}}}"#.to_owned(), r#""States""#, "a definition without `StartAt`"),
        (r#"{"StartAt":"A","States":{}}"#.to_owned(), "{}", "`States` is empty"),
        (
            r#"{"StartAt":"X","States":{"A":{"Type":"Succeed"}}}"#.to_owned(),
            r#""X""#,
            "`StartAt` leads to `X`, which is no state here",
        ),
        (r#"{"StartAt":1,"States":{"A":{"Type":"Succeed"}}}"#.to_owned(), "1", "`StartAt` is no text"),
        ("[1]".to_owned(), "[1]", "the definition of states is no map"),
        (with("3"), "3", "the state `A` is no map"),
        (with(r#"{"Next":"B"}"#), r#""A""#, "the state `A` has no `Type`"),
        (with(r#"{"Type":"Taks","Next":"B"}"#), r#""Taks""#, "`Taks` is no type of a state"),
        (with(r#"{"Type":"Task","Next":"B"}"#), r#""A""#, "a Task without `Resource`"),
        (with(r#"{"Type":"Task","Resource":7,"Next":"B"}"#), "7", "the `Resource` of a Task is no text"),
        (with(r#"{"Type":"Choice","Default":"B"}"#), r#""Choice""#, "a Choice without `Choices`"),
        (with(r#"{"Type":"Choice","Choices":[],"Default":"B"}"#), "[]", "`Choices` is no list of rules"),
        (
            with(r#"{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true}],"Default":"B"}"#),
            r#""Variable""#,
            "a rule of `Choices` without `Next`",
        ),
        (with(r#"{"Type":"Pass"}"#), r#""A""#, "the state `A` has neither `Next` nor `End`"),
        (with(r#"{"Type":"Pass","Next":"Bee"}"#), r#""Bee""#, "`Next` leads to `Bee`, which is no state here"),
        (with(r#"{"Type":"Wait","Next":"B"}"#), r#""A""#, "a Wait that does not say how long"),
        (
            with(r#"{"Type":"Wait","Seconds":-1,"Next":"B"}"#),
            "-1",
            "`Seconds` is -1: it must be a whole number from 0 on",
        ),
        (with(r#"{"Type":"Parallel","Next":"B"}"#), r#""A""#, "a Parallel without `Branches`"),
        (with(r#"{"Type":"Map","Next":"B"}"#), r#""A""#, "a Map without `ItemProcessor`"),
        (retry(r#""MaxAttempts":-1"#), "-1", "`MaxAttempts` is -1: it must be a whole number from 0 to 99999999"),
        (
            retry(r#""MaxAttempts":"many""#),
            r#""many""#,
            "`MaxAttempts` is no number: it must be a whole number from 0 to 99999999",
        ),
        (retry(r#""BackoffRate":0.5"#), "0.5", "`BackoffRate` is 0.5: it must be a number from 1 on"),
        (retry(r#""IntervalSeconds":0"#), "0", "`IntervalSeconds` is 0: it must be a whole number from 1 on"),
        (task(r#""Retry":[{"MaxAttempts":1}],"#), r#""MaxAttempts""#, "an entry of `Retry` without `ErrorEquals`"),
        (task(r#""Retry":[{"ErrorEquals":[]}],"#), "[]", "`ErrorEquals` is empty: it matches no error"),
        (task(r#""Retry":{"ErrorEquals":["E"]},"#), r#"{"ErrorEquals":["E"]}"#, "`Retry` is no list"),
        (task(r#""Catch":[{"ErrorEquals":["E"]}],"#), r#""ErrorEquals""#, "an entry of `Catch` without `Next`"),
        (
            task(r#""TimeoutSeconds":9,"TimeoutSecondsPath":"$.t","#),
            r#""TimeoutSecondsPath""#,
            "`TimeoutSeconds` and `TimeoutSecondsPath` are both written",
        ),
        (
            task(r#""TimeoutSeconds":9,"HeartbeatSeconds":9,"#),
            "9",
            "`HeartbeatSeconds` 9 is not below `TimeoutSeconds` 9",
        ),
        (with(r#"{"Type":"Succeed"},"C":{"Type":"Succeed"}"#), r#""C""#, "two states are called `C`"),
        (
            with(r#"{"Type":"Map","Next":"B","Iterator":{"StartAt":"I","States":{"I":{"Type":"Pass","Next":"B"}}}}"#),
            r#""B""#,
            "`Next` leads to `B`, which is no state of the same `States`",
        ),
    ] {
        let found = problems(&asl);
        let [one] = found.as_slice() else { panic!("{found:#?} in {asl}") };
        assert!(one.starts_with(&format!("{place} | {message} | ")), "{one} in {asl}");
    }
}

#[test]
fn what_the_deployment_fills_in_is_no_problem() {
    for asl in [
        with(r#"{"Type":"Pass","Next":"${Next}"}"#),
        with(r#"{"Type":"Pass","Next":${Next}}"#),
        with("${State}"),
        with(r#"{"Fn::Transform":{"Name":"AWS::Include"},"Next":"Elsewhere"}"#),
        with(r#"{"Type":"${Type}"}"#),
        with(
            r#"{"Type":"Task","Resource":"${Arn}","Retry":"${Retry}","Catch":${c},"TimeoutSeconds":"${t}","Next":"B"}"#,
        ),
        with(
            r#"{"Type":"Task","Resource":{"Fn::GetAtt":["F","Arn"]},"Retry":[{"ErrorEquals":["${e}"],"MaxAttempts":"__N__"}],"Next":"B"}"#,
        ),
        with(r#"{"Type":"Wait","Seconds":"{% $s %}","Next":"B"}"#),
        with(r#"{"Type":"Choice","Choices":"${Rules}"}"#),
        with(r#"{"Type":"Pass","End":${End}}"#),
        with(r#"{"Type":"Parallel","Branches":[${Branch}],"Next":"B"}"#),
        r#"{"StartAt":"${First}","States":{"A":{"Type":"Succeed"}}}"#.to_owned(),
        r#"{"StartAt":"First","States":{"${First}":{"Type":"Succeed"}}}"#.to_owned(),
        r#"{"StartAt":"First","States":${States}}"#.to_owned(),
        r#"{"StartAt":"A","States":{"A":{"Type":"Pass","End":"True"}}}"#.to_owned(),
    ] {
        assert_eq!(problems(&asl), Vec::<String>::new(), "{asl}");
    }
}

#[test]
fn the_nearest_name_is_suggested() {
    let asl = r#"{"StartAt":"LoadOrder","States":{"LoadOrders":{"Type":"Succeed"},"Other":{"Type":"Suceed"}}}"#;
    let found = problems(asl);
    assert!(found[0].ends_with("name a state of the same `States`, did you mean `LoadOrders`?"), "{found:?}");
    assert!(found[1].ends_with(", did you mean `Succeed`?"), "{found:?}");
}

#[test]
fn the_rest_of_a_broken_machine_is_read() {
    let (machine, _) =
        machine_at("a.json", &with(r#"{"Type":"Tsak","Next":"B","Retry":[3,{"ErrorEquals":["E"],"MaxAttempts":-2}]}"#));
    assert_eq!(machine.workflow.states.len(), 3);
    let first = &machine.workflow.states[0];
    assert_eq!((first.edges[0].to, first.retriers.len()), (Some(machine.workflow.states[1].id), 1));
    assert_eq!(first.retriers[0].max_attempts.value, None);
    assert_eq!(machine.problems.len(), 3);
}
