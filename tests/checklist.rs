//! Every page of `checklist/` answers its examples as its sections say, with what lakelint prints. `UPDATE=1 cargo test --test
//! checklist` rewrites the `output` blocks.
#![allow(missing_docs, clippy::unwrap_used)]

mod pages;

use std::cell::RefCell;
use std::fmt::Write as _;

use lakelint::audit::QUESTIONS;
use lakelint::cli::Cli;
use lakelint::commands::{self, Env, Status};
use lakelint::rules::{Block, Page};

use clap::Parser as _;
use serde_json::Value;

const ANSWERS: [&str; 3] = ["Yes", "No", "Not enough evidence"];

#[test]
fn every_page_has_a_question_and_keeps_the_form() {
    let mut ids: Vec<&str> = QUESTIONS.iter().map(|question| question.id).collect();
    ids.sort_unstable();
    let pages = pages::page_files("checklist");
    assert_eq!(pages.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ids);
    for (id, text) in &pages {
        let page = Page::parse(text);
        assert!(page.title.ends_with('?') && page.summary.ends_with('.'), "{id}");
        for section in ["Why", "Evidence", "What to do"].iter().chain(&ANSWERS) {
            assert!(!page.section(section).unwrap_or("").is_empty(), "{id}: {section}");
        }
    }
}

#[test]
fn every_page_is_answered_as_it_says() {
    let wrong = RefCell::new(String::new());
    pages::hold_to_outputs("checklist", &ANSWERS, |id, section, files| {
        let answered = answered(id, files);
        let printed = printed(&answered);
        if answered["answer"] != section.to_lowercase() {
            writeln!(wrong.borrow_mut(), "{id} has an example of `{section}` that is answered {printed}").unwrap();
        }
        printed
    });
    assert!(wrong.borrow().is_empty(), "\n{}", wrong.borrow());
}

/// The question of an audit of some files.
fn answered(id: &str, files: &[Block<'_>]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let lake = pages::write_files(folder.path(), files);
    let mut args = vec!["lakelint", "audit", "--as-of", "2025-06-30", "--json", "audit.out"];
    args.extend(lake.iter().flat_map(|source| ["--lake", source]));
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut env = Env::plain(folder.path().to_path_buf(), &mut stdout, &mut stderr);
    let status = commands::run(&Cli::try_parse_from(args).unwrap(), &mut env);
    assert_eq!(status, Status::Clean, "{id}: {}", String::from_utf8_lossy(&stderr));
    let document = std::fs::read_to_string(folder.path().join("audit.out")).unwrap();
    let document: Value = serde_json::from_str(&document).unwrap();
    document["checklist"].as_array().unwrap().iter().find(|answered| answered["id"] == id).unwrap().clone()
}

/// The answer and its reasons, a line each.
fn printed(answered: &Value) -> String {
    let reason = |reason: &Value| match (reason["file"].as_str(), reason["line"].as_u64()) {
        (Some(file), Some(line)) => format!("- {} ({file}:{line})\n", reason["text"].as_str().unwrap()),
        _ => format!("- {}\n", reason["text"].as_str().unwrap()),
    };
    let reasons: String = answered["reasons"].as_array().unwrap().iter().map(reason).collect();
    format!("{}:\n{reasons}", answered["answer"].as_str().unwrap())
}
