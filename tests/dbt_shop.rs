//! A dbt project like those of companies, in `tests/dbt/shop`, which dbt itself accepts: what is found in it, and that everything points
//! to where it stands in the models. `UPDATE=1 cargo test --test dbt_shop` rewrites `tests/dbt/findings.txt`.

#![allow(clippy::unwrap_used)]

mod findings;
mod program;

use std::path::{Path, PathBuf};

use findings::marked;
use lakelint::commands::Status;
use lakelint::config::Config;
use lakelint::expr::AsOf;
use lakelint::input::{self, Sources};
use lakelint::lake::{Lake, Span};
use serde_json::Value;

fn shop() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dbt/shop")
}

fn found(args: &[&str]) -> Vec<Value> {
    let ran = program::lakelint(&shop(), &[&["check", "--as-of", "2025-06-30", "--format", "json"], args].concat());
    assert_ne!(ran.status, Status::Failed, "{}", ran.stderr);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    report["findings"].as_array().unwrap().clone()
}

#[test]
fn findings_stand_at_what_they_are_about() {
    let mut told: Vec<String> = found(&[]).iter().map(|finding| findings::told(&shop(), finding)).collect();
    told.sort();
    findings::compare(&shop().parent().unwrap().join("findings.txt"), &told.concat());
}

#[test]
fn what_a_finding_marks_is_whole() {
    let all = found(&[]);
    assert!(all.len() > 15, "{}", all.len());
    for finding in &all {
        let marked = marked(&shop(), finding);
        assert!(!marked.trim().is_empty() && marked.trim() == marked, "{finding}");
        // A file that configures nothing is shown by its first line.
        let is_line = finding["line"] == 1 && finding["column"] == 1;
        for (open, close) in [("{{", "}}"), ("{%", "%}"), ("(", ")"), ("[", "]")] {
            if is_line && open.len() == 1 {
                continue;
            }
            assert_eq!(marked.matches(open).count(), marked.matches(close).count(), "{marked}: {finding}");
        }
    }
}

#[test]
fn one_model_alone_has_the_findings_that_it_has_among_all() {
    let key = |finding: &Value| {
        let text = |key: &str| finding[key].to_string();
        [text("file"), text("rule"), text("line"), text("column"), text("message"), text("waste")].join(" ")
    };
    let all = found(&[]);
    let of = |file: &str| {
        let mut of: Vec<String> = all.iter().filter(|finding| finding["file"] == file).map(key).collect();
        of.sort();
        of
    };
    for file in [
        "models/intermediate/sales/int_order_lines.sql",
        "models/intermediate/web/int_sessions.sql",
        "models/marts/reporting/rpt_funnel.sql",
        "models/marts/reporting/rpt_support_cases.sql",
        "models/marts/core/fct_payments.sql",
        "models/marts/core/fct_orders.sql",
    ] {
        let mut alone: Vec<String> = found(&[file]).iter().map(key).collect();
        alone.sort();
        assert_eq!(alone, of(file), "{file}");
    }
}

fn lake() -> Lake {
    let sources = Sources::of(shop(), AsOf(chrono::NaiveDate::from_ymd_opt(2025, 6, 30).unwrap().into()));
    input::read(&sources, &Config::default()).unwrap()
}

/// Every word of a rendered model stands in the model's file as it is, or inside of the tag that made it, or it belongs to what dbt puts
/// around the query, which stands at the configuration.
#[test]
fn every_word_that_is_rendered_has_its_place_in_the_file() {
    let lake = lake();
    let (mut words, mut as_they_are) = (0, 0);
    for (id, source) in lake.sources.iter().filter(|(_, source)| source.inside.is_some()) {
        let text = &source.text;
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let mut end_of_last = 0;
        let mut rest = text.char_indices().peekable();
        while let Some((start, c)) = rest.next() {
            if !is_word(c) {
                continue;
            }
            let mut end = start + c.len_utf8();
            while let Some((_, c)) = rest.next_if(|(_, c)| is_word(*c)) {
                end += c.len_utf8();
            }
            let place = lake.sources.on_disk(Span::new(id, start..end));
            let (word, there) = (&text[start..end], lake.sources.text(place));
            words += 1;
            as_they_are += usize::from(word == there);
            let first = || lake.sources.get(place.file).text.trim_start().lines().next().unwrap_or_default();
            // The placeholder for what only a run knows.
            let is_made = word == "unknown"
                || there.contains("{{") && there.contains("}}")
                || there.contains(word)
                || there == first();
            let is_test = source.path.ends_with(".yml");
            assert!(is_made || is_test, "{}: `{word}` is said to be `{there}`", source.path);
            assert!(start >= end_of_last);
            end_of_last = end;
        }
    }
    assert!(words > 2_000 && as_they_are * 10 > words * 4, "{as_they_are} of {words}");
}
