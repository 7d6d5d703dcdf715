//! The partitions that a partition projection stands for: how many they are, which values they have.
//!
//! Source: Amazon Athena User Guide, "Set up partition projection" and "Supported types for partition projection".

use chrono::{Datelike, Months, NaiveDateTime, TimeDelta};

use super::{Projection, ProjectionKind};
use crate::expr::AsOf;
use crate::expr::date_format::{Pattern, java_pattern};

impl Projection {
    /// Partitions that a query without any filter enumerates; `None` when a key's range cannot be read. An injected key
    /// counts once: a query must name its values.
    pub fn combinations(&self, as_of: AsOf) -> Option<u64> {
        self.keys.values().try_fold(1u64, |product, kind| Some(product.saturating_mul(kind.values(as_of)?)))
    }
}

impl ProjectionKind {
    /// Whether a stored value is one that is projected: written as projection writes it, in range, on a step. What cannot be
    /// read is held to be.
    pub fn holds(&self, text: Option<&str>, as_of: AsOf) -> bool {
        let Some(text) = text else { return matches!(self, ProjectionKind::Injected | ProjectionKind::Invalid(_)) };
        match self {
            ProjectionKind::Enum { values } => values.iter().any(|value| value == text),
            ProjectionKind::Integer { min, max, interval, digits } => {
                let Ok(n) = text.parse::<i64>() else { return false };
                let step = i64::try_from((*interval).max(1)).unwrap_or(i64::MAX);
                let is_on_step = n.checked_sub(*min).is_some_and(|offset| offset % step == 0);
                (*min..=*max).contains(&n) && is_on_step && integer_text(n, *digits) == text
            }
            ProjectionKind::Date { .. } => DateSteps::of(self, as_of).is_none_or(|steps| steps.holds(text)),
            ProjectionKind::Injected | ProjectionKind::Invalid(_) => true,
        }
    }

    /// The projected values in order, at most `limit` of them; `None` when they cannot be told: an injected key, a range that
    /// cannot be read.
    pub fn texts(&self, as_of: AsOf, limit: usize) -> Option<Vec<String>> {
        match self {
            ProjectionKind::Enum { values } => Some(values.iter().take(limit).cloned().collect()),
            ProjectionKind::Integer { min, max, interval, digits } => {
                let step = usize::try_from((*interval).max(1)).ok()?;
                Some((*min..=*max).step_by(step).take(limit).map(|n| integer_text(n, *digits)).collect())
            }
            ProjectionKind::Date { .. } => {
                let steps = DateSteps::of(self, as_of)?;
                let times = (0..).map_while(|n| steps.at(n)).take_while(|time| *time <= steps.to).take(limit);
                times.map(|time| steps.pattern.format(time)).collect()
            }
            ProjectionKind::Injected | ProjectionKind::Invalid(_) => None,
        }
    }

    /// How many values there are; an injected key has one.
    pub fn values(&self, as_of: AsOf) -> Option<u64> {
        match self {
            ProjectionKind::Enum { values } => Some(values.len() as u64),
            ProjectionKind::Integer { min, max, interval, .. } => {
                Some(max.checked_sub(*min).filter(|width| *width >= 0)? as u64 / (*interval).max(1) + 1)
            }
            ProjectionKind::Date { from, to, format, interval, unit } => {
                let (from, to) = (range_end(from, format, as_of)?, range_end(to, format, as_of)?);
                if to < from {
                    return Some(0);
                }
                Some(units_between(from, to, unit.as_deref().or(default_unit(format))?)? / (*interval).max(1) + 1)
            }
            ProjectionKind::Injected => Some(1),
            ProjectionKind::Invalid(_) => None,
        }
    }
}

fn integer_text(n: i64, digits: Option<u32>) -> String {
    let width = digits.map_or(0, |digits| digits.min(40) as usize);
    format!("{n:0width$}")
}

/// The times of a date projection: its start, and every step from there to its end.
struct DateSteps {
    pattern: Pattern,
    from: NaiveDateTime,
    to: NaiveDateTime,
    interval: u64,
    unit: String,
}

