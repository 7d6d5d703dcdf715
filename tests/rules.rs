//! Every page of `rules/` keeps its form and its promises: what it shows as bad is found, what it shows as good is silent, and
//! what it prints is what lakelint prints. `UPDATE=1 cargo test --test rules` rewrites the `output` blocks and the index.
//! `tests/pages` says which files the fenced blocks of `## Bad` and `## Good` are.

#![allow(clippy::unwrap_used)]

mod pages;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::LazyLock;

use clap::Parser as _;
use lakelint::cli::Cli;
use lakelint::commands::{self, Env, Status};
use lakelint::rules::{Block, Page, RULES, blocks};
use pages::{Example, difference, examples, expanded, file_name, updating, write_files};

#[test]
fn every_page_has_a_rule_and_every_rule_a_page() {
    let pages: Vec<&str> = page_files().iter().map(|(id, _)| id.as_str()).collect();
    let rules: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(pages, rules, "pages on the left, RULES of src/rules/mod.rs on the right; both sorted by id");
}

#[test]
fn every_page_keeps_the_form() {
    let mut breaches = String::new();
    for (id, text) in page_files() {
        for breach in form_breaches(id, text) {
            writeln!(breaches, "rules/{id}.md: {breach}").unwrap();
        }
    }
    assert!(breaches.is_empty(), "\n{breaches}");
}

#[test]
fn the_index_lists_every_rule() {
    let path = rules_folder().join("README.md");
    let index = index();
    if updating() {
        std::fs::write(&path, &index).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == index, "rules/README.md is out of date: run `UPDATE=1 cargo test --test rules`");
}

#[test]
fn every_page_prints_what_it_shows() {
    let mut failures = String::new();
    for (id, text) in page_files() {
        let mut rewritten = text.clone();
        // From the back, so that the places of earlier blocks stay right.
        for (number, example) in examples(text, "Bad", true).iter().enumerate().rev() {
            match bad_example(id, example) {
                Ok(printed) => {
                    let (_, place) = example.output.as_ref().expect("checked by `bad_example`");
                    rewritten.replace_range(place.clone(), &printed);
                }
                Err(failure) => writeln!(failures, "rules/{id}.md, bad example {}: {failure}", number + 1).unwrap(),
            }
        }
        for (number, example) in examples(text, "Good", false).iter().enumerate() {
            let (printed, found) = check(&example.files);
            if found.is_none_or(|found| !found.is_empty()) {
                writeln!(failures, "rules/{id}.md, good example {}:\n{printed}", number + 1).unwrap();
            }
        }
        if updating() && rewritten != *text {
            std::fs::write(rules_folder().join(format!("{id}.md")), &rewritten).unwrap();
        } else if rewritten != *text {
            writeln!(failures, "rules/{id}.md prints something else:\n{}", difference(text, &rewritten)).unwrap();
        }
    }
    assert!(failures.is_empty(), "\n{failures}\n`UPDATE=1 cargo test --test rules` rewrites the output blocks");
}

#[test]
fn ranges_in_listings_expand_to_every_combination() {
    let expand = |line: &str| expanded(line).into_iter().collect::<Vec<_>>();
    assert_eq!(expand("a/p-{8..10}"), ["a/p-8", "a/p-9", "a/p-10"]);
    assert_eq!(expand("h={08..10}"), ["h=08", "h=09", "h=10"]);
    assert_eq!(expand("dt={2024-02-28..2024-03-01}"), ["dt=2024-02-28", "dt=2024-02-29", "dt=2024-03-01"]);
    assert_eq!(expand("{de,fr}/{1..2}"), ["de/1", "de/2", "fr/1", "fr/2"]);
    assert_eq!(expand("a {word} b"), ["a {word} b"]);
}

#[test]
fn bad_examples_end_with_their_output_and_good_ones_where_prose_follows() {
    let page = "# T\n## Bad\n```ddl\na\n```\nand\n```sql\nb\n```\n```output\nc\n```\n## Good\n```ddl\nd\n```\n\n```sql\ne\n```\nor\n\n```sql\nf\n```\n";
    let bad = examples(page, "Bad", true);
    let contents = |example: &Example<'_>| example.files.iter().map(|block| block.content).collect::<String>();
    assert_eq!(bad.iter().map(contents).collect::<Vec<_>>(), ["a\nb\n"]);
    assert_eq!(bad[0].output.as_ref().map(|(_, range)| &page[range.clone()]), Some("c\n"));
    assert_eq!(examples(page, "Good", false).iter().map(contents).collect::<Vec<_>>(), ["d\ne\n", "f\n"]);
}

