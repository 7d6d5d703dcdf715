//! A server on loopback that speaks AWS's JSON protocol as a test tells it, and connections to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_athena::config::{Credentials, SharedCredentialsProvider};
use serde_json::Value;

use super::Connection;
use super::requests::Requests as Counted;
use crate::input::Reach;

/// What a server answers: a status and a body.
pub(crate) type Answer = (u16, Value);

/// The requests that a server has seen: the operation and the body.
pub(crate) type Requests = Arc<Mutex<Vec<(String, Value)>>>;

/// A connection to a server that answers as `answer` says, given the operation, how often it was asked before, and the body. The
/// server ends with the test's process.
pub(crate) fn serve(answer: impl Fn(&str, usize, &Value) -> Answer + Send + Sync + 'static) -> (Connection, Requests) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let requests = Requests::default();
    let (seen, answer) = (requests.clone(), Arc::new(answer));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (seen, answer) = (seen.clone(), answer.clone());
            std::thread::spawn(move || while exchange(&stream, &seen, &*answer).is_some() {});
        }
    });
    (connection(&url, Reach::default()), requests)
}

/// A connection to a server, with credentials that nobody checks.
pub(crate) fn connection(url: &str, reach: Reach) -> Connection {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("threads");
    let credentials = SharedCredentialsProvider::new(Credentials::new("id", "secret", None, None, "test"));
    let retries = RetryConfig::standard().with_max_attempts(4).with_initial_backoff(Duration::from_millis(5));
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .retry_config(retries)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .credentials_provider(credentials)
        .region(Region::new("eu-west-1"))
        .endpoint_url(url);
    let config = runtime.block_on(loader.load());
    let requests = Arc::new(Counted::at_most(reach.max_requests));
    Connection {
        config,
        reach,
        runtime: Arc::new(runtime),
        requests,
        under_way: Arc::default(),
        buckets: Arc::default(),
    }
}

/// One request and its answer; `None` when the client has gone.
fn exchange(mut stream: &TcpStream, seen: &Requests, answer: &dyn Fn(&str, usize, &Value) -> Answer) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut operation, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let Some((name, value)) = line.trim().split_once(':') else {
            if line.trim().is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "x-amz-target" => operation = value.rsplit('.').next()?.trim().to_string(),
            "content-length" => length = value.trim().parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body: Value = serde_json::from_slice(&body).ok()?;
    let before = {
        let mut seen = seen.lock().ok()?;
        let before = seen.iter().filter(|(name, _)| *name == operation).count();
        seen.push((operation.clone(), body.clone()));
        before
    };
    let (status, body) = answer(&operation, before, &body);
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} x\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()
}
