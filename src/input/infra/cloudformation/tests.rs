//! Tests of templates, one for each way to write a machine and each kind of resource.

use proptest::prelude::*;

use super::*;
use crate::input::infra::Body;
use crate::input::infra::example::{place, read_with, states};
use crate::lake::{BookmarkOption, Cutoff, GlueCommand, Limit, RetryPolicy, Schedule, Sources, WorkflowKind};

const PATH: &str = "infra/template.yaml";

fn read_text(text: &str) -> Option<(Found, Sources)> {
    read_with(read, PATH, text)
}

fn found(text: &str) -> (Found, Sources) {
    read_text(text).expect("a template")
}

/// A template with one machine of these properties.
fn machine(properties: &str) -> (Found, Sources) {
    let indented: String = properties.lines().map(|line| format!("      {line}\n")).collect();
    found(&format!(
        "Parameters:\n  Env:\n    Type: String\n    Default: dev\n  Free:\n    Type: String\nResources:\n  Daily:\n    \
         Type: AWS::StepFunctions::StateMachine\n    Properties:\n{indented}"
    ))
}

#[test]
fn a_definition_string_in_a_block_has_its_places_and_its_substitutions() {
    let (found, sources) = machine(
        "StateMachineName: !Sub '${Env}-daily'\nStateMachineType: EXPRESS\nDefinitionString: !Sub\n  - |\n    {\n      \
         \"StartAt\": \"${Env}\",\n      \"Tries\": ${Max},\n      \"Resource\": \"${Fn}\", \"R\": \"${!raw} ${Free}\"\n    }\n  \
         - Fn: !GetAtt Load.Arn",
    );
    let definition = &found.definitions[0];
    assert_eq!((definition.name.as_str(), definition.kind), ("dev-daily", Some(WorkflowKind::Express)));
    assert_eq!(place(&sources, definition.span), (8, 3, "Daily".to_owned()));
    let root = states(definition);
    assert_eq!(root.get("StartAt").and_then(Node::as_str), Some("dev"));
    assert_eq!(root.get("Tries").map(|node| &node.value), Some(&Value::Hole("${Max}".to_owned())));
    assert_eq!(root.get("Resource").and_then(Node::as_str), Some("${Load.Arn}"));
    assert_eq!(root.get("R").and_then(Node::as_str), Some("${raw} ${Free}"));
    let span = root.get("Resource").expect("Resource").span;
    assert_eq!(place(&sources, span), (18, 25, "\"${Fn}\"".to_owned()));
}

#[test]
fn a_plain_definition_string_and_substitutions() {
    let (found, sources) = machine(
        "DefinitionString: '{\"StartAt\": \"A\", \"R\": \"${Arn}\", \"N\": ${N}}'\nDefinitionSubstitutions:\n  Arn: !GetAtt Load.Arn\n  \
         Name: !Sub '${Env}-x'\n  N: 3\n  Gone: !ImportValue y",
    );
    let definition = &found.definitions[0];
    let start = states(definition).get("StartAt").expect("StartAt").span;
    assert_eq!(place(&sources, start), (11, 38, "\"A\"".to_owned()));
    assert_eq!(definition.kind, Some(WorkflowKind::Standard));
    assert_eq!(states(definition).get("R").and_then(Node::as_str), Some("${Load.Arn}"));
    assert_eq!(states(definition).get("N").and_then(Node::as_f64), Some(3.0));
    let substitutions: Vec<(&str, &str)> = definition.substitutions.iter().map(|(k, v)| (&**k, &**v)).collect();
    assert_eq!(substitutions, [("Arn", "${Load.Arn}"), ("N", "3"), ("Name", "dev-x")]);
    assert!(definition.named.is(PATH, "${Daily}") && definition.named.is(PATH, "${Daily.Name}"));
    assert!(!definition.named.is(PATH, "${Daily2}"));
}

#[test]
fn an_object_definition_resolves_functions_and_keeps_computed_values_open() {
    let (found, sources) = machine(
        "Definition:\n  StartAt: A\n  States:\n    A:\n      Type: Task\n      Resource: !GetAtt Load.Arn\n      \
         TimeoutSeconds: !Ref Free\n      Parameters:\n        Name: !Sub 'x-${Env}'\n        Other: !If [C, a, b]\n      End: true",
    );
    let state = states(&found.definitions[0]).at(&["States", "A"]).expect("A");
    let text = |path: &[&str]| state.at(path).and_then(Node::as_str);
    assert_eq!(text(&["Resource"]), Some("${Load.Arn}"));
    assert_eq!(text(&["Parameters", "Name"]), Some("x-dev"));
    assert_eq!(state.at(&["Parameters", "Other"]).map(|node| &node.value), Some(&Value::Hole("${Fn::If}".to_owned())));
    assert_eq!(place(&sources, state.get("Resource").expect("Resource").span), (16, 23, "!GetAtt Load.Arn".to_owned()));
}

