//! What a Task calls, with the arguments that matter.

use crate::document::{Map, Node, Text};
use crate::lake::{Call, Limit, Pattern, Span, Task};

use super::field::{Field, is_open, limit_of, text_of};
use super::problems::Problems;
use super::query;
use super::resource::classify;

/// Seconds of a minute, the unit of Glue's timeouts.
const MINUTE: u64 = 60;

/// The SQL that a Task runs.
#[derive(Debug, Clone)]
pub(in crate::input) struct Sql {
    pub(in crate::input) text: Text,
    /// `QueryExecutionContext`: where unqualified tables are.
    pub(in crate::input) database: Option<String>,
}

/// Reads a Task; `place` is where its name stands.
pub(super) fn read(map: &Map, place: Span, problems: &mut Problems) -> (Task, Option<Sql>) {
    let written = map.get("Resource");
    let resource = written.and_then(text_of);
    if resource.is_none() && !written.is_some_and(is_open) {
        let (span, met) = match written {
            Some(node) => (node.span, "the `Resource` of a Task is no text"),
            None => (place, "a Task without `Resource`"),
        };
        problems.add(span, met, "name what the Task calls, such as `arn:aws:states:::lambda:invoke`");
    }
    let (call, pattern) = resource.as_deref().map_or((Call::Unknown, Pattern::RequestResponse), classify);
    let arguments = map.get("Arguments").or_else(|| map.get("Parameters"));
    let (call, sql) = with_arguments(call, arguments);
    let resource_span = written.map_or(place, |node| node.span);
    (Task { resource, resource_span, call, pattern }, sql)
}

fn with_arguments(call: Call, arguments: Option<&Node>) -> (Call, Option<Sql>) {
    let field = |key: &str| Field::of(arguments, key);
    let call = match call {
        Call::Lambda { function, .. } => Call::Lambda {
            function: function.or_else(|| field("FunctionName").text()),
            is_event: field("InvocationType").text().as_deref() == Some("Event"),
        },
        Call::AthenaQuery { .. } => return athena(arguments),
        Call::GlueJob { .. } => Call::GlueJob {
            job: field("JobName").text(),
            timeout_minutes: match field("Timeout") {
                Field::Absent => Limit::Unset,
                Field::Written(node) => limit_of(node, MINUTE),
                Field::Open(Some(node)) => Limit::Dynamic(node.span),
                Field::Open(None) => arguments.map_or(Limit::Unset, |node| Limit::Dynamic(node.span)),
            },
            workers: field("NumberOfWorkers").number(),
            worker_type: field("WorkerType").text(),
            max_capacity: field("MaxCapacity").number(),
        },
        Call::Execution { .. } => Call::Execution { machine: field("StateMachineArn").machine() },
        Call::Activity | Call::Service { .. } | Call::Unknown => call,
    };
    (call, None)
}

fn athena(arguments: Option<&Node>) -> (Call, Option<Sql>) {
    // Without arguments, the input of the state takes their place.
    let field = |key: &str| if arguments.is_none() { Field::Open(None) } else { Field::of(arguments, key) };
    let (sql, text) = query::sql(field("QueryString"));
    let workgroup = match field("WorkGroup") {
        Field::Absent => None,
        written => Some(written.text()),
    };
    let context = field("QueryExecutionContext");
    let context = |key: &str| match context {
        Field::Written(node) => Field::of(Some(node), key).text(),
        Field::Absent | Field::Open(_) => None,
    };
    let sql_text = text.map(|text| Sql { text, database: context("Database") });
    (Call::AthenaQuery { sql, workgroup }, sql_text)
}
