//! moto, from PyPI, in a virtual environment that the test makes: a second opinion about what AWS answers.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What is installed, with the exact version whose replies were looked at.
const PACKAGES: &str = "moto[server,s3,athena,glue,stepfunctions]==5.2.5";
const SERVE: &str = "
import sys, threading
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address='127.0.0.1', port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
server.stop()
";

/// A moto server, until it is dropped.
pub struct Moto {
    child: Child,
    pub url: String,
}

impl Drop for Moto {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Starts moto; `None` where it cannot be had, unless `LAKELINT_REQUIRE_PYTHON` is set.
pub fn start() -> Option<Moto> {
    match serve() {
        Ok(moto) => Some(moto),
        Err(reason) => {
            assert!(std::env::var_os("LAKELINT_REQUIRE_PYTHON").is_none(), "moto is required: {reason}");
            eprintln!("skipped: moto needs python3 and its packages: {reason}");
            None
        }
    }
}

fn serve() -> Result<Moto, String> {
    let python = environment()?;
    let piped = || Stdio::piped();
    let mut child = Command::new(python)
        .args(["-c", SERVE])
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .stdin(piped())
        .stdout(piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let mut line = String::new();
    let stdout = child.stdout.take().ok_or("no output")?;
    BufReader::new(stdout).read_line(&mut line).map_err(|error| error.to_string())?;
    let moto = Moto { child, url: format!("http://127.0.0.1:{}", line.trim()) };
    match line.trim().parse::<u16>() {
        Ok(_) => Ok(moto),
        Err(_) => Err(format!("moto does not start: {line:?}")),
    }
}

/// The Python of an environment with moto, made once for all tests.
fn environment() -> Result<PathBuf, String> {
    static MADE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one = MADE.lock().map_err(|error| error.to_string())?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("moto");
    let python = folder.join("bin/python");
    let stamp = folder.join("installed");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == PACKAGES) {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    run(Command::new(&python).args(["-m", "pip", "install", "-q", PACKAGES]))?;
    std::fs::write(stamp, PACKAGES).map_err(|error| error.to_string())?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let done = command.output().map_err(|error| error.to_string())?;
    let stderr = || String::from_utf8_lossy(&done.stderr).into_owned();
    if done.status.success() { Ok(()) } else { Err(stderr()) }
}
