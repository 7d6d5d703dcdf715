//! A small AWS in this process, on loopback: S3 and the services that speak JSON, with faults on demand and a log.
//!
//! ```text
//! let server = Server::start();
//! server.put("lake", "events/dt=2024-01-01/a.parquet", bytes);       an object with a body
//! server.bucket("lake").generated(1_000_000, |i| Object::new(...));   sorted keys that no memory holds
//! server.on_json("AWSGlue.GetTables", pages("TableList", tables));    a JSON service
//! server.fault(On::operation("ListObjectsV2").under("a/").nth(3), Fault::SlowDown);
//! server.hook(On::operation("ListObjectsV2").nth(10), |server| server.remove("lake", "b"));
//! assert_eq!(server.count("GetObject"), 0);
//! ```
//!
//! Benches use it with `#[path = "../tests/aws/server/mod.rs"] mod server;`. Signatures are not verified.

pub mod athena;
pub mod bucket;
pub mod fault;
pub mod json;
mod list;
mod log;
mod reply;
mod s3;
mod uri;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread::JoinHandle;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub use bucket::{Bucket, Object, Upload};
pub use fault::{Fault, On};
pub use json::{Failure, pages};
pub use log::Logged;
use reply::{Cut, Reply};
use uri::Asked;

/// A server, from its start until it is dropped. Clones are the same server.
#[derive(Clone)]
pub struct Server {
    state: Arc<State>,
    address: SocketAddr,
    _running: Arc<Running>,
}

/// What the server holds.
#[derive(Default)]
pub struct State {
    buckets: RwLock<BTreeMap<String, Bucket>>,
    json: RwLock<BTreeMap<String, Arc<json::Handler>>>,
    faults: Mutex<Vec<fault::Armed>>,
    log: Mutex<Vec<Logged>>,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
}

/// The server's thread, which ends when nobody holds the server any more.
struct Running {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        // A hook may hold the last clone: a thread cannot wait for itself.
        if let Some(thread) = self.thread.take().filter(|t| t.thread().id() != std::thread::current().id()) {
            thread.join().ok();
        }
    }
}

impl Server {
    /// Starts a server on a free port of loopback.
    pub fn start() -> Server {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("non-blocking");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(State::default());
        let (stop, stopped) = oneshot::channel::<()>();
        let served = Arc::clone(&state);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            let runtime = runtime.expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).expect("a listener");
                tokio::spawn(accept(listener, served));
                stopped.await.ok();
            });
            runtime.shutdown_background();
        });
        let running = Running { stop: Some(stop), thread: Some(thread) };
        Server { state, address, _running: Arc::new(running) }
    }

    /// `http://127.0.0.1:PORT`, for `AWS_ENDPOINT_URL`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn handle(&self) -> Handle<'_> {
        Handle { state: &self.state }
    }

    /// A bucket, made when it is not there.
    pub fn bucket(&self, name: &str) -> BucketEntry<'_> {
        self.handle().into_bucket(name)
    }

    /// Puts an object with a body, changed 2024-01-01.
    pub fn put(&self, bucket: &str, key: &str, body: impl Into<bytes::Bytes>) {
        self.bucket(bucket).insert(Object::with_body(key, body));
    }

    pub fn remove(&self, bucket: &str, key: &str) {
        self.bucket(bucket).remove(key);
    }

    /// Answers a JSON operation such as `AWSGlue.GetTables`; replaces what answered it before.
    pub fn on_json<H>(&self, target: &str, handler: H)
    where
        H: Fn(&serde_json::Value) -> Result<serde_json::Value, Failure> + Send + Sync + 'static,
    {
        self.state.json.write().expect("not poisoned").insert(target.to_owned(), Arc::new(handler));
    }

    /// Spoils the requests that match.
    pub fn fault(&self, on: On, fault: Fault) {
        lock(&self.state.faults).push(fault::Armed::new(on, fault::Action::Fault(fault)));
    }

    /// Does something just before the requests that match are answered.
    pub fn hook(&self, on: On, hook: impl Fn(&Handle) + Send + Sync + 'static) {
        lock(&self.state.faults).push(fault::Armed::new(on, fault::Action::Hook(Arc::new(hook))));
    }

    /// Takes all faults and hooks away.
    pub fn heal(&self) {
        lock(&self.state.faults).clear();
    }

    /// Every request so far, in the order in which they were answered.
    pub fn requests(&self) -> Vec<Logged> {
        lock(&self.state.log).clone()
    }

    /// How often an operation was asked for, whatever the answer was.
    pub fn count(&self, operation: &str) -> usize {
        lock(&self.state.log).iter().filter(|request| request.operation == operation).count()
    }

    /// Bytes of bodies that left the server for an object.
    pub fn bytes_read(&self, bucket: &str, key: &str) -> u64 {
        let log = lock(&self.state.log);
        let of_object = |r: &&Logged| r.operation == "GetObject" && r.bucket == bucket && r.key == key;
        log.iter().filter(of_object).map(|request| request.sent).sum()
    }

    /// Forgets the log.
    pub fn forget(&self) {
        lock(&self.state.log).clear();
        self.state.most_under_way.store(0, SeqCst);
    }

    /// The most requests that were answered at once.
    pub fn most_at_once(&self) -> usize {
        self.state.most_under_way.load(SeqCst)
    }
}

