//! A baseline: findings that are known, so that only new ones count. Kept as counts per rule and file, or table, which survive lines
//! that move and files that grow.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Found, Report};
use crate::finding::Billed;
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    usd_per_month: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    usd_per_run: Option<f64>,
}

/// A rule and where it found something: the file, relative to the baseline's folder; without one the table and the object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    rule: String,
    file: Option<String>,
    table: Option<String>,
    object: Option<String>,
}

/// What findings waste together, in dollars; `None` where that is not known of all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Worth {
    usd_per_month: Option<f64>,
    /// Of one run of each statement concerned.
    usd_per_run: Option<f64>,
}

/// What a baseline did to a report.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hidden {
    /// Known findings that are not in the report.
    pub findings: usize,
    /// What they waste in a month, as far as that is known, and of how many it is not.
    pub usd_per_month: Usd,
    pub without_month: usize,
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
            let Worth { usd_per_month, usd_per_run } = worth;
            Known { rule, file, table, object, count: numbers.len(), usd_per_month, usd_per_run }
        });
        Baseline { version: VERSION, findings: known.collect() }
    }

    /// How many findings it knows.
    pub fn count(&self) -> usize {
        self.findings.iter().map(|known| known.count).sum()
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
            false => format!("{}: this is no baseline: {}", place(&error), reason(&error)),
        };
        let version = serde_json::from_str::<Versioned>(text).map_err(wrong)?.version;
        if version != VERSION {
            return Err(format!(
                "1:1: the baseline has version {version}, and this lakelint reads {VERSION}: delete it and write it anew"
            ));
        }
        serde_json::from_str(text).map_err(wrong)
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
            hidden.gone += known.count - numbers.len();
            for found in found() {
                match found.finding.waste.as_ref().and_then(|waste| waste.usd_per_month) {
                    Some(month) => hidden.usd_per_month.0 += month.0,
                    None => hidden.without_month += 1,
                }
            }
            hidden.findings += numbers.len();
            numbers.iter().for_each(|number| is_hidden[*number] = true);
        }
        // A run over a part does not see the others.
        hidden.gone += if is_partial { 0 } else { known.values().map(|known| known.count).sum() };
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
        let month = self.usd_per_month.zip(worth.usd_per_month).map(|sides| (sides, "a month"));
        let run = || self.usd_per_run.zip(worth.usd_per_run).map(|sides| (sides, "a run"));
        let ((before, now), per) = month.or_else(run)?;
        let is_dearer = now > before * DEARER && now - before > CENT;
        is_dearer.then(|| format!("{} {per}, and {} when the baseline was written", Usd(now), Usd(before)))
    }
}

impl Place {
    fn at(&self) -> String {
        match (&self.file, &self.table, &self.object) {
            (Some(file), _, _) => format!("in {file}"),
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
        let file = found.place.file.as_ref().map(|file| seen_from(Some(folder), base, file));
        let without_file = |name: &Option<String>| if file.is_none() { name.clone() } else { None };
        let (table, object) = (without_file(&found.finding.table), without_file(&found.finding.object));
        let place = Place { rule: found.finding.rule.to_string(), table, object, file };
        groups.entry(place).or_default().push(number);
    }
    groups
}

fn worth<'f>(found: impl Iterator<Item = &'f Found>) -> Worth {
    let mut all = Worth { usd_per_month: Some(0.0), usd_per_run: Some(0.0) };
    let plus = |sum: Option<f64>, more: Option<f64>| Some(sum? + more?);
    for found in found {
        let waste = found.finding.waste.as_ref();
        all.usd_per_month = plus(all.usd_per_month, waste.and_then(|waste| waste.usd_per_month).map(|usd| usd.0));
        let run = waste.filter(|waste| waste.billed != Billed::Storage);
        all.usd_per_run = plus(all.usd_per_run, run.map(|waste| waste.usd.before.0 - waste.usd.after.0));
    }
    all
}

/// What serde says, without its place.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_string()
}
