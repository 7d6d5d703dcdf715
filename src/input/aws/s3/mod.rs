//! Buckets: pages of their listing, and the bytes of their objects.

use std::io::{self, Read};
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Result;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{Builder, Region, ResponseChecksumValidation};
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::RequestPayer;

use super::Connection;
use super::error::{Asked, Failure, Reason};
use super::retry::retried;

mod journal;
mod listing;
mod page;
mod scan;
mod split;

pub(super) use page::Ask;

/// One bucket.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    pub name: String,
    connection: Connection,
    client: SharedClient,
}

/// The client of a bucket: its region may turn out to be another one than the user's.
pub(super) type SharedClient = Arc<RwLock<Client>>;

impl Connection {
    /// A bucket. Nothing is asked yet.
    pub(crate) fn bucket(&self, name: &str) -> Bucket {
        let mut clients = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let client = clients.entry(name.to_string()).or_insert_with(|| Arc::new(RwLock::new(client(self, None))));
        Bucket { name: name.to_string(), connection: self.clone(), client: client.clone() }
    }
}

/// Attempts are counted, and repeated by [`retried`]: the SDK's own budget of attempts runs out when many requests are
/// refused at once.
fn client(connection: &Connection, region: Option<&str>) -> Client {
    let config = &connection.config;
    let own_server = config.endpoint_url().is_some_and(|url| !url.contains(".amazonaws.com"));
    let mut builder = Builder::from(config)
        .retry_config(RetryConfig::disabled())
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .force_path_style(connection.reach.path_style || own_server)
        .interceptor(connection.counter());
    // Whoever asks in the wrong region is told the right one.
    if let Some(region) = region.or(config.region().is_none().then_some("us-east-1")) {
        builder = builder.region(Region::new(region.to_string()));
    }
    Client::from_conf(builder.build())
}

impl Bucket {
    /// Bytes of an object from `start` on, as many as there are.
    pub(crate) fn range(&self, key: &str, start: u64, length: u64) -> Result<Vec<u8>> {
        if length == 0 {
            return Ok(Vec::new());
        }
        let range = format!("bytes={start}-{}", start.saturating_add(length - 1));
        let read = self.call(|client: Client| {
            let answer = self.get(client, key, Some(range.clone()), None);
            async {
                let bytes = answer.await?.body.collect().await.map_err(|error| cut(&error))?;
                Ok(bytes.to_vec())
            }
        });
        let bytes = self.connection.wait(read).map_err(|failure| self.unread(key, &failure))?;
        match bytes.len() as u64 <= length {
            true => Ok(bytes),
            false => Err(self.unread(key, &Failure::garbled("more bytes than asked for"))),
        }
    }

    /// An object from its start.
    pub(crate) fn stream(&self, key: &str) -> Result<Box<dyn Read + Send>> {
        let mut stream = Stream {
            bucket: self.clone(),
            key: key.to_string(),
            at: 0,
            etag: None,
            body: None,
            chunk: Vec::new(),
            used: 0,
        };
        stream.open().map_err(|failure| self.unread(key, &failure))?;
        Ok(Box::new(stream))
    }

    /// Asks until there is an answer; follows the bucket to its region.
    async fn call<T, F>(&self, request: impl Fn(Client) -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let once = || async {
            let client = self.client();
            let asked = region(&client);
            match request(client).await {
                Err(Failure { reason: Reason::WrongRegion(Some(right)), .. }) if asked.as_ref() != Some(&right) => {
                    self.go_to(&right);
                    request(self.client()).await
                }
                other => other,
            }
        };
        retried(once).await
    }

    fn client(&self) -> Client {
        self.client.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the client of another region, unless a request that was under way at the same time has.
    fn go_to(&self, right: &str) {
        let mut shared = self.client.write().unwrap_or_else(PoisonError::into_inner);
        if region(&shared).as_deref() != Some(right) {
            *shared = client(&self.connection, Some(right));
        }
    }

    fn payer(&self) -> Option<RequestPayer> {
        self.connection.reach.requester_pays.then_some(RequestPayer::Requester)
    }

    async fn get(
        &self,
        client: Client,
        key: &str,
        range: Option<String>,
        etag: Option<String>,
    ) -> Result<GetObjectOutput, Failure> {
        let request = client.get_object().bucket(&self.name).key(key).set_request_payer(self.payer());
        request.set_range(range).set_if_match(etag).send().await.map_err(|error| Failure::of(&error))
    }

    fn unread(&self, key: &str, failure: &Failure) -> anyhow::Error {
        let what = format!("`s3://{}/{key}` cannot be read", self.name);
        let resource = format!("arn:aws:s3:::{}/{key}", self.name);
        failure.explain(&Asked { what: &what, action: "s3:GetObject", resource: &resource })
    }
}

fn region(client: &Client) -> Option<String> {
    client.config().region().map(|region| region.as_ref().to_string())
}

/// A body that ended before its end.
fn cut(error: &dyn std::error::Error) -> Failure {
    Failure::new(Reason::Transient, format!("the answer was cut: {error}"))
}

/// The content of an object. A broken connection is opened again where it broke, unless the object has changed.
struct Stream {
    bucket: Bucket,
    key: String,
    /// Bytes that came.
    at: u64,
    etag: Option<String>,
    body: Option<ByteStream>,
    chunk: Vec<u8>,
    used: usize,
}

impl Stream {
    fn open(&mut self) -> Result<(), Failure> {
        let range = (self.at > 0).then(|| format!("bytes={}-", self.at));
        let bucket = self.bucket.clone();
        let asked = bucket.call(|client: Client| bucket.get(client, &self.key, range.clone(), self.etag.clone()));
        let answer = bucket.connection.wait(asked)?;
        self.etag = self.etag.take().or(answer.e_tag);
        self.body = Some(answer.body);
        Ok(())
    }

    /// The next bytes; none at the end.
    fn next(&mut self) -> Result<Vec<u8>, Failure> {
        let mut failures = 0;
        loop {
            let Some(body) = &mut self.body else { return Ok(Vec::new()) };
            match self.bucket.connection.wait(body.next()) {
                Some(Ok(bytes)) => return Ok(bytes.to_vec()),
                None => return Ok(Vec::new()),
                Some(Err(error)) if failures == 3 => return Err(cut(&error)),
                Some(Err(_)) => {
                    failures += 1;
                    self.open()?;
                }
            }
        }
    }
}

impl Read for Stream {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.used == self.chunk.len() {
            let next = self.next();
            self.chunk =
                next.map_err(|failure| io::Error::other(self.bucket.unread(&self.key, &failure).to_string()))?;
            self.used = 0;
            self.at += self.chunk.len() as u64;
        }
        let length = out.len().min(self.chunk.len() - self.used);
        out[..length].copy_from_slice(&self.chunk[self.used..self.used + length]);
        self.used += length;
        Ok(length)
    }
}
