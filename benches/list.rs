//! A bucket of 200,000 objects in 200 folders on a server in this process: `lakelint scan` beside boto3 with as many threads, and
//! beside the AWS CLI, in the same run.
//!
//! `cargo bench --bench list`. boto3 and the AWS CLI come from a Python environment that is made under `target/`; without Python
//! only lakelint is measured. `LAKELINT_LIST_FOLDERS` changes how many folders of 1,000 objects there are.
#![allow(missing_docs)]

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use server::{Object, Server};

#[path = "../tests/python/mod.rs"]
mod python;
#[allow(dead_code, unused_imports, reason = "the tests use more of it")]
#[path = "../tests/aws/server/mod.rs"]
mod server;

const FOLDERS: usize = 200;
const FILES: usize = 1_000;
const THREADS: usize = 32;
/// Of each program the fastest run counts.
const RUNS: usize = 3;

/// boto3's clients share one pool of connections; the folders are handed to it, which lakelint has to find out.
const BOTO3: &str = "
import boto3, sys
from botocore.config import Config
from concurrent.futures import ThreadPoolExecutor
threads, folders = int(sys.argv[1]), int(sys.argv[2])
client = boto3.client('s3', config=Config(max_pool_connections=threads, s3={'addressing_style': 'path'}))
def count(folder):
    pages = client.get_paginator('list_objects_v2').paginate(Bucket='lake', Prefix=f'events/dt={folder:05}/')
    return sum(len(page.get('Contents', [])) for page in pages)
with ThreadPoolExecutor(threads) as pool:
    print(sum(pool.map(count, range(folders))))
";

fn main() {
    let folders = std::env::var("LAKELINT_LIST_FOLDERS").ok().and_then(|n| n.parse().ok()).unwrap_or(FOLDERS);
    let server = Server::start();
    let at = move |i: usize| {
        Object::new(format!("events/dt={:05}/part-{:05}.snappy.parquet", i / FILES, i % FILES), 1_000_000 + i as u64)
    };
    server.bucket("lake").generated(folders * FILES, at);
    let work = tempfile::tempdir().expect("folder");
    let program = |name: &str, command: &dyn Fn() -> Command| {
        let mut best: Option<(f64, usize)> = None;
        for _ in 0..RUNS {
            let _ = std::fs::remove_dir_all(work.path().join(".lakelint"));
            let before = server.count("ListObjectsV2");
            let started = Instant::now();
            let output = on(&server, command(), work.path()).output().expect("the program runs");
            assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
            let run = (started.elapsed().as_secs_f64(), server.count("ListObjectsV2") - before);
            best = Some(best.filter(|best| best.0 <= run.0).unwrap_or(run));
        }
        let Some((seconds, requests)) = best else { return };
        let objects = (folders * FILES) as f64;
        println!("{name:24} {seconds:6.2} s {requests:6} requests {:9.0} objects/s", objects / seconds);
    };
    program("lakelint scan", &|| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lakelint"));
        command.args(["scan", "s3://lake/", "--footers", "none", "--concurrency", &THREADS.to_string()]);
        command
    });
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("list");
    let python = python::environment(&folder, &["boto3", "awscli"]).inspect_err(|reason| eprintln!("{reason}"));
    let Ok(python) = python else {
        return println!("no Python environment: boto3 and the AWS CLI are not measured");
    };
    program("boto3, 32 threads", &|| {
        let mut command = Command::new(&python);
        command.args(["-c", BOTO3, &THREADS.to_string(), &folders.to_string()]);
        command
    });
    program("aws s3 ls --recursive", &|| {
        let mut command = Command::new(&python);
        command.args(["-m", "awscli", "s3", "ls", "--recursive", "s3://lake/"]);
        command
    });
}

/// In an environment that knows nothing but the server.
fn on(server: &Server, mut command: Command, folder: &Path) -> Command {
    command
        .env_clear()
        .current_dir(folder)
        .env("HOME", folder)
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.envs([
        ("AWS_ENDPOINT_URL", server.url().as_str()),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ]);
    command
}