impl DateSteps {
    fn of(kind: &ProjectionKind, as_of: AsOf) -> Option<DateSteps> {
        let ProjectionKind::Date { from, to, format, interval, unit } = kind else { return None };
        let pattern = Pattern::java(format)?;
        // `NOW` is a time of day: as written by the pattern it is a value.
        let written = |end: &str| pattern.parse(&pattern.format(range_end(end, format, as_of)?)?);
        let (from, to) = (written(from)?, written(to)?);
        let unit = unit.as_deref().or(default_unit(format))?.trim().to_ascii_uppercase();
        let steps = DateSteps { pattern, from, to, interval: (*interval).max(1), unit };
        steps.at(1).map(|_| steps)
    }

    /// The start moved by `n` steps; `None` for a unit that is none, and beyond what a calendar holds.
    fn at(&self, n: u64) -> Option<NaiveDateTime> {
        let units = n.checked_mul(self.interval)?;
        let months =
            |each: u64| self.from.checked_add_months(Months::new(u32::try_from(units.checked_mul(each)?).ok()?));
        let milliseconds = |each: i64| {
            self.from.checked_add_signed(TimeDelta::try_milliseconds(i64::try_from(units).ok()?.checked_mul(each)?)?)
        };
        match self.unit.trim_end_matches('S') {
            "YEAR" => months(12),
            "MONTH" => months(1),
            "WEEK" => milliseconds(604_800_000),
            "DAY" => milliseconds(86_400_000),
            "HOUR" => milliseconds(3_600_000),
            "MINUTE" => milliseconds(60_000),
            "SECOND" => milliseconds(1_000),
            "MILLISECOND" => milliseconds(1),
            _ => None,
        }
    }

    fn holds(&self, text: &str) -> bool {
        let Some(time) = self.pattern.parse(text) else { return false };
        if time < self.from || time > self.to || self.pattern.format(time).as_deref() != Some(text) {
            return false;
        }
        units_between(self.from, time, &self.unit).is_some_and(|units| self.at(units / self.interval) == Some(time))
    }
}

/// The unit may be left out where the pattern ends at the day or the month.
fn default_unit(format: &str) -> Option<&'static str> {
    match format.chars().rfind(char::is_ascii_alphabetic)? {
        'd' => Some("DAYS"),
        'M' => Some("MONTHS"),
        'y' => Some("YEARS"),
        _ => None,
    }
}

fn units_between(from: NaiveDateTime, to: NaiveDateTime, unit: &str) -> Option<u64> {
    let months = || {
        (i64::from(to.year()) * 12 + i64::from(to.month0())) - (i64::from(from.year()) * 12 + i64::from(from.month0()))
    };
    let width = to - from;
    let count = match unit.trim().to_ascii_uppercase().trim_end_matches('S') {
        "YEAR" => months() / 12,
        "MONTH" => months(),
        "WEEK" => width.num_weeks(),
        "DAY" => width.num_days(),
        "HOUR" => width.num_hours(),
        "MINUTE" => width.num_minutes(),
        "SECOND" => width.num_seconds(),
        "MILLISECOND" => width.num_milliseconds(),
        _ => return None,
    };
    u64::try_from(count).ok()
}

