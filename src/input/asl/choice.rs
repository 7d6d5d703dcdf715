//! What the rules of a Choice compare.
//!
//! <https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html>

use crate::document::Node;
use crate::lake::{Comparison, ComparisonKind, Span};

use super::counters::below;
use super::field::{Number, is_open, jsonata, number};
use super::{intrinsic, jsonata as expression};

/// Levels of And, Or and Not that are looked into.
const DEEPEST: usize = 64;

/// When the execution started, in the context object.
const START: &str = "$$.Execution.StartTime";

/// What a rule compares; `input` is the state's `InputPath`.
pub(super) fn comparisons(rule: &Node, input: Option<&str>) -> Vec<Comparison> {
    let mut found = Vec::new();
    if let Some(condition) = rule.get("Condition") {
        of_condition(condition, &mut found);
    }
    of_rule(rule, input, 0, &mut found);
    found
}

fn of_condition(condition: &Node, found: &mut Vec<Comparison>) {
    let other = || Comparison { variable: String::new(), kind: ComparisonKind::Other, span: condition.span };
    let Some(text) = condition.as_text() else {
        found.push(other());
        return;
    };
    let Some((start, inner)) = jsonata(&text.value) else {
        found.push(other());
        return;
    };
    found.extend(expression::compared(inner).into_iter().map(|compared| Comparison {
        variable: compared.variable,
        kind: compared.kind,
        span: text.map.span(start + compared.range.start..start + compared.range.end),
    }));
}

fn of_rule(rule: &Node, input: Option<&str>, depth: usize, found: &mut Vec<Comparison>) {
    let Some(map) = rule.as_map().filter(|_| depth < DEEPEST) else { return };
    for entry in &map.entries {
        match entry.key.as_str() {
            "And" | "Or" => {
                entry
                    .value
                    .as_list()
                    .unwrap_or_default()
                    .iter()
                    .for_each(|rule| of_rule(rule, input, depth + 1, found));
            }
            "Not" => of_rule(&entry.value, input, depth + 1, found),
            "Variable" => compare(rule, &entry.value, input, found),
            _ => {}
        }
    }
}

fn compare(rule: &Node, variable: &Node, input: Option<&str>, found: &mut Vec<Comparison>) {
    let name = |node: &Node| node.as_str().map(|text| below(input, &intrinsic::path(text)));
    let variable = name(variable).unwrap_or_default();
    let entries = rule.as_map().map_or(&[][..], |map| &map.entries);
    let operator = entries.iter().find(|entry| is_operator(&entry.key));
    let Some(operator) = operator else {
        found.push(Comparison { variable, kind: ComparisonKind::Other, span: rule.span });
        return;
    };
    let other = if operator.key.ends_with("Path") { name(&operator.value) } else { None };
    let kind = kind_of(&operator.key, &operator.value, &variable, other.as_deref());
    let mut push = |variable: String, span: Span| found.push(Comparison { variable, kind, span });
    push(variable, rule.span);
    // A counter may stand on either side.
    if let Some(other) = other {
        push(other, rule.span);
    }
}

fn is_operator(key: &str) -> bool {
    ["Numeric", "Timestamp", "String", "Boolean", "Is"].iter().any(|start| key.starts_with(start))
}

fn kind_of(operator: &str, value: &Node, variable: &str, other: Option<&str>) -> ComparisonKind {
    if operator.starts_with("Numeric") {
        return match number(value) {
            Number::Written(value) if other.is_none() => ComparisonKind::Numeric(Some(value)),
            Number::Written(_) | Number::Open => ComparisonKind::Numeric(None),
            Number::Wrong if other.is_some() || is_open(value) => ComparisonKind::Numeric(None),
            Number::Wrong => ComparisonKind::Other,
        };
    }
    if operator.starts_with("Timestamp") {
        let takes_part = [Some(variable), other].into_iter().flatten().any(|name| name.starts_with(START));
        return if takes_part { ComparisonKind::SinceStart } else { ComparisonKind::Timestamp };
    }
    ComparisonKind::Other
}
