//! `lakelint check` over 10,000 files in this process, and over one file as a process of its own.
//!
//! `LAKELINT_CORPUS=DIR` writes the project there and keeps it, to run other tools over the same files.
#![allow(missing_docs)]

mod corpus;

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Parser;
use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use lakelint::cli::Cli;
use lakelint::commands::{self, Env, Status};

const FILES: usize = 10_000;

/// The project, and the guard of its temporary folder.
fn project(files: usize) -> (PathBuf, Option<tempfile::TempDir>) {
    let (folder, guard) = match std::env::var_os("LAKELINT_CORPUS") {
        Some(folder) => (PathBuf::from(folder), None),
        None => {
            let guard = tempfile::tempdir().expect("a temporary folder");
            (guard.path().to_path_buf(), Some(guard))
        }
    };
    corpus::write(&folder, files).expect("the project is written");
    (folder, guard)
}

fn sql_bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.map(|path| if path.is_dir() { sql_bytes(&path) } else { path.metadata().expect("a file").len() }).sum()
}

fn check_in_process(base: &Path) -> Status {
    let cli = Cli::try_parse_from(["lakelint", "check", "--as-of", "2025-06-30"]).expect("valid arguments");
    let mut env = Env {
        base: base.to_path_buf(),
        stdout: &mut io::sink(),
        stderr: &mut io::sink(),
        on_terminal: false,
        width: 80,
        color: false,
        progress: false,
        timed: false,
        offline: false,
    };
    commands::run(&cli, &mut env)
}

fn many_files(c: &mut Criterion) {
    let (folder, _guard) = project(FILES);
    let mut group = c.benchmark_group("check");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.throughput(Throughput::Bytes(sql_bytes(&folder.join("queries"))));
    group.bench_function("10,000 files", |b| {
        b.iter(|| assert_eq!(check_in_process(&folder), Status::Findings));
    });
    group.finish();
}

fn one_file(c: &mut Criterion) {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_sql");
    let mut group = c.benchmark_group("process");
    group.sample_size(20);
    group.bench_function("one file and the listing of the sample lake", |b| {
        b.iter(|| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_lakelint"));
            command.args(["check", "--as-of", "2025-06-30", "queries/visitors_by_campaign.sql"]);
            let status = command.current_dir(&sample).stdout(Stdio::null()).status().expect("lakelint runs");
            assert_eq!(status.code(), Some(1));
        });
    });
    group.finish();
}

criterion_group!(benches, many_files, one_file);
criterion_main!(benches);
