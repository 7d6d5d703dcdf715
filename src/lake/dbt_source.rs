//! A table of a source of a dbt project: others write it, the project reads it.

use super::Span;

/// As a YAML file of the project declares it.
#[derive(Debug, Clone)]
pub struct DbtSource {
    pub source: String,
    pub table: String,
    /// Its name, where it is declared.
    pub span: Span,
    pub freshness: Freshness,
}

/// Whether `dbt source freshness` says how old a table is (<https://docs.getdbt.com/reference/resource-properties/freshness>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    Checked,
    /// Limits are given, but no column tells when a row was loaded: dbt-athena does not ask the catalog.
    WithoutTime,
    /// Switched off by name.
    Declined,
    /// Nothing is said.
    Unsaid,
}