/// What keeps a page from the form that CONTRIBUTING describes.
fn form_breaches(id: &str, text: &str) -> Vec<String> {
    let mut breaches = Vec::new();
    let page = Page::parse(text);
    if !text.starts_with("# ") || page.title.is_empty() {
        breaches.push("the first line is not `# Title`".to_string());
    }
    let after_summary = text.lines().skip_while(|line| *line != page.summary || line.is_empty()).nth(1);
    if !page.summary.ends_with('.') || after_summary != Some("") {
        breaches.push("no summary: one sentence in one line under the title".to_string());
    }
    breaches.extend(stanza_breaches(id, page.defaults));
    let headings: Vec<&str> = outside_fences(text).filter_map(|line| line.strip_prefix("## ")).collect();
    if headings != ["Why", "Bad", "Good", "Fix"] {
        breaches.push(format!("the sections are {headings:?}, not Why, Bad, Good, Fix"));
    }
    for heading in &headings {
        if page.section(heading).unwrap_or("").is_empty() {
            breaches.push(format!("`## {heading}` is empty"));
        }
    }
    for block in ["Bad", "Good"].iter().flat_map(|heading| blocks(page.section(heading).unwrap_or(""))) {
        if block.info != "output" && file_name(block.info, 0).is_none() {
            breaches.push(format!("an example holds a block `{}`, which is no file", block.info));
        }
    }
    if text.lines().filter(|line| line.starts_with("```")).count() % 2 == 1 {
        breaches.push("a fence is not closed".to_string());
    }
    breaches
}

/// The stanza holds the rule's severity, and a comment above every threshold says what it is.
fn stanza_breaches(id: &str, stanza: &str) -> Vec<String> {
    let mut breaches = Vec::new();
    if stanza.lines().next() != Some(format!("[rules.{id}]").as_str()) {
        breaches.push(format!("the first toml block does not start with `[rules.{id}]`"));
    }
    let values = match stanza.parse::<toml::Table>() {
        Ok(values) => values,
        Err(error) => return vec![format!("the first toml block is not valid: {error}")],
    };
    let severity = values.get("rules").and_then(|v| v.get(id)).and_then(|v| v.get("severity")).and_then(|v| v.as_str());
    if !matches!(severity, Some("high" | "medium" | "low" | "off")) {
        breaches.push("the severity is not one of high, medium, low, off".to_string());
    }
    let lines: Vec<&str> = stanza.lines().collect();
    for pair in lines.windows(2) {
        if pair[1].contains(" = ") && !pair[1].starts_with("severity") && !pair[0].starts_with('#') {
            breaches.push(format!("no comment above `{}`", pair[1]));
        }
    }
    breaches
}

fn outside_fences(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().filter(move |line| {
        let fence = line.starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

/// `rules/README.md`: every rule with its severity and its summary.
fn index() -> String {
    let mut index = String::from(
        "# Rules\n\n\
         Each page says what a rule finds, what it costs, and what to do; `lakelint explain RULE` prints it. This list is \
         generated: `UPDATE=1 cargo test --test rules`.\n\n\
         | rule | severity | finds |\n| --- | --- | --- |\n",
    );
    for (id, text) in page_files() {
        let page = Page::parse(text);
        let stanza: toml::Table = page.defaults.parse().unwrap_or_default();
        let severity = stanza.get("rules").and_then(|v| v.get(id)?.get("severity")?.as_str()).unwrap_or("?");
        writeln!(index, "| [{id}]({id}.md) | {severity} | {} |", page.summary.replace('|', "\\|")).unwrap();
    }
    index
}

/// Every page's id and text; read once, before any of them is rewritten.
fn page_files() -> &'static [(String, String)] {
    static PAGES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| pages::page_files("rules"));
    &PAGES
}

fn rules_folder() -> PathBuf {
    pages::folder("rules")
}

/// What lakelint prints about a bad example, or why it is none.
fn bad_example(id: &str, example: &Example<'_>) -> Result<String, String> {
    if example.output.is_none() {
        return Err("no `output` block".to_string());
    }
    let (printed, found) = check(&example.files);
    match found {
        None => Err(format!("lakelint failed:\n{printed}")),
        Some(found) if !found.iter().any(|rule| rule == id) => Err(format!("`{id}` finds nothing in it:\n{printed}")),
        Some(_) => Ok(printed),
    }
}

/// Runs `lakelint check` over files: what it prints, and the rules that found something; `None` when it could not do its job.
fn check(files: &[Block<'_>]) -> (String, Option<Vec<String>>) {
    let folder = tempfile::tempdir().unwrap();
    let lake = write_files(folder.path(), files);
    let mut args = vec!["lakelint", "check", "--as-of", "2025-06-30", "--output-file", "json=report.json"];
    args.extend(lake.iter().flat_map(|source| ["--lake", source]));
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut env = Env::plain(folder.path().to_path_buf(), &mut stdout, &mut stderr);
    let status = commands::run(&Cli::try_parse_from(args).unwrap(), &mut env);
    let printed = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
    if status == Status::Failed {
        return (printed, None);
    }
    let report = std::fs::read_to_string(folder.path().join("report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let rules = report["findings"].as_array().unwrap().iter().map(|found| found["rule"].as_str().unwrap().to_string());
    (printed, Some(rules.collect()))
}
