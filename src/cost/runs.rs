//! How often queries run: `[runs]`, counted per month.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{Datelike, Days};
use croner::parser::CronParser;
use croner::{Cron, Weekday};
use globset::{GlobBuilder, GlobMatcher};
use serde::Deserialize;

use crate::expr::AsOf;
use crate::lake::DAYS_PER_MONTH;
use crate::shown_path::seen_from;

/// How often something runs: `30/month`, `rate(1 hour)`, `cron(0 6 * * ? *)` or `0 6 * * *`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub enum Frequency {
    PerMonth(f64),
    Cron(Box<Cron>),
}

const EXPECTED: &str =
    "expected a frequency such as \"30/month\", \"4/day\", \"rate(1 hour)\" or \"cron(0 6 * * ? *)\"";

impl TryFrom<String> for Frequency {
    type Error = String;

    fn try_from(text: String) -> Result<Frequency, String> {
        let text = text.trim();
        let call =
            |name: &str| text.strip_prefix(name)?.trim_start().strip_prefix('(')?.strip_suffix(')').map(str::trim);
        if let Some(fields) = call("cron") {
            return cron(fields);
        }
        if let Some(rate) = call("rate") {
            return rate_per_month(rate).map(Frequency::PerMonth).ok_or(EXPECTED.to_string());
        }
        match text.split_once('/').and_then(|(runs, unit)| per_month(runs.trim(), unit.trim())) {
            Some(runs) => Ok(Frequency::PerMonth(runs)),
            None if text.split_whitespace().count() == 5 => cron(text),
            None => Err(EXPECTED.to_string()),
        }
    }
}

/// `30`, `month`: runs per month.
fn per_month(runs: &str, unit: &str) -> Option<f64> {
    let runs = runs.parse::<f64>().ok().filter(|runs| runs.is_finite() && *runs >= 0.0)?;
    let times = match unit {
        "hour" => 24.0 * DAYS_PER_MONTH,
        "day" => DAYS_PER_MONTH,
        "week" => DAYS_PER_MONTH / 7.0,
        "month" => 1.0,
        "year" => 1.0 / 12.0,
        _ => return None,
    };
    Some(runs * times)
}

/// `5 minutes`, as in EventBridge's `rate(5 minutes)`
/// (<https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>).
fn rate_per_month(rate: &str) -> Option<f64> {
    let (value, unit) = rate.split_once(char::is_whitespace)?;
    let value = value.parse::<u32>().ok().filter(|value| *value > 0)?;
    let per_day = match unit.trim().trim_end_matches('s') {
        "minute" => 24.0 * 60.0,
        "hour" => 24.0,
        "day" => 1.0,
        _ => return None,
    };
    Some(per_day / f64::from(value) * DAYS_PER_MONTH)
}

/// Five fields as everywhere, or the six of AWS, whose last is the year and whose weeks start with Sunday as 1
/// (<https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>).
fn cron(fields: &str) -> Result<Frequency, String> {
    let count = fields.split_whitespace().count();
    let parser = CronParser::builder().sloppy_ranges(true).alternative_weekdays(count == 6).build();
    let parsed = match count {
        5 => parser.parse(fields),
        // The parser's first field is the second.
        6 => parser.parse(&format!("0 {fields}")),
        n => return Err(format!("a cron expression has 5 fields, or 6 with the year, not {n}")),
    };
    let reason = |error: croner::errors::CronError| error.to_string().trim_end_matches('.').to_string();
    parsed.map(|cron| Frequency::Cron(Box::new(cron))).map_err(|error| format!("no cron expression: {}", reason(error)))
}

impl Frequency {
    /// Runs per month. A cron expression is counted over the year from `as_of` on, in UTC.
    pub fn per_month(&self, as_of: AsOf) -> f64 {
        match self {
            Frequency::PerMonth(runs) => *runs,
            Frequency::Cron(cron) => in_a_year(cron, as_of) as f64 / DAYS_COUNTED as f64 * DAYS_PER_MONTH,
        }
    }
}

const DAYS_COUNTED: u64 = 365;

/// Every day that matches has the same minutes that match: days and times are counted apart.
fn in_a_year(cron: &Cron, as_of: AsOf) -> u64 {
    let pattern = &cron.pattern;
    let holds = |matches: Result<bool, _>| u64::from(matches.unwrap_or(false));
    let hours: u64 = (0..24).map(|hour| holds(pattern.hour_match(hour))).sum();
    let minutes: u64 = (0..60).map(|minute| holds(pattern.minute_match(minute))).sum();
    let first = as_of.0.date();
    let days = (0..DAYS_COUNTED).filter_map(|days| first.checked_add_days(Days::new(days)));
    let matching = days.filter(|day| {
        let date = (day.year(), day.month(), day.day());
        let is_month = pattern.year_match(date.0).unwrap_or(false) && pattern.month_match(date.1).unwrap_or(false);
        is_month
            && pattern
                .day_match(date.0, date.1, date.2, Weekday::from_days_from_sunday(day.weekday().num_days_from_sunday()))
                .unwrap_or(false)
    });
    matching.count() as u64 * hours * minutes
}

/// The configured frequencies, by query name and by path.
#[derive(Debug, Default)]
pub struct Runs {
    by_name: BTreeMap<String, f64>,
    /// Longest glob first.
    by_path: Vec<(Vec<GlobMatcher>, f64)>,
    base: PathBuf,
    /// Folder that the globs start from.
    globs_from: Option<PathBuf>,
}

