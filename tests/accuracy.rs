//! The estimates of a small lake agree with the oracle: `accuracy/run` without its engines (docs/accuracy.md).

use std::path::Path;
use std::process::Command;

mod needed;

/// What `accuracy/run` ends with when it cannot install its packages.
const NO_PACKAGES: i32 = 3;

#[test]
fn estimates_agree_with_the_oracle_on_a_small_lake() {
    let run = Path::new(env!("CARGO_MANIFEST_DIR")).join("accuracy/run");
    let output = Command::new("python3")
        .arg(run)
        .args(["--oracle-only", "--scale", "0.02", "--lakelint", env!("CARGO_BIN_EXE_lakelint")])
        .args([Path::new("--work"), &Path::new(env!("CARGO_TARGET_TMPDIR")).join("accuracy")])
        .output();
    let reason = match output {
        Err(e) => format!("python3: {e}"),
        Ok(output) if output.status.code() == Some(NO_PACKAGES) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Ok(output) => {
            let text = [output.stdout, output.stderr].concat();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&text));
            return;
        }
    };
    needed::or_skip::<()>("the accuracy set, with python3 and its packages", Err(reason));
}
