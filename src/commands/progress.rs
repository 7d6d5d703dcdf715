//! A line on standard error while a long run is busy.

use std::io::Write;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

/// Runs shorter than this show nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shows the current phase once the run takes over a second; the line is wiped when this is dropped.
pub(super) struct Progress(Option<(Sender<&'static str>, JoinHandle<()>)>);

impl Progress {
    pub(super) fn start(on: bool) -> Self {
        if !on {
            return Progress(None);
        }
        let (sender, phases) = mpsc::channel();
        let thread = std::thread::Builder::new().name("progress".to_string()).spawn(move || show(&phases));
        // Without a thread to spare the run simply stays silent.
        Progress(thread.ok().map(|thread| (sender, thread)))
    }

    /// Names what the run does next.
    pub(super) fn phase(&self, phase: &'static str) {
        if let Some((sender, _)) = &self.0 {
            let _ = sender.send(phase);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.0.take() {
            drop(sender);
            let _ = thread.join();
        }
    }
}

fn show(phases: &mpsc::Receiver<&'static str>) {
    let started = std::time::Instant::now();
    let (mut phase, mut shown) = ("", false);
    loop {
        match phases.recv_timeout(PATIENCE.saturating_sub(started.elapsed()).max(Duration::from_millis(200))) {
            Ok(next) => phase = next,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if started.elapsed() >= PATIENCE {
            shown = true;
            let _ = write!(std::io::stderr(), "\r\x1b[2Klakelint: {phase} ({} s)", started.elapsed().as_secs());
        }
    }
    if shown {
        let _ = write!(std::io::stderr(), "\r\x1b[2K");
    }
}
