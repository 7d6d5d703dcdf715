//! What a scan fetches from AWS besides the objects of its sources.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use anyhow::Result;

use super::aws::{Connection, athena_history};
use super::glue_json::Export;
use super::{Reach, ScanRequest};
use crate::lake::{Gap, History, Usd, WorkflowKind};

/// A state machine as Step Functions describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FetchedMachine {
    /// `None` for a type that nobody knows.
    pub kind: Option<WorkflowKind>,
    pub definition: String,
}

/// Services' answers, ready for the snapshot.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    /// Tables, registered partitions and views of the Glue Data Catalog.
    pub export: Export,
    /// State machines by name.
    pub machines: BTreeMap<String, FetchedMachine>,
    pub history: History,
    /// What was refused; the rest is there.
    pub gaps: Vec<Gap>,
    /// What could not be read of single things.
    pub warnings: Vec<String>,
}

/// The way to AWS, opened when something needs it first: a scan of files looks for no credentials.
#[derive(Debug)]
pub(super) struct Access<'a> {
    reach: &'a Reach,
    connection: OnceLock<Connection>,
}

impl<'a> Access<'a> {
    /// The way that is open already is used.
    pub(super) fn new(reach: &'a Reach, open: Option<Connection>) -> Access<'a> {
        Access { reach, connection: open.map_or_else(OnceLock::new, OnceLock::from) }
    }

    pub(super) fn connection(&self) -> Result<&Connection> {
        match self.connection.get() {
            Some(connection) => Ok(connection),
            None => {
                let connection = Connection::open(self.reach)?;
                Ok(self.connection.get_or_init(|| connection))
            }
        }
    }

    /// Requests made so far; `None` when AWS was not needed.
    pub(super) fn requests(&self) -> Option<u64> {
        self.connection.get().map(Connection::requests)
    }

    /// What they cost.
    pub(super) fn requests_usd(&self) -> Option<Usd> {
        self.connection.get().map(Connection::requests_usd)
    }
}

/// Fetches what the request asks for. Whoever reads a service adds its answer here.
pub(super) fn fetch(request: &ScanRequest, access: &Access<'_>) -> Result<Fetched> {
    let mut fetched = Fetched::default();
    if !request.glue.is_empty() {
        let connection = access.connection()?;
        fetched.warnings.extend(connection.read_catalog(request, &mut fetched.export)?);
    }
    if request.sfn {
        let (machines, missing) = access.connection()?.read_machines()?;
        fetched.machines = machines;
        fetched.warnings.extend(missing);
    }
    if let Some(days) = request.history_days {
        let (record, gaps) = athena_history::read(access.connection()?, days, request.keep_sql)?;
        fetched.history.records.push(record);
        fetched.gaps.extend(gaps);
    }
    Ok(fetched)
}
