//! moto, from PyPI, in a virtual environment that the test makes: a second opinion about what AWS answers.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::{needed, python};

/// What is installed, with the exact version whose replies were looked at.
const PACKAGE: &str = "moto[server,s3,athena,glue,stepfunctions]==5.2.5";
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
    needed::or_skip("moto, a Python package", serve())
}

fn serve() -> Result<Moto, String> {
    let python = python::environment(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("moto"), &[PACKAGE])?;
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
