//! What a scan may do outside of this machine.

/// How AWS is reached. Nothing but `lakelint scan` makes one.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// `LAKELINT_OFFLINE=1`: every use of the network is refused.
    pub offline: bool,
    pub region: Option<String>,
    pub profile: Option<String>,
    pub endpoint_url: Option<String>,
    pub path_style: bool,
    pub requester_pays: bool,
    /// Most requests of the whole scan, all services together.
    pub max_requests: Option<u64>,
    /// Requests under way at once.
    pub concurrency: usize,
}
