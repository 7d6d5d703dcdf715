//! `lakelint init` over real repositories: what it finds, what it writes, and what it leaves alone.

mod git;
mod program;

use std::path::Path;

use git::git;
use lakelint::commands::Status;
use program::{Ran, lakelint, lakelint_at_width, write};

const TABLE: &str = "CREATE EXTERNAL TABLE lake.t (a bigint) PARTITIONED BY (dt string) STORED AS PARQUET LOCATION 's3://shop-lake/t/';\n";
const MODEL: &str = "{{ config(materialized='table') }}\nselect a from {{ source('lake', 't') }}\n";
const MACHINE: &str = r#"resource "aws_sfn_state_machine" "load" {
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Succeed" } } })
}
resource "aws_glue_job" "load" {
  name    = "load"
  timeout = 10
}
"#;

fn repository(remote: Option<&str>, files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    git(folder.path(), &["init", "-q"]);
    if let Some(remote) = remote {
        git(folder.path(), &["remote", "add", "origin", remote]);
    }
    files.iter().for_each(|(name, text)| write(folder.path(), name, text));
    folder
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn has(folder: &Path, name: &str) -> bool {
    std::fs::symlink_metadata(folder.join(name)).is_ok()
}

/// A run that ends well.
fn init(folder: &Path) -> String {
    let ran = lakelint_at_width(folder, &["init"], 100);
    assert_eq!((ran.status, &*ran.stderr), (Status::Clean, ""), "{}", ran.stdout);
    ran.stdout
}

/// What was written is accepted by the next command.
fn check(folder: &Path) -> Ran {
    let ran = lakelint(folder, &["check", "--as-of", "2025-06-30"]);
    assert_ne!(ran.status, Status::Failed, "{}", ran.stderr);
    ran
}

fn listing() -> String {
    (10..29).map(|day| format!("2025-06-30 00:00:00 10000000000 t/dt=2025-06-{day}/part-0.parquet\n")).collect()
}

fn dbt_on_github() -> tempfile::TempDir {
    repository(
        Some("git@github.com:shop/lake.git"),
        &[
            ("dbt_project.yml", "name: shop\nprofile: athena\n"),
            ("models/sources.yml", "sources:\n  - name: lake\n    tables:\n      - name: t\n"),
            ("models/marts/revenue.sql", MODEL),
            ("models/staging/orders.sql", MODEL),
            ("ddl/t.sql", TABLE),
            ("dbt_packages/utils/dbt_project.yml", "name: utils\n"),
            ("dbt_packages/utils/models/u.sql", "select 1"),
            ("target/run/shop/models/marts/revenue.sql", "create table lake.m as select a from lake.t"),
            ("target/compiled/shop/models/marts/revenue.sql", "select a from lake.t"),
        ],
    )
}

#[test]
fn a_dbt_project_on_github_gets_all_three() {
    let folder = dbt_on_github();
    write(folder.path(), ".gitignore", "target/\ndbt_packages/\n");
    let said = init(folder.path());
    // Until there is a release, what is written cannot be installed.
    let (before, rest) = said.split_once("hook and job install ").unwrap_or((&said, ""));
    let note = rest.split_once("\n\n");
    assert_eq!(note.is_none(), is_released());
    let said = format!("{before}{}", note.map_or("", |(_, rest)| rest));
    let expected = "\
found
  dbt             project `shop` at the top: 2 models
  SQL             3 files (2 in `models/`, 1 in `ddl/`), 3 statements, 3 table definitions
  GitHub          a remote on `github.com`

wrote
  `lakelint.toml`: every setting as a comment, with its default
  `.pre-commit-config.yaml`: a hook for pre-commit, over the files of a commit, offline
  `.github/workflows/lakelint.yml`: checks what a pull request changes, and says what it adds to the
  bill; may read and nothing else

next
  lakelint check
      what wastes money, at the line that causes it
  lakelint scan s3://shop-lake
      a snapshot of the lake (LIST requests and a sample of files): with it, checks know partitions,
      bytes and dollars; commit it
  pre-commit install
      runs the hook at each commit, over the files that change

";
    assert_eq!(said, expected);
    check(folder.path());
    // What dbt has compiled is checked where somebody asks for it.
    write(folder.path(), "listing.txt", &listing());
    let compiled = lakelint(folder.path(), &["check", "--lake", "s3://shop-lake/=listing.txt", "target/compiled"]);
    assert_eq!(compiled.status, Status::Findings, "{}{}", compiled.stdout, compiled.stderr);
    assert!(compiled.stdout.contains("reads all 19 partitions of `lake.t`"), "{}", compiled.stdout);
}

#[test]
fn where_git_ignores_nothing_models_are_checked_once() {
    let folder = dbt_on_github();
    write(folder.path(), "listing.txt", &listing());
    let said = init(folder.path());
    assert!(said.contains("in force: `[lake]`\n"), "{said}");
    assert!(said.contains("lake            `listing.txt`: 1 table, 19 objects\n"), "{said}");
    assert!(said.contains("lakelint audit\n") && !said.contains("  lakelint scan "), "{said}");
    assert_eq!(said.matches("  dbt  ").count(), 1, "{said}");
    let ran = check(folder.path());
    assert_eq!(ran.stdout.matches("--> models/").count(), 2, "{}", ran.stdout);
    assert!(!ran.stdout.contains("target/"), "{}", ran.stdout);
}

#[test]
fn terraform_on_gitlab_gets_a_job_to_include() {
    let folder = repository(
        None,
        &[("infra/main.tf", MACHINE), ("q/a.sql", "SELECT 1 FROM t"), (".gitlab-ci.yml", "stages: [test]\n")],
    );
    let said = init(folder.path());
    assert!(said.contains("  Terraform       1 file in `infra/`, 1 state machine, 1 resource\n"), "{said}");
    assert!(said.contains("  GitLab          `.gitlab-ci.yml`\n"), "{said}");
    let add = "add to `.gitlab-ci.yml`, which is left as it is:\n\ninclude:\n  - local: .gitlab/lakelint.yml\n";
    assert!(said.contains(add), "{said}");
    assert!(said.contains("  lakelint check\n") && said.contains("  lakelint scan s3://my-lake\n"), "{said}");
    assert_eq!(read(folder.path(), ".gitlab-ci.yml"), "stages: [test]\n");
    assert!(
        read(folder.path(), ".gitlab/lakelint.yml").contains("--changed-since \"$CI_MERGE_REQUEST_DIFF_BASE_SHA\"")
    );
    assert!(!has(folder.path(), ".github"));
    check(folder.path());
    // Once it is included, nothing is left to add.
    write(folder.path(), ".gitlab-ci.yml", "include:\n  - local: .gitlab/lakelint.yml\n");
    let said = init(folder.path());
    assert!(!said.contains("add to") && !said.contains("wrote"), "{said}");
}

/// The changelog has a section for every version that is released: packaging/check holds it to that.
fn is_released() -> bool {
    let changelog = read(Path::new(env!("CARGO_MANIFEST_DIR")), "CHANGELOG.md");
    changelog.contains(concat!("\n## [", env!("CARGO_PKG_VERSION"), "]"))
}

/// What is said to add to a file.
fn to_add<'a>(said: &'a str, place: &str) -> &'a str {
    let (_, rest) = said.split_once(place).unwrap_or_else(|| panic!("{place}: {said}"));
    let (_, lines) = rest.split_once(":\n\n").expect("lines");
    lines.split_once("\n\n").expect("an end").0
}

