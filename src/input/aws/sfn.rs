//! Definitions of Step Functions state machines, for checks without a network.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use anyhow::Result;
use aws_sdk_sfn::Client;
use aws_sdk_sfn::config::Builder;
use aws_sdk_sfn::operation::describe_state_machine::DescribeStateMachineOutput;
use aws_sdk_sfn::types::StateMachineType;
use regex::{Captures, Regex};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Connection;
use super::error::{Asked, Failure, Reason};
use crate::input::fetch::FetchedMachine;
use crate::lake::WorkflowKind;

/// Most machines of a page (AWS Step Functions API Reference, `ListStateMachines`).
const PAGE: i32 = 1000;

/// What stands for every account.
const ACCOUNT: &str = "000000000000";

/// State machines by name, and those that may not be read.
pub(crate) fn read(connection: &Connection) -> Result<(BTreeMap<String, FetchedMachine>, Vec<String>)> {
    let config = Builder::from(&connection.config)
        .interceptor(connection.counter())
        .retry_classifier(connection.patience())
        .build();
    let client = Client::from_conf(config);
    let slots = Arc::new(Semaphore::new(connection.reach.concurrency.max(1)));
    connection.wait(async {
        let machines = list(&client).await.map_err(|failure| {
            let what = "state machines cannot be listed";
            failure.explain(&Asked { what, action: "states:ListStateMachines", resource: "" })
        })?;
        let mut describing = JoinSet::new();
        for (name, arn) in machines {
            let (client, slots) = (client.clone(), Arc::clone(&slots));
            describing.spawn(async move {
                let slot = slots.acquire().await;
                let definition = match slot {
                    Ok(_) => {
                        client.describe_state_machine().state_machine_arn(arn).send().await.map_err(|e| Failure::of(&e))
                    }
                    Err(closed) => Err(Failure::new(Reason::Other, closed.to_string())),
                };
                (name, definition.map(|machine| of_answer(&machine)))
            });
        }
        let (mut definitions, mut missing) = (BTreeMap::new(), Vec::new());
        for (name, definition) in describing.join_all().await {
            match definition {
                Ok(definition) => drop(definitions.insert(name, definition)),
                Err(failure) => missing.extend(refusal(&name, &failure)?),
            }
        }
        missing.sort();
        Ok((definitions, missing))
    })
}

fn of_answer(machine: &DescribeStateMachineOutput) -> FetchedMachine {
    let kind = match machine.r#type {
        StateMachineType::Standard => Some(WorkflowKind::Standard),
        StateMachineType::Express => Some(WorkflowKind::Express),
        _ => None,
    };
    FetchedMachine { kind, definition: without_accounts(&machine.definition) }
}

/// Names and ARNs of all machines.
async fn list(client: &Client) -> Result<Vec<(String, String)>, Failure> {
    let (mut machines, mut token) = (Vec::new(), None);
    loop {
        let page = client.list_state_machines().max_results(PAGE).set_next_token(token.clone()).send().await;
        let page = page.map_err(|error| Failure::of(&error))?;
        machines.extend(page.state_machines.into_iter().map(|machine| (machine.name, machine.state_machine_arn)));
        match page.next_token.filter(|next| !next.is_empty()) {
            None => return Ok(machines),
            next if next == token => return Err(Failure::garbled("the next page is the same page")),
            next => token = next,
        }
    }
}

/// A machine that may not be read, or whose definition is encrypted with a key that may not be used. One that was deleted
/// while it was read is none any more.
fn refusal(name: &str, failure: &Failure) -> Result<Option<String>> {
    let denied = |action: &str| {
        Ok(Some(format!("the definition of state machine `{name}` is missing: access denied: allow `{action}`")))
    };
    match failure.reason {
        Reason::Denied => denied("states:DescribeStateMachine"),
        _ if failure.detail.starts_with("KmsAccessDenied") => denied("kms:Decrypt"),
        _ if failure.detail.starts_with("StateMachineDoesNotExist") => Ok(None),
        _ => {
            let what = format!("state machine `{name}` cannot be read");
            Err(failure.explain(&Asked { what: &what, action: "states:DescribeStateMachine", resource: "" }))
        }
    }
}

/// Accounts in ARNs and in addresses of queues become the same zeros, so that what names the same resource still does. Names
/// of buckets stay as they are: they lead to tables.
fn without_accounts(definition: &str) -> String {
    static ACCOUNTS: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r#"(arn:aws[a-z-]*:[^:"\s]*:[^:"\s]*:|sqs\.[a-z0-9.-]+/)[0-9]{12}([^0-9]|$)"#;
        Regex::new(pattern).expect("a constant pattern")
    });
    ACCOUNTS.replace_all(definition, |found: &Captures<'_>| format!("{}{ACCOUNT}{}", &found[1], &found[2])).into_owned()
}

#[cfg(test)]
mod tests {
    use super::without_accounts;

    #[test]
    fn accounts_in_arns_and_queues_are_left_out() {
        let text = r#"{"Resource": "arn:aws:lambda:eu-west-1:123456789012:function:x:210987654321",
            "Url": "https://sqs.eu-west-1.amazonaws.com/123456789012/q", "Out": "s3://results-123456789012-eu/",
            "Role": "arn:aws-cn:iam::123456789012:role/r", "Task": "arn:aws:states:::lambda:invoke", "N": 123456789012}"#;
        let expected = r#"{"Resource": "arn:aws:lambda:eu-west-1:000000000000:function:x:210987654321",
            "Url": "https://sqs.eu-west-1.amazonaws.com/000000000000/q", "Out": "s3://results-123456789012-eu/",
            "Role": "arn:aws-cn:iam::000000000000:role/r", "Task": "arn:aws:states:::lambda:invoke", "N": 123456789012}"#;
        assert_eq!(without_accounts(text), expected);
    }
}