#[test]
fn a_synthesized_template_joins_its_definition() {
    let template = r#"{
 "Resources": {
  "Daily1A2B": {
   "Type": "AWS::StepFunctions::StateMachine",
   "Properties": {
    "DefinitionString": {
     "Fn::Join": ["", [
       "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":\"",
       {"Fn::GetAtt": ["Load99", "Arn"]},
       "\",\"Next\":\"",
       {"Fn::FindInMap": ["a", "b", "c"]},
       "\",\"Extra\":\"x\"}}}"
     ]]
    }
   }
  }
 }
}"#;
    let (found, sources) = found(template);
    assert!(found.problems.is_empty());
    let state = states(&found.definitions[0]).at(&["States", "A"]).expect("A");
    assert_eq!(state.get("Resource").and_then(Node::as_str), Some("${Load99.Arn}"));
    assert_eq!(state.get("Next").and_then(Node::as_str), Some("${Fn::FindInMap}"));
    assert_eq!(place(&sources, state.get("Extra").expect("Extra").span), (12, 22, r#"\"x\""#.to_owned()));
}

#[test]
fn files_and_buckets() {
    let (found, sources) = machine("DefinitionS3Location: statemachine/daily.asl.json");
    let Body::File { path, span } = &found.definitions[0].body else { panic!("{found:?}") };
    assert_eq!((path.as_str(), place(&sources, *span).0), ("statemachine/daily.asl.json", 11));
    let hash = "0123456789abcdef".repeat(4);
    let (found, _) =
        machine(&format!("DefinitionS3Location: {{Bucket: !Sub 'cdk-${{AWS::Region}}', Key: {hash}.json}}"));
    let Body::File { path, .. } = &found.definitions[0].body else { panic!("{found:?}") };
    assert_eq!(*path, format!("asset.{hash}.json"));
    let reason = |properties: &str| machine(properties).0.not_analysed[0].reason.clone();
    assert_eq!(reason("DefinitionS3Location:\n  Bucket: b\n  Key: k"), "is in a bucket");
    assert_eq!(reason("DefinitionUri: s3://b/k"), "is in a bucket: `s3://b/k`");
    assert_eq!(reason("DefinitionString: !ImportValue x"), "is computed by `Fn::ImportValue`");
    assert_eq!(reason("DefinitionString: !Ref Free"), "is computed: `${Free}`");
    assert_eq!(reason("Definition:\n  Fn::Transform: {Name: AWS::Include}"), "is computed by `Fn::Transform`");
    assert_eq!(reason("RoleArn: x"), "is not in this template");
}

#[test]
fn a_malformed_definition_is_a_problem_with_its_place() {
    let (found, sources) = machine("DefinitionString: |\n  {\n    \"StartAt\": \"A\"\n    \"States\": {}\n  }");
    let crate::finding::Place::Span(span) = found.problems[0].place else { panic!("{:?}", found.problems) };
    assert_eq!((place(&sources, span).0, found.problems[0].message.as_str()), (13, "a comma is missing here"));
    assert!(found.definitions.is_empty());
}

const SAM: &str = "
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {MemorySize: 256, Timeout: 20, Architectures: [arm64]}}
Resources:
  Daily:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: daily
      Type: STANDARD
      DefinitionUri: daily.asl.json
      DefinitionSubstitutions: {LoadArn: !GetAtt Load.Arn}
      Events:
        Night: {Type: Schedule, Properties: {Schedule: rate(1 day), Enabled: false}}
        Day:
          Type: ScheduleV2
          Properties: {ScheduleExpression: cron(0 6 * * ? *), RetryPolicy: {MaximumRetryAttempts: 5}}
        Ready: {Type: EventBridgeRule, Properties: {Pattern: {source: [x]}}}
  Load:
    Type: AWS::Serverless::Function
    Properties: {Timeout: 60, MemorySize: !Ref Memory}
";