/// The server as a hook sees it: what it holds, not its life.
#[derive(Clone, Copy)]
pub struct Handle<'a> {
    state: &'a State,
}

impl<'a> Handle<'a> {
    pub fn bucket(&self, name: &str) -> BucketEntry<'a> {
        self.into_bucket(name)
    }

    pub fn remove(&self, bucket: &str, key: &str) {
        self.bucket(bucket).remove(key);
    }

    fn into_bucket(self, name: &str) -> BucketEntry<'a> {
        let mut buckets = self.state.buckets.write().expect("not poisoned");
        buckets.entry(name.to_owned()).or_default();
        BucketEntry { buckets, name: name.to_owned() }
    }
}

/// A bucket of a running server, locked for as long as it is held.
pub struct BucketEntry<'a> {
    buckets: RwLockWriteGuard<'a, BTreeMap<String, Bucket>>,
    name: String,
}

impl std::ops::Deref for BucketEntry<'_> {
    type Target = Bucket;

    fn deref(&self) -> &Bucket {
        &self.buckets[&self.name]
    }
}

impl std::ops::DerefMut for BucketEntry<'_> {
    fn deref_mut(&mut self) -> &mut Bucket {
        self.buckets.get_mut(&self.name).expect("made when it was asked for")
    }
}

impl State {
    fn buckets(&self) -> RwLockReadGuard<'_, BTreeMap<String, Bucket>> {
        self.buckets.read().expect("not poisoned")
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("not poisoned")
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        stream.set_nodelay(true).ok();
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(Arc::clone(&state), request));
            // A connection that was reset on purpose ends with an error.
            http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok();
        });
    }
}

/// Answers a request, or spoils it.
async fn answer(state: Arc<State>, request: hyper::Request<Incoming>) -> std::io::Result<hyper::Response<Cut>> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(std::io::Error::other)?.to_bytes();
    let at_once = state.under_way.fetch_add(1, SeqCst) + 1;
    state.most_under_way.fetch_max(at_once, SeqCst);
    let asked = Asked::new(&parts, body);
    let reply = reply_to(&state, &asked).await;
    state.under_way.fetch_sub(1, SeqCst);
    let reset = std::io::ErrorKind::ConnectionReset;
    lock(&state.log).push(Logged::new(&asked, reply.as_ref()));
    reply.map(Reply::into_response).ok_or_else(|| reset.into())
}

/// The answer with the faults that are due; `None` resets the connection.
async fn reply_to(state: &State, asked: &Asked) -> Option<Reply> {
    let due: Vec<fault::Action> = lock(&state.faults).iter().filter_map(|armed| armed.due(asked)).collect();
    let mut cut = false;
    for action in due {
        match action {
            fault::Action::Hook(hook) => hook(&Handle { state }),
            fault::Action::Fault(Fault::Delay(time)) => tokio::time::sleep(time).await,
            fault::Action::Fault(Fault::CutBody) => cut = true,
            fault::Action::Fault(Fault::Reset) => return None,
            fault::Action::Fault(fault) => return Some(fault.reply(asked)),
        }
    }
    let mut reply = if asked.is_json() { json::answer(state, asked) } else { s3::answer(state, asked) };
    reply.cut = cut;
    Some(reply)
}
