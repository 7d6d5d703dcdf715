//! Every statement of the project's Athena set and of TPC-H and TPC-DS parses.

use std::path::{Path, PathBuf};
use std::process::Command;

use lakelint::lake::FileId;
use lakelint::sql::{STACK_BYTES, parse, split};

/// Statements of a text that do not parse, with why.
fn failures(text: &str) -> (usize, Vec<String>) {
    let statements = split(text);
    let failed = statements
        .iter()
        .filter_map(|range| parse(FileId(0), text, range.clone()).err().map(|e| (range, e)))
        .map(|(range, e)| format!("{}\n  at `{}`:\n{}", e.message, &text[e.range], &text[range.clone()]))
        .collect();
    (statements.len(), failed)
}

fn on_large_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(test).expect("a thread");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn the_athena_statements_parse() {
    on_large_stack(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/athena");
        let mut total = 0;
        for entry in std::fs::read_dir(folder).expect("tests/athena") {
            let path = entry.expect("an entry").path();
            let (count, failed) = failures(&std::fs::read_to_string(&path).expect("text"));
            assert!(failed.is_empty(), "{}: {} of {count}:\n{}", path.display(), failed.len(), failed.join("\n\n"));
            total += count;
        }
        assert!(total >= 100, "{total} statements");
    });
}

/// Writes the texts as a JSON array of strings.
const PRINT_QUERIES: &str = r#"
import duckdb, glob, importlib, json, os
out = []
con = duckdb.connect()
for name in ("tpch", "tpcds"):
    package = importlib.import_module("duckdb_extension_" + name)
    path, = glob.glob(os.path.join(list(package.__path__)[0], "extensions", "*", name + ".duckdb_extension"))
    con.execute("LOAD '%s'" % path.replace("'", "''"))
    out += [row[0] for row in con.execute("select query from %s_queries() order by query_nr" % name).fetchall()]
print(json.dumps(out))
"#;

/// A Python with the packages, in an environment of its own under the target folder.
fn python() -> Result<PathBuf, String> {
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("parse-rate-venv");
    let python = environment.join("bin/python");
    let run = |command: &mut Command| match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_string()),
        Err(e) => Err(e.to_string()),
    };
    let has_packages = "import duckdb, duckdb_extension_tpch, duckdb_extension_tpcds";
    if run(Command::new(&python).args(["-c", has_packages])).is_ok() {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(&environment)).map_err(|e| format!("python3: {e}"))?;
    let packages = ["duckdb==1.5.5", "duckdb-extension-tpch==1.5.5", "duckdb-extension-tpcds==1.5.5"];
    run(Command::new(&python).args(["-m", "pip", "install", "-q"]).args(packages)).map_err(|e| format!("pip: {e}"))?;
    Ok(python)
}

#[test]
fn tpc_h_and_tpc_ds_parse() {
    let python = match python() {
        Ok(python) => python,
        Err(reason) => {
            assert!(std::env::var_os("LAKELINT_REQUIRE_PYTHON").is_none(), "the TPC texts are required: {reason}");
            eprintln!("skipped: the TPC texts need python3 and its packages: {reason}");
            return;
        }
    };
    let output = Command::new(python).args(["-c", PRINT_QUERIES]).output().expect("python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let texts: Vec<String> = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(texts.len(), 22 + 99);
    on_large_stack(move || {
        let failed: Vec<String> = texts.iter().flat_map(|text| failures(text).1).collect();
        assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n\n"));
        assert!(texts.iter().all(|text| !split(text).is_empty()));
    });
}
