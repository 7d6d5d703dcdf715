//! What makes a release, as far as it runs without GitHub: the scripts of packaging/, and the forms of workflows, of the action and of the
//! snippets in the docs, by the schemas that editors use.

mod needed;
mod python;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lakelint::rules::blocks;

const CHECKER: &str = "check-jsonschema==0.39.0";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder with the scripts of packaging/ and these files.
fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("packaging")).expect("made");
    for script in ["check", "version", "image", "login", "publish"] {
        let script = Path::new("packaging").join(script);
        std::fs::copy(root().join(&script), folder.path().join(script)).expect("copied");
    }
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    folder
}

fn run(folder: &Path, script: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(folder.join("packaging").join(script));
    command.args(arguments).envs(variables.iter().copied()).current_dir(folder).output().expect("bash runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const MANIFEST: &str = "[package]\nname = \"p\"\nversion = \"1.2.3\"\n\n[dependencies]\nversion = \"9\"\n";

#[test]
fn a_tag_is_released_when_it_is_the_version_and_the_changelog_tells_of_it() {
    let changelog = "# Changelog\n\n## [Unreleased]\n\n- later\n\n## [1.2.3] - 2026-01-31\n\n### Added\n\n- this\n\n## [1.2.2]\n\n- before\n";
    let folder = repository(&[("Cargo.toml", MANIFEST), ("CHANGELOG.md", changelog)]);
    let good = run(folder.path(), "check", &["v1.2.3"], &[]);
    assert!(good.status.success(), "{}", text(&good.stderr));
    assert_eq!(text(&good.stdout), "### Added\n\n- this\n");
    for (tag, reason) in [
        (
            "1.2.3",
            "error: the tag is `1.2.3`, the version in Cargo.toml `1.2.3`: tag `v1.2.3`, or change the version\n",
        ),
        (
            "v1.2.2",
            "error: the tag is `v1.2.2`, the version in Cargo.toml `1.2.3`: tag `v1.2.3`, or change the version\n",
        ),
    ] {
        let bad = run(folder.path(), "check", &[tag], &[]);
        assert_eq!(
            (bad.status.code(), text(&bad.stdout), text(&bad.stderr).as_str()),
            (Some(1), String::new(), reason)
        );
    }
    for changelog in ["## [Unreleased]\n\n- this\n", "## [1.2.3]\n\n## [1.2.2]\n\n- before\n", "## [1.2.30]\n\n- no\n"]
    {
        let folder = repository(&[("Cargo.toml", MANIFEST), ("CHANGELOG.md", changelog)]);
        let bad = run(folder.path(), "check", &["v1.2.3"], &[]);
        assert_eq!(bad.status.code(), Some(1), "{changelog}");
        assert!(text(&bad.stderr).contains("no section `## [1.2.3]`"), "{}", text(&bad.stderr));
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    let version = Command::new(root().join("packaging/version")).output().expect("bash runs");
    assert_eq!(text(&version.stdout), concat!(env!("CARGO_PKG_VERSION"), "\n"));
}

/// A program that says how it was called, and what it was told.
const ECHO: &str = "#!/usr/bin/env bash\necho \"$*\"\nif [ \"$1\" = login ]; then cat; fi\nfor word; do\n  case $word in build=*) find \"${word#build=}\" -type f -printf '%P\\n' ;; */SHA256SUMS) cat \"$word\" ;; esac\ndone\n";

#[test]
fn images_and_releases_are_made_of_what_was_built() {
    let folder =
        repository(&[("Cargo.toml", MANIFEST), ("echo", ECHO), ("p/lakelint", "program"), ("notes.md", "this")]);
    let (folder, at) = (folder.path(), |name: &str| folder.path().join(name).display().to_string());
    let name = "lakelint-1.2.3-x86_64-unknown-linux-musl";
    std::fs::create_dir(folder.join("dist")).expect("made");
    std::fs::rename(folder.join("p"), folder.join("dist").join(name)).expect("moved");
    let archive = format!("dist/{name}.tar.gz");
    assert!(
        Command::new("tar")
            .args(["-czf", &archive, "-C", "dist", name])
            .current_dir(folder)
            .status()
            .expect("tar")
            .success()
    );
    assert!(Command::new("chmod").args(["+x", "echo"]).current_dir(folder).status().expect("chmod").success());

    let echo = at("echo");
    let image = run(folder, "image", &["host.example/lakelint", "amd64"], &[("DOCKER", &echo)]);
    assert!(image.status.success(), "{}", text(&image.stderr));
    let said = text(&image.stdout);
    assert!(said.starts_with("build --platform linux/amd64 --build-context build="), "{said}");
    assert!(said.contains(" --tag host.example/lakelint:1.2.3-amd64 .\nprograms/amd64/lakelint\n"), "{said}");
    assert!(said.ends_with("push host.example/lakelint:1.2.3-amd64\n"), "{said}");
    let both = run(folder, "image", &["host.example/lakelint"], &[("DOCKER", &echo)]);
    let expected = "buildx imagetools create --tag host.example/lakelint:1.2.3 --tag host.example/lakelint:latest \
                    host.example/lakelint:1.2.3-amd64 host.example/lakelint:1.2.3-arm64\n";
    assert_eq!(text(&both.stdout), expected);
    assert_eq!(
        run(folder, "image", &["lakelint", "arm64"], &[("DOCKER", &echo)]).status.code().map(|code| code > 0),
        Some(true)
    );
    assert_eq!(run(folder, "image", &["lakelint", "mips"], &[("DOCKER", &echo)]).status.code(), Some(2));

    for (image, expected) in [
        ("host.example/a/b", "login --username u --password-stdin host.example\nsecret"),
        ("a/b", "login --username u --password-stdin\nsecret"),
    ] {
        let variables = [("DOCKER", echo.as_str()), ("IMAGE", image), ("IMAGE_USER", "u"), ("IMAGE_TOKEN", "secret")];
        assert_eq!(text(&run(folder, "login", &[], &variables).stdout), expected);
    }

    let published = run(folder, "publish", &["v1.2.3", "notes.md", &archive], &[("GH", &echo)]);
    let said = text(&published.stdout);
    assert!(
        said.starts_with(&format!(
            "release create v1.2.3 --verify-tag --title v1.2.3 --notes-file notes.md {archive} "
        )),
        "{said}"
    );
    assert!(said.ends_with(&format!("  {name}.tar.gz\n")), "{said}");
}

/// The blocks of YAML in Markdown, each with its page.
fn snippets() -> Vec<(PathBuf, String)> {
    let pages = root().join("docs").read_dir().expect("docs").map(|entry| entry.expect("an entry").path());
    let mut pages: Vec<PathBuf> = pages.filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect();
    pages.push(root().join("README.md"));
    pages.sort();
    let in_page = |page: PathBuf| {
        let text = std::fs::read_to_string(&page).expect("a page");
        let yaml = blocks(&text).into_iter().filter(|block| block.info == "yaml");
        yaml.map(|block| (page.clone(), format!("{}\n", block.content))).collect::<Vec<_>>()
    };
    pages.into_iter().flat_map(in_page).collect()
}

#[test]
fn workflows_the_action_and_snippets_of_the_docs_have_the_form_that_their_readers_ask_for() {
    let environment = python::environment(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("schemas"), &[CHECKER]);
    let Some(python) = needed::or_skip("check-jsonschema, a Python package", environment) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let mut workflows: Vec<PathBuf> =
        ["ci.yml", "release.yml"].map(|name| root().join(".github/workflows").join(name)).into();
    let mut pipelines = Vec::new();
    for (number, (page, block)) in snippets().into_iter().enumerate() {
        let name = format!("{}-{number}.yml", page.file_stem().expect("a name").display());
        let path = folder.path().join(name);
        if block.contains("\njobs:\n") {
            std::fs::write(&path, block).expect("written");
            workflows.push(path);
        } else if block.starts_with("- run:") || block.starts_with("- uses:") {
            let steps: String = block.lines().map(|line| format!("      {line}\n")).collect();
            std::fs::write(&path, format!("on: push\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n{steps}"))
                .expect("written");
            workflows.push(path);
        } else if block.contains("\n  script:\n") {
            std::fs::write(&path, block).expect("written");
            pipelines.push(path);
        }
    }
    assert!(workflows.len() > 3 && pipelines.len() > 1, "{workflows:?} {pipelines:?}");
    for (schema, files) in [
        ("vendor.github-workflows", workflows),
        ("vendor.github-actions", vec![root().join("action.yml")]),
        ("vendor.gitlab-ci", pipelines),
    ] {
        let checked = Command::new(python.with_file_name("check-jsonschema"))
            .args(["--builtin-schema", schema])
            .args(files)
            .output();
        let checked = checked.expect("it runs");
        assert!(checked.status.success(), "{schema}: {}{}", text(&checked.stdout), text(&checked.stderr));
    }
}
