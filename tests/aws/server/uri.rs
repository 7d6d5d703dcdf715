//! What a request asks for: service, operation, bucket, key and parameters.

use std::collections::BTreeMap;

use bytes::Bytes;
use hyper::Method;
use hyper::http::request::Parts;

/// A request, taken apart.
pub struct Asked {
    /// As the API reference names it: `ListObjectsV2`; of a JSON service with its target, `AWSGlue.GetTables`.
    pub operation: String,
    pub bucket: String,
    /// The key; of a listing its prefix.
    pub key: String,
    pub query: BTreeMap<String, String>,
    pub range: Option<String>,
    pub pays: bool,
    /// That the request is signed for.
    pub region: Option<String>,
    pub head: bool,
    pub body: Bytes,
    json: bool,
}

impl Asked {
    pub fn new(parts: &Parts, body: Bytes) -> Asked {
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let path = parts.uri.path().strip_prefix('/').unwrap_or_default();
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let query = query(parts.uri.query().unwrap_or_default());
        let mut asked = Asked {
            operation: String::new(),
            bucket: decoded(bucket),
            key: decoded(key),
            range: header("range"),
            pays: header("x-amz-request-payer").as_deref() == Some("requester"),
            // Credential=KEY/20240101/us-east-1/s3/aws4_request
            region: header("authorization")
                .and_then(|signed| signed.split_once("Credential=")?.1.split('/').nth(2).map(str::to_owned)),
            head: parts.method == Method::HEAD,
            json: false,
            query,
            body,
        };
        match header("x-amz-target") {
            Some(target) => (asked.operation, asked.json) = (target, true),
            None => asked.operation = operation(&parts.method, &asked).to_owned(),
        }
        if let Some(prefix) = asked.query.get("prefix").filter(|_| asked.key.is_empty()) {
            asked.key = prefix.clone();
        }
        asked
    }

    pub fn is_json(&self) -> bool {
        self.json
    }

    /// A parameter, without those that are there and empty.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

fn operation(method: &Method, asked: &Asked) -> &'static str {
    let has = |name: &str| asked.query.contains_key(name);
    match (method.as_str(), asked.bucket.is_empty(), asked.key.is_empty()) {
        ("GET", true, _) => "ListBuckets",
        ("GET", _, true) if has("location") => "GetBucketLocation",
        ("GET", _, true) if has("uploads") => "ListMultipartUploads",
        ("GET", _, true) if asked.query.get("list-type").is_some_and(|version| version == "2") => "ListObjectsV2",
        ("HEAD", _, true) => "HeadBucket",
        ("PUT", _, true) => "CreateBucket",
        ("GET", _, false) if has("uploadId") => "ListParts",
        ("GET", _, false) => "GetObject",
        ("HEAD", _, false) => "HeadObject",
        ("PUT", _, false) => "PutObject",
        _ => "Unknown",
    }
}

fn query(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")))
    };
    pairs.map(pair).collect()
}

/// Percent-decoded; what is no UTF-8 then gets replacement characters.
pub fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| bytes[at] == b'%') {
            Some(byte) => (out.push(byte), at += 3).0,
            None => (out.push(bytes[at]), at += 1).0,
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// As S3 encodes keys for `encoding-type=url`: a space is `+`, slashes stay.
pub fn encoded(text: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b'/' => out.push(byte.into()),
            b' ' => out.push('+'),
            _ => write!(out, "%{byte:02X}").expect("a string takes text"),
        }
    }
    out
}
