//! Whatever a file holds, splitting, outlining, parsing and covering do not panic, and every range lies on character boundaries.

use lakelint::lake::FileId;
use lakelint::sql::{STACK_BYTES, cover, outline, parse, split};
use proptest::prelude::*;

const SEEDS: [&str; 3] =
    [include_str!("athena/queries.sql"), include_str!("athena/statements.sql"), include_str!("athena/tables.sql")];

/// Reads a text in every way; fails when a range does not slice it.
fn read(text: &str) {
    let ranges = split(text);
    let mut end = 0;
    for range in &ranges {
        assert!(range.start >= end && !text[range.clone()].is_empty(), "{range:?} of {text:?}");
        end = range.end;
        if let Err(e) = parse(FileId(0), text, range.clone()) {
            assert!(text.get(e.range.clone()).is_some(), "{e:?} of {text:?}");
        }
        let covered = cover(text, range.clone());
        assert!(text.get(covered.clone()).is_some() && covered.start <= range.start && covered.end >= range.end);
    }
    let outline = outline(FileId(0), text);
    assert_eq!(outline.statements, ranges);
    for table in &outline.tables {
        assert!(table.declared_at.is_some_and(|span| text.get(span.range()).is_some()));
    }
}

fn on_large_stack(text: String) -> Result<(), TestCaseError> {
    let shown = text.clone();
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || read(&text)).expect("a thread");
    thread.join().map_err(|_| TestCaseError::fail(format!("panicked on {shown:?}")))
}

/// A statement of the seeds.
fn statement() -> impl Strategy<Value = String> {
    let all: Vec<String> = SEEDS.iter().flat_map(|s| split(s).into_iter().map(|r| s[r].to_string())).collect();
    prop::sample::select(all)
}

/// Text that means something to some reader.
fn scrap() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "'",
        "\"",
        "`",
        "(",
        ")",
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "${",
        "}",
        "--",
        "/*",
        "*/",
        ";\n",
        "é",
        "\u{feff}",
        "\\",
        "[",
        ",",
        " select ",
        " as ",
        " cast(",
        " values ",
        " with ",
        " trim(from ",
        "U&'",
        "%s",
        ":x",
        "json_object(",
        " for version as of ",
        " partitioned by (",
        "\r\n",
        "0x",
        "1e",
        "-",
        " not ",
        " is ",
        " interval ",
        "=",
        "",
        "{% else %}",
        "{% macro %}",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_is_read(text in "(?s).{0,200}") {
        on_large_stack(text)?;
    }

    #[test]
    fn scraps_are_read(parts in prop::collection::vec(scrap(), 0..30)) {
        on_large_stack(parts.concat())?;
    }

    #[test]
    fn broken_statements_are_read(text in statement(), cut in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), scrap in scrap()) {
        let boundaries: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
        let cut = boundaries[cut.index(boundaries.len())];
        on_large_stack(text[..cut].to_string())?;
        let at = boundaries[at.index(boundaries.len())];
        on_large_stack(format!("{}{scrap}{}", &text[..at], &text[at..]))?;
        on_large_stack(format!("{}{}", &text[..at.min(cut)], &text[at.max(cut)..]))?;
    }
}
