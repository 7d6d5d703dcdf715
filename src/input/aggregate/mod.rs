//! Inventories that are too large to fetch: one SQL statement adds the objects up where they lie, and only tallies come back.
//!
//! The statement says what the collector says of names, sizes and states. It is written from the collector's own lists and
//! constants, and a test runs it on another SQL engine and compares every row.

pub(crate) mod row;
pub(crate) mod statement;

#[cfg(test)]
mod tests;
