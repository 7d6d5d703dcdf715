//! Which of the many JSON, YAML and HCL files of a repository are worth parsing.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};

use super::terraform;
use crate::finding::Place;
use crate::input::discover::Input;
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
const MARKS: [&str; 10] = [
    "StartAt",
    "AWS::StepFunctions::",
    "AWS::Serverless::",
    "AWS::Events::Rule",
    "AWS::Scheduler::",
    "AWS::Glue::Job",
    "AWS::Lambda::",
    "AWS::KinesisFirehose::",
    "AWS::Athena::WorkGroup",
    "stepFunctions",
];

/// Whether a text without a telling name is a definition or a template: SQL never starts like JSON.
pub(in crate::input) fn is_document(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let is_json = text.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with(['"', '/', '}']));
    is_json && MARKS.iter().any(|mark| text.contains(mark))
}

/// Adds the texts of interest to the lake's sources, in order. A named file that cannot be opened is an error; of the others only
/// those are missed that could not have been read anyway.
pub(in crate::input) fn add(texts: Vec<(&Input, Result<String, Problem>)>, lake: &mut Lake) -> Result<Vec<InfraText>> {
    let of_modules = modules_of_interest(&texts);
    let is_of_interest = |input: &Input, text: &str| match is_terraform(input) {
        true => of_modules.contains(folder(input)),
        false => MARKS.iter().any(|mark| text.contains(mark)),
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
    // What is around matters only to machines and resources that were asked about.
    if kept.iter().all(|(input, _)| input.context) {
        kept.clear();
    }
    let add = |(input, text): (&Input, String)| {
        let file = match input.context {
            true => lake.sources.add_context(input.shown.as_str(), text),
            false => lake.sources.add(input.shown.as_str(), text),
        };
        lake.files += usize::from(!input.context);
        lake.is_partial |= input.context;
        InfraText { file, is_terraform: is_terraform(input) }
    };
    Ok(kept.into_iter().map(add).collect())
}

fn is_terraform(input: &Input) -> bool {
    Path::new(&input.shown).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("tf"))
}

/// Folder of a shown path; empty for the working directory.
pub(super) fn folder(input: &Input) -> &str {
    input.shown.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The folders of Terraform files of which one declares something of interest: all files of such a folder are worth reading, for
/// their locals and variables.
fn modules_of_interest<'a>(texts: &[(&'a Input, Result<String, Problem>)]) -> BTreeSet<&'a str> {
    let marked = texts
        .iter()
        .filter(|(input, text)| is_terraform(input) && text.as_ref().is_ok_and(|text| terraform::is_of_interest(text)));
    marked.map(|(input, _)| folder(input)).collect()
}