#[test]
fn each_folder_of_a_repository_gets_a_hook_and_jobs_of_its_own() {
    let query = "SELECT a FROM lake.t;";
    let files = [("team-a/t.sql", TABLE), ("team-a/q.sql", query), ("team-b/t.sql", TABLE), ("team-b/q.sql", query)];
    let folder = repository(Some("https://github.com/shop/lake"), &files);
    write(folder.path(), ".gitlab-ci.yml", "stages: [build, deploy]\ninclude:\n  - local: ci/other.yml\n");
    let append = |name: &str, lines: &str| {
        let text = read(folder.path(), name);
        write(folder.path(), name, &format!("{}\n{lines}\n", text.trim_end()));
    };
    for (at, name) in [("team-a", "lakelint"), ("team-b", "lakelint-team-b"), ("", "lakelint-root")] {
        let base = folder.path().join(at);
        let said = init(&base);
        let (workflow, job) = (format!(".github/workflows/{name}.yml"), format!(".gitlab/{name}.yml"));
        for written in [&workflow, &job] {
            assert!(said.contains(&format!("{written}`: ")), "{at}: {said}");
        }
        assert!(read(folder.path(), &workflow).contains(&format!("name: {name}\non: ")));
        // Without a stage it would be in `test`, which this pipeline does not have.
        assert!(read(folder.path(), &job).contains(&format!("\n{name}:\n  stage: \"build\"\n")));
        if at != "team-a" {
            append(
                ".pre-commit-config.yaml",
                to_add(&said, ".pre-commit-config.yaml`, which is left as it is, below `repos:`"),
            );
        }
        let included = to_add(&said, "below `include:` in `");
        assert_eq!(included, format!("  - local: {job}"));
        append(".gitlab-ci.yml", included);
        let said = init(&base);
        assert!(!said.contains("add to") && !said.contains("wrote"), "{at}: {said}");
        assert!(said.contains(&format!("{workflow}`\n")), "{at}: {said}");
    }
    assert_eq!(read(folder.path(), ".pre-commit-config.yaml").matches("id: lakelint").count(), 3);
}

