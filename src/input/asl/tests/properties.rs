//! Whatever a definition holds, reading it ends, and its facts lie within its file.

use std::sync::LazyLock;

use proptest::prelude::*;
use regex::Regex;

use super::super::testing::try_machine;
use crate::lake::{StateId, StateKind};

const MACHINE: &str = r#"{"Comment":"é","StartAt":"A","TimeoutSeconds":60,"States":{
 "A":{"Type":"Task","Resource":"arn:aws:states:::athena:startQueryExecution.sync","Parameters":{"QueryString.$":"States.Format('select {} from \\'t\\'', $.a)"},
  "Retry":[{"ErrorEquals":["States.ALL"],"MaxAttempts":3,"BackoffRate":1.5}],"Catch":[{"ErrorEquals":["E"],"Next":"W"}],"Next":"C"},
 "W":{"Type":"Wait","Seconds":30,"Next":"P"},
 "P":{"Type":"Pass","Parameters":{"n.$":"States.MathAdd($.n, 1)"},"ResultPath":"$.x","Next":"C"},
 "C":{"Type":"Choice","Choices":[{"And":[{"Variable":"$.n","NumericLessThan":3}],"Next":"A"},{"Condition":"{% $n > 3 and $x %}","Next":"M"}],"Default":"M"},
 "M":{"Type":"Map","Items":[1,2],"ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Succeed"}}},"Next":"L"},
 "L":{"Type":"Parallel","Branches":[{"StartAt":"J","States":{"J":{"Type":"Fail"}}}],"End":true}}}"#;

/// Spans as `Debug` shows them.
static SPANS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"start: (\d+), end: (\d+)").expect("pattern"));

/// Reads a text and checks all that the facts point at.
fn check(path: &str, text: &str) -> Result<(), TestCaseError> {
    let Ok((machine, _)) = try_machine(path, text) else { return Ok(()) };
    let shown = format!("{machine:?}");
    for found in SPANS.captures_iter(&shown) {
        let at = |i: usize| found[i].parse::<usize>().expect("number");
        prop_assert!(text.get(at(1)..at(2)).is_some(), "{}..{} of {}", at(1), at(2), text.len());
    }
    let workflow = &machine.workflow;
    for (i, state) in workflow.states.iter().enumerate() {
        prop_assert_eq!(state.id, StateId(i as u32));
        let scope = workflow.scope(state.scope);
        prop_assert!(scope.parent.is_none_or(|parent| parent < state.id));
        for to in state.edges.iter().filter_map(|edge| edge.to) {
            prop_assert_eq!(workflow.state(to).scope, state.scope);
        }
        if let StateKind::Map(facts) = &state.kind {
            prop_assert_eq!(workflow.scope(facts.body).parent, Some(state.id));
        }
    }
    for (id, sql) in &machine.queries {
        prop_assert!(workflow.state(*id).task().is_some());
        prop_assert_eq!(sql.text.map.len(), sql.text.value.len());
    }
    Ok(())
}

/// JSON made of the words of the language, in any place.
fn any_json() -> impl Strategy<Value = String> {
    let words = [
        "StartAt",
        "States",
        "A",
        "B",
        "Type",
        "Task",
        "Choice",
        "Wait",
        "Map",
        "Parallel",
        "Pass",
        "Next",
        "End",
        "Retry",
        "Catch",
        "ErrorEquals",
        "MaxAttempts",
        "Choices",
        "Variable",
        "Condition",
        "NumericLessThan",
        "And",
        "Branches",
        "Iterator",
        "ItemProcessor",
        "Items",
        "Result",
        "ResultPath",
        "Parameters",
        "Assign",
        "Output",
        "x.$",
        "QueryString",
        "QueryString.$",
        "Resource",
        "Comment",
        "TimeoutSeconds",
        "Fn::Join",
        "Fn::Sub",
        "Ref",
        "Default",
        "Seconds",
        "$.a",
        "${x}",
        "é",
        "{% $i + 1 < 3 %}",
        "{% 'é' & $x %}",
        "States.MathAdd($.i, 1)",
        "States.Format('é{} \\\\'', $.a)",
        "arn:aws:states:::athena:startQueryExecution",
        "arn:aws:states:::glue:startJobRun",
    ];
    let word = prop::sample::select(words.to_vec());
    let scalar = prop_oneof![
        word.clone().prop_map(|word| format!("\"{word}\"")),
        prop::sample::select(vec!["0", "-1", "1.5", "1e99", "true", "null", "${hole}"]).prop_map(str::to_owned),
    ];
    scalar.prop_recursive(6, 96, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((word.clone(), inner), 0..8).prop_map(|entries| {
                let entries: Vec<String> = entries.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
                format!("{{{}}}", entries.join(", "))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_tree_is_read(states in any_json(), other in any_json()) {
        check("a.json", &other)?;
        check("a.yaml", &states)?;
        check("a.json", &format!(r#"{{"StartAt":"A","States":{{"A":{states},"B":{other}}}}}"#))?;
    }

    #[test]
    fn mutated_machines_are_read(at in 0..MACHINE.len(), len in 0usize..40, put in r#"["{}\[\],:'$é\\ a0]{0,4}"#) {
        let start = (0..=at).rev().find(|i| MACHINE.is_char_boundary(*i)).unwrap_or(0);
        let end = (start + len..=MACHINE.len()).find(|i| MACHINE.is_char_boundary(*i)).unwrap_or(MACHINE.len());
        let text = format!("{}{put}{}", &MACHINE[..start], &MACHINE[end..]);
        check("a.json", &text)?;
        check("a.yaml", &text)?;
    }
}

#[test]
fn nesting_is_bounded() {
    let mut asl = r#"{"StartAt":"S","States":{"S":{"Type":"Succeed"}}}"#.to_owned();
    for i in 0..70 {
        asl = format!(r#"{{"StartAt":"{i}","States":{{"{i}":{{"Type":"Map","End":true,"Iterator":{asl}}}}}}}"#);
    }
    let (machine, _) = try_machine("a.json", &asl).expect("machine");
    assert_eq!(machine.workflow.states.len(), 60);
    assert_eq!(machine.problems.len(), 1);
}
