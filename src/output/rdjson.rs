//! The Reviewdog Diagnostic Format, `rdjson` (<https://github.com/reviewdog/reviewdog/tree/master/proto/rdf>).

use serde_json::{Value, json};

use super::Look;
use super::said::{home, whole};
use crate::finding::{Edit, Patch, Place, Severity};
use crate::lake::{Lake, LineColumn, Span};
use crate::triage::{Found, Report, Resolved};

pub(super) fn render(report: &Report, lake: &Lake, look: &Look) -> String {
    let diagnostics: Vec<Value> = report.findings.iter().map(|found| diagnostic(found, lake, look)).collect();
    let document = json!({ "source": { "name": "lakelint" }, "diagnostics": diagnostics });
    let mut text = serde_json::to_string_pretty(&document).expect("strings, numbers and lists only");
    text.push('\n');
    text
}

fn diagnostic(found: &Found, lake: &Lake, look: &Look) -> Value {
    // Seen from the working directory: reviewdog itself adds the way from the root.
    let mut location = json!({ "path": home(found, look) });
    if let (Place::Span(span), Some(lines)) = (&found.finding.place, found.place.range) {
        location["range"] = range(lake.sources.on_disk(*span), lines, lake);
    }
    let mut diagnostic = json!({
        "message": whole(found),
        "location": location,
        "severity": severity(found.finding.severity),
        "code": { "value": found.finding.rule },
    });
    let suggestion = found.finding.patch.as_ref().and_then(|patch| suggestion(patch, &found.edits, lake));
    if let Some(suggestion) = suggestion {
        diagnostic["suggestions"] = json!([suggestion]);
    }
    diagnostic
}

/// The same three levels under other names.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "ERROR",
        Severity::Medium => "WARNING",
        Severity::Low => "INFO",
    }
}

/// All edits of a patch as one: several suggestions would be offered one by one, and none of them is right without the others.
fn suggestion(patch: &Patch, places: &[Resolved], lake: &Lake) -> Option<Value> {
    let (Edit { span: first, .. }, Edit { span: last, .. }) = (patch.edits.first()?, patch.edits.last()?);
    let lines = (places.first()?.range?.0, places.last()?.range?.1);
    let source = &lake.sources.get(first.file).text;
    let (mut text, mut done) = (String::new(), first.range().start);
    for edit in &patch.edits {
        text.push_str(&source[done..edit.span.range().start]);
        text.push_str(&edit.text);
        done = edit.span.range().end;
    }
    let whole = Span::new(first.file, first.range().start..last.range().end);
    Some(json!({ "range": range(whole, lines, lake), "text": text }))
}

/// Half-open, as ours, but columns count the bytes of UTF-8.
fn range(span: Span, (start, end): (LineColumn, LineColumn), lake: &Lake) -> Value {
    let text = &lake.sources.get(span.file).text;
    let at = |place: LineColumn, offset: usize| {
        let line_start = text[..offset].rfind('\n').map_or(0, |i| i + 1);
        json!({ "line": place.line, "column": offset - line_start + 1 })
    };
    json!({ "start": at(start, span.range().start), "end": at(end, span.range().end) })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::output::Format;
    use crate::output::tests::{folder, odd, patched, priced, usual, validate};
    use crate::triage::Fixture;

    fn diagnostics(fixture: &Fixture) -> Vec<Value> {
        let report: Value = serde_json::from_str(&fixture.render(Format::Rdjson, &folder())).expect("JSON");
        report["diagnostics"].as_array().expect("a list").clone()
    }

    #[test]
    fn it_is_valid() {
        for fixture in [Fixture::default(), priced(usual(), 3.0), odd(), patched()] {
            let schema = include_str!("../../tests/schemas/rdjson-schema.json");
            validate(schema, &fixture.render(Format::Rdjson, &folder()));
        }
    }

    #[test]
    fn columns_count_bytes_from_the_working_directory_on() {
        let places: Vec<Value> = diagnostics(&odd()).into_iter().map(|d| d["location"].clone()).collect();
        let file = "a dir/50%, é:1.sql";
        // A byte order mark of three bytes, `select` and a tab, and two characters of three bytes each between quotes.
        let letters = json!({ "start": { "line": 1, "column": 11 }, "end": { "line": 1, "column": 19 } });
        let lines = json!({ "start": { "line": 2, "column": 7 }, "end": { "line": 3, "column": 13 } });
        assert_eq!(
            places,
            [
                json!({ "path": "../x.sql" }),
                json!({ "path": file }),
                json!({ "path": file, "range": letters }),
                json!({ "path": file, "range": lines }),
                json!({ "path": "lakelint.toml" }),
            ]
        );
    }

    #[test]
    fn a_patch_is_one_suggestion() {
        let suggestions: Vec<Value> = diagnostics(&patched()).iter().map(|d| d["suggestions"].clone()).collect();
        let end = json!({ "line": 4, "column": 28 });
        let range = json!({ "start": { "line": 4, "column": 20 }, "end": end });
        let both = json!([{ "range": range, "text": "6,\n    \"MaxDelaySeconds\": 300" }]);
        assert_eq!(suggestions, [json!([{ "range": range, "text": "3" }]), both]);
    }
}
