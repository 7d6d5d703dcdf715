//! For people: annotated snippets, help, and what was and was not checked.

mod patch;
mod snippet;
mod summary;

pub(super) use summary::{checked, gaps, known, notes};

use annotate_snippets::{Group, Level, Renderer, renderer};

use super::waste::sentence;
use super::wrap::wrap;
use super::{Detail, Look};
use crate::finding::{Finding, Severity};
use crate::lake::Lake;
use crate::triage::{Found, Report, Resolved};

pub(super) fn render(report: &Report, lake: &Lake, look: &Look) -> String {
    let renderer = if look.color { Renderer::styled() } else { Renderer::plain() }.term_width(look.width);
    let mut out = String::new();
    for found in &report.findings {
        out.push_str(&finding(found, lake, look, &renderer));
        out.push('\n');
    }
    if look.detail == Detail::Quiet {
        return out;
    }
    if look.detail == Detail::Verbose {
        out.push_str(&summary::what_was_read(report, lake, look));
    }
    out.push_str(&summary::render(report, look));
    out
}

fn finding(found: &Found, lake: &Lake, look: &Look, renderer: &Renderer) -> String {
    let finding = &found.finding;
    let mut group = Group::with_level(match finding.severity {
        Severity::High => Level::ERROR,
        Severity::Medium => Level::WARNING,
        Severity::Low => Level::NOTE,
    });
    for element in snippet::elements(found, lake, look.width) {
        group = group.element(element);
    }
    if let (Some(object), None) = (&finding.object, &found.place.file) {
        group = group.element(Level::NOTE.with_name("at").message(clean(object)));
    }
    for (related, place) in finding.related.iter().zip(&found.related) {
        if place.file.is_none() {
            group = group.element(Level::NOTE.message(clean(&related.message)));
        }
    }
    // `   = help: ` and the width of a line number.
    let wrapped = |text: &str| wrap(&clean(text), look.width.saturating_sub(14)).join("\n");
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(wrapped(help)));
    }
    if let Some(waste) = &finding.waste {
        group = group.element(Level::HELP.with_name("cost").message(wrapped(&sentence(waste))));
    }
    if let Some(patch) = &finding.patch {
        group = group.element(Level::HELP.with_name("fix").message(wrapped(patch.title())));
    }
    let mut text = title(&found.finding, look) + &origin(found, look);
    for line in renderer.render(&[group]).lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text + &finding.patch.as_ref().map_or_else(String::new, |patch| patch::render(patch, lake, look))
}

/// `high[rule]: message`, further lines of the message indented.
fn title(finding: &Finding, look: &Look) -> String {
    let label = format!("{}[{}]", finding.severity, finding.rule);
    let text = format!("{label}: {}", clean(&finding.message));
    let mut lines = wrap(&text, look.width).into_iter();
    let mut title = lines.next().unwrap_or_default();
    if look.color {
        let style = match finding.severity {
            Severity::High => renderer::DEFAULT_ERROR_STYLE,
            Severity::Medium => renderer::DEFAULT_WARNING_STYLE,
            Severity::Low => renderer::DEFAULT_NOTE_STYLE,
        };
        title = title.replacen(&label, &format!("{style}{label}{style:#}"), 1);
    }
    // Broken anew, because the indentation takes room as well.
    let rest = wrap(&lines.collect::<Vec<_>>().join(" "), look.width.saturating_sub(INDENT.len()));
    let rest: String = rest.iter().filter(|line| !line.is_empty()).map(|line| format!("{INDENT}{line}\n")).collect();
    format!("{title}\n{rest}")
}

/// The file of a finding that has no lines to show; the renderer writes it for those that have.
fn origin(found: &Found, look: &Look) -> String {
    match &found.place {
        Resolved { file: Some(file), range: None } => {
            let arrow = if look.color { format!("{ARROW}-->{ARROW:#}") } else { "-->".to_string() };
            format!(" {arrow} {}\n", clean(file))
        }
        _ => String::new(),
    }
}

const ARROW: renderer::Style = renderer::DEFAULT_LINE_NUM_STYLE;
const INDENT: &str = "    ";

/// Without control characters: names in messages come from files, and a file must not move the cursor.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}
