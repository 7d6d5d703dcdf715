//! dbt projects: models rendered to the SQL that dbt would run, without dbt, a warehouse or credentials. Does no I/O.

mod adapters;
mod batch;
mod builtins;
mod compiled;
mod cycles;
mod exposure;
mod file;
mod freshness;
mod macros;
mod paths;
mod profile;
mod project;
mod python;
mod render;
mod scan;
mod select;
mod settings;
mod statement;
mod template;
mod tested;
mod unknowable;
mod values;
mod yaml_test;

pub(crate) use adapters::{Told, Warehouse, adapters, by_profile, by_requirements, by_settings};
pub(crate) use cycles::cycles;
pub(crate) use file::File;
pub(crate) use paths::{PROJECT_FILE, Paths, Role};
pub(crate) use profile::Target;
pub use project::Options;
pub(crate) use project::{Project, Read};
pub(crate) use render::{Missing, Stopped};
pub use select::Selection;
pub(crate) use settings::Settings;

#[cfg(test)]
mod tests;
