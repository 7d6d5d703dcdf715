//! Pages whose examples are small lakes: shared by the tests that hold pages to what lakelint prints.
//!
//! Fenced blocks are the files of a lake: `sql` (query.sql, query2.sql, ...), `ddl` (tables.ddl), `listing` (listing.txt, an
//! `aws s3 ls --recursive` text), `json` (lake.json: a Glue export or an object listing) and `toml` (lakelint.toml). Any other
//! file is named after its language: `json machine.asl.json`, `yaml template.yaml`, `hcl main.tf`, `sql models/daily.sql`. Listings and JSON without a
//! name are given as `--lake`. In a listing, `{0..9}`, `{000..120}` and `{2024-01-01..2024-12-31}` stand for every number or day
//! between, and `{de,fr}` for each word, so that one line can be thousands of objects.
#![allow(dead_code, reason = "each test binary takes what its pages need")]
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use lakelint::rules::{Block, Page, blocks};

/// A folder at the top of the repository.
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The id and text of every page of a folder, sorted by id.
pub fn page_files(folder_name: &str) -> Vec<(String, String)> {
    let paths = std::fs::read_dir(folder(folder_name)).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<(String, String)> = paths
        .filter(|path| path.extension().is_some_and(|e| e == "md") && path.file_stem().is_some_and(|s| s != "README"))
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().into(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    pages.sort();
    pages
}

/// Holds the `output` blocks of some sections of all pages of a folder to what `print` gives for the id, the section and the
/// files; `UPDATE=1` rewrites them.
pub fn hold_to_outputs(name: &str, sections: &[&str], print: impl Fn(&str, &str, &[Block<'_>]) -> String) {
    let mut failures = String::new();
    for (id, text) in page_files(name) {
        let mut rewritten = text.clone();
        let mut printed: Vec<(Range<usize>, String)> = Vec::new();
        for section in sections {
            for example in examples(&text, section, true) {
                match example.output {
                    Some((_, place)) => printed.push((place, print(&id, section, &example.files))),
                    None => writeln!(failures, "{name}/{id}.md: an example of `{section}` has no output").unwrap(),
                }
            }
        }
        // From the back, so that the places of earlier blocks stay right.
        printed.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
        for (place, output) in printed {
            rewritten.replace_range(place, &output);
        }
        if updating() && rewritten != text {
            std::fs::write(folder(name).join(format!("{id}.md")), &rewritten).unwrap();
        } else if rewritten != text {
            writeln!(failures, "{name}/{id}.md prints something else:\n{}", difference(&text, &rewritten)).unwrap();
        }
    }
    assert!(failures.is_empty(), "\n{failures}\n`UPDATE=1` rewrites the output blocks");
}

/// One small lake of a page, and what lakelint should print about it.
pub struct Example<'a> {
    pub files: Vec<Block<'a>>,
    /// The `output` block and where its content stands in the page; `None` for good examples.
    pub output: Option<(&'a str, Range<usize>)>,
}

pub fn updating() -> bool {
    std::env::var_os("UPDATE").is_some_and(|value| value != "0")
}

/// Every line that a line of a listing stands for.
pub fn expanded(line: &str) -> Vec<String> {
    let braces = line.find('{').and_then(|open| Some((open, open + line[open..].find('}')?)));
    let Some((open, close)) = braces else { return vec![line.to_string()] };
    let inner = &line[open + 1..close];
    let values = match inner.split_once("..") {
        Some((first, last)) => days(first, last).or_else(|| numbers(first, last)),
        None if inner.contains(',') => Some(inner.split(',').map(str::to_string).collect()),
        None => None,
    };
    let Some(values) = values else {
        return expanded(&line[close + 1..]).iter().map(|rest| format!("{}{rest}", &line[..=close])).collect();
    };
    let rests = expanded(&line[close + 1..]);
    let head = &line[..open];
    values.iter().flat_map(|value| rests.iter().map(move |rest| format!("{head}{value}{rest}"))).collect()
}

fn days(first: &str, last: &str) -> Option<Vec<String>> {
    let (first, last) = (first.parse::<NaiveDate>().ok()?, last.parse::<NaiveDate>().ok()?);
    Some(first.iter_days().take_while(|day| *day <= last).map(|day| day.to_string()).collect())
}

/// Zero padding of the first number is kept.
fn numbers(first: &str, last: &str) -> Option<Vec<String>> {
    let width = if first.starts_with('0') { first.len() } else { 0 };
    let (first, last) = (first.parse::<u64>().ok()?, last.parse::<u64>().ok()?);
    Some((first..=last).map(|number| format!("{number:0width$}")).collect())
}

/// The examples of a section of a page. A bad example ends with its `output` block; a good one ends where prose or a heading
/// stands before the next block.
pub fn examples<'a>(text: &'a str, section: &str, with_output: bool) -> Vec<Example<'a>> {
    let Some(section) = Page::parse(text).section(section) else { return Vec::new() };
    let offset = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    let mut examples = Vec::new();
    let mut files: Vec<Block<'a>> = Vec::new();
    for block in blocks(section) {
        let start = offset(block.content);
        if let (Some(last), false) = (files.last(), with_output) {
            let between = &text[offset(last.content) + last.content.len()..start];
            if between.lines().any(|line| !line.is_empty() && !line.starts_with("```")) {
                examples.push(Example { files: std::mem::take(&mut files), output: None });
            }
        }
        if block.info == "output" {
            let output = Some((block.content, start..start + block.content.len()));
            examples.push(Example { files: std::mem::take(&mut files), output });
        } else {
            files.push(block);
        }
    }
    if !files.is_empty() {
        examples.push(Example { files, output: None });
    }
    examples
}

/// Writes an example's blocks as files; returns what to give as `--lake`.
pub fn write_files(folder: &Path, files: &[Block<'_>]) -> Vec<String> {
    let mut lake = Vec::new();
    for (i, block) in files.iter().enumerate() {
        let earlier = files[..i].iter().filter(|other| other.info == block.info).count();
        let name = file_name(block.info, earlier).expect("checked by `form_breaches`");
        let path = folder.join(&name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        match block.info {
            "listing" => std::fs::write(path, listing(block.content)).unwrap(),
            _ => std::fs::write(path, block.content).unwrap(),
        }
        if matches!(block.info, "listing" | "json") {
            lake.push(name);
        }
    }
    lake
}

/// The file that a block stands for, after `earlier` blocks of the same kind; `None` when it is none.
pub fn file_name(info: &str, earlier: usize) -> Option<String> {
    let number = if earlier == 0 { String::new() } else { (earlier + 1).to_string() };
    Some(match info {
        "sql" => format!("query{number}.sql"),
        "ddl" => format!("tables{number}.ddl"),
        "listing" => format!("listing{number}.txt"),
        "json" => format!("lake{number}.json"),
        "toml" => "lakelint.toml".to_string(),
        _ => info.split_once(' ').filter(|(_, name)| name.contains('.'))?.1.to_string(),
    })
}

fn listing(content: &str) -> String {
    content.lines().flat_map(expanded).fold(String::new(), |text, line| text + &line + "\n")
}

/// The lines that differ, between the first and the last that do.
pub fn difference(written: &str, printed: &str) -> String {
    let (written, printed): (Vec<&str>, Vec<&str>) = (written.lines().collect(), printed.lines().collect());
    let same = |pairs: &mut dyn Iterator<Item = (&&str, &&str)>| pairs.take_while(|(a, b)| a == b).count();
    let head = same(&mut written.iter().zip(&printed));
    let tail = same(&mut written[head..].iter().rev().zip(printed[head..].iter().rev()));
    let part = |sign: &str, lines: &[&str]| -> String {
        lines[head..lines.len() - tail].iter().map(|line| format!("{sign} {line}\n")).collect()
    };
    part("-", &written) + &part("+", &printed)
}
