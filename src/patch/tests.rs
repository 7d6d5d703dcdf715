//! Fields in every style, replaced values, and what must stay as it is.

use proptest::prelude::*;

use super::*;
use crate::lake::{FileId, SlotStyle, TextMap};

fn sources(text: &str) -> Sources {
    let mut sources = Sources::default();
    sources.add("a", text);
    sources
}

fn span(text: &str, needle: &str) -> Span {
    let start = text.find(needle).expect("in the text");
    Span::new(FileId(0), start..start + needle.len())
}

/// The text with two fields behind the entry `after`; as it is when they cannot be inserted.
fn inserted(text: &str, after: &str, style: SlotStyle) -> String {
    let sources = sources(text);
    let slot = Some(Slot { after: span(text, after), style });
    let draft = Draft::new(&sources).insert(slot, "MaxAttempts", 3).insert(slot, "MaxDelaySeconds", 60);
    let patch = draft.safe();
    apply(&patch, &sources).texts.remove(&FileId(0)).unwrap_or_else(|| text.to_string())
}

#[track_caller]
fn inserts(style: SlotStyle, after: &str, before: &str, expected: &str) {
    assert_eq!(inserted(before, after, style), expected);
}

#[test]
fn json_fields_follow_the_lines_of_the_file() {
    let entry = r#""BackoffRate": 2"#;
    inserts(
        SlotStyle::Json,
        entry,
        "{\n  \"A\": 1,\n  \"BackoffRate\": 2\n}\n",
        "{\n  \"A\": 1,\n  \"BackoffRate\": 2,\n  \"MaxAttempts\": 3,\n  \"MaxDelaySeconds\": 60\n}\n",
    );
    inserts(
        SlotStyle::Json,
        entry,
        "{\r\n\t\"BackoffRate\": 2,\r\n\t\"A\": 1\r\n}",
        "{\r\n\t\"BackoffRate\": 2,\r\n\t\"MaxAttempts\": 3,\r\n\t\"MaxDelaySeconds\": 60,\r\n\t\"A\": 1\r\n}",
    );
    // One that ends beside the brace.
    inserts(
        SlotStyle::Json,
        entry,
        "[{\"A\": 1,\n  \"BackoffRate\": 2}]",
        "[{\"A\": 1,\n  \"BackoffRate\": 2,\n  \"MaxAttempts\": 3,\n  \"MaxDelaySeconds\": 60}]",
    );
    // In a literal block of YAML.
    inserts(
        SlotStyle::Json,
        entry,
        "DefinitionString: |\n    {\n      \"BackoffRate\": 2\n    }\nType: x\n",
        "DefinitionString: |\n    {\n      \"BackoffRate\": 2,\n      \"MaxAttempts\": 3,\n      \"MaxDelaySeconds\": 60\n    }\nType: x\n",
    );
}

