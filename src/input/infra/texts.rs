//! Which of the many JSON, YAML and HCL files of a repository are worth parsing.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Context, Result};

use super::terraform;
use crate::finding::Place;
use crate::input::discover::{Input, Language};
use crate::input::text_file::Problem;
use crate::lake::{FileId, Lake, Unreadable, UnreadableKind};

/// A text that may hold state machines or resources, and is a source of the run.
#[derive(Debug, Clone)]
pub(in crate::input) struct InfraText {
    pub file: FileId,
    pub is_terraform: bool,
}

/// What a JSON or YAML text contains that is of interest. Most files of a repository contain none of it, and finding that out is
/// far cheaper than parsing.
const MARKS: [&str; 12] = [
    "StartAt",
    "AWS::StepFunctions::",
    "AWS::Serverless::",
    "AWS::Events::Rule",
    "AWS::Scheduler::",
    "AWS::Glue::Job",
    "AWS::Glue::Table",
    "AWS::Lambda::",
    "AWS::KinesisFirehose::",
    "AWS::Athena::",
    "LifecycleConfiguration",
    "stepFunctions",
];

/// What a template or module contains that says something of SQL in other files.
const OF_SQL: [&str; 5] = [
    "AWS::Glue::Table",
    "AWS::Athena::NamedQuery",
    "aws_glue_catalog_table",
    "aws_athena_named_query",
    "aws_athena_prepared_statement",
];

/// Whether a file is called like a definition; few other files are.
pub(super) fn is_called_definition(path: &str) -> bool {
    [".asl", ".asl.json", ".asl.jsonc", ".asl.yaml", ".asl.yml"].iter().any(|ending| path.ends_with(ending))
}

/// Whether a text without a telling name is a definition, a template or a module: SQL never starts like JSON, and no line of it
/// like these.
pub(in crate::input) fn is_document(text: &str) -> bool {
    let is_json =
        || without_comments(text).strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with(['"', '/', '}']));
    let has = |start: &str| text.lines().any(|line| line.trim_start_matches('\u{feff}').starts_with(start));
    let is_yaml = || has("StartAt:") && has("States:") || has("Resources:") || has("stepFunctions:");
    MARKS.iter().any(|mark| text.contains(mark)) && (is_json() || is_yaml()) || is_module(text)
}

/// Whether a text declares resources of Terraform.
fn is_module(text: &str) -> bool {
    terraform::is_of_interest(text) && text.lines().any(|line| line.starts_with("resource \"aws_"))
}

/// The text behind blanks and comments at its start.
fn without_comments(text: &str) -> &str {
    let mut text = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let end = match text {
            _ if text.starts_with("//") => text.find('\n'),
            _ if text.starts_with("/*") => text.find("*/").map(|end| end + 2),
            _ => return text,
        };
        text = end.map_or("", |end| text[end..].trim_start());
    }
}

/// Adds the texts of interest to the lake's sources, in order. A named file that cannot be opened is an error; of the others only
/// those are missed that could not have been read anyway. Where none of them is asked about, they are of interest only for what they
/// name.
pub(in crate::input) fn add(
    texts: Vec<(&Input, Result<String, Problem>)>,
    for_names: bool,
    lake: &mut Lake,
) -> Result<Vec<InfraText>> {
    let of_modules = modules_of_interest(&texts);
    let is_of_interest = |input: &Input, text: &str| match is_terraform(input, text) {
        true => of_modules.contains(folder(input)) || calls(input, text, |folder| of_modules.contains(folder)),
        false => is_called_definition(&input.shown) || MARKS.iter().any(|mark| text.contains(mark)),
    };
    let mut kept = Vec::new();
    for (input, text) in texts {
        match text {
            Ok(text) if is_of_interest(input, &text) => kept.push((input, text)),
            Ok(_) => {}
            Err(Problem::Io(error)) if input.named => {
                return Err(error).with_context(|| format!("cannot read `{}`", input.shown));
            }
            Err(problem) if input.named => lake.unreadable.push(Unreadable {
                kind: UnreadableKind::StateMachine,
                place: Place::Path(input.shown.clone()),
                message: problem.message(),
                help: problem.help().to_string(),
            }),
            // Nobody said that it is a definition.
            Err(_) => {}
        }
    }
    // What is around matters only to machines and resources that were asked about, but for tables and names.
    if !for_names && kept.iter().all(|(input, _)| input.context) {
        keep_of_sql(&mut kept);
    }
    let add = |(input, text): (&Input, String)| {
        let is_terraform = is_terraform(input, &text);
        let file = match input.context {
            true => lake.sources.add_context(input.shown.as_str(), text),
            false => lake.sources.add(input.shown.as_str(), text),
        };
        lake.files += usize::from(!input.context);
        lake.is_partial |= input.context;
        InfraText { file, is_terraform }
    };
    Ok(kept.into_iter().map(add).collect())
}

/// Keeps what says something of SQL in other files, modules as a whole.
fn keep_of_sql(kept: &mut Vec<(&Input, String)>) {
    let is_of_sql = |text: &str| OF_SQL.iter().any(|mark| text.contains(mark));
    let marked = kept.iter().filter(|(input, text)| is_terraform(input, text) && is_of_sql(text));
    let modules: BTreeSet<String> = marked.map(|(input, _)| folder(input).to_string()).collect();
    kept.retain(|(input, text)| match is_terraform(input, text) {
        true => modules.contains(folder(input)) || calls(input, text, |folder| modules.contains(folder)),
        false => is_of_sql(text),
    });
}

/// Whether a file says what the variables of a module of interest are.
fn calls(input: &Input, text: &str, is_module: impl Fn(&str) -> bool) -> bool {
    terraform::calls_into(text, folder(input), is_module)
}

fn is_terraform(input: &Input, text: &str) -> bool {
    let is_tf = |extension: &OsStr| extension.eq_ignore_ascii_case("tf");
    Path::new(&input.shown).extension().is_some_and(is_tf) || input.language == Language::Unknown && is_module(text)
}

/// Folder of a shown path; empty for the working directory.
pub(super) fn folder(input: &Input) -> &str {
    input.shown.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The folders of Terraform files of which one declares something of interest: all files of such a folder are worth reading, for
/// their locals and variables.
fn modules_of_interest<'a>(texts: &[(&'a Input, Result<String, Problem>)]) -> BTreeSet<&'a str> {
    let is_marked = |(input, text): &&(&'a Input, Result<String, Problem>)| {
        text.as_ref().is_ok_and(|text| terraform::is_of_interest(text) && is_terraform(input, text))
    };
    texts.iter().filter(is_marked).map(|(input, _)| folder(input)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_and_modules_are_known_without_their_names_and_sql_is_none() {
        for text in [
            "\u{feff}{\"StartAt\": \"A\"}",
            "// the machine\n/* of */ {\n// all\n\"StartAt\": \"A\"}",
            "Comment: x\nStartAt: A\nStates: {}",
            "Resources:\n  A:\n    Type: AWS::Athena::WorkGroup",
            "locals {}\nresource \"aws_glue_job\" \"x\" {}",
        ] {
            assert!(is_document(text), "{text}");
        }
        for text in [
            "select '{\"StartAt\": \"A\"}'",
            "/* {\"StartAt\": 1} */ select 1",
            "-- StartAt:\nselect 'AWS::Events::Rule'",
            "{\"a\": 1}",
            "{{ config() }} select 'StartAt'",
            "//",
        ] {
            assert!(!is_document(text), "{text}");
        }
    }
}
