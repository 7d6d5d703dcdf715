//! Runs the console blocks of the documentation and compares what they print.
//!
//! `TRYCMD=dump cargo test --test cli` writes what the commands print to `dump/`.

#[test]
fn the_documentation_shows_what_lakelint_prints() {
    let cases = trycmd::TestCases::new();
    // It shows backslashes, which are slashes to trycmd: tests/formats.rs runs it.
    cases.case("README.md").case("docs/*.md").skip("docs/formats.md").case("sample_sql/README.md");
}
