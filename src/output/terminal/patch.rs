//! A patch as a small diff below its finding.

use annotate_snippets::renderer::{self, AnsiColor, Style};

use super::{clean, snippet};
use crate::finding::Patch;
use crate::lake::Lake;
use crate::output::Look;
use crate::output::diff::{self, Kind, Line};

/// Columns that number and sign take beside the digits.
const FRAME: usize = 3;
/// Columns that stay visible before the first change of a line that is too long.
const LEAD: usize = 20;

/// One line each, as in `13 + "MaxAttempts": 6`.
pub(super) fn render(patch: &Patch, lake: &Lake, look: &Look) -> String {
    let lines = diff::lines(patch, &lake.sources);
    let digits = lines.iter().map(|line| line.number).max().unwrap_or(0).to_string().len();
    let room = look.width.saturating_sub(digits + FRAME).max(LEAD);
    let lines: Vec<Line> = lines.into_iter().map(|line| Line { text: clean(&line.text), ..line }).collect();
    let from = cut(&lines, room);
    lines.iter().map(|line| shown(line, digits, from, room, look)).collect()
}

/// How many characters are left out at the start of all lines, so that the change of a long line can be seen.
fn cut(lines: &[Line], room: usize) -> usize {
    let text = |kind| lines.iter().find(|line| line.kind == kind).map(|line| line.text.as_str());
    let (Some(gone), Some(new)) = (text(Kind::Gone), text(Kind::New)) else { return 0 };
    let same = gone.chars().zip(new.chars()).take_while(|(a, b)| a == b).count();
    if same + LEAD > room { same.saturating_sub(LEAD) } else { 0 }
}

fn shown(line: &Line, digits: usize, from: usize, room: usize, look: &Look) -> String {
    let (sign, style) = match line.kind {
        Kind::Same => ('|', None),
        Kind::Gone => ('-', Some(AnsiColor::Red.on_default())),
        Kind::New => ('+', Some(AnsiColor::Green.on_default())),
    };
    let text = cropped(&line.text, from, room);
    let number = format!("{:>digits$}", line.number);
    let paint = |style: Style, text: String| if look.color { format!("{style}{text}{style:#}") } else { text };
    let code = format!("{sign} {text}").trim_end().to_string();
    let code = style.map_or_else(|| code.clone(), |style| paint(style, code.clone()));
    format!("{} {code}\n", paint(renderer::DEFAULT_LINE_NUM_STYLE, number))
}

/// The part of a line that there is room for, with marks where something is left out.
fn cropped(text: &str, from: usize, room: usize) -> String {
    const MARK: &str = "...";
    let from = text.char_indices().nth(from).map_or(text.len(), |(at, _)| at);
    let part = &text[from..];
    let start = if from > 0 { MARK } else { "" };
    let room = room.saturating_sub(start.len());
    match snippet::fitting(part, room) {
        all if all == part.len() => format!("{start}{part}"),
        _ => format!("{start}{}{MARK}", &part[..snippet::fitting(part, room.saturating_sub(MARK.len()))]),
    }
}
