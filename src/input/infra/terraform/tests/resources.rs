//! The resources around state machines.

use super::*;
use crate::lake::{BookmarkOption, Cutoff, GlueCommand, Limit, Location, ResourceKind, RetryPolicy};

#[test]
fn glue_jobs_tell_what_is_written_and_what_only_the_deployment_knows() {
    let found = file(
        "variable \"workers\" { default = 10 }\nresource \"aws_glue_job\" \"load\" {\n  name = \"load-${var.env}\"\n  \
         timeout = 2 * 60\n  max_retries = 3\n  glue_version = \"4.0\"\n  worker_type = \"G.1X\"\n  \
         number_of_workers = var.workers\n  execution_class = \"FLEX\"\n  command {\n    name = \"glueetl\"\n  }\n}\n",
    );
    let resource = found.resource();
    let ResourceKind::GlueJob(job) = &resource.kind else { panic!("a job") };
    assert_eq!((job.max_retries, job.workers, job.timeout.seconds()), (Some(3), Some(10.0), Some(7200)));
    assert_eq!((job.command, job.is_flex, job.version.as_deref()), (GlueCommand::Spark, true, Some("4.0")));
    assert_eq!((resource.name.as_str(), found.place(resource.span).as_str()), ("load", "infra/main.tf:2:25 \"load\""));
    assert!(resource.named.is("infra", "${aws_glue_job.load.name}") && resource.named.literal.is_none());
    let open = file(
        "resource \"aws_glue_job\" \"load\" {\n  timeout = var.timeout\n  max_retries = var.retries\n  command {\n    name = \"gluestreaming\"\n  }\n}\n",
    );
    let ResourceKind::GlueJob(job) = &open.resource().kind else { panic!("a job") };
    assert!(matches!(job.timeout, Limit::Dynamic(_)) && job.is_open && job.command == GlueCommand::Streaming);
    let endless = file("resource \"aws_glue_job\" \"stream\" {\n  name = \"stream\"\n  timeout = 0\n}\n");
    let ResourceKind::GlueJob(job) = &endless.resource().kind else { panic!("a job") };
    assert_eq!(job.timeout, Limit::Unset);
}

#[test]
fn glue_jobs_say_where_their_script_lies_and_whether_bookmarks_are_on() {
    let of = |text: &str| {
        let locals = "locals {\n  common = { \"--TempDir\" = \"t\" }\n  on = { \"--job-bookmark-option\" = \"job-bookmark-enable\" }\n}\n";
        let found = file(&format!("{locals}resource \"aws_glue_job\" \"load\" {{\n  name = \"load\"\n{text}\n}}\n"));
        let ResourceKind::GlueJob(job) = &found.resource().kind else { panic!("a job") };
        (job.script_file().map(str::to_owned), job.bookmarks)
    };
    let script = |location: &str| of(&format!("  command {{\n    script_location = {location}\n  }}")).0;
    assert_eq!(script("\"s3://${aws_s3_bucket.scripts.id}/glue/load.py\"").as_deref(), Some("load.py"));
    assert_eq!(script("\"s3://scripts/${aws_s3_object.load.key}\""), None);
    assert_eq!(script("var.script"), None);
    let arguments = |value: &str| of(&format!("  default_arguments = {value}")).1;
    assert_eq!(of("").1, BookmarkOption::Disabled);
    assert_eq!(arguments("local.common"), BookmarkOption::Disabled);
    assert_eq!(arguments("{ \"--job-bookmark-option\" = \"job-bookmark-enable\" }"), BookmarkOption::Enabled);
    assert_eq!(arguments("{ \"--job-bookmark-option\" = \"job-bookmark-disable\" }"), BookmarkOption::Disabled);
    assert_eq!(arguments("{ \"--job-bookmark-option\" = var.bookmarks }"), BookmarkOption::Unknown);
    assert_eq!(arguments("merge(local.common, local.on)"), BookmarkOption::Enabled);
    assert_eq!(arguments("merge(local.common, var.more)"), BookmarkOption::Unknown);
    assert_eq!(arguments("var.arguments"), BookmarkOption::Unknown);
    assert_eq!(arguments("{ (var.option) = \"job-bookmark-enable\" }"), BookmarkOption::Unknown);
    assert_eq!(of("  non_overridable_arguments = local.on").1, BookmarkOption::Enabled);
}

