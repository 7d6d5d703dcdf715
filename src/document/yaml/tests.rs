//! Tests of reading YAML: values, places, and texts byte by byte.

use proptest::prelude::*;

use super::*;
use crate::document::parse_json;
use crate::lake::{FileId, Sources};

fn read(text: &str) -> Result<Document, Problem> {
    parse_yaml(&Text::of_file(FileId(0), &text.into()))
}

fn place(text: &str, span: Span) -> (u32, u32, String) {
    let mut sources = Sources::default();
    let file = sources.add("a.yaml", text);
    let position = sources.position(file, span.start);
    (position.line, position.column, text[span.range()].to_owned())
}

/// Where a part of a text stands.
fn outer(file: &str, text: &Text, needle: &str) -> String {
    let at = text.value.find(needle).expect(needle);
    file[text.map.span(at..at + needle.len()).range()].to_owned()
}

#[test]
fn values_know_their_places_and_comments_are_kept() {
    let text = "\u{feff}# top\na: {b: 1.5, \"c\": [true, ~]} # end\nlist:\n  - é: x\n    empty:\n  - 0x10\nlast: two words # no\n";
    let root = read(text).expect("it is YAML").root;
    assert_eq!(place(text, root.get("a").expect("it is there").span), (2, 4, "{b: 1.5, \"c\": [true, ~]}".to_owned()));
    assert_eq!(root.at(&["a", "b"]).expect("it is there").as_f64(), Some(1.5));
    let list = root.get("list").expect("it is there").as_list().expect("it is there");
    assert_eq!(place(text, list[0].span), (4, 5, "é: x\n    empty".to_owned()));
    assert_eq!(list[0].get("empty").expect("it is there").value, Value::Null);
    assert_eq!(list[1].as_f64(), Some(16.0));
    assert_eq!(
        place(text, root.as_map().expect("it is there").entry("last").expect("it is there").key_span),
        (7, 1, "last".to_owned())
    );
    assert_eq!(place(text, root.get("last").expect("it is there").span), (7, 7, "two words".to_owned()));
    let comments = read(text).expect("it is YAML").comments;
    assert_eq!(comments.iter().map(|span| &text[span.range()]).collect::<Vec<_>>(), ["# top", "# end", "# no"]);
    assert_eq!(
        (
            root.as_map().expect("it is there").style,
            root.get("a").expect("it is there").as_map().expect("it is there").style
        ),
        (MapStyle::Block, MapStyle::Fixed)
    );
}

#[test]
fn plain_scalars_are_typed_and_quoted_ones_are_texts() {
    let values = |text: &str| read(text).expect("it is YAML").root.get("a").expect("it is there").value.clone();
    let is_text = |text: &str| matches!(values(text), Value::Text(_));
    assert_eq!(values("a: -3"), Value::Number(-3.0));
    assert_eq!(values("a: 1e3"), Value::Number(1000.0));
    assert_eq!(values("a: False"), Value::Bool(false));
    assert_eq!(values("a:"), Value::Null);
    for text in ["a: '3'", "a: \"true\"", "a: !!str 3", "a: 1.2.3", "a: inf", "a: 2024-01-01", "a: |\n  3\n"] {
        assert!(is_text(text), "{text}");
    }
}

