//! Names that want to leave their place: they pass through a scan into every output, and nothing but text comes out.

#[path = "program/hostile_names.rs"]
mod names;
mod program;

use std::collections::BTreeSet;
use std::path::Path;

use lakelint::commands::Status;
use lakelint::output::Format;
use names::{TITLE, files, lake};
use program::{Ran, lakelint_with};
use serde_json::Value;

fn run(base: &Path, color: bool, args: &[&str]) -> Ran {
    lakelint_with(base, args, |env| env.color = color)
}

/// As everywhere, but for colours where they are wanted.
fn assert_plain(what: &str, color: bool, text: &str) {
    let mut plain = text.to_string();
    if color {
        let colors: BTreeSet<String> = text
            .split('\u{1b}')
            .skip(1)
            .filter_map(|rest| {
                let end = rest.find('m')?;
                rest[1..end].chars().all(|c| c.is_ascii_digit() || c == ';').then(|| format!("\u{1b}{}", &rest[..=end]))
            })
            .collect();
        colors.iter().for_each(|color| plain = plain.replace(color, ""));
    }
    names::assert_plain(what, &plain);
}

#[test]
fn hostile_names_stay_text_in_every_output_and_files_stay_in_the_snapshot() {
    let around = tempfile::tempdir().expect("a folder");
    let base = around.path().join("a/b/c/d");
    std::fs::create_dir_all(&base).expect("folders");
    lake(&base);
    let before = files(around.path());
    let ran = run(&base, false, &["scan", "listing.json", "glue.json"]);
    assert_eq!(ran.status, Status::Clean, "{}{}", ran.stdout, ran.stderr);
    assert_plain("scan", false, &ran.stdout);
    assert_plain("scan, stderr", false, &ran.stderr);
    for new in files(around.path()).difference(&before) {
        assert!(new.starts_with("a/b/c/d/.lakelint/lake"), "{new} was written");
        let name = Path::new(new).file_name().expect("a name").to_string_lossy().into_owned();
        assert!(name.chars().all(|c| !c.is_control()), "{name:?}");
        assert!(!name.starts_with('.') || name == ".gitignore", "{name:?}");
    }
    for lake in [&["--lake", ".lakelint/lake"][..], &["--lake", "listing.json", "--lake", "glue.json"]] {
        for color in [false, true] {
            for format in Format::NAMES {
                let args = [&["check", "--as-of", "2025-06-30", "-v", "--format", format][..], lake].concat();
                let ran = run(&base, color, &args);
                assert_eq!(ran.status, Status::Findings, "{format}: {}", ran.stderr);
                assert_plain(format, color, &ran.stdout);
                assert_plain(&format!("{format}, stderr"), color, &ran.stderr);
                match *format {
                    "json" | "sarif" | "gitlab" | "rdjson" => {
                        drop(serde_json::from_str::<Value>(&ran.stdout).expect("JSON"))
                    }
                    "github" => assert!(ran.stdout.lines().all(|line| line.starts_with("::")), "{}", ran.stdout),
                    "junit" => drop(roxmltree::Document::parse(&ran.stdout).expect("XML")),
                    "markdown" => {}
                    _ => assert!(ran.stdout.contains("u001b") || ran.stdout.contains('\u{fffd}'), "{}", ran.stdout),
                }
            }
            for form in [
                &["--format", "table"][..],
                &["--explain"],
                &["--format", "json"],
                &["--format", "csv"],
                &["--format", "markdown"],
            ] {
                let ran = run(&base, color, &[&["cost", "--as-of", "2025-06-30"], form, lake].concat());
                assert_ne!(ran.status, Status::Failed, "{form:?}: {}", ran.stderr);
                assert_plain(&format!("{form:?}"), color, &ran.stdout);
                assert_plain(&format!("{form:?}, stderr"), color, &ran.stderr);
            }
        }
    }
}

#[test]
fn errors_name_hostile_things_without_obeying_them() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in [format!("no{TITLE}"), "no\u{9b}2J".to_string(), "no\u{202e}".to_string()] {
        for command in ["check", "scan"] {
            let args = match command {
                "scan" => vec![command, &name],
                _ => vec![command, "--lake", &name],
            };
            let ran = run(folder.path(), false, &args);
            assert_eq!(ran.status, Status::Failed);
            assert_plain("an error", false, &ran.stderr);
            assert!(ran.stderr.contains("\\u"), "{}", ran.stderr);
        }
    }
}