#[test]
fn the_word_alone_is_no_hook_and_no_job() {
    let folder = repository(
        None,
        &[
            (".pre-commit-config.yaml", "repos:\n  - repo: local\n    hooks: []  # TODO: add lakelint\n"),
            (".github/workflows/ci.yml", "on: push\njobs: {} # lakelint check\n"),
            (".gitlab-ci.yml", "# lakelint\n"),
            ("q.sql", "SELECT 1 FROM t"),
        ],
    );
    let said = init(folder.path());
    assert!(said.contains("below `repos:`") && said.contains("include:\n"), "{said}");
    assert!(has(folder.path(), ".github/workflows/lakelint.yml") && has(folder.path(), ".gitlab/lakelint.yml"));
}

#[test]
fn of_a_cdk_app_the_templates_are_to_be_checked() {
    for (name, step) in [
        ("cdk.json", "  cdk synth && lakelint check cdk.out\n"),
        ("my app/cdk.json", "  (cd 'my app' && cdk synth) && lakelint check 'my app/cdk.out'\n"),
    ] {
        let folder = repository(None, &[(name, "{\"app\": \"npx ts-node bin/app.ts\"}")]);
        let said = init(folder.path());
        assert!(said.contains(step) && !said.contains("nothing to check"), "{said}");
        assert!(!said.contains("  lakelint check\n"), "{said}");
    }
}

#[test]
fn a_listing_in_force_is_to_be_committed_and_an_ignored_one_is_not_in_force() {
    let folder = repository(None, &[("t.sql", TABLE), ("listing.txt", &listing())]);
    let said = init(folder.path());
    assert!(said.contains("in force: `[lake]`\n"), "{said}");
    assert!(said.contains("  git add listing.txt\n      1.2 kB that the new lakelint.toml reads"), "{said}");
    assert!(!init(folder.path()).contains("git add"), "it is not new any more");
    let folder = repository(None, &[("t.sql", TABLE), ("listing.txt", &listing()), (".gitignore", "*.txt\n")]);
    let said = init(folder.path());
    assert!(!said.contains("in force") && !said.contains("git add"), "{said}");
}

#[test]
fn in_an_empty_folder_there_is_a_configuration_and_a_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = init(folder.path());
    assert!(said.starts_with("no SQL, table definitions or state machines: there is nothing to check yet\n"), "{said}");
    assert!(said.contains("every setting as a comment, with its default\n"), "{said}");
    assert!(said.contains("this is no git repository: after `git init`, run"), "{said}");
    assert!(said.contains("  lakelint scan s3://my-lake\n") && !said.contains("lakelint check"), "{said}");
    let names: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").flatten().map(|e| e.file_name()).collect();
    assert_eq!(names, ["lakelint.toml"]);
    check(folder.path());
}

