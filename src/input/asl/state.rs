//! One state.

use crate::document::{Entry, Map, Node};
use crate::lake::{Catcher, Edge, EdgeKind, Limit, Retrier, ScopeId, Slot, Span, State, StateId, StateKind};

use super::field::{has_placeholder, is_open, limit, slot, text_of, truth};
use super::reader::Reader;
use super::{choice, counters, intrinsic, map_state, retry, task};

/// The types of states, by <https://states-language.net/spec.html>.
const TYPES: [&str; 8] = ["Task", "Choice", "Wait", "Parallel", "Map", "Pass", "Succeed", "Fail"];

/// What a state says.
pub(super) struct Facts {
    kind: StateKind,
    edges: Vec<Edge>,
    is_end: bool,
    retriers: Vec<Retrier>,
    catchers: Vec<Catcher>,
    is_open: bool,
    timeout: Limit,
    heartbeat: Limit,
    increments: Vec<String>,
    slot: Option<Slot>,
}

impl Facts {
    /// Of a state that is not written out.
    fn unknown(is_open: bool) -> Facts {
        Facts {
            kind: StateKind::Unknown,
            edges: Vec::new(),
            is_end: false,
            retriers: Vec::new(),
            catchers: Vec::new(),
            is_open,
            timeout: Limit::Unset,
            heartbeat: Limit::Unset,
            increments: Vec::new(),
            slot: None,
        }
    }
}

pub(super) fn apply(state: &mut State, facts: Facts) {
    state.kind = facts.kind;
    state.edges = facts.edges;
    state.is_end = facts.is_end;
    state.retriers = facts.retriers;
    state.catchers = facts.catchers;
    state.is_open = facts.is_open;
    state.timeout = facts.timeout;
    state.heartbeat = facts.heartbeat;
    state.increments = facts.increments;
    state.slot = facts.slot;
}

pub(super) fn read<'a>(reader: &mut Reader<'a>, entry: &'a Entry, id: StateId, depth: usize) -> Facts {
    let node = &entry.value;
    let mut facts = Facts::unknown(is_open(node));
    let Some(map) = node.as_map().filter(|_| !facts.is_open) else {
        if !facts.is_open {
            let message = format!("the state `{}` is no map", entry.key);
            reader.problems.add(node.span, message, "write a map with `Type`");
        }
        return facts;
    };
    reader.comment(map, super::field::entry_span(entry));
    facts.slot = slot(node);
    facts.timeout = limit(map, "TimeoutSeconds", "TimeoutSecondsPath");
    facts.heartbeat = limit(map, "HeartbeatSeconds", "HeartbeatSecondsPath");
    facts.is_end = map.get("End").and_then(truth) == Some(true);
    transitions(reader, map, &mut facts);
    let written = map.get("Type");
    let name = written.and_then(Node::as_str).unwrap_or_default();
    facts.kind = kind(reader, entry, map, name, id, depth);
    match facts.kind {
        StateKind::Unknown => unknown_type(reader, entry, written),
        StateKind::Succeed | StateKind::Fail => facts.is_end = true,
        StateKind::Choice(_) => {}
        _ => check_end(reader, entry, map, &facts),
    }
    check_limits(reader, map, &facts);
    facts.increments = counters::counted(node, matches!(facts.kind, StateKind::Pass));
    facts
}

fn kind<'a>(
    reader: &mut Reader<'a>,
    entry: &'a Entry,
    map: &'a Map,
    name: &str,
    id: StateId,
    depth: usize,
) -> StateKind {
    match name {
        "Task" => {
            let (task, sql) = task::read(map, entry.key_span, &mut reader.problems);
            reader.queries.extend(sql.map(|sql| (id, sql)));
            StateKind::Task(task)
        }
        "Choice" => {
            let input = map.get("InputPath").and_then(Node::as_str).map(intrinsic::path);
            let rules = map.get("Choices").and_then(Node::as_list).unwrap_or_default();
            StateKind::Choice(rules.iter().flat_map(|rule| choice::comparisons(rule, input.as_deref())).collect())
        }
        "Wait" => StateKind::Wait(wait(reader, map, entry.key_span)),
        "Parallel" => StateKind::Parallel { branches: branches(reader, map, entry.key_span, id, depth) },
        "Map" => {
            let body = processor(reader, map, entry.key_span, id, depth);
            StateKind::Map(map_state::facts(map, body))
        }
        "Pass" => StateKind::Pass,
        "Succeed" => StateKind::Succeed,
        "Fail" => StateKind::Fail,
        _ => StateKind::Unknown,
    }
}

fn unknown_type(reader: &mut Reader<'_>, entry: &Entry, written: Option<&Node>) {
    let (span, message, suggestion) = match written {
        Some(node) if is_open(node) => return,
        Some(node) => {
            let name = node.as_str().unwrap_or_default();
            (node.span, format!("`{name}` is no type of a state"), reader.problems.suggestion(name, || TYPES.to_vec()))
        }
        None => (entry.key_span, format!("the state `{}` has no `Type`", entry.key), String::new()),
    };
    reader.problems.add(span, message, format!("use one of {}{suggestion}", TYPES.join(", ")));
}

