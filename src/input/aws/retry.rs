//! Attempts and the waits between them.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

use super::error::{Failure, Reason};

/// Attempts of one request.
pub(super) const ATTEMPTS: u32 = 10;
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(20);

/// Calls until there is an answer, a failure that another attempt does not mend, or as many attempts as are made at all. Fewer
/// where answers cannot be read or nobody answers: a server that sends such answers goes on doing so, and an endpoint that is
/// misspelt is told at once.
pub(super) async fn retried<T, F: Future<Output = Result<T, Failure>>>(
    mut call: impl FnMut() -> F,
) -> Result<T, Failure> {
    let mut attempt = 1;
    loop {
        let failure = match call().await {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure,
        };
        let is_lasting = matches!(failure.reason, Reason::Garbled | Reason::Unreachable);
        let most = if is_lasting { ATTEMPTS / 2 } else { ATTEMPTS };
        if !failure.is_transient() || attempt >= most {
            return Err(failure);
        }
        tokio::time::sleep(wait(attempt, random())).await;
        attempt += 1;
    }
}

/// Exponential, with full jitter above a tenth: whoever was refused at once does not come back at once
/// (<https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>).
fn wait(attempt: u32, random: f64) -> Duration {
    let whole = FIRST.saturating_mul(1 << (attempt - 1).min(20)).min(LONGEST);
    whole.mul_f64(0.1 + 0.9 * random)
}

/// Between 0 and 1; not for secrets.
fn random() -> f64 {
    RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn run(failures: u32, reason: Reason) -> (Result<u32, Failure>, u32) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("runtime");
        let calls = Cell::new(0);
        let answer = runtime.block_on(retried(|| {
            calls.set(calls.get() + 1);
            let made = calls.get();
            let reason = reason.clone();
            async move { if made > failures { Ok(made) } else { Err(Failure::new(reason, "x")) } }
        }));
        (answer, calls.get())
    }

    #[test]
    fn what_may_pass_is_tried_again() {
        assert_eq!(run(2, Reason::Throttled), (Ok(3), 3));
        assert_eq!(run(1, Reason::Garbled), (Ok(2), 2));
        assert_eq!(run(1, Reason::Denied).1, 1);
        let (answer, calls) = run(99, Reason::Garbled);
        assert_eq!((answer.map_err(|f| f.reason), calls), (Err(Reason::Garbled), ATTEMPTS / 2));
        assert_eq!(run(99, Reason::Unreachable).1, ATTEMPTS / 2);
    }

    #[test]
    fn waits_grow_and_end() {
        assert_eq!(wait(1, 1.0), FIRST);
        assert_eq!(wait(3, 1.0), FIRST * 4);
        assert_eq!(wait(99, 1.0), LONGEST);
        assert!(wait(5, 0.0) < wait(5, 0.5));
    }
}