impl Runs {
    /// `base` is the working directory, which shown paths start from; `globs_from` is the configuration file's folder.
    pub fn new(entries: &BTreeMap<String, Frequency>, as_of: AsOf, base: &Path, globs_from: Option<&Path>) -> Runs {
        let by_name: BTreeMap<String, f64> =
            entries.iter().map(|(key, frequency)| (key.clone(), frequency.per_month(as_of))).collect();
        let mut keys: Vec<(&String, f64)> = by_name.iter().map(|(key, runs)| (key, *runs)).collect();
        keys.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then(a.cmp(b)));
        let by_path = keys.into_iter().map(|(key, runs)| (matchers(key), runs)).collect();
        Runs { by_name, by_path, base: base.to_path_buf(), globs_from: globs_from.map(Path::to_path_buf) }
    }

    /// Runs per month of what has a name.
    pub fn of_name(&self, name: &str) -> Option<f64> {
        self.by_name.get(name).copied()
    }

    /// Runs per month of a query or a state machine; `None` when nothing says. Its name counts before the path of its file, and of the globs that
    /// fit the path the longest.
    pub fn per_month(&self, name: Option<&str>, shown: &str) -> Option<f64> {
        if self.by_name.is_empty() {
            return None;
        }
        if let Some(runs) = name.and_then(|name| self.of_name(name)) {
            return Some(runs);
        }
        let path = seen_from(self.globs_from.as_deref(), &self.base, shown);
        let fits = |matchers: &[GlobMatcher]| matchers.iter().any(|glob| glob.is_match(&path));
        self.by_path.iter().find(|(matchers, _)| fits(matchers)).map(|(_, runs)| *runs)
    }
}

/// A path or glob, and everything below it. A name that is no glob fits no path.
fn matchers(key: &str) -> Vec<GlobMatcher> {
    let key = key.trim_start_matches("./").trim_end_matches('/');
    let compile = |glob: &str| GlobBuilder::new(glob).literal_separator(true).build().ok();
    [compile(key), compile(&format!("{key}/**"))].into_iter().flatten().map(|glob| glob.compile_matcher()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn as_of() -> AsOf {
        AsOf(NaiveDate::from_ymd_opt(2025, 6, 30).and_then(|day| day.and_hms_opt(0, 0, 0)).expect("a date"))
    }

    fn monthly(text: &str) -> Result<f64, String> {
        Frequency::try_from(text.to_string()).map(|frequency| frequency.per_month(as_of()))
    }

    #[track_caller]
    fn assert_monthly(text: &str, expected: f64) {
        let runs = monthly(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!((runs - expected).abs() < 0.01, "{text}: {runs}, not {expected}");
    }

    #[test]
    fn frequencies_are_counted_per_month() {
        assert_monthly("30/month", 30.0);
        assert_monthly("4 / day", 121.75);
        assert_monthly("1/week", 4.348);
        assert_monthly("0.5/hour", 365.25);
        assert_monthly("12/year", 1.0);
        assert_monthly("rate(1 hour)", 730.5);
        assert_monthly("rate(5 minutes)", 8766.0);
        assert_monthly("rate(7 days)", 4.348);
    }

    #[test]
    fn cron_is_counted_over_a_year() {
        assert_monthly("0 6 * * *", 30.4375);
        assert_monthly("cron(0 6 * * ? *)", 30.4375);
        assert_monthly("*/5 * * * *", 8766.0);
        assert_monthly("cron(0/15 * * * ? *)", 2922.0);
        // 52 weeks and a day, which is a Monday from 2025-06-30 on.
        assert_monthly("cron(0 8 ? * MON *)", 53.0 / 365.0 * 30.4375);
        assert_monthly("cron(0 8 ? * 2 *)", 53.0 / 365.0 * 30.4375);
        assert_monthly("0 8 * * 1", 53.0 / 365.0 * 30.4375);
        assert_monthly("cron(0 8 ? * MON-FRI *)", 261.0 / 365.0 * 30.4375);
        assert_monthly("cron(0 8 1 * ? *)", 1.0007);
        assert_monthly("cron(0 8 L * ? *)", 1.0007);
        assert_monthly("cron(0 8 ? * 6#3 *)", 1.0007);
        assert_monthly("cron(0 8 1 1 ? 2030)", 0.0);
    }

    #[test]
    fn what_is_no_frequency_says_why() {
        for text in ["", "30", "30/fortnight", "-1/day", "x/day", "inf/day", "rate(0 hours)", "rate(hour)", "daily"] {
            assert_eq!(monthly(text).expect_err(text), EXPECTED, "{text}");
        }
        assert!(monthly("cron(0 6 * *)").expect_err("four").ends_with("5 fields, or 6 with the year, not 4"));
        let wrong = monthly("cron(0 25 * * ? *)").expect_err("no hour 25");
        assert!(wrong.starts_with("no cron expression: ") && !wrong.ends_with('.'), "{wrong}");
    }

    #[test]
    fn the_name_counts_first_and_then_the_longest_glob() {
        let entries = [("models", 1.0), ("models/daily/*.sql", 30.0), ("daily revenue", 60.0), ("**/*.sql", 2.0)];
        let entries = entries.map(|(key, runs)| (key.to_string(), Frequency::PerMonth(runs))).into();
        let runs = Runs::new(&entries, as_of(), Path::new("/repo/sub"), Some(Path::new("/repo")));
        assert_eq!(runs.per_month(Some("daily revenue"), "../models/daily/a.sql"), Some(60.0));
        assert_eq!(runs.per_month(Some("other"), "../models/daily/a.sql"), Some(30.0));
        assert_eq!(runs.per_month(None, "../models/daily/deep/a.sql"), Some(2.0));
        assert_eq!(runs.per_month(None, "../models/a.hql"), Some(1.0));
        assert_eq!(runs.per_month(None, "a.hql"), None);
        assert_eq!(Runs::default().per_month(Some("x"), "a.sql"), None);
    }
}
