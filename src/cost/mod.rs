//! What a query reads, in partitions and bytes, from the lake's layout and what its filters say.

mod prune;

pub use prune::{Pruned, kept, surviving};
