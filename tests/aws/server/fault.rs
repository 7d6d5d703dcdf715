//! Faults and hooks: which requests they are for, and when.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use super::Handle;
use super::json::Failure;
use super::reply::Reply;
use super::uri::Asked;

/// Which requests: of an operation, under a prefix, from the n-th, so many of them.
#[derive(Debug, Clone, Default)]
pub struct On {
    operation: Option<String>,
    prefix: Option<String>,
    text: Option<String>,
    first: u64,
    times: Option<u64>,
}

impl On {
    /// Every request.
    pub fn any() -> On {
        On { first: 1, ..On::default() }
    }

    /// Requests of one operation: `ListObjectsV2`, `AWSGlue.GetTables`.
    pub fn operation(name: &str) -> On {
        On { operation: Some(name.to_owned()), ..On::any() }
    }

    /// Those whose key, or prefix of a listing, starts like this.
    pub fn under(self, prefix: &str) -> On {
        On { prefix: Some(prefix.to_owned()), ..self }
    }

    /// Those whose body holds a text: a table's name in a request to Glue.
    pub fn saying(self, text: &str) -> On {
        On { text: Some(text.to_owned()), ..self }
    }

    /// Only the n-th of them, counted from 1; more with [`On::times`].
    pub fn nth(self, n: u64) -> On {
        On { first: n, times: Some(1), ..self }
    }

    /// At most so many of them.
    pub fn times(self, times: u64) -> On {
        On { times: Some(times), ..self }
    }

    fn matches(&self, asked: &Asked) -> bool {
        let body = || String::from_utf8_lossy(&asked.body);
        self.operation.as_ref().is_none_or(|name| *name == asked.operation)
            && self.prefix.as_ref().is_none_or(|prefix| asked.key.starts_with(prefix))
            && self.text.as_ref().is_none_or(|text| body().contains(text))
    }
}

/// What goes wrong.
#[derive(Debug, Clone)]
pub enum Fault {
    /// 503 of S3; a JSON service says `ThrottlingException`.
    SlowDown,
    /// 500.
    Internal,
    ExpiredToken,
    AccessDenied,
    /// The connection ends without an answer.
    Reset,
    /// The connection ends after half of the body.
    CutBody,
    /// The answer comes late.
    Delay(Duration),
    /// Any other error: status, code and message.
    Error(u16, String, String),
}

impl Fault {
    pub fn reply(self, asked: &Asked) -> Reply {
        let json = asked.is_json();
        let (status, code, message) = match self {
            Fault::SlowDown if json => (400, "ThrottlingException", "Rate exceeded"),
            Fault::SlowDown => (503, "SlowDown", "Please reduce your request rate."),
            Fault::Internal if json => (500, "InternalServerException", "internal failure"),
            Fault::Internal => (500, "InternalError", "We encountered an internal error. Please try again."),
            Fault::ExpiredToken if json => (400, "ExpiredTokenException", "The security token is expired"),
            Fault::ExpiredToken => (400, "ExpiredToken", "The provided token has expired."),
            Fault::AccessDenied if json => (400, "AccessDeniedException", DENIED),
            Fault::AccessDenied => (403, "AccessDenied", DENIED),
            Fault::Error(status, code, message) => return error(asked, status, &code, &message),
            Fault::Reset | Fault::CutBody | Fault::Delay(_) => unreachable!("spoils the connection, not the answer"),
        };
        error(asked, status, code, message)
    }
}

/// With an account, as AWS says it: programs must not repeat it.
const DENIED: &str = "User: arn:aws:sts::123456789012:assumed-role/reader/me is not authorized to perform this action";

fn error(asked: &Asked, status: u16, code: &str, message: &str) -> Reply {
    if asked.is_json() {
        return Failure::new(code, message).with_status(status).reply();
    }
    let reply = Reply::error(status, code, message);
    let length = reply.body.len() as u64;
    Reply { head: asked.head.then_some(length), ..reply }
}

type Hook = Arc<dyn Fn(&Handle) + Send + Sync>;

/// What happens when a request matches.
#[derive(Clone)]
pub enum Action {
    Fault(Fault),
    Hook(Hook),
}

/// A fault or hook that counts the requests it is for.
pub struct Armed {
    on: On,
    action: Action,
    seen: AtomicU64,
}

impl Armed {
    pub fn new(on: On, action: Action) -> Armed {
        Armed { on, action, seen: AtomicU64::new(0) }
    }

    /// The action, when it is this request's turn.
    pub fn due(&self, asked: &Asked) -> Option<Action> {
        if !self.on.matches(asked) {
            return None;
        }
        let nth = self.seen.fetch_add(1, SeqCst) + 1;
        let past = nth.checked_sub(self.on.first)?;
        self.on.times.is_none_or(|times| past < times).then(|| self.action.clone())
    }
}
