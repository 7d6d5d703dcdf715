//! What is rendered of dbt models, beside what dbt itself compiles of them.
//!
//! dbt-core and dbt-athena come from PyPI, AWS is moto. `LAKELINT_DBT_PROJECTS=DIR` compares the projects in the folders of a folder in
//! place of the one in `tests/dbt/`, and prints what differs.

#![allow(clippy::unwrap_used)]

mod needed;
mod python;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use lakelint::config::Config;
use lakelint::expr::AsOf;
use lakelint::input::{self, DbtOptions, Sources};

const PACKAGES: [&str; 3] = ["dbt-core==1.11.16", "dbt-athena==1.11.1", "moto[server,athena,glue,s3]==5.2.5"];
/// How what only a run knows is rendered.
const UNKNOWN: &str = "{{unknown}}";

/// How the text that is rendered of a model stands to the compiled one, without spaces and the databases of relations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rendered {
    Equal,
    /// But for names that only a run of dbt knows.
    EqualButUnknown,
    Different,
    Not,
}

/// Every model of a project, as a path below its folder, with the texts that are rendered of it.
fn rendered(project: &Path) -> BTreeMap<String, Vec<String>> {
    let as_of = AsOf(chrono::NaiveDate::from_ymd_opt(2025, 6, 30).unwrap().into());
    let dbt = DbtOptions { target: Some("dev".to_string()), ..DbtOptions::default() };
    let sources = Sources { dbt, ..Sources::of(project, as_of) };
    let lake = input::read(&sources, &Config::default()).unwrap();
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, source) in lake.sources.iter().filter(|(_, source)| source.inside.is_some()) {
        texts.entry(source.path.clone()).or_default().push(source.text.to_string());
    }
    texts
}

/// What dbt compiles of a project, by the path of the model; without the queries of tests, which stand below files of properties.
fn compiled(project: &Path, target: &Path, python: &Path, state: &[&str]) -> BTreeMap<String, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dbt/compile.py");
    let done = Command::new(python).arg(script).arg(project).arg(target).args(state).output().unwrap();
    assert!(done.status.success(), "{}: {}", project.display(), String::from_utf8_lossy(&done.stderr));
    let mut texts = BTreeMap::new();
    let mut folders = vec![target.join("compiled")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let is = |extension: &str| path.extension().is_some_and(|other| other == extension);
            match path.is_dir() {
                true if is("yml") || is("yaml") => {}
                true => folders.push(path),
                false if is("sql") => {
                    let below = path.strip_prefix(target.join("compiled")).unwrap();
                    let (package, below) = below.to_str().unwrap().split_once('/').unwrap();
                    let fetched = format!("dbt_packages/{package}/{below}");
                    let below = if project.join(&fetched).exists() { fetched } else { below.to_string() };
                    texts.insert(below, std::fs::read_to_string(&path).unwrap());
                }
                false => {}
            }
        }
    }
    texts
}

/// With the last part of every name, as `table` of `"database"."schema"."table"`.
fn short_names(text: &str) -> String {
    let (mut out, mut word) = (String::new(), String::new());
    for c in text.replace('"', "").chars() {
        match c {
            '.' => word.clear(),
            _ if c.is_alphanumeric() || c == '_' => word.push(c),
            _ => {
                out.push_str(&std::mem::take(&mut word));
                out.push(c);
            }
        }
    }
    out + &word
}

/// Without spaces, and without the queries of ephemeral models, which dbt puts before the text.
fn plain(text: &str) -> String {
    const INJECTED: &str = "__dbt__cte__";
    let mut text: String = short_names(text).chars().filter(|c| !c.is_whitespace()).collect();
    while let Some(start) = text.find(INJECTED) {
        let name = text[start + INJECTED.len()..].find("as(").map(|at| start + INJECTED.len() + at);
        let is_query = |at: &usize| text[start..*at].chars().all(|c| c.is_alphanumeric() || c == '_');
        let Some(open) = name.filter(is_query).map(|at| at + 2) else { break };
        let mut depth = 0;
        let close = text[open..].char_indices().find(|(_, c)| {
            depth += i32::from(*c == '(') - i32::from(*c == ')');
            depth == 0
        });
        let mut end = open + close.unwrap().0 + 1;
        let mut start = start;
        if text[end..].starts_with(',') {
            end += 1;
        } else if text[..start].ends_with("with") {
            start -= "with".len();
        }
        text.replace_range(start..end, "");
    }
    text.replace(INJECTED, "").trim_end_matches(';').to_string()
}

