//! What a query reads, in partitions and bytes, from the lake's layout and what its filters say.

mod advice;
mod basis;
mod bill;
mod budget;
mod calibration;
mod columnar;
mod columns;
mod date_bounds;
mod estimate;
mod fewer_requests;
mod iceberg;
pub mod machine;
mod model_run;
mod opened_views;
mod partition_filter;
mod placeholder;
mod prices;
mod pricing;
mod projected;
mod prune;
mod reader;
mod requests;
mod runs;
mod saving;
mod scan;
mod statistics;
mod storage;
mod temporary;
mod terms;
mod verdict;

pub use advice::{all_partitions, last_days, recent_days, size, whole_table};
pub use basis::{Basis, Certainty};
pub use bill::{Bill, Priced, PricedMachine};
pub use budget::{Budget, OnUnknown};
pub use calibration::{Calibration, Compared};
pub use date_bounds::{DateBounds, first_day};
pub use estimate::{Columns, Estimate, Estimator, Partitions, ReadEstimate, RunsFrom, is_billed};
pub use fewer_requests::{Partitioning, listing};
pub use model_run::{Unnarrowed, is_rebuilt, is_said_of_the_model, unnarrowed};
pub use opened_views::{Opened, Opener, views_opened};
pub use partition_filter::{PartitionFilter, bounding_keys, reads_no_data};
pub use prices::prices;
pub use pricing::{Engine, ForeignCurrency, PriceChoice, Pricing};
pub use projected::{Projected, projected};
pub use prune::{Pruned, kept, prune, surviving};
pub use requests::Requests;
pub use runs::{Frequency, Runs};
pub(crate) use saving::add as add_wastes;
pub use saving::{COMPRESSION, Days, Fix};
pub use storage::Stored;
pub use terms::Terms;

#[cfg(test)]
mod billing_sentences;
