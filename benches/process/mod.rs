//! Whole processes, measured.

use std::path::Path;
use std::process::Command;

/// Threads of every process.
const THREADS: &str = "2";

/// Runs a command, without what it prints, and prints its seconds, its CPU seconds and its peak memory in kB.
const MEASURE: &str = "
import os, sys, time
start = time.time()
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, 2, 1)])
_, status, usage = os.wait4(pid, 0)
print(time.time() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
";

/// What a run took.
pub struct Usage {
    /// Seconds.
    pub wall: f64,
    pub cpu: f64,
    pub megabytes: f64,
}

/// Runs a command in a folder by a Python interpreter, which tells what it took.
pub fn measured(python: &Path, arguments: &[&str], folder: &Path) -> Usage {
    let output = Command::new(python)
        .args(["-c", MEASURE])
        .args(arguments)
        .current_dir(folder)
        .env("RAYON_NUM_THREADS", THREADS)
        .output()
        .expect("python");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{arguments:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
    let numbers: Vec<f64> = said.lines().last().unwrap_or_default().split(' ').filter_map(|n| n.parse().ok()).collect();
    let [wall, cpu, kilobytes] = numbers[..] else { panic!("{said}") };
    Usage { wall, cpu, megabytes: kilobytes / 1024.0 }
}

pub fn print(name: &str, usage: &Usage) {
    println!("{name:28} {:6.2} s wall {:6.2} s CPU {:7.1} MB", usage.wall, usage.cpu, usage.megabytes);
}
