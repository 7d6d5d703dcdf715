//! The page of `lakelint audit --html` in a headless browser: tests/audit_page/run (docs/audit-page.md).

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

mod needed;

/// What `tests/audit_page/run` ends with when there is no Node, browser or package to be had.
const NO_TOOLS: i32 = 3;

/// Why it cannot run.
type Missing = String;

fn run(program: &str, arguments: &[&OsStr]) -> Result<Output, Missing> {
    let output = Command::new(program).args(arguments).output().map_err(|e| format!("{program}: {e}"))?;
    let text = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned();
    match output.status.code() {
        Some(0) => Ok(output),
        Some(NO_TOOLS) => Err(text),
        _ => panic!("{program}: {text}"),
    }
}

/// Writes a page beside every document that the tests make.
fn pages(folder: &Path, documents: &Path) -> Result<(), Missing> {
    std::fs::create_dir_all(folder).expect("a folder");
    run("node", &[documents.as_os_str(), folder.as_os_str()])?;
    let schema = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/audit.schema.json"));
    let schema: serde_json::Value = serde_json::from_str(&schema.expect("a schema")).expect("JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a file").path();
        if path.extension() != Some(OsStr::new("json")) {
            continue;
        }
        let document = std::fs::read_to_string(&path).expect("a document");
        // What the tests look at has the form that `lakelint audit --json` writes.
        let value: serde_json::Value = serde_json::from_str(&document).expect("JSON");
        let errors: Vec<String> =
            schema.iter_errors(&value).take(5).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
        let page = lakelint::output::audit::page(&document);
        assert!(page.len() < 1_000_000, "{}: {} bytes", path.display(), page.len());
        std::fs::write(path.with_extension("html"), page).expect("written");
    }
    Ok(())
}

#[test]
fn the_page_works_in_a_browser() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audit_page");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("audit_page");
    let done = pages(&folder, &here.join("documents.mjs"))
        .and_then(|()| run("bash", &[here.join("run").as_os_str(), folder.as_os_str()]));
    needed::or_skip("the page in a browser, with node, npm and chromium", done);
}
