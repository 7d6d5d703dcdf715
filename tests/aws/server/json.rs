//! Services that speak JSON: a table of handlers by `X-Amz-Target`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::State;
use super::reply::Reply;
use super::uri::Asked;

/// Answers what an operation is asked.
pub type Handler = dyn Fn(&Value) -> Result<Value, Failure> + Send + Sync;

/// An error of a JSON service.
#[derive(Debug, Clone)]
pub struct Failure {
    code: String,
    message: String,
    status: u16,
}

impl Failure {
    /// Such as `EntityNotFoundException`; status 400.
    pub fn new(code: &str, message: &str) -> Failure {
        Failure { code: code.to_owned(), message: message.to_owned(), status: 400 }
    }

    pub fn with_status(self, status: u16) -> Failure {
        Failure { status, ..self }
    }

    pub fn reply(&self) -> Reply {
        let body = json!({ "__type": self.code, "message": self.message, "Message": self.message });
        let reply = Reply::new(self.status, "application/x-amz-json-1.1", body.to_string());
        reply.header("x-amzn-errortype", self.code.clone())
    }
}

pub fn answer(state: &State, asked: &Asked) -> Reply {
    let handler = state.json.read().expect("not poisoned").get(&asked.operation).map(Arc::clone);
    let unknown = || Failure::new("UnknownOperationException", &format!("nothing answers {}", asked.operation));
    let input = serde_json::from_slice(&asked.body).unwrap_or(Value::Null);
    match handler.ok_or_else(unknown).and_then(|handler| handler(&input)) {
        Ok(output) => Reply::new(200, "application/x-amz-json-1.1", output.to_string()),
        Err(failure) => failure.reply(),
    }
}

/// Answers with a list page by page: `MaxResults` of the request or at most `size`, `NextToken` or `nextToken` as the list's
/// name begins with a capital or not.
pub fn pages(
    list: &str,
    size: usize,
    all: Vec<Value>,
) -> impl Fn(&Value) -> Result<Value, Failure> + Send + Sync + use<> {
    let list = list.to_owned();
    move |input| page(&list, size, &all, input)
}

/// One page of a list, for handlers that first choose which list it is.
pub fn page(list: &str, size: usize, all: &[Value], input: &Value) -> Result<Value, Failure> {
    let small = list.starts_with(char::is_lowercase);
    let (token, most) = if small { ("nextToken", "maxResults") } else { ("NextToken", "MaxResults") };
    let from = match &input[token] {
        Value::Null => 0,
        Value::String(text) => {
            text.strip_prefix("page-").and_then(|from| from.parse::<usize>().ok()).unwrap_or(all.len() + 1)
        }
        _ => all.len() + 1,
    };
    if from > all.len() {
        return Err(Failure::new("InvalidInputException", "the token is not valid"));
    }
    let size = input[most].as_u64().map_or(size, |most| (most as usize).min(size)).max(1);
    let to = (from + size).min(all.len());
    let mut output = json!({ list: all[from..to] });
    if to < all.len() {
        output[token] = format!("page-{to}").into();
    }
    Ok(output)
}
