//! What stands below a table of estimates.

use std::collections::{HashMap, HashSet};

use super::sheet::{shared_folder, short_name};
use super::words::{self, amount};
use super::{history, machines};
use crate::cost::{Bill, Estimator, Priced};
use crate::lake::{Count, NotAnalysed, UnreadableKind};
use crate::output::terminal;

/// Most statements or tables that a note names.
const NAMED: usize = 5;
/// Most notes of one kind.
const NOTES: usize = 8;

/// What stands below the table, each as one paragraph.
pub(super) fn notes(bill: &Bill<'_>, billed: &[&Priced<'_>], estimator: &Estimator<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let shared = shared_folder(billed);
    if !shared.is_empty() && billed.iter().any(|priced| priced.query.name.is_none()) {
        notes.push(format!("files are in {shared}"));
    }
    let of_machines = || bill.machines.iter().map(|machine| &machine.estimate.basis);
    let unknown =
        billed.iter().map(|priced| &priced.estimate.basis).chain(of_machines()).flat_map(|basis| &basis.unknown);
    notes.extend(capped("unknown", grouped(unknown)));
    if bill.unknown > 0 {
        notes.push(
            "to know them, add the files that define the tables to the paths, and the lake's files with `--lake` or \
             `lakelint scan`"
                .to_string(),
        );
    }
    let assumed = billed.iter().map(|priced| &priced.estimate.basis).chain(of_machines());
    let assumed = assumed.flat_map(|basis| &basis.assumptions);
    notes.extend(capped("assumed", grouped(assumed.chain(&estimator.pricing.assumption))));
    if bill.unknown > 0 && bill.unknown < billed.len() {
        notes.push(format!("the total is without {} whose bytes are unknown", amount(bill.unknown, "statement")));
    }
    notes.extend(requests(billed, shared));
    notes.extend(without_month(bill, billed, estimator));
    notes.extend(history::notes(bill, billed, estimator.lake));
    notes.extend(not_listed(estimator));
    if bill.free > 0 {
        notes.push(format!(
            "{} free, such as DDL",
            amount(bill.free, "statement") + if bill.free == 1 { " is" } else { " are" }
        ));
    }
    if !estimator.lake.unreadable.is_empty() {
        let count = estimator.lake.unreadable.len();
        let what = if count == 1 { "statement, definition or file" } else { "statements, definitions or files" };
        notes.push(format!("{} {what} could not be read: `lakelint check` says why", Count(count as u64)));
    }
    if !estimator.lake.not_analysed.is_empty() {
        let count = estimator.lake.not_analysed.len();
        let is_sql = |missing: &NotAnalysed| missing.kind == UnreadableKind::Sql;
        let what = match (count, estimator.lake.not_analysed.iter().filter(|missing| is_sql(missing)).count()) {
            (1, 0) => "definition is",
            (1, _) => "statement is",
            (_, 0) => "definitions are",
            (all, some) if all == some => "statements are",
            _ => "statements and definitions are",
        };
        let count = Count(count as u64);
        notes.push(format!("{count} {what} computed when deployed, and not priced: `lakelint check` says why"));
    }
    notes.extend(machines::notes(bill));
    // Without statements there are no bytes to price.
    if !billed.is_empty() {
        notes.push(words::price(estimator));
    }
    notes
}

/// What the snapshot lacks where no table is known.
pub(super) fn not_listed(estimator: &Estimator<'_>) -> Option<String> {
    let gaps = &estimator.lake.gaps;
    (!gaps.is_empty()).then(|| terminal::gaps(None, gaps))
}

/// What has no dollars a month, as nothing says how often it runs.
fn without_month(bill: &Bill<'_>, billed: &[&Priced<'_>], estimator: &Estimator<'_>) -> Option<String> {
    let queries = if estimator.pricing.is_metered() { bill.without_frequency } else { 0 };
    let machines = bill.machines.iter().filter(|machine| machine.estimate.runs_per_month.is_none()).count();
    let is_all = queries == billed.len() && machines == bill.machines.len();
    let shown = |count: usize, one: &str, many: &str| match (count, is_all) {
        (0, _) => None,
        (_, true) => Some(many.to_string()),
        (_, false) => Some(amount(count, one)),
    };
    let what = [shown(queries, "statement", "the queries"), shown(machines, "state machine", "the state machines")];
    let what = what.into_iter().flatten().collect::<Vec<_>>().join(" and ");
    match (what.is_empty(), is_all) {
        (true, _) => None,
        (_, true) => {
            Some(format!("dollars a month are unknown: say in `[runs]` of lakelint.toml how often {what} run"))
        }
        (_, false) => {
            Some(format!("dollars a month are unknown of {what}: `[runs]` in lakelint.toml does not say how often"))
        }
    }
}

