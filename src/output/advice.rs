//! What `lakelint advise` prints: text for people, JSON (version 1) for programs.

use serde::Serialize;

use super::wrap::item;
use crate::advice::{Advice, Comparison, Cost, Decision, Product, Sum, Verdict};
use crate::cli::AdviseFormat;
use crate::cost::{Estimator, prices};
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
    /// What of it is lower bounds.
    usd_at_least: Usd,
    /// What of it is upper bounds.
    usd_at_most: Usd,
    /// Parts that are not in it.
    unknown: Vec<&'static str>,
    decisions: Vec<Part<'a>>,
    repository: Vec<Compared<'a>>,
    price: Price<'a>,
}

#[derive(Serialize)]
struct Price<'a> {
    /// Of scanned bytes, in the region.
    usd_per_tb: f64,
    region: &'a str,
    source: &'a str,
    as_of: Option<&'a str>,
    /// Of where and when all others are.
    others: String,
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
    /// The amount is an upper bound.
    at_most: bool,
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
    let (sum, pricing) = (&sheet.advice.sum, sheet.estimator.pricing);
    let document = Document {
        version: 1,
        lakelint: env!("CARGO_PKG_VERSION"),
        product: &sheet.product.name,
        usd_per_month: sum.usd,
        usd_at_least: sum.at_least,
        usd_at_most: sum.at_most,
        unknown: sum.unknown.iter().map(|part| part.name()).collect(),
        decisions: sheet.advice.decisions.iter().map(part).collect(),
        repository: sheet.comparisons.iter().map(compared).collect(),
        price: Price {
            usd_per_tb: pricing.usd_per_tb,
            region: &pricing.region,
            source: &pricing.source,
            as_of: pricing.as_of.as_deref(),
            others: prices().of_advice(&pricing.region),
        },
    };
    serde_json::to_string_pretty(&document).expect("no map keys, no errors") + "\n"
}

fn part(decision: &Decision) -> Part<'_> {
    Part {
        part: decision.part.name(),
        choice: decision.choice.map(|pattern| pattern.id),
        title: decision.choice.map(|pattern| pattern.page().title),
        reasons: &decision.reasons,
        missing: &decision.missing,
        usd_per_month: decision.cost.usd(),
        at_least: matches!(decision.cost, Cost::AtLeast(..)),
        at_most: matches!(decision.cost, Cost::AtMost(..)),
        basis: decision.cost.basis(),
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
        let consumers = format!("{} (named only: who they are decides nothing)", sheet.product.consumers.join(", "));
        out.push_str(&item("consumers      ", &consumers, width));
    }
    out.push_str(&item("cost           ", &total(&sheet.advice.sum), width));
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
    out.push_str(&item("", &prices().of_advice(&sheet.estimator.pricing.region), width));
    out
}

/// `$857.00 a month, $852.25 of it at most, $3.17 at least, $1.58 about; storage not known`.
fn total(sum: &Sum) -> String {
    let Some(usd) = sum.usd else { return "unknown".to_string() };
    let about = Usd(usd.0 - sum.at_least.0 - sum.at_most.0);
    // What the subtraction leaves of nothing is no amount.
    let kinds = [(sum.at_most, "at most"), (sum.at_least, "at least"), (about, "about")];
    let kinds: Vec<_> = kinds.into_iter().filter(|(part, _)| part.0 > usd.0 * 1e-12).collect();
    let text = match kinds.as_slice() {
        [] => format!("{usd} a month"),
        [(_, kind)] => format!("{usd} a month, {kind}"),
        [(part, kind), rest @ ..] => {
            let rest: String = rest.iter().map(|(part, kind)| format!(", {part} {kind}")).collect();
            format!("{usd} a month, {part} of it {kind}{rest}")
        }
    };
    let unknown: Vec<&str> = sum.unknown.iter().map(|part| part.name()).collect();
    if unknown.is_empty() { text } else { format!("{text}; {} not known", unknown.join(", ")) }
}

fn of_part(decision: &Decision, width: usize) -> String {
    let amount = match &decision.cost {
        Cost::About(usd, _) => format!("{usd} a month"),
        Cost::AtLeast(usd, _) => format!("{usd} a month or more"),
        Cost::AtMost(usd, _) => format!("{usd} a month or less"),
        Cost::Unknown(_) => "cost unknown".to_string(),
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
        out.push_str(&item("  $ ", decision.cost.basis(), width));
    }
    for missing in &decision.missing {
        out.push_str(&item("  ? ", &format!("say {missing}"), width));
    }
    out
}
