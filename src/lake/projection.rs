//! How many partitions a partition projection stands for.

use chrono::{Datelike, NaiveDateTime, TimeDelta};

use super::{Projection, ProjectionKind};
use crate::expr::AsOf;
use crate::expr::date_format::java_pattern;

impl Projection {
    /// Partitions that a query without any filter enumerates; `None` when a key's range cannot be read. An injected key
    /// counts once: a query must name its values.
    pub fn combinations(&self, as_of: AsOf) -> Option<u64> {
        self.keys.values().try_fold(1u64, |product, kind| Some(product.saturating_mul(kind.values(as_of)?)))
    }
}

impl ProjectionKind {
    fn values(&self, as_of: AsOf) -> Option<u64> {
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
        Ok(later) => as_of.0.checked_add_months(chrono::Months::new(later)),
        Err(_) => as_of.0.checked_sub_months(chrono::Months::new(months.unsigned_abs())),
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
