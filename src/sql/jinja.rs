//! Ends of Jinja and brace placeholders in SQL text.

/// Longest `{name}` placeholder that is looked for, in bytes; more is a stray brace.
const LONGEST_BRACES: usize = 400;

/// Length of the `{name}` that a text starts with: balanced, on one line, not empty.
pub(super) fn braces(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (i, b) in text.bytes().enumerate().take(LONGEST_BRACES) {
        match b {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return (i > 1).then_some(i + 1);
                }
            }
            b'\n' => return None,
            _ => {}
        }
    }
    None
}

/// Length of the `{{ }}` that a text inside a string literal starts with, so that quotes in it do not end the string.
pub(super) fn expression_in_string(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("{{")?;
    let end = inner.find("}}")?;
    let inner = &inner[..end];
    (!inner.starts_with('\'') && !inner.contains('\n')).then_some(end + 4)
}

/// Whether a `{{ }}` only configures: it renders to nothing.
pub(super) fn is_config(text: &str) -> bool {
    let Some(inner) = text.strip_prefix("{{") else { return false };
    let inner = inner.trim_start_matches('-').trim_start();
    inner.strip_prefix("config").is_some_and(|rest| rest.trim_start().starts_with('('))
}

/// Length of what a `{%` tag at the start of a text takes out of the SQL: the tag, and the text it switches off. Kept is the
/// first branch of an `if` and the body of a loop; dropped are other branches, `set` and `macro` bodies, and what stands
/// between the rounds of a loop. `None` when the tag never closes.
pub(super) fn tag_end(text: &str) -> Option<usize> {
    let (len, tag) = tag(text)?;
    let mut words = tag.split_whitespace();
    let drop_until: &[&str] = match words.next().unwrap_or("") {
        "else" | "elif" => &["endif", "endfor"],
        "if" if tag.contains("not loop.last") || tag.contains("not loop.first") => &["endif"],
        "set" if !tag.contains('=') => &["endset"],
        "macro" => &["endmacro"],
        _ => return Some(len),
    };
    Some(closing(text, len, drop_until).unwrap_or(len))
}

/// Length and inner text of the tag at the start.
fn tag(text: &str) -> Option<(usize, &str)> {
    let end = text.find("%}")?;
    Some((end + 2, text.get(2..end)?.trim_matches(['-', '+']).trim()))
}

/// The end of the closing tag for a block whose inner text starts at `from`.
fn closing(text: &str, from: usize, names: &[&str]) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = from;
    loop {
        let start = at + text.get(at..)?.find("{%")?;
        let (len, inner) = tag(&text[start..])?;
        let name = inner.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or("");
        if depth == 0 && names.contains(&name) {
            return Some(start + len);
        }
        match name {
            "if" | "for" | "macro" => depth += 1,
            "set" if !inner.contains('=') => depth += 1,
            "endif" | "endfor" | "endmacro" | "endset" => depth = depth.saturating_sub(1),
            _ => {}
        }
        at = start + len;
    }
}
