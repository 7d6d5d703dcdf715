//! A partition key with injected projection has no fixed values, so the query fails.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::PartitionFilter;
use crate::lake::Query;

pub const RULE: Rule = rule!("injected-key-without-filter", Check::Query(check));

fn check(query: &Query, cx: &mut Context<'_>) {
    for (index, read) in query.reads.iter().enumerate() {
        let PartitionFilter::InjectedUnset(key) = PartitionFilter::of(query, index, cx.lake) else { continue };
        let key = &cx.lake.catalog.get(read.table).partition_keys[key].name;
        let message = format!("`{}` is read without values for its injected key `{key}`: the query fails", read.name);
        cx.report_read(read, message).help(format!(
            "add `{key} = '...'` or `{key} IN ('...', '...')` with constants; ranges and subqueries do not do"
        ));
    }
}