#[test]
fn what_is_there_stays_and_the_rest_is_offered() {
    let hook = "repos:\n  - repo: local\n    hooks: []\n";
    let folder = repository(
        None,
        &[
            ("lakelint.toml", "fail-on = \"low\"\n"),
            (".pre-commit-config.yaml", hook),
            (".github/workflows/ci.yml", "on: push\njobs: {}\n"),
            (".github/workflows/cost.yml", "on: push\njobs:\n  cost:\n    steps:\n      - run: lakelint check\n"),
            ("lakelint-baseline.json", "{}"),
            ("q.sql", "SELECT 1 FROM t"),
        ],
    );
    let said = init(folder.path());
    assert!(said.contains("  pre-commit      `.pre-commit-config.yaml`\n"), "{said}");
    assert!(said.contains("  GitHub          2 workflows in `.github/workflows/`\n"), "{said}");
    assert!(said.contains("  baseline        `lakelint-baseline.json`: "), "{said}");
    assert!(!said.contains("wrote"), "{said}");
    assert!(said.contains("  `lakelint.toml`\n  `.github/workflows/cost.yml`\n"), "{said}");
    let (_, lines) = said.split_once("below `repos:`:\n\n").expect("lines to add");
    let lines = lines.split_once("\n\n").expect("an end").0;
    assert_eq!(read(folder.path(), "lakelint.toml"), "fail-on = \"low\"\n");
    assert_eq!(read(folder.path(), ".pre-commit-config.yaml"), hook);
    assert!(!has(folder.path(), ".github/workflows/lakelint.yml"));
    // With these lines in it the hook is there.
    write(folder.path(), ".pre-commit-config.yaml", &format!("repos:\n{lines}\n"));
    assert!(!init(folder.path()).contains("add to"));
}

#[test]
fn a_second_run_changes_nothing_and_is_no_error() {
    let folder = dbt_on_github();
    init(folder.path());
    let files = ["lakelint.toml", ".pre-commit-config.yaml", ".github/workflows/lakelint.yml"];
    let before = files.map(|name| read(folder.path(), name));
    let said = init(folder.path());
    assert!(!said.contains("wrote"), "{said}");
    let there = "already there, and left as it is\n  `lakelint.toml`\n  `.pre-commit-config.yaml`\n  `.github/workflows/lakelint.yml`\n";
    assert!(said.contains(there), "{said}");
    assert!(!said.contains("pre-commit install"), "{said}");
    assert_eq!(files.map(|name| read(folder.path(), name)), before);
}

#[test]
fn a_dry_run_prints_every_file_and_writes_none() {
    let folder = dbt_on_github();
    let dry = lakelint(folder.path(), &["init", "--dry-run"]);
    assert_eq!((dry.status, &*dry.stderr), (Status::Clean, ""));
    let files = ["lakelint.toml", ".pre-commit-config.yaml", ".github/workflows/lakelint.yml"];
    assert!(files.iter().all(|name| !has(folder.path(), name)));
    init(folder.path());
    for name in files {
        let text = read(folder.path(), name);
        assert!(dry.stdout.contains(&format!("--- {name}\n{text}\n")), "{name}: {}", dry.stdout);
    }
}

#[test]
fn below_the_top_the_configuration_is_here_and_the_rest_at_the_top() {
    let folder = repository(Some("https://github.com/shop/lake"), &[("team/a b/q.sql", "SELECT 1 FROM t")]);
    let base = folder.path().join("team/a b");
    let said = init(&base);
    assert!(said.contains("  `lakelint.toml`: ") && said.contains("  `../../.pre-commit-config.yaml`: "), "{said}");
    assert!(has(&base, "lakelint.toml") && !has(folder.path(), "lakelint.toml"));
    assert!(read(folder.path(), ".pre-commit-config.yaml").contains("files: \"^team/a b/.*\\\\.(?i:sql|"));
    assert!(read(folder.path(), ".github/workflows/lakelint.yml").contains("working-directory: \"team/a b\"\n"));
    // From the top, that configuration does not count; from another folder of it, it does.
    std::fs::create_dir(base.join("deep")).expect("made");
    let said = init(&base.join("deep"));
    assert!(said.contains("left as it is\n  `../lakelint.toml`\n"), "{said}");
}

