//! AWS through its SDK: the only folder that names the SDK, and the only one that uses the network.
//!
//! Everything outside is synchronous: calls wait on the runtime of the [`Connection`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use anyhow::{Context, Result, bail};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use super::Reach;

/// A way to AWS: credentials, region, and the requests that were made.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    pub config: SdkConfig,
    pub reach: Reach,
    runtime: Arc<tokio::runtime::Runtime>,
    requests: Arc<AtomicU64>,
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
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http);
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
        Ok(Connection { config, reach: reach.clone(), runtime, requests: Arc::default() })
    }

    /// Waits for an answer.
    pub(crate) fn wait<F: Future>(&self, answer: F) -> F::Output {
        self.runtime.block_on(answer)
    }

    /// Counts a request; fails when there have been `--max-requests` of them.
    pub(crate) fn count_request(&self) -> Result<()> {
        let made = self.requests.fetch_add(1, Relaxed);
        match self.reach.max_requests.filter(|most| made >= *most) {
            Some(most) => bail!("stopped after {most} requests (`--max-requests`)"),
            None => Ok(()),
        }
    }

    /// Requests made so far.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Relaxed)
    }
}
