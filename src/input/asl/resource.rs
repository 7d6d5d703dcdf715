//! What the `Resource` of a Task calls, and how it waits.
//!
//! <https://docs.aws.amazon.com/step-functions/latest/dg/connect-supported-services.html>

use crate::lake::{Call, Limit, Pattern, QueryText};

/// What a `Resource` calls, as far as its own text tells: the arguments of the call are not known yet.
pub(super) fn classify(resource: &str) -> (Call, Pattern) {
    let resource = resource.trim();
    let (plain, pattern) = without_pattern(resource);
    (call(resource, plain).unwrap_or(Call::Unknown), pattern)
}

/// The resource without `.sync` and the like.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html>
fn without_pattern(resource: &str) -> (&str, Pattern) {
    for (ending, pattern) in
        [(".sync", Pattern::Sync), (".sync:2", Pattern::Sync), (".waitForTaskToken", Pattern::TaskToken)]
    {
        if let Some(plain) = resource.strip_suffix(ending) {
            return (plain, pattern);
        }
    }
    (resource, Pattern::RequestResponse)
}

fn call(resource: &str, plain: &str) -> Option<Call> {
    if let Some(call) = by_terraform_type(resource) {
        return Some(call);
    }
    let parts = colon_parts(plain);
    let ["arn", _, service, _, _, rest @ ..] = parts.as_slice() else { return None };
    match (*service, rest) {
        ("lambda", ["function", ..]) => Some(Call::Lambda { function: Some(resource.to_owned()), is_event: false }),
        ("states", ["activity", ..]) => Some(Call::Activity),
        ("states", ["aws-sdk", service, action]) => Some(of_service(service, action, true)),
        ("states", [service, action]) => Some(of_service(service, action, false)),
        _ => None,
    }
}

/// `${aws_lambda_function.load.arn}` says by itself what it is.
fn by_terraform_type(resource: &str) -> Option<Call> {
    let reference = resource.strip_prefix("${")?;
    match reference.split('.').next()? {
        "aws_lambda_function" | "aws_lambda_alias" => {
            Some(Call::Lambda { function: Some(resource.to_owned()), is_event: false })
        }
        "aws_sfn_activity" => Some(Call::Activity),
        _ => None,
    }
}

fn of_service(service: &str, action: &str, is_sdk: bool) -> Call {
    if service.contains("${") || action.contains("${") {
        return Call::Unknown;
    }
    match (service, action) {
        ("lambda", "invoke") => Call::Lambda { function: None, is_event: false },
        ("athena", "startQueryExecution") => Call::AthenaQuery { sql: QueryText::Missing, workgroup: None },
        ("glue", "startJobRun") => Call::GlueJob {
            job: None,
            timeout_minutes: Limit::Unset,
            workers: None,
            worker_type: None,
            max_capacity: None,
        },
        ("states" | "sfn", "startExecution" | "startSyncExecution") => Call::Execution { machine: None },
        _ => Call::Service { service: service.to_owned(), action: action.to_owned(), is_sdk },
    }
}

/// The parts between colons; those within `${...}` count for nothing.
fn colon_parts(text: &str) -> Vec<&str> {
    let mut depth = 0usize;
    let split = |c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ':' && depth == 0
    };
    text.split(split).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_tell_what_they_call_and_how_they_wait() {
        for (resource, expected) in [
            ("arn:aws:states:::athena:startQueryExecution.sync", "athena Sync"),
            ("arn:aws-cn:states:::athena:startQueryExecution", "athena RequestResponse"),
            ("arn:${AWS::Partition}:states:::aws-sdk:athena:startQueryExecution", "athena RequestResponse"),
            ("arn:aws:states:::lambda:invoke.waitForTaskToken", "lambda None TaskToken"),
            ("arn:aws:states:::aws-sdk:lambda:invoke", "lambda None RequestResponse"),
            (
                "arn:aws:lambda:${AWS::Region}:1:function:load:live",
                "lambda Some(\"arn:aws:lambda:${AWS::Region}:1:function:load:live\") RequestResponse",
            ),
            ("${aws_lambda_function.load.arn}", "lambda Some(\"${aws_lambda_function.load.arn}\") RequestResponse"),
            ("arn:aws-us-gov:states:::glue:startJobRun.sync", "glue Sync"),
            ("arn:aws:states:::aws-sdk:glue:startCrawler", "glue:startCrawler sdk RequestResponse"),
            ("arn:aws:states:::states:startExecution.sync:2", "execution Sync"),
            ("arn:aws:states:::aws-sdk:sfn:startExecution", "execution RequestResponse"),
            ("arn:aws:states:::states:startExecution.waitForTaskToken", "execution TaskToken"),
            ("arn:aws:states:us-east-1:123456789012:activity:check", "activity RequestResponse"),
            ("arn:aws:states:::http:invoke", "http:invoke RequestResponse"),
            ("arn:aws:states:::ecs:runTask.sync", "ecs:runTask Sync"),
            ("${LoadFunctionArn}", "unknown RequestResponse"),
            ("arn:aws:states:::${Service}:go.sync", "unknown Sync"),
            ("", "unknown RequestResponse"),
            ("arn:aws:states:::dynamodb", "unknown RequestResponse"),
            ("é}:{", "unknown RequestResponse"),
        ] {
            let (call, pattern) = classify(resource);
            let said = match call {
                Call::Lambda { function, .. } => format!("lambda {function:?}"),
                Call::AthenaQuery { .. } => "athena".to_owned(),
                Call::GlueJob { .. } => "glue".to_owned(),
                Call::Execution { .. } => "execution".to_owned(),
                Call::Activity => "activity".to_owned(),
                Call::Service { service, action, is_sdk } => {
                    format!("{service}:{action}{}", if is_sdk { " sdk" } else { "" })
                }
                Call::Unknown => "unknown".to_owned(),
            };
            assert_eq!(format!("{said} {pattern:?}"), expected, "{resource}");
        }
    }
}