#[test]
fn short_tags_are_written_out() {
    let text = "a: !Sub 'x ${Y}'\nb: !GetAtt F.Arn\nc: !Ref R\nd: !If [C, !Ref X, 2]\ne: !FindInMap\n  - M\n  - k\nf: !Condition Z\n";
    let root = read(text).expect("it is YAML").root;
    assert_eq!(root.at(&["a", "Fn::Sub"]).expect("it is there").as_str(), Some("x ${Y}"));
    assert_eq!(root.at(&["b", "Fn::GetAtt"]).expect("it is there").as_str(), Some("F.Arn"));
    assert_eq!(root.at(&["c", "Ref"]).expect("it is there").as_str(), Some("R"));
    assert_eq!(root.at(&["f", "Condition"]).expect("it is there").as_str(), Some("Z"));
    let branches = root.at(&["d", "Fn::If"]).expect("it is there").as_list().expect("it is there");
    assert_eq!(branches[1].get("Ref").expect("it is there").as_str(), Some("X"));
    assert_eq!(place(text, branches[1].span), (4, 12, "!Ref X".to_owned()));
    assert_eq!(root.at(&["e", "Fn::FindInMap"]).expect("it is there").as_list().expect("it is there").len(), 2);
    let sub = root.get("a").expect("it is there");
    assert_eq!(
        (place(text, sub.span), sub.as_map().expect("it is there").style),
        ((1, 4, "!Sub 'x ${Y}'".to_owned()), MapStyle::Fixed)
    );
}

#[test]
fn literal_blocks_stand_in_the_file_line_by_line() {
    let text = "a:\n  b: !Sub |\n    {\n      \"é\": \"x\",\n\n      \"k\": 1\n    }\n  c: |- # why | not\r\n    one\r\n    two\r\n";
    let root = read(text).expect("it is YAML").root;
    let body = root.at(&["a", "b", "Fn::Sub"]).expect("it is there").as_text().expect("it is there");
    assert_eq!(&*body.value, "{\n  \"é\": \"x\",\n\n  \"k\": 1\n}\n");
    assert_eq!(outer(text, body, "\"é\": \"x\","), "\"é\": \"x\",");
    assert_eq!(outer(text, body, "\n\n  \"k\""), "\n\n      \"k\"");
    let inner = parse_json(body).expect("it is there").root;
    let value = inner.get("k").expect("it is there");
    assert_eq!(place(text, value.span), (6, 12, "1".to_owned()));
    assert_eq!(inner.as_map().expect("it is there").style, MapStyle::Json);
    let windows = root.at(&["a", "c"]).expect("it is there").as_text().expect("it is there");
    assert_eq!((&*windows.value, outer(text, windows, "two")), ("one\ntwo", "two".to_owned()));
}

#[test]
fn folded_and_quoted_texts_are_exact_where_they_can_be() {
    let text = "a: >-\n    one\n    two\n\n    three\n      more\n    end\nb: 'it''s\n  over'\nc: \"x\\u00e9\\ny \\\n    z\n    w\"\nd: plain\n  text\n";
    let root = read(text).expect("it is YAML").root;
    let of = |key: &str| root.get(key).expect("it is there").as_text().expect("it is there");
    assert_eq!(&*of("a").value, "one two\nthree\n  more\nend");
    for part in ["one", "two", "three", "  more", "end"] {
        assert_eq!(outer(text, of("a"), part), part);
    }
    assert_eq!(&*of("b").value, "it's over");
    assert_eq!(
        (outer(text, of("b"), "s"), outer(text, of("b"), "'"), outer(text, of("b"), "over")),
        ("s".to_owned(), "''".to_owned(), "over".to_owned())
    );
    assert_eq!(&*of("c").value, "xé\ny z w");
    assert_eq!(
        (outer(text, of("c"), "é"), outer(text, of("c"), "z"), outer(text, of("c"), "w")),
        ("\\u00e9".to_owned(), "z".to_owned(), "w".to_owned())
    );
    assert_eq!((&*of("d").value, outer(text, of("d"), "text")), ("plain text", "text".to_owned()));
}

#[test]
fn json_escaped_over_several_lines_keeps_its_places() {
    let text = "S: \"{\\\"StartAt\\\": \\\"A\\\",\\n\\\n  \\ \\\"States\\\": {\\\"A\\\"\n  : {}}}\"\n";
    let root = read(text).expect("it is YAML").root;
    let inner =
        parse_json(root.get("S").expect("it is there").as_text().expect("it is there")).expect("it is there").root;
    assert_eq!(place(text, inner.get("StartAt").expect("it is there").span), (1, 19, "\\\"A\\\"".to_owned()));
    assert_eq!(place(text, inner.at(&["States", "A"]).expect("it is there").span), (3, 5, "{}".to_owned()));
    assert_eq!(inner.as_map().expect("it is there").style, MapStyle::Fixed);
}

