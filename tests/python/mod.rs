//! Virtual environments of Python for tests and benchmarks.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The Python of the virtual environment in `folder`, which is made at the first call and holds `packages`, written as pip takes
/// them. Tests run beside each other, in threads and in processes: one of them installs and the others wait.
///
/// # Errors
/// What could not be run, and what it said.
pub fn environment(folder: &Path, packages: &[&str]) -> Result<PathBuf, String> {
    let error = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(folder).map_err(error)?;
    // Beside the folder, which is emptied before an installation.
    let lock = File::create(folder.with_extension("lock")).map_err(error)?;
    lock.lock().map_err(error)?;
    let (python, stamp) = (folder.join("bin/python"), folder.join("installed"));
    let wanted = packages.join("\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))?;
    run(Command::new(&python).args(["-m", "pip", "install", "-q"]).args(packages))?;
    std::fs::write(stamp, wanted).map_err(error)?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let done = command.output().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if done.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&done.stderr).trim().to_string()) }
}
