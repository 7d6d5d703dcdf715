//! Requests as AWS bills them: every attempt counts, a repeated one too.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_s3::config::interceptors::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef, InterceptorContext,
};
use aws_sdk_s3::config::retry::{ClassifyRetry, RetryAction};
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;

use super::error::is_unreachable;
use crate::cost::prices;
use crate::lake::Usd;

/// Requests of one scan by operation, and how many there may be.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    most: Option<u64>,
    total: AtomicU64,
    /// Attempts since the last answer that reached nobody.
    unreached: AtomicU32,
    made: Mutex<BTreeMap<String, u64>>,
}

/// There have been as many requests as the user allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooMany(pub u64);

impl fmt::Display for TooMany {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stopped after {} requests (`--max-requests`)", self.0)
    }
}

impl std::error::Error for TooMany {}

impl Requests {
    pub(super) fn at_most(most: Option<u64>) -> Requests {
        Requests { most, ..Requests::default() }
    }

    /// Counts a request that is about to be made; fails when it may not be.
    pub(super) fn count(&self, operation: &str) -> Result<(), TooMany> {
        let more = |made: u64| self.most.is_none_or(|most| made < most).then_some(made + 1);
        if self.total.fetch_update(Relaxed, Relaxed, more).is_err() {
            return Err(TooMany(self.most.unwrap_or_default()));
        }
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        match made.get_mut(operation) {
            Some(count) => *count += 1,
            None => *made.entry(operation.to_string()).or_default() += 1,
        }
        Ok(())
    }

    pub(super) fn total(&self) -> u64 {
        self.total.load(Relaxed)
    }

    pub(super) fn by_operation(&self) -> BTreeMap<String, u64> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What requests cost in us-east-1, free tiers left aside. Reads of Athena, Glue below its free million and Step Functions'
/// descriptions have no price of their own.
pub(crate) fn usd(by_operation: &BTreeMap<String, u64>) -> Usd {
    let price = &prices().requests;
    let each = |operation: &str| match operation {
        "ListObjectsV2" | "ListMultipartUploads" | "ListParts" => price.list / 1000.0,
        "GetObject" | "HeadObject" | "HeadBucket" => price.get / 1000.0,
        _ if operation.starts_with("AWSGlue.") => price.glue / 1000.0,
        _ => 0.0,
    };
    Usd(by_operation.iter().map(|(operation, count)| each(operation) * *count as f64).sum())
}

/// Counts every attempt of a client: `Builder::from(&connection.config).interceptor(connection.counter())`, with
/// `.retry_classifier(connection.patience())` where the SDK repeats them.
#[derive(Debug, Clone)]
pub(crate) struct Counter(pub(super) Arc<Requests>);

impl Intercept for Counter {
    fn name(&self) -> &'static str {
        "lakelint requests"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        let operation = match request.headers().get("x-amz-target") {
            Some(target) => target,
            None => of_s3(request.method(), request.uri().split_once('?').map_or("", |(_, query)| query)),
        };
        Ok(self.0.count(operation)?)
    }

    fn read_after_transmit(
        &self,
        _: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.unreached.store(0, Relaxed);
        Ok(())
    }
}

/// Attempts in a row that reach nobody before no more are made: an endpoint that is misspelt is told within seconds, and one that
/// starts anew is waited for.
const UNREACHED: u32 = 3;

/// Ends the attempts of a client that nobody answers; leaves all others to the SDK.
#[derive(Debug, Clone)]
pub(crate) struct Patience(pub(super) Arc<Requests>);

impl ClassifyRetry for Patience {
    fn name(&self) -> &'static str {
        "lakelint patience"
    }

    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let failed = context.output_or_error().and_then(|answer| answer.err());
        let is_unreached = failed.and_then(|error| error.as_connector_error()).is_some_and(|e| is_unreachable(e));
        match is_unreached && self.0.unreached.fetch_add(1, Relaxed) + 1 >= UNREACHED {
            true => RetryAction::RetryForbidden,
            false => RetryAction::NoActionIndicated,
        }
    }
}

/// The operation of a request to S3, of those that are made here.
fn of_s3(method: &str, query: &str) -> &'static str {
    let has = |name: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
    match method {
        "HEAD" => "HeadObject",
        _ if has("list-type") => "ListObjectsV2",
        _ if has("uploads") => "ListMultipartUploads",
        _ if has("uploadId") => "ListParts",
        _ => "GetObject",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_up_to_the_limit_and_priced() {
        let requests = Requests::at_most(Some(3));
        for operation in ["ListObjectsV2", "GetObject", "ListObjectsV2"] {
            requests.count(operation).expect("allowed");
        }
        assert_eq!(requests.count("GetObject"), Err(TooMany(3)));
        assert_eq!(requests.total(), 3);
        let made = requests.by_operation();
        assert_eq!(made.get("ListObjectsV2"), Some(&2));
        assert!((usd(&made).0 - (2.0 * 0.005 + 0.0004) / 1000.0).abs() < 1e-12);
    }

    #[test]
    fn operations_are_told_apart() {
        assert_eq!(of_s3("GET", "list-type=2&prefix=uploads"), "ListObjectsV2");
        assert_eq!(of_s3("GET", "uploads&prefix=x"), "ListMultipartUploads");
        assert_eq!(of_s3("GET", "x-id=ListParts&uploadId=1"), "ListParts");
        assert_eq!(of_s3("GET", "x-id=GetObject"), "GetObject");
        assert_eq!(of_s3("HEAD", ""), "HeadObject");
    }
}
