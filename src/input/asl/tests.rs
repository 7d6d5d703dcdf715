//! Definitions to facts.

mod problems;
mod properties;
mod sql;

use super::testing::{machine_at, workflow, workflow_in};
use crate::lake::*;

/// A machine with a state `A`, and `B` and `C` that it may lead to.
fn with(state: &str) -> String {
    format!(r#"{{"StartAt":"A","States":{{"A":{state},"B":{{"Type":"Pass","Next":"C"}},"C":{{"Type":"Succeed"}}}}}}"#)
}

/// The first state of a machine of one state and those that it leads to.
fn state(state: &str) -> State {
    workflow(&with(state)).states[0].clone()
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
    let (machine, sources) = machine_at("a.json", asl);
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
    let StateKind::Map(map) = &w.states[3].kind else { panic!("no Map") };
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
    assert!(!state(r#"{"Type":"Succeed"}"#).is_open);
    assert!(state(r#"{"Type":"Pass","Next":"B","Retry":${r}}"#).is_open);
}

#[test]
fn limits_are_unset_written_or_dynamic() {
    let limit = |fields: &str| {
        let state =
            state(&format!(r#"{{"Type":"Task","Resource":"arn:aws:states:::http:invoke",{fields}"Next":"B"}}"#));
        (state.timeout, state.heartbeat)
    };
    assert_eq!(limit(""), (Limit::Unset, Limit::Unset));
    let (timeout, heartbeat) = limit(r#""TimeoutSeconds":"60","HeartbeatSecondsPath":"$.h","#);
    assert_eq!(timeout.seconds(), Some(60));
    assert_eq!(limit(r#""TimeoutSeconds":"{% 90 %}","#).0.seconds(), Some(90));
    assert!(matches!(heartbeat, Limit::Dynamic(_)));
    for written in [r#""TimeoutSeconds":"{% $t %}","#, r#""TimeoutSeconds":${t},"#, r#""TimeoutSeconds":"${t}","#] {
        assert!(matches!(limit(written).0, Limit::Dynamic(_)), "{written}");
    }
    for (fields, seconds) in [
        (r#""Seconds":30"#, Some(30)),
        (r#""SecondsPath":"$.s""#, None),
        (r#""Timestamp":"2030-01-01T00:00:00Z""#, None),
    ] {
        let StateKind::Wait(limit) = state(&format!(r#"{{"Type":"Wait",{fields},"Next":"B"}}"#)).kind else {
            panic!("no Wait")
        };
        assert_eq!(limit.seconds(), seconds);
        assert_ne!(limit, Limit::Unset);
    }
}

#[test]
fn tasks_say_what_they_call_with_which_arguments() {
    let call = |resource: &str, fields: &str| {
        let task = state(&format!(r#"{{"Type":"Task","Resource":{resource},{fields}"Next":"B"}}"#));
        format!("{:?}", task.task().expect("task").call)
    };
    let invoke = r#""arn:aws:states:::lambda:invoke""#;
    assert_eq!(
        call(invoke, r#""Parameters":{"FunctionName":{"Fn::GetAtt":["Load","Arn"]},"InvocationType":"Event"},"#),
        r#"Lambda { function: Some("${Load.Arn}"), is_event: true }"#
    );
    assert_eq!(call(invoke, r#""Parameters":{"FunctionName.$":"$.f"},"#), "Lambda { function: None, is_event: false }");
    assert_eq!(call(invoke, r#""Arguments":"{% $all %}","#), "Lambda { function: None, is_event: false }");
    let glue = call(
        r#""arn:aws:states:::glue:startJobRun.sync""#,
        r#""Arguments":{"JobName":"load","Timeout":5,"NumberOfWorkers":10,"WorkerType":"G.1X","MaxCapacity":"{% $c %}"},"#,
    );
    assert!(glue.starts_with(r#"GlueJob { job: Some("load"), timeout_minutes: Seconds { seconds: 300,"#), "{glue}");
    assert!(glue.ends_with(r#"workers: Some(10.0), worker_type: Some("G.1X"), max_capacity: None }"#), "{glue}");
    let start = r#""arn:aws:states:::states:startExecution.sync:2""#;
    assert_eq!(
        call(start, r#""Parameters":{"StateMachineArn":"${Child}"},"#),
        r#"Execution { machine: Some("${Child}") }"#
    );
    assert_eq!(
        call(start, r#""Arguments":{"StateMachineArn":"{% 'child' %}"},"#),
        r#"Execution { machine: Some("child") }"#
    );
    assert_eq!(call(r#"{"Ref":"Whatever"}"#, ""), "Unknown");
    assert_eq!(
        call(r#"${aws_lambda_function.a.arn}"#, ""),
        r#"Lambda { function: Some("${aws_lambda_function.a.arn}"), is_event: false }"#
    );
    let query = r#""arn:aws:states:::athena:startQueryExecution.sync""#;
    let sql = r#""QueryString":"select 1""#;
    for (fields, expected) in [
        (
            format!(r#""Parameters":{{{sql},"WorkGroup":"etl"}},"#),
            r#"AthenaQuery { sql: Known, workgroup: Some(Some("etl")) }"#,
        ),
        (
            format!(r#""Parameters":{{{sql},"WorkGroup.$":"$.w"}},"#),
            "AthenaQuery { sql: Known, workgroup: Some(None) }",
        ),
        (format!(r#""Parameters":{{{sql}}},"#), "AthenaQuery { sql: Known, workgroup: None }"),
        (r#""Parameters":{"QueryString.$":"$.q"},"#.to_owned(), "AthenaQuery { sql: Dynamic, workgroup: None }"),
        (r#""Parameters":{"QueryString":"${Query}"},"#.to_owned(), "AthenaQuery { sql: Dynamic, workgroup: None }"),
        (
            r#""Parameters":{"WorkGroup":"etl"},"#.to_owned(),
            r#"AthenaQuery { sql: Missing, workgroup: Some(Some("etl")) }"#,
        ),
        (String::new(), "AthenaQuery { sql: Dynamic, workgroup: Some(None) }"),
    ] {
        assert_eq!(call(query, &fields), expected, "{fields}");
    }
}

#[test]
fn maps_tell_their_items_where_somebody_wrote_them() {
    let map = |before: &str, fields: &str| {
        let asl = format!(
            r#"{{"StartAt":"P","States":{{"P":{{"Type":"Pass",{before}"Next":"M"}},"M":{{"Type":"Map",{fields}
            "ItemProcessor":{{"ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"}},"StartAt":"S",
            "States":{{"S":{{"Type":"Succeed"}}}}}},"End":true}}}}}}"#
        );
        let workflow = workflow(&asl);
        match &workflow.states[1].kind {
            StateKind::Map(facts) => facts.clone(),
            other => panic!("{other:?}"),
        }
    };
    let facts = map("", r#""MaxConcurrencyPath":"$.c","ItemBatcher":{"MaxItemsPerBatch":10},"#);
    assert!(facts.is_distributed && facts.child_kind == Some(WorkflowKind::Express));
    assert_eq!((facts.max_concurrency, facts.batch, facts.items), (Concurrency::Dynamic, Some(10), None));
    assert_eq!(map("", "").max_concurrency, Concurrency::Unset);
    assert!(matches!(map("", r#""MaxConcurrency":0,"#).max_concurrency, Concurrency::Written(0, _)));
    let tolerates = |fields: &str| map("", fields).tolerates_failures;
    assert!(tolerates(r#""ToleratedFailurePercentage":5,"#) && tolerates(r#""ToleratedFailureCountPath":"$.n","#));
    assert!(!tolerates("") && !tolerates(r#""ToleratedFailureCount":0,"#));
    let items = |before: &str, fields: &str| map(before, fields).items;
    assert_eq!(items("", r#""Items":[1,2,3],"#), Some(3));
    assert_eq!(items("", r#""Items":"{% $x %}","#), None);
    assert_eq!(items("", r#""ItemReader":{"ReaderConfig":{"MaxItems":100}},"#), Some(100));
    assert_eq!(items("", r#""ItemReader":{"ReaderConfig":{"MaxItemsPath":"$.n"}},"#), None);
    assert_eq!(items(r#""Result":[1,2],"#, ""), Some(2));
    assert_eq!(items(r#""Result":{"a":{"b":[1,2,3,4]}},"ResultPath":"$.r","#, r#""ItemsPath":"$.r.a.b","#), Some(4));
    assert_eq!(items(r#""Result":{"a":[1]},"#, r#""ItemsPath":"$.ab","#), None);
    assert_eq!(items(r#""Result":[1],"ResultPath":"$.r","#, ""), None);
}

#[test]
fn counters_name_the_variable_that_a_choice_compares() {
    let counted = |fields: &str| state(&format!(r#"{{"Type":"Pass",{fields}"Next":"B"}}"#)).increments;
    let add = r#""Parameters":{"count.$":"States.MathAdd($.loop.count, 1)"},"#;
    assert_eq!(counted(&format!(r#"{add}"ResultPath":"$.loop","#)), ["$.loop.count"]);
    assert_eq!(counted(add), ["$.count", "$.loop.count"]);
    assert_eq!(counted(&format!(r#"{add}"InputPath":"$.x","ResultPath":"$['x']['loop']","#)), ["$.x.loop.count"]);
    assert_eq!(counted(&format!(r#"{add}"ResultPath":"$.loop","OutputPath":"$.loop","#)), ["$.count", "$.loop.count"]);
    assert_eq!(counted(r#""Parameters":{"a":{"n.$":"States.MathAdd($.a.n, -1)"}},"#), ["$.a.n"]);
    assert_eq!(counted(r#""Assign":{"n.$":"States.MathAdd($n, 1)"},"#), ["$n"]);
    assert_eq!(counted(r#""Assign":{"n":"{% $n + 1 %}"},"#), ["$n"]);
    assert_eq!(counted(r#""Output":{"i":"{% $states.input.i + 1 %}"},"#), ["$states.input.i"]);
    assert_eq!(
        counted(r#""Output":"{% $merge([$states.input, {'i': $states.input.i + 1}]) %}","#),
        ["$states.input.i"]
    );
    assert!(counted(r#""Parameters":{"n.$":"States.MathAdd($.n, $.step)"},"Comment":"{% $n + 1 %}","#).is_empty());
    let task = r#"{"Type":"Task","Resource":"arn:aws:states:::http:invoke","Next":"B","Parameters":{"try.$":"States.MathAdd($.n, 1)"},
        "Catch":[{"ErrorEquals":["States.ALL"],"Assign":{"tries":"{% $tries + 1 %}"},"Next":"B"}]}"#;
    assert_eq!(state(task).increments, ["$.n", "$tries"]);
}

#[test]
fn choices_say_what_they_compare() {
    use ComparisonKind::{Numeric, Other, SinceStart, Timestamp};
    let compared = |rule: &str| -> Vec<(String, ComparisonKind)> {
        let choice = state(&format!(r#"{{"Type":"Choice","Choices":[{rule}],"Default":"C"}}"#));
        let StateKind::Choice(found) = choice.kind else { panic!("no Choice") };
        found.into_iter().map(|c| (c.variable, c.kind)).collect()
    };
    for (rule, expected) in [
        (r#"{"Variable":"$.n","NumericGreaterThanEquals":10,"Next":"B"}"#, vec![("$.n", Numeric(Some(10.0)))]),
        (
            r#"{"Variable":"$['n']","NumericLessThanPath":"$.max","Next":"B"}"#,
            vec![("$.n", Numeric(None)), ("$.max", Numeric(None))],
        ),
        (r#"{"Variable":"$.n","NumericEquals":"${max}","Next":"B"}"#, vec![("$.n", Numeric(None))]),
        (
            r#"{"And":[{"Variable":"$.s","StringEquals":"x"},{"Not":{"Or":[{"Variable":"$$.State.RetryCount","NumericLessThan":3}]}}],"Next":"B"}"#,
            vec![("$.s", Other), ("$$.State.RetryCount", Numeric(Some(3.0)))],
        ),
        (
            r#"{"Variable":"$.deadline","TimestampLessThanPath":"$$.Execution.StartTime","Next":"B"}"#,
            vec![("$.deadline", SinceStart), ("$$.Execution.StartTime", SinceStart)],
        ),
        (r#"{"Variable":"$.t","TimestampLessThan":"2030-01-01T00:00:00Z","Next":"B"}"#, vec![("$.t", Timestamp)]),
        (r#"{"Condition":"{% $n >= 10 %}","Next":"B"}"#, vec![("$n", Numeric(Some(10.0)))]),
        (r#"{"Condition":true,"Next":"B"}"#, vec![("", Other)]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|(name, kind)| (name.to_owned(), kind)).collect();
        assert_eq!(compared(rule), expected, "{rule}");
    }
}

#[test]
fn fields_go_after_a_line_that_surely_ends() {
    let (w, sources) = workflow_in(&with(r#"{"Type":"Pass","Next":"B","Result":{"a":1}}"#));
    let after = |slot: Option<Slot>| slot.map(|slot| (sources.text(slot.after), slot.style));
    assert_eq!(after(w.slot), Some((r#""StartAt":"A""#, SlotStyle::Json)));
    assert_eq!(after(w.states[0].slot), Some((r#""Next":"B""#, SlotStyle::Json)));
    let yaml = "StartAt: A\nStates:\n  A:\n    Type: Task\n    Resource: arn:aws:states:::http:invoke\n    End: true\n    Retry:\n      - ErrorEquals: [States.ALL]\n        MaxAttempts: 2\n";
    let (machine, sources) = machine_at("a.asl.yaml", yaml);
    let after = |slot: Option<Slot>| slot.map(|slot| (sources.text(slot.after), slot.style));
    let state = &machine.workflow.states[0];
    assert_eq!(after(machine.workflow.slot), Some(("StartAt: A", SlotStyle::Yaml)));
    assert_eq!(after(state.slot), Some(("End: true", SlotStyle::Yaml)));
    assert_eq!(after(state.retriers[0].slot), Some(("MaxAttempts: 2", SlotStyle::Yaml)));
}
