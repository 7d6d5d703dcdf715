//! The report in each format.
