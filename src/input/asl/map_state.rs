//! Map states: how many items, how many at once.

use crate::document::{Map, Node};
use crate::lake::{Concurrency, MapFacts, ScopeId, WorkflowKind};

use super::field::{Field, Number, number, whole};

/// The key and value of what a Map runs for each item.
pub(super) fn processor(map: &Map) -> Option<&Node> {
    map.get("ItemProcessor").or_else(|| map.get("Iterator"))
}

pub(super) fn facts(map: &Map, body: ScopeId) -> MapFacts {
    let config = processor(map).and_then(|node| node.get("ProcessorConfig"));
    let config = |key: &str| config.and_then(|config| config.get(key)?.as_str());
    MapFacts {
        body,
        is_distributed: config("Mode") == Some("DISTRIBUTED"),
        child_kind: match config("ExecutionType") {
            Some("STANDARD") => Some(WorkflowKind::Standard),
            Some("EXPRESS") => Some(WorkflowKind::Express),
            _ => None,
        },
        max_concurrency: concurrency(map),
        items: items(map),
        batch: map.get("ItemBatcher").and_then(|batcher| count(Field::of(Some(batcher), "MaxItemsPerBatch"))),
        tolerates_failures: tolerates_failures(map),
    }
}

/// <https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html#maprun-fail-threshold>
fn tolerates_failures(map: &Map) -> bool {
    let keys = ["ToleratedFailurePercentage", "ToleratedFailureCount"];
    let is_zero = |node: &Node| number(node) == Number::Written(0.0);
    keys.iter().any(|key| map.get(key).is_some_and(|node| !is_zero(node)) || map.get(&format!("{key}Path")).is_some())
}

fn concurrency(map: &Map) -> Concurrency {
    let Some(node) = map.get("MaxConcurrency") else {
        return if map.get("MaxConcurrencyPath").is_some() { Concurrency::Dynamic } else { Concurrency::Unset };
    };
    match number(node) {
        Number::Written(value) => whole(value).map_or(Concurrency::Dynamic, |n| Concurrency::Written(n, node.span)),
        Number::Open | Number::Wrong => Concurrency::Dynamic,
    }
}

/// Items that the state writes out, and at most as many as it reads.
fn items(map: &Map) -> Option<u64> {
    let literal = map.get("Items").and_then(Node::as_list).map(|items| items.len() as u64);
    let config = map.get("ItemReader").and_then(|reader| reader.get("ReaderConfig"));
    let limit = config.and_then(|config| count(Field::of(Some(config), "MaxItems"))).filter(|limit| *limit > 0);
    [literal, limit].into_iter().flatten().min()
}

fn count(field: Field<'_>) -> Option<u64> {
    field.number().and_then(whole)
}

/// The list that a path means in the `Result` of a Pass: the items of the Map that comes next.
pub(super) fn items_of_pass(map: &Map, pass: &Map) -> Option<u64> {
    let elsewhere = ["InputPath", "Items", "ItemReader"].iter().any(|key| map.get(key).is_some());
    if elsewhere || pass.get("OutputPath").is_some() {
        return None;
    }
    let path = |map: &Map, key: &str| match map.get(key) {
        None => Some("$".to_owned()),
        Some(node) => node.as_str().map(super::intrinsic::path),
    };
    let (wanted, base) = (path(map, "ItemsPath")?, path(pass, "ResultPath")?);
    let rest = wanted.strip_prefix(base.as_str())?;
    let mut node = pass.get("Result")?;
    for key in rest.split('.').skip(1) {
        node = node.get(key)?;
    }
    let is_whole = rest.is_empty() || rest.starts_with('.');
    node.as_list().filter(|_| is_whole).map(|items| items.len() as u64)
}
