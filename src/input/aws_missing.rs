//! In place of `aws/` in builds without the feature `aws`: nothing of it can be had.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use super::fetch::FetchedMachine;
use super::glue_json::Export;
use super::{Reach, ScanRequest};

/// Past runs, from Athena.
pub(crate) mod athena_history {
    use anyhow::Result;

    use super::Connection;
    use crate::lake::{Gap, Record};

    pub(crate) fn read(connection: &Connection, _days: u32, _keep_sql: bool) -> Result<(Record, Vec<Gap>)> {
        match *connection {}
    }
}

/// A way to AWS, of which there is none.
#[derive(Debug, Clone)]
pub(crate) enum Connection {}

impl Connection {
    pub(crate) fn bucket(&self, _name: &str) -> s3::Bucket {
        match *self {}
    }

    pub(crate) fn open(_reach: &Reach) -> Result<Connection> {
        bail!("this lakelint was built without the feature `aws` and uses no network: `cargo install lakelint` has it")
    }

    pub(crate) fn read_machines(&self) -> Result<(BTreeMap<String, FetchedMachine>, Vec<String>)> {
        match *self {}
    }

    pub(crate) fn requests_usd(&self) -> crate::lake::Usd {
        match *self {}
    }

    pub(crate) fn requests(&self) -> u64 {
        match *self {}
    }

    pub(crate) fn read_catalog(&self, _request: &ScanRequest, _export: &mut Export) -> Result<Vec<String>> {
        match *self {}
    }
}

/// In place of `aws::s3`.
pub(crate) mod s3 {
    use std::io::Read;

    use anyhow::Result;

    use crate::input::bucket_source::{Job, Piece, Report};

    /// A bucket, of which there is none.
    #[derive(Debug, Clone)]
    pub(crate) struct Bucket {
        pub name: String,
        none: super::Connection,
    }

    impl Bucket {
        pub(crate) fn list(&self, _job: &Job, _each: &mut dyn FnMut(Piece<'_>)) -> Result<Report> {
            match self.none {}
        }

        pub(crate) fn range(&self, _key: &str, _start: u64, _length: u64) -> Result<Vec<u8>> {
            match self.none {}
        }

        pub(crate) fn stream(&self, _key: &str) -> Result<Box<dyn Read + Send>> {
            match self.none {}
        }
    }
}

/// In place of `aws::athena`.
pub(crate) mod athena {
    use anyhow::Result;

    use crate::input::layout::Tally;
    use crate::input::scan::InventoryRequest;
    use crate::input::{ScanRequest, aws::Connection};

    /// A statement over an inventory, of which there is none.
    #[derive(Debug)]
    pub(crate) struct Aggregation {
        none: Connection,
    }

    impl Aggregation {
        pub(crate) fn plan(connection: &Connection, _: &ScanRequest, _: &InventoryRequest) -> Result<Aggregation> {
            match *connection {}
        }

        pub(crate) fn statement(&self) -> &str {
            match self.none {}
        }

        pub(crate) fn estimate(&self) -> String {
            match self.none {}
        }

        pub(crate) fn bill(&self) -> Option<String> {
            match self.none {}
        }

        pub(crate) fn shown(&self) -> String {
            match self.none {}
        }

        pub(crate) fn check(&self, _: Option<f64>) -> Result<()> {
            match self.none {}
        }

        pub(crate) fn collect(&self, _: &mut dyn FnMut(&str, &Tally)) -> Result<()> {
            match self.none {}
        }
    }
}