#[test]
fn sam_machines_have_their_schedules_and_functions_their_globals() {
    let (found, _) = found(SAM);
    let definition = &found.definitions[0];
    assert_eq!((definition.container, definition.name.as_str()), (Container::Sam, "daily"));
    assert_eq!(definition.substitutions["LoadArn"], "${Load.Arn}");
    let schedules: Vec<&Schedule> = found.resources.iter().filter_map(schedule).collect();
    let night = schedules[0];
    assert_eq!(
        (night.expression.as_deref(), night.is_enabled == Some(true), night.is_scheduler),
        (Some("rate(1 day)"), false, false)
    );
    assert_eq!(night.target.as_deref(), Some("${Daily}"));
    let day = schedules[1];
    assert_eq!(day.retry_policy, Some(RetryPolicy { max_attempts: Some(5), max_age_seconds: None }));
    assert!(day.is_scheduler && schedules[2].expression.is_none());
    let ResourceKind::Lambda(function) = &found.resources[3].kind else { panic!("{found:?}") };
    assert_eq!(
        (function.memory_mb, function.timeout, function.is_arm, function.is_open),
        (None, Some(60.0), true, true)
    );
    assert!(found.resources[3].named.is(PATH, &definition.substitutions["LoadArn"]));
}

fn schedule(resource: &Resource) -> Option<&Schedule> {
    match &resource.kind {
        ResourceKind::Schedule(schedule) => Some(schedule),
        _ => None,
    }
}

const RESOURCES: &str = "
Parameters: {Rate: {Type: String, Default: rate(1 hour)}, Cut: {Type: Number, Default: 1}, Names: {Type: 'List<String>', Default: a}}
Resources:
  Rule:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: !Ref Rate
      State: ENABLED
      Targets:
        - {Arn: !Ref Daily, Id: a}
        - {Arn: !GetAtt Load.Arn, Id: b, RetryPolicy: {MaximumEventAgeInSeconds: '60'}, DeadLetterConfig: {Arn: x}}
        - !If [C, {Arn: x}, !Ref AWS::NoValue]
  Scheduled:
    Type: AWS::Scheduler::Schedule
    Properties:
      Name: !Ref Names
      ScheduleExpression: rate(5 minutes)
      State: DISABLED
      Target: {Arn: 'arn:aws:scheduler:::aws-sdk:sfn:startExecution', Input: !Sub '{\"StateMachineArn\": \"${Daily}\"}'}
  Job:
    Type: AWS::Glue::Job
    Properties: {Name: load, Command: {Name: glueetl}, MaxRetries: 2, Timeout: 90, GlueVersion: 4.0, WorkerType: G.1X,
                 NumberOfWorkers: !Ref Workers, ExecutionClass: FLEX}
  Load:
    Type: AWS::Lambda::Function
    Properties: {MemorySize: '512', Architectures: [x86_64]}
  Async:
    Type: AWS::Lambda::EventInvokeConfig
    Properties: {FunctionName: !Ref Load, MaximumRetryAttempts: 0, Qualifier: $LATEST}
  Stream:
    Type: AWS::KinesisFirehose::DeliveryStream
    Properties:
      ExtendedS3DestinationConfiguration:
        BucketARN: arn:aws:s3:::lake
        Prefix: 'raw/!{timestamp:yyyy}/'
        BufferingHints: {SizeInMBs: 1, IntervalInSeconds: 60}
        CompressionFormat: GZIP
        DataFormatConversionConfiguration: {Enabled: true}
  Group:
    Type: AWS::Athena::WorkGroup
    Properties: {Name: main, WorkGroupConfiguration: {BytesScannedCutoffPerQuery: !Ref Cut, EnforceWorkGroupConfiguration: false}}
  Bare: {Type: AWS::Athena::WorkGroup, Properties: {Name: bare}}
";

#[test]
fn schedules_of_rules_and_of_the_scheduler() {
    let (found, sources) = found(RESOURCES);
    let schedules: Vec<&Schedule> = found.resources.iter().filter_map(schedule).collect();
    assert_eq!(schedules.len(), 3);
    assert_eq!(
        (schedules[0].expression.as_deref(), schedules[0].target.as_deref()),
        (Some("rate(1 hour)"), Some("${Daily}"))
    );
    assert!(
        schedules[0].is_enabled == Some(true)
            && schedules[0].retry_policy.is_none()
            && !schedules[0].has_dead_letter_queue
    );
    assert_eq!(schedules[1].retry_policy.and_then(|policy| policy.max_age_seconds), Some(60));
    assert!(schedules[1].has_dead_letter_queue);
    assert!(schedules[2].is_scheduler && schedules[2].is_enabled == Some(false));
    assert_eq!(schedules[2].target.as_deref(), Some("{\"StateMachineArn\": \"${Daily}\"}"));
    assert_eq!(found.resources[2].name, "Scheduled");
    assert_eq!(place(&sources, found.resources[2].span), (13, 3, "Scheduled".to_owned()));
}