/// Reads what leads elsewhere, in text order.
fn transitions(reader: &mut Reader<'_>, map: &Map, facts: &mut Facts) {
    let is_choice = map.get("Type").and_then(Node::as_str) == Some("Choice");
    for entry in &map.entries {
        match entry.key.as_str() {
            "Next" => facts.edges.extend(edge(reader, EdgeKind::Next, entry)),
            "Default" => facts.edges.extend(edge(reader, EdgeKind::Default, entry)),
            "Choices" if is_choice => choices(reader, entry, facts),
            "Retry" => {
                let read = retry::retries(entry, &mut reader.problems);
                facts.is_open |= read.is_open;
                facts.retriers.extend(read.retriers);
            }
            "Catch" => catches(reader, entry, facts),
            _ => {}
        }
    }
    if is_choice && map.get("Choices").is_none() {
        let place = map.entry("Type").map(|entry| entry.value.span);
        if let Some(place) = place {
            reader.problems.add(place, "a Choice without `Choices`", "add a list of rules, each with `Next`");
        }
    }
}

fn edge(reader: &mut Reader<'_>, kind: EdgeKind, entry: &Entry) -> Option<Edge> {
    let target = text_of(&entry.value);
    if target.is_none() && !is_open(&entry.value) {
        let message = format!("`{}` is no text", entry.key);
        reader.problems.add(entry.value.span, message, "write the name of a state");
    }
    Some(Edge { kind, to: None, target: target?, span: entry.value.span })
}

fn choices(reader: &mut Reader<'_>, entry: &Entry, facts: &mut Facts) {
    let Some(rules) = entry.value.as_list().filter(|rules| !rules.is_empty()) else {
        if !is_open(&entry.value) {
            let met = "`Choices` is no list of rules";
            reader.problems.add(entry.value.span, met, "write a list of rules, each with `Next`");
        }
        return;
    };
    for rule in rules {
        target(reader, EdgeKind::Choice, rule, "a rule of `Choices` without `Next`", facts);
    }
}

fn catches(reader: &mut Reader<'_>, entry: &Entry, facts: &mut Facts) {
    let read = retry::catches(entry, &mut reader.problems);
    facts.is_open |= read.is_open;
    for (catcher, node) in read.catchers {
        target(reader, EdgeKind::Catch(facts.catchers.len()), node, "an entry of `Catch` without `Next`", facts);
        facts.catchers.push(catcher);
    }
}

fn target(reader: &mut Reader<'_>, kind: EdgeKind, node: &Node, without: &str, facts: &mut Facts) {
    match node.as_map().and_then(|map| map.entry("Next")) {
        Some(entry) => facts.edges.extend(edge(reader, kind, entry)),
        None if is_open(node) => {}
        None => reader.problems.add(retry::place_of(node), without, "add `Next` with the name of a state"),
    }
}

fn wait(reader: &mut Reader<'_>, map: &Map, place: Span) -> Limit {
    match ["Timestamp", "TimestampPath"].iter().find_map(|key| map.get(key)) {
        Some(node) => Limit::Dynamic(node.span),
        None => {
            let seconds = limit(map, "Seconds", "SecondsPath");
            if seconds == Limit::Unset {
                let help = "add `Seconds`, `SecondsPath`, `Timestamp` or `TimestampPath`";
                reader.problems.add(place, "a Wait that does not say how long", help);
            }
            seconds
        }
    }
}

fn branches<'a>(reader: &mut Reader<'a>, map: &'a Map, place: Span, id: StateId, depth: usize) -> Vec<ScopeId> {
    let written = map.get("Branches");
    match written.and_then(Node::as_list) {
        Some(branches) => {
            branches.iter().map(|branch| reader.scope(branch, Some(id), retry::place_of(branch), depth + 1)).collect()
        }
        None => {
            if !written.is_some_and(is_open) {
                let place = written.map_or(place, |node| node.span);
                reader.problems.add(
                    place,
                    "a Parallel without `Branches`",
                    "add a list of definitions, each with `StartAt`",
                );
            }
            Vec::new()
        }
    }
}

fn processor<'a>(reader: &mut Reader<'a>, map: &'a Map, place: Span, id: StateId, depth: usize) -> ScopeId {
    match map_state::processor(map) {
        Some(node) => reader.scope(node, Some(id), retry::place_of(node), depth + 1),
        None => {
            let help = "add `ItemProcessor` with `StartAt` and `States`";
            reader.problems.add(place, "a Map without `ItemProcessor`", help);
            reader.empty_scope(Some(id))
        }
    }
}

/// A state leads somewhere, or ends.
fn check_end(reader: &mut Reader<'_>, entry: &Entry, map: &Map, facts: &Facts) {
    let leads = map.get("Next").is_some() || map.get("End").is_some_and(|end| truth(end).is_none());
    if !leads && !facts.is_end && !has_placeholder(&entry.key) {
        let message = format!("the state `{}` has neither `Next` nor `End`", entry.key);
        reader.problems.add(entry.key_span, message, "add `Next` with the name of a state, or `\"End\": true`");
    }
}

/// The limits that Step Functions refuses.
fn check_limits(reader: &mut Reader<'_>, map: &Map, facts: &Facts) {
    for key in ["TimeoutSeconds", "HeartbeatSeconds"] {
        let path = format!("{key}Path");
        if let (Some(_), Some(entry)) = (map.get(key), map.entry(&path)) {
            let message = format!("`{key}` and `{path}` are both written");
            reader.problems.add(entry.key_span, message, "keep one of them");
        }
        reader.check_seconds(map, key, 1);
    }
    if matches!(facts.kind, StateKind::Wait(_)) {
        reader.check_seconds(map, "Seconds", 0);
    }
    if let (Limit::Seconds { seconds: timeout, .. }, Limit::Seconds { seconds: heartbeat, span }) =
        (facts.timeout, facts.heartbeat)
        && heartbeat >= timeout
    {
        let message = format!("`HeartbeatSeconds` {heartbeat} is not below `TimeoutSeconds` {timeout}");
        reader.problems.add(span, message, format!("write fewer than {timeout} seconds, or a longer timeout"));
    }
}
