//! Athena: statements that a scan runs there, and what Athena tells of catalogs.

use std::time::Duration;

use aws_sdk_athena::Client;
use aws_sdk_athena::config::Builder;

use super::Connection;

mod aggregation;
pub(crate) mod catalog;
mod run;
mod view;

pub(crate) use aggregation::Aggregation;

/// Athena with a workgroup to run statements in.
#[derive(Debug, Clone)]
pub(crate) struct Athena {
    connection: Connection,
    client: Client,
    /// Counts nothing: what is under way must be stopped after `--max-requests` too.
    stopping: Client,
    /// `None` is `primary`, as in the console.
    workgroup: Option<String>,
    /// `s3://` place of results; `None` where the workgroup has one.
    output: Option<String>,
    patience: Patience,
}

/// How long one waits for a statement.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// Between the first two looks; later ones are further apart.
    first: Duration,
    most: Duration,
    /// Altogether, before the statement is stopped.
    total: Duration,
}

impl Default for Patience {
    /// Statements end by themselves after 30 minutes, or after 240 where the quota was raised
    /// (<https://docs.aws.amazon.com/athena/latest/ug/service-limits.html>); queueing comes before that.
    fn default() -> Self {
        Patience {
            first: Duration::from_millis(200),
            most: Duration::from_secs(5),
            total: Duration::from_secs(5 * 60 * 60),
        }
    }
}

impl Athena {
    pub(crate) fn new(connection: &Connection, workgroup: Option<&str>, output: Option<&str>) -> Athena {
        let config = Builder::from(&connection.config).retry_classifier(connection.patience());
        Athena {
            connection: connection.clone(),
            stopping: Client::from_conf(config.clone().build()),
            client: Client::from_conf(config.interceptor(connection.counter()).build()),
            workgroup: workgroup.map(str::to_string),
            output: output.map(str::to_string),
            patience: Patience::default(),
        }
    }

    /// The workgroup for people.
    fn workgroup(&self) -> &str {
        self.workgroup.as_deref().unwrap_or("primary")
    }
}

#[cfg(test)]
mod tests;
