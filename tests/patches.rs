//! Patches of state machines in every kind of file that holds one: what is written is read again, and nothing else changes.

use std::path::Path;

use lakelint::config::Config;
use lakelint::expr::AsOf;
use lakelint::finding::Patch;
use lakelint::input;
use lakelint::lake::{FileId, Lake, Retrier};
use lakelint::patch::{Draft, apply};

fn read(folder: &Path) -> Lake {
    let sources = input::Sources::of(folder, AsOf("2025-06-30T00:00:00".parse().expect("a time")));
    input::read(&sources, &Config::default()).expect("readable")
}

fn retrier(lake: &Lake) -> &Retrier {
    assert!(lake.unreadable.is_empty(), "{:?}", lake.unreadable);
    assert!(lake.not_analysed.is_empty(), "{:?}", lake.not_analysed);
    let [workflow] = &lake.workflows[..] else { panic!("{} machines", lake.workflows.len()) };
    let with = workflow.states.iter().find(|state| !state.retriers.is_empty()).expect("a state that retries");
    &with.retriers[0]
}

/// Writes the file, patches the machine in it, and returns the file's new text. The patched machine has the new values.
fn patched(name: &str, text: &str, patch: impl Fn(&Lake, &Retrier) -> Option<Patch>) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(name), text).expect("written");
    let lake = read(folder.path());
    let patch = patch(&lake, retrier(&lake))?;
    let applied = apply([&patch], &lake.sources);
    assert_eq!(applied.texts.keys().collect::<Vec<_>>(), [&FileId(0)]);
    let new = applied.texts[&FileId(0)].clone();
    std::fs::write(folder.path().join(name), &new).expect("written");
    let lake = read(folder.path());
    let retrier = retrier(&lake);
    assert_eq!((retrier.max_attempts.value, retrier.max_delay.value), (Some(6.0), Some(300.0)), "{new}");
    Some(new)
}

/// Sets `MaxAttempts` to 6 and `MaxDelaySeconds` to 300: `old` becomes `new`, and nothing else changes.
#[track_caller]
fn sets(name: &str, text: &str, old: &str, new: &str) {
    assert_eq!(text.matches(old).count(), 1, "{old:?}");
    let found = patched(name, text, |lake, retrier| {
        let draft = Draft::new(&lake.sources).set("MaxAttempts", &retrier.max_attempts, retrier.slot, 6);
        draft.set("MaxDelaySeconds", &retrier.max_delay, retrier.slot, 300).safe()
    });
    assert_eq!(found.expect("a patch"), text.replacen(old, new, 1));
}

const JSON: &str = r#"{
  "StartAt": "Load",
  "States": {
    "Load": {
      "Type": "Task",
      "Resource": "arn:aws:states:::glue:startJobRun.sync",
      "Parameters": { "JobName": "load" },
      "Retry": [
        {
          "ErrorEquals": ["States.ALL"],
          "BackoffRate": 2,
          "MaxAttempts": 99
        }
      ],
      "End": true
    }
  }
}
"#;

/// Every line of a text with `by` before it.
fn indented(text: &str, by: &str) -> String {
    text.lines().map(|line| format!("{by}{line}\n")).collect()
}

#[test]
fn a_definition_in_json() {
    let old = "\"MaxAttempts\": 99\n";
    let new = "\"MaxAttempts\": 6,\n          \"MaxDelaySeconds\": 300\n";
    sets("load.asl.json", JSON, old, new);
    let tabs = JSON.replace("  ", "\t");
    sets("load.asl.json", &tabs, old, &new.replace("  ", "\t"));
    let crlf = format!("\u{feff}{}", JSON.replace('\n', "\r\n"));
    sets("load.asl.json", &crlf, &old.replace('\n', "\r\n"), &new.replace('\n', "\r\n"));
    let compact: String = JSON.split_whitespace().collect();
    sets("load.asl.json", &compact, "\"MaxAttempts\":99", "\"MaxAttempts\":6,\"MaxDelaySeconds\":300");
    let commented = JSON.replace(": 99\n", ": 99 // far too many\n");
    let new = "\"MaxAttempts\": 6, // far too many\n          \"MaxDelaySeconds\": 300\n";
    sets("load.asl.json", &commented, "\"MaxAttempts\": 99 // far too many\n", new);
}

