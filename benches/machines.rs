//! `lakelint check` and `lakelint cost` over 1,000 files with a state machine each, as a process.
//!
//! `LAKELINT_MACHINES=DIR` writes the files there and keeps them, to run other tools over them. `ASL_VALIDATOR`, the path of the
//! `asl-validator` of npm, validates the plain definitions among them in the same run.
#![allow(missing_docs)]

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};

const FILES: usize = 1_000;

/// A nightly job as people write them: queries, a Glue job, a crawler that is waited for, a fan-out, a notification.
fn definition(n: usize) -> String {
    let mut states = String::new();
    let steps = 3 + n % 9;
    for step in 0..steps {
        let next = if step + 1 == steps { "Crawl".to_string() } else { format!("Load{}", step + 1) };
        let resource = match (n + step) % 3 {
            0 => format!(
                r#""Resource": "arn:aws:states:::lambda:invoke", "Parameters": {{ "FunctionName": "load-{n}-{step}", "Payload.$": "$" }}"#
            ),
            1 => format!(
                r#""Resource": "arn:aws:states:::athena:startQueryExecution.sync",
      "Parameters": {{
        "QueryString": "INSERT INTO curated.sales_{step} SELECT store_id, count(*), dt FROM clean.orders WHERE dt = '2025-01-{:02}' GROUP BY store_id, dt",
        "WorkGroup": "nightly"
      }}"#,
                1 + n % 28
            ),
            _ => format!(
                r#""Resource": "arn:aws:states:::glue:startJobRun.sync", "Parameters": {{ "JobName": "job-{n}-{step}" }}, "TimeoutSeconds": 3600"#
            ),
        };
        let _ = write!(
            states,
            r#"
    "Load{step}": {{
      "Type": "Task",
      {resource},
      "Retry": [
        {{ "ErrorEquals": ["Lambda.ServiceException", "Lambda.SdkClientException"], "IntervalSeconds": 2, "MaxAttempts": {}, "BackoffRate": 2 }}
      ],
      "Catch": [{{ "ErrorEquals": ["States.ALL"], "Next": "Notify" }}],
      "Next": "{next}"
    }},"#,
            3 + n % 5
        );
    }
    format!(
        r#"{{
  "Comment": "Job {n}",
  "StartAt": "Load0",
  "TimeoutSeconds": 86400,
  "States": {{{states}
    "Crawl": {{ "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:glue:startCrawler", "Parameters": {{ "Name": "crawler-{n}" }}, "Next": "Wait" }},
    "Wait": {{ "Type": "Wait", "Seconds": 60, "Next": "GetCrawler" }},
    "GetCrawler": {{ "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:glue:getCrawler", "Parameters": {{ "Name": "crawler-{n}" }}, "Next": "IsReady" }},
    "IsReady": {{
      "Type": "Choice",
      "Choices": [{{ "Variable": "$.Crawler.State", "StringEquals": "READY", "Next": "FanOut" }}],
      "Default": "Wait"
    }},
    "FanOut": {{
      "Type": "Map",
      "ItemsPath": "$.stores",
      "MaxConcurrency": 5,
      "ItemProcessor": {{
        "StartAt": "Publish",
        "States": {{
          "Publish": {{ "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {{ "QueueUrl": "q", "MessageBody.$": "$" }}, "End": true }}
        }}
      }},
      "Next": "Done"
    }},
    "Notify": {{ "Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": {{ "TopicArn": "t", "Message.$": "$.Cause" }}, "Next": "Failed" }},
    "Failed": {{ "Type": "Fail" }},
    "Done": {{ "Type": "Succeed" }}
  }}
}}
"#
    )
}

fn indented(text: &str, by: usize) -> String {
    text.lines().map(|line| format!("{:by$}{line}\n", "")).collect()
}

/// Seven in ten are files of their own, the others stand in templates.
fn write(folder: &Path) -> io::Result<()> {
    for n in 0..FILES {
        let machine = definition(n);
        let (name, text) = match n % 10 {
            0 => (
                format!("templates/{n}.yaml"),
                format!(
                    "Resources:\n  Machine{n}:\n    Type: AWS::StepFunctions::StateMachine\n    Properties:\n      RoleArn: !GetAtt Role.Arn\n      DefinitionString: !Sub |\n{}",
                    indented(&machine, 8)
                ),
            ),
            1 => (
                format!("terraform/{n}/main.tf"),
                format!(
                    "resource \"aws_sfn_state_machine\" \"machine_{n}\" {{\n  name       = \"job-{n}\"\n  role_arn   = var.role\n  definition = <<EOF\n{machine}EOF\n}}\n"
                ),
            ),
            // JSON is YAML.
            2 => (format!("machines/{n}.asl.yaml"), machine),
            _ => (format!("machines/{n}.asl.json"), machine),
        };
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder"))?;
        std::fs::write(path, text)?;
    }
    let tables = "CREATE EXTERNAL TABLE clean.orders (store_id int, amount double) PARTITIONED BY (dt string) STORED AS PARQUET LOCATION 's3://lake/clean/orders/';\n";
    std::fs::write(folder.join("tables.ddl"), tables)
}

fn folder() -> (PathBuf, Option<tempfile::TempDir>) {
    let (folder, guard) = match std::env::var_os("LAKELINT_MACHINES") {
        Some(folder) => (PathBuf::from(folder), None),
        None => {
            let guard = tempfile::tempdir().expect("a temporary folder");
            (guard.path().to_path_buf(), Some(guard))
        }
    };
    write(&folder).expect("the files are written");
    (folder, guard)
}

fn bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.map(|path| if path.is_dir() { bytes(&path) } else { path.metadata().expect("a file").len() }).sum()
}

fn machines(c: &mut Criterion) {
    let (folder, _guard) = folder();
    let mut group = c.benchmark_group("1,000 state machines, process");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.throughput(Throughput::Bytes(bytes(&folder)));
    for command in ["check", "cost"] {
        group.bench_function(command, |b| {
            b.iter(|| {
                let mut lakelint = Command::new(env!("CARGO_BIN_EXE_lakelint"));
                lakelint.args([command, "--as-of", "2025-06-30"]).current_dir(&folder).stdout(Stdio::null());
                assert!(lakelint.status().expect("lakelint runs").code().is_some_and(|code| code < 2));
            });
        });
    }
    if let Some(validator) = std::env::var_os("ASL_VALIDATOR") {
        let definitions = || {
            let files = std::fs::read_dir(folder.join("machines")).expect("a folder");
            let paths = files.map(|file| file.expect("a file").path());
            paths.filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        };
        group.bench_function("asl-validator over the 700 JSON files", |b| {
            b.iter(|| {
                let mut peer = Command::new(&validator);
                definitions().for_each(|path| {
                    peer.arg("--json-path").arg(path);
                });
                assert!(peer.stdout(Stdio::null()).status().expect("asl-validator runs").code().is_some());
            });
        });
    }
    group.finish();
}

criterion_group!(benches, machines);
criterion_main!(benches);
