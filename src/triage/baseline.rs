//! A baseline: findings that are known, so that only new ones count. Kept as counts per rule and file, or table, which survive lines
//! that move and files that grow.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Found, Report};
use crate::lake::Usd;
use crate::shown_path::seen_from;

const VERSION: u32 = 1;
/// A known finding counts again when it wastes so many times more than the baseline knows: lakes grow, and a little of it is no news.
const DEARER: f64 = 1.25;
/// What a month or a run has to cost more for that, in dollars: a quarter of next to nothing is nothing.
const CENT: f64 = 0.01;

/// What is known, as its file holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u32,
    /// Sorted by rule and place.
    findings: Vec<Known>,
}

/// The known findings of a rule at a place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    rule: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    table: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    object: Option<String>,
    count: usize,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    usd: Vec<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    usd_per_month: Vec<f64>,
}

/// A rule and where it found something: the file, relative to the baseline's folder, and the table; without a file the object, too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    rule: String,
    file: Option<String>,
    table: Option<String>,
    object: Option<String>,
}

/// What findings waste, each on its own, dearest first: what one is worth more is not made up for by what another is worth less.
#[derive(Debug, Clone, Default, PartialEq)]
struct Worth {
    /// Dollars of one run, or of a month of storage, of those of which they are known.
    usd: Vec<f64>,
    /// Of those whose frequency is known.
    usd_per_month: Vec<f64>,
}

/// What a baseline did to a report.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hidden {
    /// Known findings that are not in the report.
    pub findings: usize,
    /// What they waste in a month, as far as that is known, and of how many it is not.
    pub usd_per_month: Usd,
    pub without_month: usize,
    /// Some of them waste that at most.
    pub is_most: bool,
    /// Why findings that the baseline knows in part are in the report.
    pub back: Vec<String>,
    /// Known findings that are no longer found: a rewritten baseline is smaller.
    pub gone: usize,
}

impl Baseline {
    /// The findings of a report, their files as seen from a folder.
    pub fn of(report: &Report, folder: &Path, base: &Path) -> Baseline {
        let known = groups(report, folder, base).into_iter().map(|(place, numbers)| {
            let Place { rule, file, table, object } = place;
            let worth = worth(numbers.iter().map(|number| &report.findings[*number]));
            let Worth { usd, usd_per_month } = worth;
            Known { rule, file, table, object, count: numbers.len(), usd, usd_per_month }
        });
        Baseline { version: VERSION, findings: known.collect() }
    }

    /// How many findings it knows.
    pub fn count(&self) -> usize {
        self.findings.iter().fold(0, |sum, known| sum.saturating_add(known.count))
    }

    /// Reads the text of a baseline.
    ///
    /// # Errors
    /// `line:column: what is wrong and what to do`.
    pub fn parse(text: &str) -> Result<Baseline, String> {
        let conflict = text.lines().position(|line| ["<<<<<<< ", ">>>>>>> "].iter().any(|mark| line.starts_with(mark)));
        if let Some(line) = conflict {
            return Err(format!("{}:1: a merge conflict: take either side, then write the baseline anew", line + 1));
        }
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let place = |error: &serde_json::Error| format!("{}:{}", error.line(), error.column().max(1));
        let wrong = |error: serde_json::Error| match error.is_eof() {
            true => format!("{}: the file ends early: restore it, or delete it and write it anew", place(&error)),
            false => {
                format!("{}: this is no baseline ({}): delete it and write it anew", place(&error), reason(&error))
            }
        };
        let version = serde_json::from_str::<Versioned>(text).map_err(wrong)?.version;
        if version != VERSION {
            return Err(format!(
                "1:1: the baseline has version {version}, and this lakelint reads {VERSION}: delete it and write it anew"
            ));
        }
        let baseline: Baseline = serde_json::from_str(text).map_err(wrong)?;
        let mut seen = BTreeSet::new();
        match baseline.findings.iter().map(Known::place).find(|place| !seen.insert(place.clone())) {
            Some(twice) => {
                Err(format!("1:1: `{}` {} stands twice: delete it and write it anew", twice.rule, twice.at()))
            }
            None => Ok(baseline),
        }
    }

