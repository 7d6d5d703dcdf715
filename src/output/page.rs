//! A rule's page in the terminal: headings stand out, paragraphs are wrapped, fenced blocks are indented and left alone.

use super::wrap::wrap;

const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RESET: &str = "\x1b[0m";

/// Renders a Markdown page to `width` columns.
pub fn render(text: &str, width: usize, color: bool) -> String {
    let paint = |style: &str, text: &str| if color { format!("{style}{text}{RESET}") } else { text.to_string() };
    let mut out = String::new();
    let mut paragraph = String::new();
    let mut fenced = false;
    for line in text.lines() {
        if let Some(info) = line.strip_prefix("```") {
            flush(&mut paragraph, &mut out, width);
            fenced = !fenced;
            // `sql` and `ddl` explain themselves; what lakelint prints is introduced.
            if fenced && info.trim() == "output" {
                out.push_str(&format!("    {}\n\n", paint(DIM, "lakelint says:")));
            }
        } else if fenced {
            out.push_str(format!("    {line}").trim_end());
            out.push('\n');
        } else if let Some(heading) = line.strip_prefix('#') {
            flush(&mut paragraph, &mut out, width);
            out.push_str(&paint(BOLD, heading.trim_start_matches('#').trim()));
            out.push('\n');
        } else if line.trim().is_empty() || starts_block(line) {
            flush(&mut paragraph, &mut out, width);
            paragraph.push_str(line);
            if line.trim().is_empty() {
                out.push('\n');
            }
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line.trim());
        }
    }
    flush(&mut paragraph, &mut out, width);
    out
}

/// Lines that are not joined to the one before: list items, table rows, quotations.
fn starts_block(line: &str) -> bool {
    let line = line.trim_start();
    ["- ", "* ", "| ", "> "].iter().any(|mark| line.starts_with(mark))
}

fn flush(paragraph: &mut String, out: &mut String, width: usize) {
    let text = std::mem::take(paragraph);
    if text.trim().is_empty() {
        return;
    }
    let indent = if text.trim_start().starts_with("- ") || text.trim_start().starts_with("* ") { "  " } else { "" };
    if text.starts_with('|') {
        out.push_str(&format!("{text}\n"));
        return;
    }
    for (i, line) in wrap(&links(&text), width.saturating_sub(indent.len())).iter().enumerate() {
        out.push_str(&format!("{}{line}\n", if i > 0 { indent } else { "" }));
    }
}

/// `[text](address)` as `text (address)`.
fn links(text: &str) -> String {
    let Some((before, rest)) = text.split_once('[') else { return text.to_string() };
    match rest.split_once("](").and_then(|(label, rest)| Some((label, rest.split_once(')')?))) {
        Some((label, (address, rest))) if !label.contains('[') => format!("{before}{label} ({address}){}", links(rest)),
        _ => format!("{before}[{}", links(rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_read_well_without_a_renderer() {
        let page = "# Title\n\nA long summary\nin two lines, see [the docs](http://x).\n\n```sql\nSELECT  1\n```\n\n## Why\n\n- one\n- two [a] b\n";
        let shown = "Title\n\nA long summary in two lines, see the docs\n(http://x).\n\n    SELECT  1\n\nWhy\n\n- one\n- two [a] b\n";
        assert_eq!(render(page, 44, false), shown);
        assert!(render(page, 44, true).starts_with("\x1b[1mTitle\x1b[0m\n"));
    }
}
