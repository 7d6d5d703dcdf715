//! In place of `aws/` in builds without the feature `aws`: nothing of it can be had.

use anyhow::{Result, bail};

use super::Reach;

/// A way to AWS, of which there is none.
#[derive(Debug, Clone)]
pub(crate) enum Connection {}

impl Connection {
    pub(crate) fn open(_reach: &Reach) -> Result<Connection> {
        bail!("this lakelint was built without the feature `aws` and uses no network: `cargo install lakelint` has it")
    }

    pub(crate) fn requests(&self) -> u64 {
        match *self {}
    }
}
