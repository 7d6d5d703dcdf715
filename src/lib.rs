//! lakelint: a cost and partitioning static analyzer for AWS data lakes.
//!
//! One-way flow: [`input`] reads the repository and the lake's layout into an immutable [`lake::Lake`]
//! ([`sql`] turns statement text into query facts on the way, `document` templates and state machines into trees with places);
//! [`rules`] look at one query, table, state machine or resource or the whole lake and report [`finding::Finding`]s; [`triage`]
//! applies severities and ignores; [`audit`] joins bill and findings; [`diff`] compares two bills; [`output`] formats the report; [`patch`] makes fixes; `onboarding` makes a new repository's first files; [`commands`] tie the steps together. The library exists for the binary, the tests and the benchmarks: its API is unstable.
#![cfg_attr(not(feature = "aws"), allow(dead_code, unused_imports, reason = "only scans of AWS use some of it"))]

pub mod advice;
pub mod audit;
pub mod cli;
pub mod commands;
pub mod config;
mod controls;
pub mod cost;
mod dbt;
pub mod diff;
mod document;
pub mod expr;
pub mod finding;
pub mod ignore;
pub mod input;
pub mod lake;
mod onboarding;
pub mod output;
pub mod patch;
mod python;
pub mod rules;
mod shown_path;
pub mod sql;
pub mod triage;