#[test]
fn functions_have_the_retries_of_their_event_configuration() {
    let found = file(
        "resource \"aws_lambda_function\" \"load\" {\n  function_name = \"load\"\n  memory_size = 512\n  timeout = 30\n  \
         architectures = [\"arm64\"]\n}\nresource \"aws_lambda_function\" \"load_more\" {\n  function_name = local.name\n}\n\
         resource \"aws_lambda_function_event_invoke_config\" \"load\" {\n  \
         function_name = aws_lambda_function.load.function_name\n  maximum_retry_attempts = 0\n}\n",
    );
    let [load, more] = found.found.resources.as_slice() else { panic!("two functions") };
    let (ResourceKind::Lambda(load), ResourceKind::Lambda(more)) = (&load.kind, &more.kind) else {
        panic!("functions")
    };
    assert_eq!(
        (load.memory_mb, load.timeout, load.is_arm, load.async_retries),
        (Some(512.0), Some(30.0), true, Some(0))
    );
    assert_eq!((more.memory_mb, more.async_retries), (None, None));
    assert!(!load.is_open && !more.is_open);
}

#[test]
fn schedules_have_a_target_each() {
    let found = file(
        r#"resource "aws_cloudwatch_event_rule" "daily" {
  name                = "daily"
  schedule_expression = "rate(1 day)"
  state               = "DISABLED"
}
resource "aws_cloudwatch_event_target" "a" {
  rule = aws_cloudwatch_event_rule.daily.name
  arn  = aws_sfn_state_machine.m.arn
  retry_policy {
    maximum_retry_attempts = 2
    maximum_event_age_in_seconds = var.age
  }
  dead_letter_config {
    arn = aws_sqs_queue.dead.arn
  }
}
resource "aws_cloudwatch_event_target" "b" {
  rule = "daily"
  arn  = aws_lambda_function.f.arn
}
resource "aws_scheduler_schedule" "nightly" {
  schedule_expression = "cron(15 2 * * ? *)"
  target {
    arn   = "arn:aws:scheduler:::aws-sdk:sfn:startExecution"
    input = jsonencode({ StateMachineArn = aws_sfn_state_machine.m.arn })
  }
}
"#,
    );
    let schedules: Vec<_> = found
        .found
        .resources
        .iter()
        .map(|resource| match &resource.kind {
            ResourceKind::Schedule(schedule) => (resource.name.as_str(), schedule, found.place(resource.span)),
            other => panic!("{other:?}"),
        })
        .collect();
    let [a, b, nightly] = schedules.as_slice() else { panic!("three schedules") };
    assert_eq!(
        (a.0, a.2.as_str(), a.1.expression.as_deref()),
        ("daily", "infra/main.tf:6:40 \"a\"", Some("rate(1 day)"))
    );
    let policy = RetryPolicy { max_attempts: Some(2), max_age_seconds: None };
    assert_eq!((a.1.retry_policy, a.1.has_dead_letter_queue, a.1.is_enabled), (Some(policy), true, Some(false)));
    assert_eq!(a.1.target.as_deref(), Some("${aws_sfn_state_machine.m.arn}"));
    assert_eq!((b.1.expression.as_deref(), b.1.retry_policy, b.1.is_enabled), (Some("rate(1 day)"), None, Some(false)));
    assert!(nightly.1.is_scheduler && nightly.1.is_enabled == Some(true) && nightly.1.retry_policy.is_none());
    assert!(nightly.1.target.as_deref().expect("a target").contains("aws_sfn_state_machine.m."));
}

