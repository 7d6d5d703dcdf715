//! Line breaking for messages: at spaces, never inside of backticks, so that a predicate can be copied whole.

use unicode_width::UnicodeWidthStr;

use super::terminal::clean;

/// Breaks a text into lines of at most `width` columns; a longer word or quotation stands on a line of its own.
/// Existing line breaks stay.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    text.lines().flat_map(|line| wrap_line(line, width)).collect()
}

/// A text after a mark, with its other lines below the first one.
pub(crate) fn item(mark: &str, text: &str, width: usize) -> String {
    let mut out = String::new();
    for (number, line) in wrap(&clean(text), width.saturating_sub(mark.len())).iter().enumerate() {
        let before = if number == 0 { mark.to_string() } else { " ".repeat(mark.len()) };
        out.push_str(&format!("{before}{line}\n"));
    }
    out
}

fn wrap_line(line: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in words(line) {
        let length = word.width();
        if used > 0 && used + 1 + length > width {
            lines.push(String::new());
            used = 0;
        }
        if let Some(last) = lines.last_mut() {
            if used > 0 {
                last.push(' ');
                used += 1;
            }
            last.push_str(word);
            used += length;
        }
    }
    lines
}

/// The parts of a line between spaces that stand outside of backticks.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    line.split(move |c| {
        quoted ^= c == '`';
        c == ' ' && !quoted
    })
    .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quotations_stay_whole() {
        assert_eq!(
            wrap("add `dt >= current_date - interval '7' day` to the WHERE clause", 24),
            ["add", "`dt >= current_date - interval '7' day`", "to the WHERE clause"]
        );
        assert_eq!(wrap("one\ntwo three", 80), ["one", "two three"]);
    }

    proptest! {
        #[test]
        fn wrapping_keeps_the_words_and_the_width(words in prop::collection::vec("[a-z]{1,12}", 1..30), width in 12usize..60) {
            let lines = wrap(&words.join(" "), width);
            prop_assert!(lines.iter().all(|line| line.chars().count() <= width));
            prop_assert_eq!(lines.join(" "), words.join(" "));
        }
    }
}