#[test]
fn what_is_broken_is_told_and_the_rest_goes_on() {
    let folder = repository(
        None,
        &[
            ("dbt_project.yml", "name: [\n"),
            ("models/a.sql", MODEL),
            ("listing.json", "{\"Contents\": [{\"Key\": 3}]}"),
        ],
    );
    std::fs::write(folder.path().join("b.sql"), b"select \xff").expect("written");
    let ran = lakelint(folder.path(), &["init"]);
    assert_eq!(ran.status, Status::Clean, "{}", ran.stderr);
    assert!(ran.stderr.contains("warning: `dbt_project.yml`: "), "{}", ran.stderr);
    assert!(ran.stdout.contains("project at the top: 1 model\n"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("in force"), "{}", ran.stdout);
    check(folder.path());
    // A configuration that is broken is left for its owner to mend.
    write(folder.path(), "lakelint.toml", "fail_on = 1\n");
    let ran = lakelint(folder.path(), &["init"]);
    assert_eq!(ran.status, Status::Clean);
    assert!(ran.stderr.contains("warning: lakelint.toml:1:1: unknown key `fail_on`"), "{}", ran.stderr);
    assert_eq!(read(folder.path(), "lakelint.toml"), "fail_on = 1\n");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_links_or_where_nothing_may_be_written() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().expect("a folder");
    let folder = repository(Some("https://github.com/shop/lake"), &[("q.sql", "SELECT 1 FROM t")]);
    symlink(outside.path(), folder.path().join(".github")).expect("a link");
    symlink(outside.path().join("new.toml"), folder.path().join("lakelint.toml")).expect("a link");
    symlink(outside.path().join("new.yaml"), folder.path().join(".pre-commit-config.yaml")).expect("a link");
    for args in [&["init", "--dry-run"][..], &["init"]] {
        let ran = lakelint(folder.path(), args);
        assert_eq!(ran.status, Status::Failed, "{}", ran.stdout);
        let error =
            "error: `.github/workflows/lakelint.yml` is not written: a link on the way leads out of the repository\n";
        assert_eq!(ran.stderr, error);
        assert!(
            ran.stdout.contains("left as it is\n  `lakelint.toml`\n  `.pre-commit-config.yaml`\n"),
            "{}",
            ran.stdout
        );
        assert_eq!(std::fs::read_dir(outside.path()).expect("a folder").count(), 0);
    }
    // A file in the place of a folder.
    let folder = repository(Some("https://github.com/shop/lake"), &[(".github", "no folder")]);
    let ran = lakelint(folder.path(), &["init"]);
    assert_eq!(ran.status, Status::Failed, "{}", ran.stdout);
    assert!(ran.stderr.starts_with("error: `.github/workflows/lakelint.yml` cannot be written: "), "{}", ran.stderr);
    assert!(has(folder.path(), "lakelint.toml") && has(folder.path(), ".pre-commit-config.yaml"));
}

#[test]
fn the_hook_and_the_job_leave_the_same_files_out() {
    let folder = dbt_on_github();
    write(folder.path(), "listing.txt", &listing());
    init(folder.path());
    let named = "old/revenue.sql";
    write(folder.path(), named, "select a from lake.t");
    write(folder.path(), "lakelint.toml", "exclude = [\"old/\"]\n[lake]\nsources = [\"listing.txt\"]\n");
    let without = lakelint(folder.path(), &["check", named]);
    assert_eq!(without.status, Status::Findings, "{}{}", without.stdout, without.stderr);
    let ran = lakelint(folder.path(), &["check", "--force-exclude", "--force-exclude", named]);
    let said = "checked 1 file, 0 statements: no findings\n1 named path not checked: `exclude` leaves it out\n";
    assert_eq!((ran.status, &*ran.stdout, &*ran.stderr), (Status::Clean, said, ""));
    let ran = lakelint(folder.path(), &["check", "--force-exclude", named, "ddl/t.sql"]);
    assert!(ran.stdout.starts_with("checked 2 files, 1 statement"), "{}", ran.stdout);
}

#[test]
fn the_documentation_shows_the_hook_and_the_jobs_that_are_written() {
    let docs = read(Path::new(env!("CARGO_MANIFEST_DIR")), "docs/getting-started.md");
    let folder = repository(Some("https://github.com/shop/lake"), &[(".gitlab-ci.yml", "")]);
    init(folder.path());
    for name in [".pre-commit-config.yaml", ".github/workflows/lakelint.yml", ".gitlab/lakelint.yml"] {
        let block = format!("```yaml\n{}```\n", read(folder.path(), name));
        assert!(docs.contains(&block), "docs/getting-started.md is to show {name}:\n{block}");
    }
    let notes = docs.matches("Until the first release").count();
    assert_eq!(notes, if is_released() { 0 } else { 2 }, "docs/getting-started.md is to say what a release changes");
}