    /// The text of its file.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).expect("no map keys, no errors") + "\n"
    }

    /// Takes known findings out of a report: those of a rule at a place, unless there are more of them or they became dearer.
    pub fn hide(&self, report: &mut Report, folder: &Path, base: &Path, is_partial: bool) -> Hidden {
        let mut known: BTreeMap<Place, &Known> = self.findings.iter().map(|known| (known.place(), known)).collect();
        let mut hidden = Hidden::default();
        let mut is_hidden = vec![false; report.findings.len()];
        for (place, numbers) in groups(report, folder, base) {
            let Some(known) = known.remove(&place) else { continue };
            let found = || numbers.iter().map(|number| &report.findings[*number]);
            if let Some(why) = known.is_exceeded(numbers.len(), worth(found())) {
                hidden.back.push(format!("`{}` {}: {why}", place.rule, place.at()));
                continue;
            }
            hidden.gone = hidden.gone.saturating_add(known.count - numbers.len());
            for waste in found().map(|found| found.finding.waste.as_ref()) {
                match waste.and_then(|waste| waste.usd_per_month) {
                    Some(month) => hidden.usd_per_month.0 += month.0,
                    None => hidden.without_month += 1,
                }
                hidden.is_most |= waste.is_some_and(|waste| waste.is_most);
            }
            hidden.findings += numbers.len();
            numbers.iter().for_each(|number| is_hidden[*number] = true);
        }
        // A run over a part, or without some rules, does not see the others.
        let missing = known.values().filter(|known| !is_partial && report.rules.contains(&known.rule.as_str()));
        hidden.gone = missing.fold(hidden.gone, |sum, known| sum.saturating_add(known.count));
        let mut numbers = is_hidden.into_iter();
        report.findings.retain(|_| !numbers.next().unwrap_or_default());
        report.count();
        hidden
    }
}

impl Known {
    fn place(&self) -> Place {
        let Known { rule, file, table, object, .. } = self.clone();
        Place { rule, file, table, object }
    }

    /// Why the findings count again.
    fn is_exceeded(&self, count: usize, worth: Worth) -> Option<String> {
        if count > self.count {
            return Some(format!("{count} findings, of which the baseline knows {}", self.count));
        }
        // Of a frequency that was not known before nothing is said: what one run costs is compared.
        let months = &worth.usd_per_month[..worth.usd_per_month.len().min(self.usd_per_month.len())];
        let month = dearer(&self.usd_per_month, months).map(|sides| (sides, "a month"));
        let run = || dearer(&self.usd, &worth.usd).map(|sides| (sides, "a run"));
        let ((before, now), per) = month.or_else(run)?;
        Some(match before {
            Some(before) => format!("{} {per}, and {} when the baseline was written", Usd(now), Usd(before)),
            None => format!("{} {per}, which was not known when the baseline was written", Usd(now)),
        })
    }
}

/// The first of two lists, dearest first, that is dearer than the one of its rank before: `(before, now)`.
fn dearer(before: &[f64], now: &[f64]) -> Option<(Option<f64>, f64)> {
    let ranks = now.iter().enumerate().map(|(rank, now)| (before.get(rank).copied(), *now));
    ranks.into_iter().find(|(before, now)| match before {
        Some(before) => *now > before * DEARER && now - before > CENT,
        None => *now > CENT,
    })
}

impl Place {
    fn at(&self) -> String {
        match (&self.file, &self.table, &self.object) {
            (Some(file), Some(table), _) => format!("of {table} in {file}"),
            (Some(file), None, _) => format!("in {file}"),
            (None, Some(table), _) => format!("of {table}"),
            (None, None, Some(object)) => format!("of {object}"),
            (None, None, None) => "of the lake".to_string(),
        }
    }
}

/// Numbers of findings by rule and place.
fn groups(report: &Report, folder: &Path, base: &Path) -> BTreeMap<Place, Vec<usize>> {
    let mut groups: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
    for (number, found) in report.findings.iter().enumerate() {
        // A file that cannot be read at all may hold anything: a count says nothing of it.
        if found.finding.rule.starts_with("unreadable-") && found.place.range.is_none() {
            continue;
        }
        let file = found.place.file.as_ref().map(|file| seen_from(Some(folder), base, file));
        let table = found.finding.table.clone();
        let object = if file.is_none() { found.finding.object.clone() } else { None };
        let place = Place { rule: found.finding.rule.to_string(), table, object, file };
        groups.entry(place).or_default().push(number);
    }
    groups
}

fn worth<'f>(found: impl Iterator<Item = &'f Found>) -> Worth {
    let mut worth = Worth::default();
    for waste in found.filter_map(|found| found.finding.waste.as_ref()) {
        worth.usd.push(waste.usd.before.0 - waste.usd.after.0);
        worth.usd_per_month.extend(waste.usd_per_month.map(|usd| usd.0));
    }
    worth.usd.sort_by(|a, b| b.total_cmp(a));
    worth.usd_per_month.sort_by(|a, b| b.total_cmp(a));
    worth
}

/// What serde says, without its place.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_string()
}
