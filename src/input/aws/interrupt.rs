//! Ctrl-C: what is under way on Athena is stopped, since it costs what it scans, and then the program ends.
//!
//! Everything on this disk is left as a kill would leave it: snapshots take their place as a whole, and the journal of a listing is
//! good up to its last frame.

use std::collections::BTreeMap;
use std::process::exit;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_athena::Client;
use tokio::signal::ctrl_c;
use tokio::time::sleep;

use super::error::Failure;
use crate::controls::visible_name;

/// What a shell says of programs that SIGINT has ended: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;
/// A statement that is being started has no id yet: how often one looks for it.
const LOOKS: u32 = 100;
const BETWEEN: Duration = Duration::from_millis(50);

/// What is under way and matters when the program is interrupted.
#[derive(Debug, Default)]
pub(super) struct UnderWay {
    /// Statements that Athena has been asked to start, and has not given an id.
    starting: AtomicUsize,
    /// Statements that run, by id, with the client that can stop them.
    running: Mutex<BTreeMap<String, Client>>,
    /// There is a listing, whose progress is kept until the snapshot is written.
    has_listing: AtomicBool,
}

/// A statement that is being started, for as long as this lives.
pub(super) struct Starting<'a>(&'a AtomicUsize);

impl Drop for Starting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

impl UnderWay {
    pub(super) fn lists(&self) {
        self.has_listing.store(true, SeqCst);
    }

    pub(super) fn starting(&self) -> Starting<'_> {
        self.starting.fetch_add(1, SeqCst);
        Starting(&self.starting)
    }

    pub(super) fn started(&self, id: &str, client: &Client) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_string(), client.clone());
    }

    pub(super) fn ended(&self, id: &str) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    /// Stops all statements; gives what there is to say.
    async fn stop(&self) -> Vec<String> {
        for _ in 0..LOOKS {
            if self.starting.load(SeqCst) == 0 {
                break;
            }
            sleep(BETWEEN).await;
        }
        let running = std::mem::take(&mut *self.running.lock().unwrap_or_else(PoisonError::into_inner));
        let mut said = Vec::new();
        for (id, client) in running {
            said.push(match client.stop_query_execution().query_execution_id(&id).send().await {
                Ok(_) => format!("query {id} is stopped on Athena, which bills what it has scanned"),
                Err(error) => format!(
                    "query {id} is not stopped on Athena: {}: stop it with `aws athena stop-query-execution`",
                    Failure::of(&error).short()
                ),
            });
        }
        if self.starting.load(SeqCst) > 0 {
            said.push(
                "a statement may have been started on Athena: look into the history of its workgroup".to_string(),
            );
        }
        if self.has_listing.load(SeqCst) {
            said.push("what was listed is kept, and the same command goes on from there".to_string());
        }
        said
    }
}

/// Waits for Ctrl-C and ends the program. A second one does not wait for Athena.
pub(super) async fn end_on_ctrl_c(under_way: Arc<UnderWay>) {
    // Where no handler can be set, the system ends the program.
    if ctrl_c().await.is_err() {
        return;
    }
    tokio::spawn(async {
        let _ = ctrl_c().await;
        exit(INTERRUPTED);
    });
    let said = under_way.stop().await;
    let said = if said.is_empty() { String::new() } else { format!(": {}", said.join("; ")) };
    // The commands wait for what has just been given up: nobody else is left to say it.
    eprintln!("interrupted{}", visible_name(&said));
    exit(INTERRUPTED);
}
