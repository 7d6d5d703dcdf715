//! What a query reads, in partitions and bytes, from the lake's layout and what its filters say.

mod advice;
mod date_bounds;
mod partition_filter;
mod prune;

pub use advice::{last_days, size, whole_table};
pub use date_bounds::{DateBounds, first_day};
pub use partition_filter::{PartitionFilter, bounding_keys, reads_no_data};
pub use prune::{kept, surviving};
