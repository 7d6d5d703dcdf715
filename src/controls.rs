//! Control characters in what is printed: names of objects, tables and files come from outside, and must not move a cursor,
//! set a window's title or turn the direction of a line.

use std::borrow::Cow;
use std::fmt::Write as _;

/// A text in which every control character is written as JSON writes it, `\u001b`, which is right in JSON as well. Line feeds and
/// tabs stay, and colours when the text is `styled`.
pub fn visible(text: &str, styled: bool) -> Cow<'_, str> {
    let Some(first) = text.find(|c| is_control(c) && !matches!(c, '\n' | '\t')) else { return text.into() };
    let mut out = text[..first].to_string();
    let mut rest = &text[first..];
    while let Some(c) = rest.chars().next() {
        let colour = if styled { colour(rest) } else { 0 };
        let line_end = if rest.starts_with("\r\n") { 2 } else { 0 };
        let kept = colour.max(line_end);
        if kept > 0 {
            out.push_str(&rest[..kept]);
            rest = &rest[kept..];
            continue;
        }
        match c {
            '\n' | '\t' => out.push(c),
            c if is_control(c) => push_escaped(&mut out, c),
            c => out.push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
    out.into()
}

/// The same for one name inside of a line: line feeds and tabs are escaped, too.
pub fn visible_name(name: &str) -> Cow<'_, str> {
    if !name.contains(is_control) {
        return name.into();
    }
    let mut out = String::with_capacity(name.len() + 8);
    for c in name.chars() {
        if is_control(c) { push_escaped(&mut out, c) } else { out.push(c) }
    }
    out.into()
}

fn push_escaped(out: &mut String, c: char) {
    // A string takes any text; all of these characters have four digits.
    let _ = write!(out, "\\u{:04x}", u32::from(c));
}

/// Control characters, and those that turn the direction of what follows (<https://trojansource.codes>).
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The length of a sequence at the start that sets colours: `ESC [ 1 ; 31 m`.
fn colour(text: &str) -> usize {
    let Some(rest) = text.strip_prefix("\u{1b}[") else { return 0 };
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';');
    end.filter(|end| rest[*end..].starts_with('m')).map_or(0, |end| end + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_escaped_as_in_json() {
        let text = "a\u{1b}[2Jb\tc\r\nd\re\u{9b}1mf\u{7f}\u{202e}é\0";
        assert_eq!(visible(text, false), "a\\u001b[2Jb\tc\r\nd\\u000de\\u009b1mf\\u007f\\u202eé\\u0000");
        let json = serde_json::to_string(text).expect("JSON");
        assert_eq!(serde_json::from_str::<String>(&visible(&json, false)).expect("JSON"), text);
        assert!(matches!(visible("plain\n\ttext é", true), Cow::Borrowed(_)));
    }

    #[test]
    fn only_colours_of_styled_text_stay() {
        let text = "\u{1b}[1;31mred\u{1b}[0m \u{1b}]0;title\u{7} \u{1b}[8A \u{1b}[";
        assert_eq!(visible(text, true), "\u{1b}[1;31mred\u{1b}[0m \\u001b]0;title\\u0007 \\u001b[8A \\u001b[");
        assert_eq!(visible("\u{1b}[31m", false), "\\u001b[31m");
    }

    #[test]
    fn a_name_stays_on_its_line() {
        assert_eq!(visible_name("a\nerror: b\tc"), "a\\u000aerror: b\\u0009c");
        assert!(matches!(visible_name("plain é"), Cow::Borrowed(_)));
    }
}