/// The statements whose requests add much to the scanned bytes, dearest first as they come.
fn requests(billed: &[&Priced<'_>], shared: &str) -> Option<String> {
    let notable =
        |priced: &&Priced<'_>| Some((short_name(priced, shared).to_string(), priced.estimate.notable_requests()?));
    let named: Vec<String> = billed.iter().filter_map(notable).map(|(name, usd)| format!("{name} {usd}")).collect();
    let named: Vec<&str> = named.iter().map(String::as_str).collect();
    (!named.is_empty()).then(|| format!("S3 and Glue requests add more than 5 % to a run: {}", list(&named)))
}

/// Texts that differ only in the first name that they quote, as one text with all the names. Each text counts once.
fn grouped<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut groups: Vec<((&str, &str), Vec<&str>)> = Vec::new();
    let mut at: HashMap<(&str, &str), usize> = HashMap::new();
    let mut seen = HashSet::new();
    for text in texts.filter(|text| seen.insert(text.as_str())) {
        let (frame, name) = split(text);
        let index = *at.entry(frame).or_insert_with(|| {
            groups.push((frame, Vec::new()));
            groups.len() - 1
        });
        groups[index].1.extend(name);
    }
    let joined = |((before, after), names): ((&str, &str), Vec<&str>)| format!("{before}{}{after}", list(&names));
    ranged(groups.into_iter().map(joined))
}

/// What stands before and after a part of a text.
type Around = (String, String);

/// Texts that differ only in their first number as one text with the range.
fn ranged(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut ranges: Vec<(Around, Option<(u64, u64)>)> = Vec::new();
    let mut at: HashMap<Around, usize> = HashMap::new();
    for text in texts {
        let (frame, number) = around_number(&text);
        let index = *at.entry(frame.clone()).or_insert_with(|| {
            ranges.push((frame, number.map(|number| (number, number))));
            ranges.len() - 1
        });
        let range = &mut ranges[index].1;
        *range = range.zip(number).map(|((least, most), number)| (least.min(number), most.max(number)));
    }
    let shown = |((before, after), range): (Around, Option<(u64, u64)>)| match range {
        None => before,
        Some((least, most)) if least == most => format!("{before}{}{after}", Count(most)),
        Some((least, most)) => format!("{before}{} to {}{after}", Count(least), Count(most)),
    };
    ranges.into_iter().map(shown).collect()
}

/// A text around the first word that is a whole number, and the number; all of the text and none where a name is quoted before.
fn around_number(text: &str) -> (Around, Option<u64>) {
    let plain = text.find('`').unwrap_or(text.len());
    let mut from = 0;
    for word in text[..plain].split(' ') {
        if let Ok(number) = word.replace(',', "").parse() {
            return ((text[..from].to_string(), text[from + word.len()..].to_string()), Some(number));
        }
        from += word.len() + 1;
    }
    ((text.to_string(), String::new()), None)
}

/// A text around the first name that it quotes, and the name with its backticks.
fn split(text: &str) -> ((&str, &str), Option<&str>) {
    let start = text.find('`');
    let end = start.and_then(|start| Some(start + 2 + text[start + 1..].find('`')?));
    match start.zip(end) {
        Some((start, end)) => ((&text[..start], &text[end..]), Some(&text[start..end])),
        None => ((text, ""), None),
    }
}

/// The first few, and how many more there are.
fn list(names: &[&str]) -> String {
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {} more", Count(more as u64)),
    };
    format!("{}{more}", names[..names.len().min(NAMED)].join(", "))
}

/// The first few under their kind, and where the others are.
fn capped(kind: &str, texts: Vec<String>) -> Vec<String> {
    let more = texts.len().saturating_sub(NOTES);
    let mut notes: Vec<String> = texts.into_iter().take(NOTES).map(|text| format!("{kind}: {text}")).collect();
    if more > 0 {
        notes.push(format!("{kind}: and {} more, see `--explain`", Count(more as u64)));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_about_several_tables_become_one_and_long_lists_end() {
        let mut texts: Vec<String> = (1..=7).map(|i| format!("no layout of `t{i}`")).collect();
        texts.insert(1, "it opens more CTEs and views than are followed".to_string());
        texts.push("no layout of `t1`".to_string());
        let expected =
            ["no layout of `t1`, `t2`, `t3`, `t4`, `t5` and 2 more", "it opens more CTEs and views than are followed"];
        assert_eq!(grouped(texts.iter()), expected);
        let numbers: Vec<String> = [9, 1200, 3].map(|i| format!("one of {} values of `dt`", Count(i))).to_vec();
        assert_eq!(grouped(numbers.iter()), ["one of 3 to 1,200 values of `dt`"]);
        let many: Vec<String> = (1..=10).map(|i| format!("reason number{i}")).collect();
        let notes = capped("assumed", grouped(many.iter()));
        assert_eq!((notes.len(), notes[8].as_str()), (9, "assumed: and 2 more, see `--explain`"));
    }
}
