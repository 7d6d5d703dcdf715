//! Statements, commands and lifecycle rules that mend a table: what help lines say to run, with the table's own names.

mod alter;
mod batch;
mod bucket;
mod identifier;
mod rewrite;

pub use alter::{add_partitions, drop_partitions, is_repairable, repair, set_properties, vacuum};
pub use bucket::{abort_uploads, expire_noncurrent, limit_workgroup, move_by_ending, restore};
pub(super) use identifier::in_query;
pub use rewrite::Rewrite;

/// Partitions that one CTAS or INSERT may write, buckets included
/// (<https://docs.aws.amazon.com/athena/latest/ug/ctas-considerations-limitations.html>).
const MOST_PARTITIONS: u64 = 100;
