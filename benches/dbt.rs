//! `lakelint check` over a dbt project of 1,000 models, as a process: under 2 s on two cores; beside `dbt parse` on the same project
//! and `sqlfluff lint`, with its Jinja templater, on one model in fifty of it, in the same run.
//!
//! `LAKELINT_DBT=DIR` writes the project there and keeps it. The other tools come from a Python environment that is made under
//! `target/`.
#![allow(missing_docs)]

use std::path::{Path, PathBuf};

mod process;
#[path = "dbt/project.rs"]
mod project;
#[path = "../tests/python/mod.rs"]
mod python;

use process::{Usage, measured, print};
use project::MODELS;

/// dbt-core 1.12 needs a parser that does not come from PyPI.
const PACKAGES: [&str; 3] = ["dbt-core==1.11.16", "dbt-athena==1.11.1", "sqlfluff==4.5.0"];
/// One model in so many is linted by sqlfluff.
const SAMPLED: usize = 50;
const RUNS: usize = 3;

fn folder() -> (PathBuf, Option<tempfile::TempDir>) {
    let (folder, guard) = match std::env::var_os("LAKELINT_DBT") {
        Some(folder) => (PathBuf::from(folder), None),
        None => {
            let guard = tempfile::tempdir().expect("a temporary folder");
            (guard.path().to_path_buf(), Some(guard))
        }
    };
    project::write(&folder).expect("the project is written");
    (folder, guard)
}

/// Files of models, in the order of their paths.
fn models(folder: &Path) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    let mut folders = vec![folder.join("models")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.extension() {
                None => folders.push(path),
                Some(extension) if extension == "sql" => paths.push(path.display().to_string()),
                Some(_) => {}
            }
        }
    }
    paths.sort();
    paths
}

/// The run that took least CPU.
fn best(python: &Path, command: &[&str], folder: &Path) -> Usage {
    let runs = (0..RUNS).map(|_| measured(python, command, folder));
    runs.min_by(|a, b| a.cpu.total_cmp(&b.cpu)).expect("a run")
}

fn main() {
    let (folder, _guard) = folder();
    let models = models(&folder);
    assert_eq!(models.len(), MODELS);
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dbt-python");
    let python = match python::environment(&environment, &PACKAGES) {
        Ok(python) => python,
        Err(error) => return eprintln!("nothing is measured without Python: {error}"),
    };
    let tool = |name: &str| environment.join("bin").join(name).display().to_string();
    let lakelint = env!("CARGO_BIN_EXE_lakelint");
    let check = [lakelint, "check", "--as-of", "2025-06-30", "--fail-on", "never"];

    let own = best(&python, &check, &folder);
    print("lakelint check", &own);
    let one = best(&python, &[&check[..], &[&models[MODELS / 2]]].concat(), &folder);
    print("lakelint check, one model", &one);

    let dbt = tool("dbt");
    // What dbt writes would be read by the next run.
    let written = environment.join("dbt-target").display().to_string();
    let parse = ["parse", "--no-partial-parse", "--target-path", &written, "--log-path", &written];
    let parse = measured(&python, &[&[dbt.as_str(), "--no-send-anonymous-usage-stats"], &parse[..]].concat(), &folder);
    print("dbt parse", &parse);
    let sampled: Vec<&str> = models.iter().step_by(SAMPLED).map(String::as_str).collect();
    let sqlfluff = tool("sqlfluff");
    let linted = measured(&python, &[&[sqlfluff.as_str(), "lint", "--nofail"], &sampled[..]].concat(), &folder);
    print(&format!("sqlfluff lint, {} models", sampled.len()), &linted);

    println!("CPU, lakelint = 1: dbt parse {:.0}", parse.cpu / own.cpu);
    let of_one = |usage: &Usage, models: usize| usage.cpu / models as f64;
    println!("CPU a model, lakelint = 1: sqlfluff {:.0}", of_one(&linted, sampled.len()) / of_one(&own, MODELS));
    assert!(own.wall < 2.0, "lakelint took {:.2} s", own.wall);
}
