//! What was asked and answered.

use serde_json::Value;

use super::reply::Reply;
use super::uri::Asked;

/// A request and its answer.
#[derive(Debug, Clone)]
pub struct Logged {
    /// `ListObjectsV2`, `GetObject`, `AWSGlue.GetTables`.
    pub operation: String,
    pub bucket: String,
    /// The key; of a listing its prefix.
    pub key: String,
    pub range: Option<String>,
    /// The requester said that it pays.
    pub pays: bool,
    /// What a JSON service was asked.
    pub input: Value,
    /// 0 when the connection was reset.
    pub status: u16,
    /// Bytes of the body that left the server.
    pub sent: u64,
}

impl Logged {
    pub fn new(asked: &Asked, reply: Option<&Reply>) -> Logged {
        let is_json = asked.is_json();
        Logged {
            operation: asked.operation.clone(),
            bucket: asked.bucket.clone(),
            key: asked.key.clone(),
            range: asked.range.clone(),
            pays: asked.pays,
            input: is_json.then(|| serde_json::from_slice(&asked.body).ok()).flatten().unwrap_or_default(),
            status: reply.map_or(0, |reply| reply.status),
            sent: reply.map_or(0, Reply::sent),
        }
    }
}
