//! A table whose bucket has a lifecycle rule, for the tests of rules.

use super::findings_in;
use super::machine::resource;
use crate::finding::Finding;
use crate::lake::{Catalog, Lake, LifecycleRule, ResourceKind, Sources, Table};

/// The only finding about a table of bucket `lake`, which has the rule `old`.
pub(crate) fn found_with(rule: &str, table: Table, change: impl FnOnce(&mut LifecycleRule)) -> Finding {
    let mut sources = Sources::default();
    sources.add("template.yaml", "");
    let mut lifecycle = LifecycleRule {
        bucket: "lake".to_string(),
        prefix: String::new(),
        is_narrowed: false,
        expiration_days: None,
        noncurrent_days: None,
        abort_days: None,
        transitions: Vec::new(),
    };
    change(&mut lifecycle);
    let resources = vec![resource("old", ResourceKind::Lifecycle(lifecycle))];
    let lake = Lake { sources, catalog: Catalog::new(vec![table]), resources, ..Lake::default() };
    let mut found = findings_in(rule, &lake);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}
