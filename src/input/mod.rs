//! Bytes to the lake: the only folder that touches disk, standard input or the clock.

use std::path::PathBuf;

use crate::config::Config;
use crate::expr::AsOf;
use crate::lake::Lake;

/// What a run reads.
#[derive(Debug, Clone)]
pub struct Sources {
    /// Working directory: shown paths are relative to it.
    pub base: PathBuf,
    /// Files and folders named on the command line; a named file is always read. `-` is standard input.
    pub paths: Vec<PathBuf>,
    /// Name shown for standard input.
    pub stdin_filename: Option<String>,
    /// `--lake` and `[lake] sources`: folders, listings, Glue exports; `s3://bucket/prefix=PATH` says where a folder or
    /// listing belongs.
    pub lake: Vec<String>,
    /// The configuration file and its text, for the places of `[[ignore]]` entries.
    pub config_file: Option<(PathBuf, String)>,
    pub as_of: AsOf,
}

/// Reads everything. Fails only when a named input cannot be read; whatever discovery finds and cannot be read is in
/// [`Lake::unreadable`].
pub fn read(_sources: &Sources, _config: &Config) -> anyhow::Result<Lake> {
    Ok(Lake::default())
}