#[test]
fn aliases_and_merge_keys_are_followed() {
    let text =
        "base: &base\n  x: 1\n  y: 2\nmore: {y: 3, z: 4}\nuse:\n  y: 9\n  <<: [*base, {x: 5, w: 6}]\nlist: [*base]\n";
    let root = read(text).expect("it is YAML").root;
    let number = |key: &str| root.at(&["use", key]).and_then(Node::as_f64);
    assert_eq!((number("x"), number("y"), number("w")), (Some(1.0), Some(9.0), Some(6.0)));
    assert_eq!(root.get("use").expect("it is there").as_map().expect("it is there").style, MapStyle::Fixed);
    let copy = &root.get("list").expect("it is there").as_list().expect("it is there")[0];
    assert_eq!(place(text, copy.span), (8, 8, "*base".to_owned()));
    assert_eq!(place(text, copy.get("x").expect("it is there").span), (2, 6, "1".to_owned()));
}

#[test]
fn duplicate_keys_are_kept_and_the_first_map_of_a_stream_counts() {
    let root = read("--- text\n---\na: 1\na: 2\n---\nb: 1\n").expect("it is there").root;
    assert_eq!(root.as_map().expect("it is there").entries.len(), 2);
    assert_eq!(root.get("a").expect("it is there").as_f64(), Some(2.0));
}

#[test]
fn bombs_and_deep_nesting_are_problems_and_not_crashes() {
    let mut bomb = "a0: &a0 [1, 2, 3]\n".to_owned();
    for i in 1..40 {
        bomb += &format!("a{i}: &a{i} [*a{0}, *a{0}, *a{0}]\n", i - 1);
    }
    let mut chain = format!("a0: &a0 {}1{}\n", "[".repeat(200), "]".repeat(200));
    for i in 1..40 {
        chain += &format!("a{i}: &a{i} {}*a{}{}\n", "[".repeat(200), i - 1, "]".repeat(200));
    }
    let itself = "a: &a\n  - *a\n".to_owned();
    for text in [bomb, chain, itself, "[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000)] {
        assert!(read(&text).is_err());
    }
    assert!(read(&"# c\n".repeat(5000)).is_err());
    assert!(read(&("a:\n".to_owned() + &"  # c\n".repeat(5000) + "  b: 1\n")).is_ok());
}

#[test]
fn what_is_wrong_is_said_at_its_place() {
    let said = |text: &str| {
        let problem = read(text).unwrap_err();
        let (line, column, _) = place(text, problem.span);
        (line, column, problem.message)
    };
    assert_eq!(said("a:\n\tb: 1\n").2, "a tab stands where YAML wants spaces");
    assert_eq!(said("a:\n   b: 1\n  c: 2\n").0, 3);
    assert_eq!(said("a: b: c\n"), (1, 5, "there is a second colon in this line".to_owned()));
    assert_eq!(said("a: [1,\nb: 2\n").0, 1);
    assert_eq!(said("a: *x\n").2, "no anchor has this name");
    assert_eq!(said("").2, "there is no value in this YAML");
}

proptest! {
    #[test]
    fn nothing_panics_and_verbatim_texts_stand_in_the_file(
        text in r#"([ab:é#&*!|>'"%@\[\]{},?~. -]|\n|\r\n|\t|\n  |: |- |\\u00e9|\\n|\\\n|&a |\*a|!Sub |\|-\n|>\n|''|<<: )*"#,
    ) {
        for text in [text.clone(), format!("a: \"{text}\"\nb: 1\n"), format!("a: |\n  {}\n", text.replace('\n', "\n  ")),
                     format!("a: >+\n  {}\nb: 1", text.replace('\n', "\n  ")), format!("a:\n  - '{text}'")] {
            if let Ok(document) = read(&text) {
                document.root.check_places(&text);
            }
        }
    }
}
