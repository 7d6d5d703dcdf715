//! Runs the console blocks of the documentation and compares what they print.
//!
//! `TRYCMD=dump cargo test --test cli` writes what the commands print to `dump/`.

#[test]
fn the_documentation_shows_what_lakelint_prints() {
    trycmd::TestCases::new().case("README.md").case("docs/*.md").case("sample_sql/README.md");
}
