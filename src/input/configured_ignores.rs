//! `[[ignore]]` entries of the configuration as ignores, with their places in the configuration file.

use std::ops::Range;

use toml_edit::{Document, Item, TableLike};

use crate::config::IgnoreConfig;
use crate::ignore::{Ignore, Scope};
use crate::lake::{FileId, Span};

/// One ignore per entry. `text` is the configuration file that the entries were read from.
pub(super) fn ignores(entries: &[IgnoreConfig], file: FileId, text: &str) -> Vec<Ignore> {
    let places = places(text);
    let whole = 0..text.len();
    let at = |i: usize| places.get(i).cloned().unwrap_or_else(|| (whole.clone(), whole.clone()));
    entries
        .iter()
        .enumerate()
        .map(|(i, entry)| {
            let (span, rule_span) = at(i);
            let until = entry.until.as_deref().map(|u| u.trim().parse().map_err(|_| u.to_string()));
            Ignore {
                rules: vec![(entry.rule.clone(), Span::new(file, rule_span))],
                reason: entry.reason.clone(),
                until: until.as_ref().and_then(|u| u.as_ref().ok().copied()),
                invalid_until: until.and_then(Result::err),
                span: Span::new(file, span),
                scope: Scope::Configured {
                    path: entry.path.clone(),
                    table: entry.table.clone(),
                    object: entry.object.clone(),
                },
            }
        })
        .collect()
}

/// The ranges of each entry and of its `rule` value, in order.
fn places(text: &str) -> Vec<(Range<usize>, Range<usize>)> {
    let Ok(document) = Document::parse(text) else { return Vec::new() };
    match document.get("ignore") {
        Some(Item::ArrayOfTables(tables)) => tables.iter().filter_map(|t| place(t.span(), t)).collect(),
        Some(Item::Value(value)) => {
            value.as_array().into_iter().flatten().filter_map(|v| place(v.span(), v.as_inline_table()?)).collect()
        }
        _ => Vec::new(),
    }
}

/// A table's own span may end with its header: it is widened to the last of its values.
fn place(header: Option<Range<usize>>, table: &dyn TableLike) -> Option<(Range<usize>, Range<usize>)> {
    let header = header?;
    let rule = table.get("rule").and_then(Item::span).unwrap_or_else(|| header.clone());
    let end = table.iter().filter_map(|(_, value)| value.span()).map(|s| s.end).max().unwrap_or(header.end);
    Some((header.start..header.end.max(end), rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Ignore> {
        let config: crate::config::Config = toml::from_str(text).expect("config");
        ignores(&config.ignore, FileId(3), text)
    }

    #[test]
    fn entries_know_their_places_and_dates() {
        let text = "exclude = []\n\n[[ignore]]\nrule = \"small-files\"\nreason = \"landing\"\ntable = \"raw.*\"\nuntil = \"2025-12-31\"\n\
                    \n[[ignore]]\nrule = \"select-star\"\nreason = \"x\"\nuntil = \"soon\"\n";
        let ignores = read(text);
        assert_eq!(&text[ignores[0].rules[0].1.range()], "\"small-files\"");
        assert!(text[ignores[0].span.range()].starts_with("[[ignore]]"));
        assert!(text[ignores[0].span.range()].ends_with("\"2025-12-31\""));
        assert_eq!(ignores[0].until.map(|d| d.to_string()).as_deref(), Some("2025-12-31"));
        assert_eq!(ignores[1].invalid_until.as_deref(), Some("soon"));
        assert_eq!(ignores[1].until, None);
    }

    #[test]
    fn inline_entries_have_places_too() {
        let text = "ignore = [{ rule = \"a\", reason = \"r\" }, { rule = \"b\", reason = \"r\" }]\n";
        let ignores = read(text);
        assert_eq!(&text[ignores[1].span.range()], "{ rule = \"b\", reason = \"r\" }");
    }
}
