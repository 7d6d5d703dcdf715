//! Text in XML 1.0: a parser reads back what was written.

/// The value of an attribute between double quotes, or the text of an element. It stays on its line, so that no name can begin one
/// that means something in the log of a server.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            // `]]>` may not stand in a text.
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push_str(&format!("&#{};", u32::from(c))),
            // Not even a reference may name these (<https://www.w3.org/TR/xml/#charsets>): written as JSON writes them.
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a parser can read at all.
    fn readable(text: &str) -> String {
        let is_char = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..);
        text.chars().map(|c| if is_char(c) { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) }).collect()
    }

    fn read_back(value: &str) -> (String, String) {
        let document = format!("<a b=\"{}\">{}</a>", escaped(value), escaped(value));
        let read = roxmltree::Document::parse(&document).unwrap_or_else(|error| panic!("{error}: {document:?}"));
        let root = read.root_element();
        (root.attribute("b").expect("an attribute").to_string(), root.text().unwrap_or_default().to_string())
    }

    #[test]
    fn every_character_of_the_first_plane_is_read_back() {
        let all: String = ('\0'..='\u{ffff}').chain(['\u{10000}', '\u{1f4a9}', '\u{10ffff}']).collect();
        assert_eq!(read_back(&all), (readable(&all), readable(&all)));
    }

    proptest! {
        #[test]
        fn any_text_is_read_back(value in "(\\PC|[\0-\u{20}]|\\]\\]>|<!--|<!\\[CDATA\\[|&#?x?[0-9a-z]{0,4};?|\r\n|\u{fffe}|['\"<>&]){0,40}") {
            prop_assert_eq!(read_back(&value), (readable(&value), readable(&value)));
        }
    }
}
