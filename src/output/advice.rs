//! What `lakelint advise` prints: text for people, JSON (version 1) for programs.

use serde::Serialize;

use super::wrap::item;
use crate::advice::{Advice, Comparison, Cost, Decision, Product, Verdict};
use crate::cli::AdviseFormat;
use crate::cost::Estimator;
use crate::finding::Place;
use crate::lake::{Lake, Lines, Usd};

/// Everything that is printed.
#[derive(Debug, Clone, Copy)]
pub struct Sheet<'a> {
    pub product: &'a Product,
    pub advice: &'a Advice,
    pub comparisons: &'a [Comparison],
    pub estimator: &'a Estimator<'a>,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    lakelint: &'static str,
    product: &'a str,
    /// Sum of what is known; null where nothing is.
    usd_per_month: Option<Usd>,
    /// Some part is not in the sum, or not all of it.
    is_partial: bool,
    decisions: Vec<Part<'a>>,
    repository: Vec<Compared<'a>>,
}

#[derive(Serialize)]
struct Part<'a> {
    part: &'static str,
    /// The id of a page in advice/; null where nothing is chosen.
    choice: Option<&'static str>,
    title: Option<&'static str>,
    reasons: &'a [String],
    missing: &'a [&'static str],
    usd_per_month: Option<Usd>,
    /// The amount is a lower bound.
    at_least: bool,
    basis: &'a str,
}

#[derive(Serialize)]
struct Compared<'a> {
    what: &'a str,
    verdict: &'static str,
    text: &'a str,
    file: Option<&'a str>,
    /// 1-based.
    line: Option<u32>,
}

/// The whole text, with a final line feed. `width` is that of the terminal, in columns.
pub fn render(format: AdviseFormat, sheet: &Sheet<'_>, width: usize) -> String {
    match format {
        AdviseFormat::Text => text(sheet, width),
        AdviseFormat::Json => json(sheet),
    }
}

fn json(sheet: &Sheet<'_>) -> String {
    let lake = sheet.estimator.lake;
    let mut lines = Lines::new(&lake.sources);
    let compared = |comparison| compared(comparison, lake, &mut lines);
    let document = Document {
        version: 1,
        lakelint: env!("CARGO_PKG_VERSION"),
        product: &sheet.product.name,
        usd_per_month: sheet.advice.usd_per_month,
        is_partial: sheet.advice.is_partial,
        decisions: sheet.advice.decisions.iter().map(part).collect(),
        repository: sheet.comparisons.iter().map(compared).collect(),
    };
    serde_json::to_string_pretty(&document).expect("no map keys, no errors") + "\n"
}

fn part(decision: &Decision) -> Part<'_> {
    let (usd_per_month, at_least, basis) = match &decision.cost {
        Cost::Known(usd, basis) => (Some(*usd), false, basis),
        Cost::AtLeast(usd, basis) => (Some(*usd), true, basis),
        Cost::Unknown(basis) => (None, false, basis),
    };
    Part {
        part: decision.part.name(),
        choice: decision.choice.map(|pattern| pattern.id),
        title: decision.choice.map(|pattern| pattern.page().title),
        reasons: &decision.reasons,
        missing: &decision.missing,
        usd_per_month,
        at_least,
        basis,
    }
}

fn compared<'a>(comparison: &'a Comparison, lake: &'a Lake, lines: &mut Lines<'_>) -> Compared<'a> {
    let (file, line) = match &comparison.place {
        Place::Span(span) => {
            let span = lake.sources.on_disk(*span);
            let path = lake.sources.get(span.file).path.as_str();
            (Some(path), Some(lines.position(span.file, span.start).line))
        }
        Place::File(_) | Place::Path(_) | Place::Lake => (None, None),
    };
    let verdict = match comparison.verdict {
        Verdict::AsAdvised => "as advised",
        Verdict::Differs => "differs",
        Verdict::NotSeen => "not seen",
    };
    Compared { what: &comparison.what, verdict, text: &comparison.text, file, line }
}

fn text(sheet: &Sheet<'_>, width: usize) -> String {
    let mut out = String::new();
    if !sheet.product.name.is_empty() {
        out.push_str(&item("product        ", &sheet.product.name, width));
    }
    if !sheet.product.consumers.is_empty() {
        out.push_str(&item("consumers      ", &sheet.product.consumers.join(", "), width));
    }
    let all = match (sheet.advice.usd_per_month, sheet.advice.is_partial) {
        (None, _) => "unknown".to_string(),
        (Some(usd), true) => format!("{usd} a month, and what is not known"),
        (Some(usd), false) => format!("{usd} a month"),
    };
    out.push_str(&format!("cost           {all}\n"));
    for decision in &sheet.advice.decisions {
        out.push_str(&of_part(decision, width));
    }
    out.push_str("\nthe repository:\n");
    let lake = sheet.estimator.lake;
    let mut lines = Lines::new(&lake.sources);
    for comparison in sheet.comparisons {
        let Compared { what, verdict, text, file, line } = compared(comparison, lake, &mut lines);
        let place = file.zip(line).map_or(String::new(), |(file, line)| format!(" ({file}:{line})"));
        out.push_str(&item(&format!("  {verdict:<11}"), &format!("{what}: {text}{place}"), width));
    }
    out.push_str(&format!("\n{}", item("", &super::cost::price(sheet.estimator), width)));
    out
}

fn of_part(decision: &Decision, width: usize) -> String {
    let (amount, basis) = match &decision.cost {
        Cost::Known(usd, basis) => (format!("{usd} a month"), basis),
        Cost::AtLeast(usd, basis) => (format!("{usd} a month or more"), basis),
        Cost::Unknown(basis) => ("cost unknown".to_string(), basis),
    };
    // What is stored is no choice: it only costs.
    let title = decision.choice.map(|pattern| pattern.page().title);
    let title = match (title, decision.part) {
        (Some(title), _) => format!("{title}: {amount}"),
        (None, crate::advice::Part::Storage) => amount,
        (None, _) => "not decided".to_string(),
    };
    let mut out = format!("\n{:<15}{title}\n", decision.part.name());
    for reason in &decision.reasons {
        out.push_str(&item("  - ", reason, width));
    }
    if decision.choice.is_some() || decision.part == crate::advice::Part::Storage {
        out.push_str(&item("  $ ", basis, width));
    }
    for missing in &decision.missing {
        out.push_str(&item("  ? ", &format!("say {missing}"), width));
    }
    out
}
