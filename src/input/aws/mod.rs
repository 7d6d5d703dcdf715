//! AWS through its SDK: the only folder that names the SDK, and the only one that uses the network.
//!
//! Everything outside is synchronous: calls wait on the runtime of the [`Connection`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use super::fetch::FetchedMachine;
use super::glue_json::Export;
use super::{Reach, ScanRequest};
use crate::lake::Usd;
use interrupt::UnderWay;
use requests::{Counter, Patience, Requests};

pub(crate) mod athena;
pub(crate) mod athena_history;
pub(crate) mod error;
#[cfg(feature = "glue")]
mod glue;
mod interrupt;
mod requests;
mod retry;
pub(crate) mod s3;
#[cfg(feature = "sfn")]
mod sfn;
#[cfg(test)]
pub(crate) mod testing;

/// A way to AWS: credentials, region, and the requests that were made.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    pub config: SdkConfig,
    pub reach: Reach,
    runtime: Arc<tokio::runtime::Runtime>,
    requests: Arc<Requests>,
    under_way: Arc<UnderWay>,
    /// By name.
    buckets: Arc<Mutex<BTreeMap<String, s3::SharedClient>>>,
}

impl Connection {
    /// Finds credentials and the region as every AWS tool does. Fails offline, before anything is looked up.
    pub(crate) fn open(reach: &Reach) -> Result<Connection> {
        if reach.offline {
            bail!("LAKELINT_OFFLINE is set, so the network is not used: unset it, or scan files instead");
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = Arc::new(runtime.context("cannot start threads for the network")?);
        let http =
            aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(Duration::from_secs(60))
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http)
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(retry::ATTEMPTS));
        if let Some(region) = &reach.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = &reach.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(url) = &reach.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let config = runtime.block_on(loader.load());
        let requests = Arc::new(Requests::at_most(reach.max_requests));
        let under_way = Arc::<UnderWay>::default();
        runtime.spawn(interrupt::end_on_ctrl_c(under_way.clone()));
        Ok(Connection { config, reach: reach.clone(), runtime, requests, under_way, buckets: Arc::default() })
    }

    /// Definitions of all state machines by name, and what was refused.
    #[cfg(feature = "sfn")]
    pub(crate) fn read_machines(&self) -> Result<(BTreeMap<String, FetchedMachine>, Vec<String>)> {
        sfn::read(self)
    }

    #[cfg(not(feature = "sfn"))]
    pub(crate) fn read_machines(&self) -> Result<(BTreeMap<String, FetchedMachine>, Vec<String>)> {
        bail!(
            "this lakelint was built without the feature `sfn`: export definitions with `aws stepfunctions describe-state-machine`, or install it with `--features sfn`"
        )
    }

    /// Waits for an answer.
    pub(crate) fn wait<F: Future>(&self, answer: F) -> F::Output {
        self.runtime.block_on(answer)
    }

    /// Counts every attempt of a client that is built with it, and stops it after `--max-requests`.
    pub(crate) fn counter(&self) -> Counter {
        Counter(self.requests.clone())
    }

    /// Stops the attempts of a client that reach nobody.
    pub(crate) fn patience(&self) -> Patience {
        Patience(self.requests.clone())
    }

    /// Reads the databases of the Glue Data Catalog that a scan asks for; gives what could not be read of single tables.
    /// Who names a workgroup has it read through Athena, which asks for no rights on the service itself.
    pub(crate) fn read_catalog(&self, request: &ScanRequest, export: &mut Export) -> Result<Vec<String>> {
        #[cfg(feature = "glue")]
        if request.workgroup.is_none() {
            let (read, missing) = glue::read(self, &request.glue)?;
            export.extend(read);
            return Ok(missing);
        }
        athena::catalog::read_through_athena(self, request, export)
    }

    /// Requests made so far.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.total()
    }

    /// What the requests made so far cost.
    pub(crate) fn requests_usd(&self) -> Usd {
        requests::usd(&self.requests.by_operation())
    }
}
