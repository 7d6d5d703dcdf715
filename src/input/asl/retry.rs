//! `Retry` and `Catch`.

use crate::document::{Entry, Node};
use crate::lake::{Catcher, Retrier, Span};

use super::field::{Number, is_open, number, setting, slot, whole};
use super::problems::Problems;

/// Most retries of a retrier, by <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html>.
const MOST_ATTEMPTS: f64 = 99_999_999.0;

/// What a `Retry` says.
#[derive(Debug, Default)]
pub(super) struct Retries {
    pub(super) retriers: Vec<Retrier>,
    /// Not all of it is written out.
    pub(super) is_open: bool,
}

/// What a `Catch` says; the entries' nodes beside them.
#[derive(Debug, Default)]
pub(super) struct Catches<'a> {
    pub(super) catchers: Vec<(Catcher, &'a Node)>,
    /// Not all of it is written out.
    pub(super) is_open: bool,
}

pub(super) fn retries(entry: &Entry, problems: &mut Problems) -> Retries {
    let mut read = Retries::default();
    for node in entries(entry, &mut read.is_open, problems) {
        let Some(map) = node.as_map() else { continue };
        let (errors, is_open) = errors(node, "Retry", problems);
        read.is_open |= is_open;
        check_numbers(node, problems);
        let valid = |key: &str, default: Option<f64>, least: f64| {
            let mut setting = setting(map, key, default);
            setting.value = setting.value.filter(|value| *value >= least);
            setting
        };
        read.retriers.push(Retrier {
            span: node.span,
            errors,
            max_attempts: valid("MaxAttempts", Some(3.0), 0.0),
            interval: valid("IntervalSeconds", Some(1.0), 0.0),
            backoff: valid("BackoffRate", Some(2.0), 1.0),
            max_delay: valid("MaxDelaySeconds", None, 0.0),
            full_jitter: map.get("JitterStrategy").and_then(Node::as_str) == Some("FULL"),
            slot: slot(node),
        });
    }
    read
}

pub(super) fn catches<'a>(entry: &'a Entry, problems: &mut Problems) -> Catches<'a> {
    let mut read = Catches::default();
    for node in entries(entry, &mut read.is_open, problems) {
        let (errors, is_open) = errors(node, "Catch", problems);
        read.is_open |= is_open;
        read.catchers.push((Catcher { span: node.span, errors }, node));
    }
    read
}

/// The entries of a `Retry` or `Catch` that are maps.
fn entries<'a>(entry: &'a Entry, is_unknown: &mut bool, problems: &mut Problems) -> Vec<&'a Node> {
    let Some(list) = entry.value.as_list() else {
        *is_unknown |= is_open(&entry.value);
        if !is_open(&entry.value) {
            let message = format!("`{}` is no list", entry.key);
            problems.add(
                entry.value.span,
                message,
                format!("write `{}` as a list of maps, each with `ErrorEquals`", entry.key),
            );
        }
        return Vec::new();
    };
    let mut maps = Vec::new();
    for node in list {
        match node.as_map() {
            _ if is_open(node) => *is_unknown = true,
            Some(_) => maps.push(node),
            None => {
                problems.add(
                    node.span,
                    format!("an entry of `{}` is no map", entry.key),
                    "write a map with `ErrorEquals`",
                );
            }
        }
    }
    maps
}

/// The errors that an entry is for, and whether some of them only the deployment knows.
fn errors(node: &Node, field: &str, problems: &mut Problems) -> (Vec<(String, Span)>, bool) {
    let help = "name the errors to match, such as `States.TaskFailed`; `States.ALL` matches nearly all";
    let Some(written) = node.get("ErrorEquals") else {
        problems.add(place_of(node), format!("an entry of `{field}` without `ErrorEquals`"), help);
        return (Vec::new(), false);
    };
    let Some(list) = written.as_list() else {
        if !is_open(written) {
            problems.add(written.span, "`ErrorEquals` is no list", help);
        }
        return (Vec::new(), is_open(written));
    };
    if list.is_empty() {
        problems.add(written.span, "`ErrorEquals` is empty: it matches no error", help);
    }
    let errors = list.iter().filter_map(|error| Some((error.as_str()?.to_owned(), error.span))).collect();
    (errors, list.iter().any(is_open))
}

/// The first key of a map, else the map.
pub(super) fn place_of(node: &Node) -> Span {
    node.as_map().and_then(|map| map.entries.first()).map_or(node.span, |entry| entry.key_span)
}

/// The numbers that Step Functions refuses.
fn check_numbers(retrier: &Node, problems: &mut Problems) {
    let mut check = |key: &str, is_fine: fn(f64) -> bool, must: &str| {
        let Some(node) = retrier.get(key) else { return };
        let met = match number(node) {
            Number::Written(value) if is_fine(value) => return,
            Number::Open => return,
            Number::Written(value) => format!("`{key}` is {value}"),
            Number::Wrong => format!("`{key}` is no number"),
        };
        problems.add(node.span, format!("{met}: it must be {must}"), format!("write `{key}` as {must}"));
    };
    check("MaxAttempts", |n| whole(n).is_some() && n <= MOST_ATTEMPTS, "a whole number from 0 to 99999999");
    check("IntervalSeconds", |n| n >= 1.0 && whole(n).is_some(), "a whole number from 1 on");
    check("BackoffRate", |n| n >= 1.0, "a number from 1 on");
    check("MaxDelaySeconds", |n| n >= 1.0 && whole(n).is_some(), "a whole number from 1 on");
}
