//! What the YAML of a source says of the freshness of its tables.

use crate::document::{Node, Value};
use crate::lake::Freshness;

/// Of a table of a source. What the table says goes before what its source says
/// (<https://docs.getdbt.com/reference/resource-properties/freshness>).
pub(super) fn freshness(source: &Node, table: &Node) -> Freshness {
    let said = |key: &str| setting(table, key).or_else(|| setting(source, key));
    let is_null = |node: &Node| matches!(node.value, Value::Null);
    let limits = |node: &Node| {
        ["warn_after", "error_after"].iter().any(|key| node.get(key).is_some_and(|limit| !is_null(limit)))
    };
    let own = setting(table, "freshness");
    let of_source = setting(source, "freshness");
    if own.or(of_source).is_some_and(is_null) {
        return Freshness::Declined;
    }
    // A table may say a part, such as a filter, and take the limits of its source.
    if !own.is_some_and(limits) && !of_source.is_some_and(limits) {
        return Freshness::Unsaid;
    }
    let has_time =
        ["loaded_at_field", "loaded_at_query"].iter().any(|key| said(key).is_some_and(|node| !is_null(node)));
    if has_time { Freshness::Checked } else { Freshness::WithoutTime }
}

/// Whether settings of a tree of folders say anything of it.
pub(super) fn mentions_freshness(node: &Node, deepest: usize) -> bool {
    node.as_map().into_iter().flat_map(|map| &map.entries).any(|entry| {
        let is_it = ["freshness", "loaded_at_field", "loaded_at_query"].contains(&entry.key.trim_start_matches('+'));
        is_it || deepest > 0 && mentions_freshness(&entry.value, deepest - 1)
    })
}

/// In `config:`, as dbt has it since 1.9, or beside the name.
fn setting<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    node.at(&["config", key]).or_else(|| node.get(key))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::document::{Text, parse_yaml};
    use crate::lake::FileId;

    #[test]
    fn tables_take_over_from_their_source() {
        let of = |source: &str, table: &str| {
            let text = format!("source: {{{source}}}\ntable: {{{table}}}\n");
            let root = parse_yaml(&Text::of_file(FileId(0), &Arc::from(text))).expect("YAML").root;
            freshness(root.get("source").expect("a source"), root.get("table").expect("a table"))
        };
        let limit = "freshness: {warn_after: {count: 1, period: day}}";
        assert_eq!(of("name: a", "name: b"), Freshness::Unsaid);
        assert_eq!(of(limit, "name: b"), Freshness::WithoutTime);
        assert_eq!(of(limit, "loaded_at_field: at"), Freshness::Checked);
        assert_eq!(of(&format!("loaded_at_field: at, config: {{{limit}}}"), "name: b"), Freshness::Checked);
        assert_eq!(of("loaded_at_field: at", &format!("config: {{{limit}}}")), Freshness::Checked);
        assert_eq!(of(&format!("{limit}, loaded_at_query: q"), "freshness: {filter: x}"), Freshness::Checked);
        assert_eq!(of(&format!("{limit}, loaded_at_field: at"), "config: {freshness: null}"), Freshness::Declined);
        assert_eq!(of("freshness: {filter: x}", "name: b"), Freshness::Unsaid);
    }
}