#[test]
fn delivery_streams_tell_their_buffers() {
    let stream = |configuration: &str| {
        let found = file(&format!(
            "resource \"aws_s3_bucket\" \"b\" {{\n  bucket = \"lake\"\n}}\n\
             resource \"aws_kinesis_firehose_delivery_stream\" \"s\" {{\n  destination = \"extended_s3\"\n{configuration}\n}}\n"
        ));
        let ResourceKind::Firehose(stream) = found.resource().kind.clone() else { panic!("a stream") };
        let hints = stream.hints_span.map(|span| found.place(span));
        (stream, hints)
    };
    let (written, hints) = stream(
        "  extended_s3_configuration {\n    bucket_arn = aws_s3_bucket.b.arn\n    prefix = \"events/!{timestamp:yyyy}/\"\n    \
         buffering_size = 64\n    buffering_interval = 60\n    compression_format = \"GZIP\"\n    \
         data_format_conversion_configuration {\n    }\n  }",
    );
    assert_eq!((written.buffer_mb, written.buffer_seconds, written.is_open), (Some(64.0), Some(60.0), false));
    assert_eq!((written.prefix.clone(), written.converts_format), (Some(Location::parse("s3://lake/events/")), true));
    assert_eq!(hints.as_deref(), Some("infra/main.tf:9:5 buffering_size = 64"));
    let (open, _) = stream("  extended_s3_configuration {\n    buffer_interval = var.x\n  }");
    assert!(open.is_open && open.to_s3 && open.buffer_seconds.is_none() && open.prefix.is_none());
    let (elsewhere, _) =
        stream("  extended_s3_configuration {\n    bucket_arn = var.bucket\n    prefix = \"raw/x/\"\n  }");
    let place = elsewhere.prefix.clone().expect("a place");
    assert!(place.is_open() && place.path == "raw/x", "the path is known");
    let (dynamic, _) =
        stream("  dynamic \"extended_s3_configuration\" {\n    content {\n      buffer_size = 1\n    }\n  }");
    assert!(dynamic.is_open && dynamic.buffer_mb == Some(1.0));
}

#[test]
fn workgroups_tell_their_cutoff() {
    let workgroup = |body: &str| {
        let found = file(&format!("resource \"aws_athena_workgroup\" \"w\" {{\n  name = \"w\"\n{body}\n}}\n"));
        let ResourceKind::Workgroup(workgroup) = found.resource().kind.clone() else { panic!("a workgroup") };
        workgroup
    };
    let limited = workgroup(
        "  configuration {\n    bytes_scanned_cutoff_per_query = 10 * 1024 * 1024\n    enforce_workgroup_configuration = false\n  }",
    );
    assert_eq!((limited.scan_limit, limited.is_enforced), (Cutoff::Bytes(10 << 20), Some(false)));
    let open = workgroup("  state = \"DISABLED\"\n  configuration {\n    bytes_scanned_cutoff_per_query = var.x\n  }");
    assert_eq!((open.scan_limit, open.is_enabled), (Cutoff::Dynamic, false));
    assert_eq!((workgroup("").scan_limit, workgroup("").is_enabled), (Cutoff::Unset, true));
}

#[test]
fn comments_ignore_rules_for_what_they_stand_before_or_in() {
    let found = file(
        "# lakelint: ignore[a] whole job\nresource \"aws_glue_job\" \"load\" {\n  timeout = 1 # lakelint: ignore[b]\n}\n\
         resource \"aws_sfn_state_machine\" \"m\" {\n  # lakelint: ignore[c]\n  name = \"m\"\n  \
         definition = jsonencode({\n    States = {\n      // lakelint: ignore[d]\n      A = { Type = \"Pass\" }\n    }\n  })\n}\n",
    );
    let scope = |ignore: &ignore::Ignore| match &ignore.scope {
        ignore::Scope::Part(span) => found.place(*span).split('\n').next().map(str::to_string),
        other => panic!("{other:?}"),
    };
    let scopes: Vec<_> = found.found.ignores.iter().filter_map(scope).collect();
    assert_eq!(
        scopes,
        [
            "infra/main.tf:2:1 resource \"aws_glue_job\" \"load\" {",
            "infra/main.tf:3:3 timeout = 1",
            "infra/main.tf:5:1 resource \"aws_sfn_state_machine\" \"m\" {",
            "infra/main.tf:11:7 A = { Type = \"Pass\" }",
        ]
    );
}
