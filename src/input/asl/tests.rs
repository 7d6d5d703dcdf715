//! Definitions to facts.

use super::testing::{machine, workflow, workflow_in};
use crate::finding::Place;
use crate::lake::*;

/// A machine with one state, `A`, and others that it leads to.
fn with(state: &str) -> String {
    format!(r#"{{"StartAt":"A","States":{{"A":{state},"B":{{"Type":"Pass","Next":"C"}},"C":{{"Type":"Succeed"}}}}}}"#)
}

/// Problems of a definition as `text at the place: message`.
fn problems(asl: &str) -> Vec<String> {
    let (machine, sources) = machine(asl);
    let place = |place: &Place| match place {
        Place::Span(span) => sources.text(*span).to_owned(),
        other => format!("{other:?}"),
    };
    machine.problems.iter().map(|p| format!("{}: {}", place(&p.place), p.message)).collect()
}

#[test]
fn states_edges_and_scopes() {
    let asl = r#"{
      "Comment": "Daily pipeline", "StartAt": "Load", "TimeoutSeconds": 3600,
      "States": {
        "Load": {"Type": "Parallel", "Branches": [
            {"StartAt": "X", "States": {"X": {"Type": "Wait", "Seconds": 30, "End": true}}},
            {"StartAt": "Y", "States": {"Y": {"Type": "Pass", "Comment": "y", "End": true}}}],
          "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}],
          "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Failed"}], "Next": "Each"},
        "Each": {"Type": "Map", "MaxConcurrency": 5, "Iterator": {"StartAt": "Z", "States": {"Z": {"Type": "Succeed"}}},
          "Next": "Which"},
        "Which": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericLessThan": 3, "Next": "Load"}], "Default": "Failed"},
        "Failed": {"Type": "Fail"}
      }
    }"#;
    let (machine, sources) = machine(asl);
    assert!(machine.problems.is_empty(), "{:?}", machine.problems);
    let w = &machine.workflow;
    let names: Vec<&str> = w.states.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["Load", "X", "Y", "Each", "Z", "Which", "Failed"]);
    assert_eq!(sources.text(w.span), r#""StartAt": "Load""#);
    assert_eq!(w.timeout.seconds(), Some(3600));
    let scopes: Vec<_> = w.scopes.iter().map(|s| (s.start.map(|id| id.0), s.parent.map(|id| id.0))).collect();
    assert_eq!(scopes, [(Some(0), None), (Some(1), Some(0)), (Some(2), Some(0)), (Some(4), Some(3))]);
    let edges = |name: &str| -> Vec<(EdgeKind, Option<u32>)> {
        let state = w.states.iter().find(|s| s.name == name).expect("state");
        state.edges.iter().map(|e| (e.kind, e.to.map(|id| id.0))).collect()
    };
    assert_eq!(edges("Load"), [(EdgeKind::Catch(0), Some(6)), (EdgeKind::Next, Some(3))]);
    assert_eq!(edges("Which"), [(EdgeKind::Choice, Some(0)), (EdgeKind::Default, Some(6))]);
    let ends: Vec<bool> = w.states.iter().map(|s| s.is_end).collect();
    assert_eq!(ends, [false, true, true, false, true, false, true]);
    let comments: Vec<&str> = machine.comments.iter().map(|(_, text)| &*text.value).collect();
    assert_eq!(comments, ["Daily pipeline", "y"]);
    assert_eq!(machine.comments[1].0, w.states[2].span);
    let StateKind::Map(map) = &w.states[3].kind else { panic!() };
    assert_eq!(map.body, ScopeId(3));
    assert!(matches!(map.max_concurrency, Concurrency::Written(5, _)));
}

#[test]
fn defaults_of_retriers_are_told_from_what_is_written() {
    let asl = with(
        r#"{"Type":"Task","Resource":"arn:aws:states:::http:invoke","Next":"B","Retry":[{"ErrorEquals":["E"]},
        {"ErrorEquals":["F","${G}"],"MaxAttempts":0,"IntervalSeconds":"5","BackoffRate":1.5,"MaxDelaySeconds":60,"JitterStrategy":"FULL"},
        {"ErrorEquals":["States.ALL"],"MaxAttempts":"${n}"}]}"#,
    );
    let (w, sources) = workflow_in(&asl);
    let settings = |i: usize| {
        let r = &w.states[0].retriers[i];
        [r.max_attempts, r.interval, r.backoff, r.max_delay]
            .map(|s| (s.value, s.written.map_or("", |span| sources.text(span))))
    };
    assert_eq!(settings(0), [(Some(3.0), ""), (Some(1.0), ""), (Some(2.0), ""), (None, "")]);
    assert_eq!(settings(1), [(Some(0.0), "0"), (Some(5.0), "\"5\""), (Some(1.5), "1.5"), (Some(60.0), "60")]);
    assert_eq!(settings(2), [(None, "\"${n}\""), (Some(1.0), ""), (Some(2.0), ""), (None, "")]);
    assert!(w.states[0].retriers[1].full_jitter && w.states[0].is_open);
    let slot = w.states[0].retriers[0].slot.expect("slot");
    assert_eq!((sources.text(slot.after), slot.style), (r#""ErrorEquals":["E"]"#, SlotStyle::Json));
    assert!(!workflow(&with(r#"{"Type":"Succeed"}"#)).states[0].is_open);
    assert!(workflow(&with(r#"{"Type":"Pass","Next":"B","Retry":${r}}"#)).states[0].is_open);
}