fn compare(texts: Option<&Vec<String>>, compiled: &str) -> Rendered {
    let Some(texts) = texts else { return Rendered::Not };
    let compiled = plain(compiled);
    let fits = |text: &String| {
        let text = plain(text);
        // Around it stands what becomes of it: `create table ... as`.
        if text.contains(&compiled) {
            return Rendered::Equal;
        }
        let parts: Vec<&str> = text.split(UNKNOWN).collect();
        let mut at = 0;
        let is_in_order = parts.len() > 1
            && parts[1..].iter().all(|part| {
                let found = compiled[at..].find(part);
                at += found.unwrap_or(0) + part.len();
                found.is_some()
            });
        let first = (0..parts[0].len()).filter(|at| parts[0].is_char_boundary(*at));
        let starts = is_in_order && first.into_iter().any(|at| compiled.starts_with(&parts[0][at..]));
        if starts && compiled.ends_with(parts[parts.len() - 1]) {
            Rendered::EqualButUnknown
        } else {
            Rendered::Different
        }
    };
    texts.iter().map(fits).min().unwrap_or(Rendered::Not)
}

/// How many models there are of each kind, and those that are not equal.
fn compared(project: &Path, python: &Path, states: &[&[&str]]) -> (BTreeMap<Rendered, usize>, Vec<String>) {
    let rendered = rendered(project);
    let (mut counts, mut others) = (BTreeMap::new(), Vec::new());
    for state in states {
        let target = tempfile::tempdir().unwrap();
        for (path, text) in compiled(project, target.path(), python, state) {
            let found = compare(rendered.get(&path), &text);
            *counts.entry(found).or_default() += 1;
            if found != Rendered::Equal {
                others.push(format!("{found:?} {path}"));
                if std::env::var_os("LAKELINT_DBT_TEXTS").is_some() {
                    println!(
                        "== {path}\n{text}\n-- ours\n{}",
                        rendered.get(&path).map(|texts| texts.join("\n--\n")).unwrap_or_default()
                    );
                }
            }
        }
    }
    others.sort();
    others.dedup();
    (counts, others)
}

fn environment() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dbt-compiled");
    needed::or_skip("dbt, a Python package", python::environment(&folder, &PACKAGES))
}

#[test]
fn models_are_rendered_as_dbt_compiles_them() {
    let Some(python) = environment() else { return };
    let states: [&[&str]; 2] = [&[], &["built"]];
    if let Some(folder) = std::env::var_os("LAKELINT_DBT_PROJECTS") {
        let mut projects: Vec<PathBuf> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        projects.sort();
        for project in projects.iter().filter(|path| path.join("dbt_project.yml").exists()) {
            let (counts, others) = compared(project, &python, &states[..1]);
            println!("{}: {counts:?} {others:#?}", project.display());
        }
        return;
    }
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dbt/shop");
    let (counts, others) = compared(&project, &python, &states);
    let expected = [
        // Trino's `date_diff` is simpler than what dbt-athena computes.
        "Different models/marts/core/fct_sessions.sql",
        // What Python's `datetime`, the columns of a table and a query give.
        "EqualButUnknown models/intermediate/sales/int_stock_daily.sql",
        "EqualButUnknown models/marts/exports/exp_loyalty.sql",
        "EqualButUnknown models/marts/reporting/rpt_revenue_by_country.sql",
    ];
    assert_eq!(others, expected);
    assert_eq!(counts[&Rendered::Equal], 93, "{counts:?}");
}