#[test]
fn json_fields_on_one_line_keep_its_blanks() {
    let one = |after: &str, before: &str, expected: &str| inserts(SlotStyle::Json, after, before, expected);
    one(r#""A": 1"#, r#"[{ "A": 1 }]"#, r#"[{ "A": 1, "MaxAttempts": 3, "MaxDelaySeconds": 60 }]"#);
    one(r#""A":1"#, r#"[{"A":1}]"#, r#"[{"A":1,"MaxAttempts":3,"MaxDelaySeconds":60}]"#);
    one(r#""A":1"#, r#"{"A":1, "B":2}"#, r#"{"A":1, "MaxAttempts":3, "MaxDelaySeconds":60, "B":2}"#);
    one(r#""B":2"#, r#"{"A":1, "B":2}"#, r#"{"A":1, "B":2, "MaxAttempts":3, "MaxDelaySeconds":60}"#);
    one(r#""A" : [1]"#, r#"{"A" : [1]}"#, r#"{"A" : [1], "MaxAttempts" : 3, "MaxDelaySeconds" : 60}"#);
    one(
        "\"A\": [\n  1\n]",
        "{ \"A\": [\n  1\n] }",
        "{ \"A\": [\n  1\n], \"MaxAttempts\": 3, \"MaxDelaySeconds\": 60 }",
    );
}

#[test]
fn comments_stay_behind_their_entries() {
    inserts(
        SlotStyle::Json,
        "\"A\": 1",
        "{\n  \"A\": 1 // one\n}",
        "{\n  \"A\": 1, // one\n  \"MaxAttempts\": 3,\n  \"MaxDelaySeconds\": 60\n}",
    );
    inserts(
        SlotStyle::Json,
        "\"A\": 1",
        "{\n  \"A\": 1, // one\n  \"B\": 2\n}",
        "{\n  \"A\": 1, // one\n  \"MaxAttempts\": 3,\n  \"MaxDelaySeconds\": 60,\n  \"B\": 2\n}",
    );
    inserts(SlotStyle::Yaml, "A: 1", "A: 1 # one\nB: 2\n", "A: 1 # one\nMaxAttempts: 3\nMaxDelaySeconds: 60\nB: 2\n");
    inserts(
        SlotStyle::Hcl,
        "A = 1",
        "{\n  A = 1 # one\n}",
        "{\n  A = 1 # one\n  MaxAttempts = 3\n  MaxDelaySeconds = 60\n}",
    );
}

#[test]
fn yaml_fields_stand_in_the_column_of_the_key() {
    let yaml = |after: &str, before: &str, expected: &str| inserts(SlotStyle::Yaml, after, before, expected);
    yaml(
        "ErrorEquals:\n  - States.ALL",
        "Retry:\n- ErrorEquals:\n  - States.ALL\n- A: 1\n",
        "Retry:\n- ErrorEquals:\n  - States.ALL\n  MaxAttempts: 3\n  MaxDelaySeconds: 60\n- A: 1\n",
    );
    yaml(
        "Resource: x\r\n",
        "Load:\r\n    Resource: x\r\n    Next: y",
        "Load:\r\n    Resource: x\r\n    MaxAttempts: 3\r\n    MaxDelaySeconds: 60\r\n    Next: y",
    );
    yaml("B: 2", "A: 1\nB: 2", "A: 1\nB: 2\nMaxAttempts: 3\nMaxDelaySeconds: 60");
    // Flow style, and a text that keeps the blank lines behind it.
    yaml("A: 1", "x: {A: 1}\n", "x: {A: 1}\n");
    yaml("A: |+\n  x\n", "A: |+\n  x\n\nB: 1\n", "A: |+\n  x\n\nB: 1\n");
}

#[test]
fn hcl_fields_keep_signs_under_each_other() {
    let hcl = |after: &str, before: &str, expected: &str| inserts(SlotStyle::Hcl, after, before, expected);
    hcl(
        "BackoffRate     = 2",
        "{\n  IntervalSeconds = 1\n  BackoffRate     = 2\n}",
        "{\n  IntervalSeconds = 1\n  BackoffRate     = 2\n  MaxAttempts     = 3\n  MaxDelaySeconds = 60\n}",
    );
    hcl(
        "\"A\" = 1",
        "{\n\t\"A\" = 1,\n\t\"B\" = 2,\n}",
        "{\n\t\"A\" = 1,\n\t\"MaxAttempts\" = 3,\n\t\"MaxDelaySeconds\" = 60,\n\t\"B\" = 2,\n}",
    );
    hcl("A = [1]", "x = [{ A = [1] }]", "x = [{ A = [1], MaxAttempts = 3, MaxDelaySeconds = 60 }]");
    hcl("A: 1", "{ A: 1, B: 2 }", "{ A: 1, MaxAttempts: 3, MaxDelaySeconds: 60, B: 2 }");
}

#[test]
fn what_is_not_as_expected_is_left_alone() {
    for (style, after, text) in [
        (SlotStyle::Json, r#"\"A\": 1"#, r#"{"Definition": "{\"A\": 1}"}"#),
        (SlotStyle::Json, r#"A\": 1"#, r#"{"Definition": "{\"A\": 1}"}"#),
        (SlotStyle::Json, "A: 1", "{A: 1}"),
        (SlotStyle::Json, r#""A""#, r#"["A"]"#),
        (SlotStyle::Yaml, "A: 1", "&x A: 1\n"),
        (SlotStyle::Yaml, "- 1", "- 1\n"),
        (SlotStyle::Hcl, "1", "[1]"),
        (SlotStyle::Hcl, "= 1", "A = 1"),
    ] {
        assert_eq!(inserted(text, after, style), text);
    }
    // A place in a text inside of a file is no place of the file.
    let mut sources = sources(r#"{"Definition": "{\n \"A\": 1}"}"#);
    let inner = sources.add_inside("{\n \"A\": 1}", TextMap::verbatim(FileId(0), 16, 10));
    let slot = Some(Slot { after: Span::new(inner, 3..9), style: SlotStyle::Json });
    assert_eq!(Draft::new(&sources).insert(slot, "TimeoutSeconds", 1).safe(), None);
    assert_eq!(Draft::new(&sources).replace_number(Span::new(inner, 8..9), 1.0, 2).safe(), None);
}

#[test]
fn values_are_replaced_where_they_are_what_was_read() {
    let text = r#"{"MaxAttempts": 99999999, "X": "States.Timout", "Y": "{\"a\": \"Wrong\"}"}"#;
    let sources = sources(text);
    let new = |draft: Draft<'_>| apply(&draft.safe(), &sources).texts.remove(&FileId(0));
    let draft = || Draft::new(&sources);
    let number = span(text, "99999999");
    assert_eq!(new(draft().replace_number(number, 99_999_999.0, 5)), Some(text.replace("99999999", "5")));
    assert_eq!(new(draft().replace_number(number, 3.0, 5)), None);
    let fixed = Some(text.replace("Timout", "Timeout"));
    assert_eq!(new(draft().replace_word(span(text, "\"States.Timout\""), "States.Timout", "States.Timeout")), fixed);
    assert_eq!(new(draft().replace_word(span(text, "States.Timout"), "States.Timout", "States.Timeout")), fixed);
    assert_eq!(
        new(draft().replace_word(span(text, r#"\"Wrong\""#), "Wrong", "Right")),
        Some(text.replace("Wrong", "Right"))
    );
    assert_eq!(new(draft().replace_word(span(text, r#"\"Wrong\""#), "Wrong", "a\"b")), None);
    assert_eq!(new(draft().replace_number(Span::new(FileId(0), 3..1_000), 3.0, 5)), None);
    // A change that cannot be made takes the others with it.
    assert_eq!(new(draft().replace_number(number, 99_999_999.0, 5).insert(None, "TimeoutSeconds", 1)), None);
    assert_eq!(draft().safe(), None);
}

#[test]
fn a_setting_is_replaced_or_inserted() {
    let text = "{\n  \"IntervalSeconds\": 1,\n  \"MaxAttempts\": 100\n}";
    let sources = sources(text);
    let slot = Some(Slot { after: span(text, "\"IntervalSeconds\": 1"), style: SlotStyle::Json });
    let written = Setting { value: Some(100.0), written: Some(span(text, "100")) };
    let absent = Setting { value: None, written: None };
    let computed = Setting { value: None, written: Some(span(text, "100")) };
    let draft = || Draft::new(&sources).set("MaxAttempts", &written, slot, 6);
    let patch = draft().set("MaxDelaySeconds", &absent, slot, 60).safe();
    let expected = "{\n  \"IntervalSeconds\": 1,\n  \"MaxDelaySeconds\": 60,\n  \"MaxAttempts\": 6\n}";
    assert_eq!(apply(&patch, &sources).texts[&FileId(0)], expected);
    assert_eq!(Draft::new(&sources).set("MaxAttempts", &computed, slot, 6).suggestion(), None);
    let limit = Draft::new(&sources).limit("TimeoutSeconds", Limit::Unset, slot, 60).suggestion().expect("a patch");
    assert!(!limit.is_safe && limit.edits.len() == 1);
    assert_eq!(Draft::new(&sources).limit("TimeoutSeconds", Limit::Dynamic(span(text, "100")), slot, 60).safe(), None);
}

#[test]
fn of_patches_that_touch_the_first_counts() {
    let sources = sources("0123456789");
    let patch = |range: std::ops::Range<usize>, text: &str| Patch {
        edits: vec![Edit { span: Span::new(FileId(0), range), text: text.to_string() }],
        is_safe: true,
    };
    let (a, b, c, d) = (patch(2..4, "x"), patch(4..4, "y"), patch(6..8, "z"), patch(5..20, "w"));
    let applied = apply([&a, &b, &c, &d], &sources);
    assert_eq!(applied.is_applied, [true, false, true, false]);
    assert_eq!(applied.texts[&FileId(0)], "01x45z89");
    assert_eq!(apply([], &sources), Applied::default());
}

proptest! {
    /// What no edit names stays, byte for byte; any place at all is either edited or left alone.
    #[test]
    fn all_other_bytes_stay(
        text in "(\"a\": 1|,| |\t|\r\n|\n|\\{|\\}|é|a = 1|a: 1|- |#|//|\\\\\"){0,20}",
        places in prop::collection::vec((0usize..40, 0usize..40, 0usize..4), 1..5),
    ) {
        let sources = sources(&text);
        let mut bounds: Vec<usize> = text.char_indices().map(|(i, _)| i).collect();
        bounds.push(text.len());
        let patches: Vec<Patch> = places.iter().filter_map(|(a, b, style)| {
            let (a, b) = (bounds[a % bounds.len()], bounds[b % bounds.len()]);
            let after = Span::new(FileId(0), a.min(b)..a.max(b));
            let style = [SlotStyle::Json, SlotStyle::Yaml, SlotStyle::Hcl].get(*style).copied();
            match style {
                Some(style) => Draft::new(&sources).insert(Some(Slot { after, style }), "K", 1).safe(),
                None => Draft::new(&sources).replace_number(after, 1.0, 7).safe(),
            }
        }).collect();
        let applied = apply(&patches, &sources);
        let mut edits: Vec<&Edit> =
            patches.iter().zip(&applied.is_applied).filter(|(_, yes)| **yes).flat_map(|(patch, _)| &patch.edits).collect();
        edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        let Some(new) = applied.texts.get(&FileId(0)) else { prop_assert!(edits.is_empty()); return Ok(()) };
        // Undone from the end, the text is what it was.
        let mut old = new.clone();
        let mut shift: isize = edits.iter().map(|e| e.text.len() as isize - e.span.range().len() as isize).sum();
        for edit in edits.iter().rev() {
            shift -= edit.text.len() as isize - edit.span.range().len() as isize;
            let start = (edit.span.start as isize + shift) as usize;
            prop_assert_eq!(&old[start..start + edit.text.len()], edit.text.as_str());
            old.replace_range(start..start + edit.text.len(), &text[edit.span.range()]);
        }
        prop_assert_eq!(old, text);
    }

    /// A JSON object that a field is inserted into still is one, and has the field and all that it had.
    #[test]
    fn json_stays_json(keys in prop::collection::vec(("[a-z]{1,3}", "[a-z0-9]{0,3}"), 1..5), at in 0usize..5, style in 0usize..4) {
        let [open, comma, colon, close] = [
            ["{\n  ", ",\n  ", ": ", "\n}"], ["{ ", ", ", ": ", " }"], ["{", ",", ":", "}"], ["{\r\n\t", ",\r\n\t", " : ", "\r\n}"],
        ][style];
        let entries: Vec<String> = keys.iter().map(|(key, value)| format!("\"{key}\"{colon}\"{value}\"")).collect();
        let text = format!("{open}{}{close}", entries.join(comma));
        let at = at % entries.len();
        let start = open.len() + entries[..at].iter().map(|entry| entry.len() + comma.len()).sum::<usize>();
        let sources = sources(&text);
        let after = Span::new(FileId(0), start..start + entries[at].len());
        let patch = Draft::new(&sources).insert(Some(Slot { after, style: SlotStyle::Json }), "New", 7).safe();
        let new = apply(&patch, &sources).texts.remove(&FileId(0)).expect("changed");
        let mut expected: serde_json::Value = serde_json::from_str(&text).expect("json");
        expected["New"] = 7.into();
        prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&new).expect("still json"), expected);
        prop_assert_eq!(new.replacen(&format!("{comma}\"New\"{colon}7"), "", 1), text);
    }
}