#[test]
fn a_definition_in_a_literal_block_of_a_template() {
    for (head, by) in [("DefinitionString: |", "        "), ("DefinitionString: !Sub |", "          ")] {
        let text = format!(
            "Resources:\n  Load:\n    Type: AWS::StepFunctions::StateMachine\n    Properties:\n      {head}\n{}      RoleArn: x\n",
            indented(JSON, by)
        );
        let new = format!("\"MaxAttempts\": 6,\n{by}          \"MaxDelaySeconds\": 300\n");
        sets("template.yaml", &text, "\"MaxAttempts\": 99\n", &new);
    }
}

const YAML: &str = "\
StartAt: Load
States:
  Load:
    Type: Task
    Resource: arn:aws:states:::glue:startJobRun.sync
    Parameters:
      JobName: load
    Retry:
      - ErrorEquals:
          - States.ALL
        # Far too many:
        MaxAttempts: 99   # says the manual

    End: true
";

#[test]
fn a_definition_in_yaml() {
    let old = "MaxAttempts: 99   # says the manual\n";
    let new = "MaxAttempts: 6   # says the manual\n        MaxDelaySeconds: 300\n";
    sets("load.asl.yaml", YAML, old, new);
    let crlf = |text: &str| text.replace('\n', "\r\n");
    sets("load.asl.yaml", &crlf(YAML), &crlf(old), &crlf(new));
    let template = format!(
        "Resources:\n  Load:\n    Type: AWS::StepFunctions::StateMachine\n    Properties:\n      Definition:\n{}",
        indented(YAML, "        ")
    );
    sets("template.yaml", &template, old, &new.replace("\n        ", "\n                "));
    // The last line of a file without a line end, behind a list.
    let short = "StartAt: A\nStates:\n  A:\n    Type: Task\n    Resource: arn:aws:states:::glue:startJobRun.sync\n    End: true\n    \
                 Retry:\n    - MaxAttempts: 99\n      ErrorEquals:\n      - States.ALL";
    let patch = |lake: &Lake, retrier: &Retrier| {
        let draft = Draft::new(&lake.sources).set("MaxAttempts", &retrier.max_attempts, None, 6);
        draft.set("MaxDelaySeconds", &retrier.max_delay, retrier.slot, 300).safe()
    };
    let new = patched("load.asl.yaml", short, patch).expect("a patch");
    assert_eq!(new.replacen("\n      MaxDelaySeconds: 300", "", 1), short.replace("99", "6"));
}

#[test]
fn a_definition_in_terraform() {
    let heredoc = format!(
        "resource \"aws_sfn_state_machine\" \"load\" {{\n  name       = \"load\"\n  definition = <<-EOT\n{}  EOT\n}}\n",
        indented(JSON, "    ")
    );
    let new = "\"MaxAttempts\": 6,\n              \"MaxDelaySeconds\": 300\n";
    sets("main.tf", &heredoc, "\"MaxAttempts\": 99\n", new);
    let object = r#"resource "aws_sfn_state_machine" "load" {
  definition = jsonencode({
    StartAt = "Load"
    States = {
      Load = {
        Type     = "Task"
        Resource = "arn:aws:states:::glue:startJobRun.sync"
        Retry = [{
          ErrorEquals     = ["States.ALL"]
          IntervalSeconds = 5
          MaxAttempts     = 99 # far too many
        }]
        End = true
      }
    }
  })
}
"#;
    let new = "MaxAttempts     = 6 # far too many\n          MaxDelaySeconds = 300\n";
    sets("main.tf", object, "MaxAttempts     = 99 # far too many\n", new);
}

#[test]
fn in_an_escaped_string_values_can_be_replaced_and_nothing_can_be_inserted() {
    let definition = JSON.replace(": 99", ": 99, \"MaxDelaySeconds\": 900");
    let escaped = definition.replace('"', "\\\"").replace('\n', "\\n");
    let text = format!(
        "{{\"Resources\": {{\"Load\": {{\"Type\": \"AWS::StepFunctions::StateMachine\", \"Properties\": {{\"DefinitionString\": \"{escaped}\"}}}}}}}}"
    );
    sets("template.json", &text, "99, \\\"MaxDelaySeconds\\\": 900", "6, \\\"MaxDelaySeconds\\\": 300");
    let insert = |lake: &Lake, retrier: &Retrier| {
        Draft::new(&lake.sources).insert(retrier.slot, "IntervalSeconds", 5).suggestion()
    };
    assert_eq!(patched("template.json", &text, insert), None);
}