#[test]
fn jobs_functions_streams_and_workgroups() {
    let (found, _) = found(RESOURCES);
    let of = |name: &str| &found.resources.iter().find(|resource| resource.name == name).expect(name).kind;
    let ResourceKind::GlueJob(job) = of("load") else { panic!() };
    assert!(matches!(job.timeout, Limit::Seconds { seconds: 5400, .. }));
    assert_eq!((job.max_retries, job.version.as_deref(), job.workers, job.is_flex), (Some(2), Some("4.0"), None, true));
    assert!(job.is_open && job.command == GlueCommand::Spark);
    let ResourceKind::Lambda(function) = of("Load") else { panic!() };
    assert_eq!((function.memory_mb, function.timeout, function.async_retries), (Some(512.0), None, Some(0)));
    assert!(!function.is_open && !function.is_arm);
    let ResourceKind::Firehose(stream) = of("Stream") else { panic!() };
    assert_eq!((stream.buffer_mb, stream.buffer_seconds, stream.is_open), (Some(1.0), Some(60.0), false));
    assert_eq!(stream.prefix, Some(crate::lake::Location::parse("s3://lake/raw/")));
    assert_eq!(stream.compression.as_deref(), Some("GZIP"));
    assert!(stream.converts_format && stream.to_s3);
    let ResourceKind::Workgroup(group) = of("main") else { panic!() };
    assert_eq!((group.scan_limit, group.is_enforced, group.is_enabled), (Cutoff::Dynamic, Some(false), true));
    let ResourceKind::Workgroup(bare) = of("bare") else { panic!() };
    assert_eq!(bare.scan_limit, Cutoff::Unset);
}

#[test]
fn other_documents_are_no_templates() {
    assert!(read_text("Resources: {a: {Type: x}}").is_none());
    assert!(read_text("StartAt: a\nStates: {}").is_none());
    assert!(read_text("Resources: []").is_none());
}

proptest! {
    #[test]
    fn mutated_templates_do_not_panic(at in 0usize..3000, len in 0usize..40, with in "[{}\\[\\]:!$\"'|> \\n&*a]{0,6}", pick in 0..2) {
        let text = [SAM, RESOURCES][pick as usize];
        let cut = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let (start, end) = (cut(at), cut(at + len));
        let _ = read_text(&format!("{}{with}{}", &text[..start], &text[end..]));
    }
}

#[test]
fn glue_jobs_say_where_their_script_lies_and_whether_bookmarks_are_on() {
    let of = |properties: &str| {
        let indented: String = properties.lines().map(|line| format!("      {line}\n")).collect();
        let text = format!("Resources:\n  Load:\n    Type: AWS::Glue::Job\n    Properties:\n      Role: r\n{indented}");
        let (found, _) = found(&text);
        let ResourceKind::GlueJob(job) = &found.resources[0].kind else { panic!("a job") };
        (job.script_file().map(str::to_owned), job.bookmarks)
    };
    let option = |value: &str| of(&format!("DefaultArguments:\n  --TempDir: t\n  --job-bookmark-option: {value}")).1;
    assert_eq!(option("job-bookmark-enable"), BookmarkOption::Enabled);
    assert_eq!(option("job-bookmark-disable"), BookmarkOption::Disabled);
    assert_eq!(option("job-bookmark-pause"), BookmarkOption::Unknown);
    assert_eq!(option("!Ref Bookmarks"), BookmarkOption::Unknown);
    assert_eq!(option("!If [IsProd, job-bookmark-enable, job-bookmark-disable]"), BookmarkOption::Unknown);
    let script = |location: &str| of(&format!("Command:\n  Name: glueetl\n  ScriptLocation: {location}"));
    assert_eq!(script("!Sub 's3://${Scripts}/glue/load.py'"), (Some("load.py".to_owned()), BookmarkOption::Disabled));
    assert_eq!(script("s3://scripts/load.py").0.as_deref(), Some("load.py"));
    assert_eq!(script("!Sub 's3://scripts/${Key}'").0, None);
    assert_eq!(of("DefaultArguments: !Ref Arguments"), (None, BookmarkOption::Unknown));
    assert_eq!(of("NonOverridableArguments:\n  --job-bookmark-option: job-bookmark-enable").1, BookmarkOption::Enabled);
}