/// `2020-01-01` in the key's pattern, or `NOW`, `NOW-3YEARS`, `NOW+1DAY`.
fn range_end(text: &str, format: &str, as_of: AsOf) -> Option<NaiveDateTime> {
    let text = text.trim();
    let Some(offset) = text.strip_prefix("NOW") else { return java_pattern::parse(text, format) };
    if offset.trim().is_empty() {
        return Some(as_of.0);
    }
    let offset: String = offset.split_whitespace().collect();
    let (sign, rest) = match offset.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let split = rest.find(|c: char| !c.is_ascii_digit())?;
    let amount = rest[..split].parse::<i32>().ok()? * sign;
    let months = |months: i32| match u32::try_from(months) {
        Ok(later) => as_of.0.checked_add_months(Months::new(later)),
        Err(_) => as_of.0.checked_sub_months(Months::new(months.unsigned_abs())),
    };
    let seconds = |seconds: i64| as_of.0.checked_add_signed(TimeDelta::try_seconds(i64::from(amount) * seconds)?);
    match rest[split..].to_ascii_uppercase().trim_end_matches('S') {
        "YEAR" => months(amount.checked_mul(12)?),
        "MONTH" => months(amount),
        "WEEK" => seconds(7 * 86_400),
        "DAY" => seconds(86_400),
        "HOUR" => seconds(3_600),
        "MINUTE" => seconds(60),
        "SECOND" => seconds(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn as_of() -> AsOf {
        AsOf(java_pattern::parse("2025-06-30", "yyyy-MM-dd").expect("a date"))
    }

    fn date(from: &str, to: &str, format: &str, unit: Option<&str>) -> Option<u64> {
        let kind = ProjectionKind::Date {
            from: from.to_string(),
            to: to.to_string(),
            format: format.to_string(),
            interval: 1,
            unit: unit.map(str::to_string),
        };
        kind.values(as_of())
    }

    #[test]
    fn date_ranges_count_their_units_and_unreadable_ones_count_nothing() {
        assert_eq!(date("2025-06-01", "NOW", "yyyy-MM-dd", None), Some(30));
        assert_eq!(date("NOW-3YEARS", "NOW+1DAY", "yyyy-MM-dd", None), Some(1098));
        assert_eq!(date("2024/01/01/00", "2024/01/02/23", "yyyy/MM/dd/HH", Some("HOURS")), Some(48));
        assert_eq!(date("202401", "202412", "yyyyMM", None), Some(12));
        assert_eq!(date("2024-01-01", "NOW", "yyyyMMdd", None), None);
        assert_eq!(date("${start}", "NOW", "yyyy-MM-dd", None), None);
        assert_eq!(date("2024-01-01-00", "NOW", "yyyy-MM-dd-HH", None), None);
    }

    fn days(from: &str, to: &str, format: &str, interval: u64, unit: Option<&str>) -> ProjectionKind {
        let unit = unit.map(str::to_string);
        ProjectionKind::Date { from: from.into(), to: to.into(), format: format.into(), interval, unit }
    }

    #[test]
    fn projected_values_are_listed_and_recognised() {
        let hours = ProjectionKind::Integer { min: 0, max: 23, interval: 6, digits: Some(2) };
        assert_eq!(hours.texts(as_of(), 100).expect("values"), ["00", "06", "12", "18"]);
        let held = |kind: &ProjectionKind, text: &str| kind.holds(Some(text), as_of());
        assert!(held(&hours, "06") && !held(&hours, "6") && !held(&hours, "07") && !held(&hours, "24"));
        let weeks = days("2025-06-01", "NOW", "yyyy-MM-dd", 1, Some("WEEKS"));
        let all = weeks.texts(as_of(), 100).expect("values");
        assert_eq!(all, ["2025-06-01", "2025-06-08", "2025-06-15", "2025-06-22", "2025-06-29"]);
        assert!(all.iter().all(|text| held(&weeks, text)));
        assert!(!held(&weeks, "2025-06-02") && !held(&weeks, "2025-05-25") && !held(&weeks, "2025-6-8"));
        let months = days("2025/01", "2025/12", "yyyy/MM", 2, None);
        assert_eq!(months.texts(as_of(), 3).expect("values"), ["2025/01", "2025/03", "2025/05"]);
        assert!(held(&months, "2025/11") && !held(&months, "2025/12"));
        let regions = ProjectionKind::Enum { values: vec!["eu".into(), "us".into()] };
        assert!(held(&regions, "eu") && !held(&regions, "EU") && !regions.holds(None, as_of()));
        assert_eq!(ProjectionKind::Injected.texts(as_of(), 3), None);
        assert!(ProjectionKind::Injected.holds(Some("any"), as_of()));
    }

    #[test]
    fn a_range_from_now_has_the_days_of_now() {
        let noon = AsOf(as_of().0 + TimeDelta::hours(12));
        let three = days("NOW-2DAYS", "NOW", "yyyy-MM-dd", 1, None);
        assert_eq!(three.texts(noon, 10).expect("values"), ["2025-06-28", "2025-06-29", "2025-06-30"]);
        assert!(three.holds(Some("2025-06-28"), noon) && three.holds(Some("2025-06-30"), noon));
    }

    #[test]
    fn an_unreadable_key_makes_the_product_unknown() {
        let numbers = ProjectionKind::Integer { min: 0, max: 9, interval: 1, digits: None };
        let of = |kinds: Vec<ProjectionKind>| Projection {
            keys: kinds.into_iter().enumerate().map(|(i, kind)| (i.to_string(), kind)).collect(),
            template: None,
        };
        assert_eq!(
            of(vec![numbers.clone(), numbers.clone(), ProjectionKind::Injected]).combinations(as_of()),
            Some(100)
        );
        assert_eq!(of(vec![numbers, ProjectionKind::Invalid("?".into())]).combinations(as_of()), None);
    }
}
