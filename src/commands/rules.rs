//! `lakelint rules`: the table of rules.

use comfy_table::{Cell, ColumnConstraint, ContentArrangement, Table, presets};

use super::{Env, Status, print};
use crate::rules::{RULES, Rule};

/// Prints every rule with its default severity and its page's first sentence.
pub fn run(env: &mut Env<'_>) -> anyhow::Result<Status> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(env.width).unwrap_or(u16::MAX));
    table.set_header(["rule", "severity", "finds"]);
    for rule in RULES {
        table.add_row([Cell::new(rule.id), Cell::new(severity(rule)), Cell::new(rule.page().summary)]);
    }
    // Names are searched for and copied: they stay whole.
    if let Some(names) = table.column_mut(0) {
        names.set_constraint(ColumnConstraint::ContentWidth);
    }
    let lines: Vec<String> =
        table.to_string().lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end().to_string()).collect();
    print(env, &format!("{}\n", lines.join("\n")))?;
    Ok(Status::Clean)
}

/// The page's default, `off` included.
fn severity(rule: &Rule) -> String {
    let defaults: toml::Table = rule.page().defaults.parse().unwrap_or_default();
    let severity = defaults.get("rules").and_then(|rules| rules.get(rule.id)).and_then(|own| own.get("severity"));
    severity.and_then(|value| value.as_str()).unwrap_or("medium").to_string()
}
