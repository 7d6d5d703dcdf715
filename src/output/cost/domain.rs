//! The values of a key that predicates leave, in words.

use crate::expr::{Bound, Domain, Range, Value};

/// Most ranges that are written out.
const SHOWN: usize = 4;

/// `any value`, `2025-06-29`, `from 2025-06-01 to before 2025-07-01`, `'a', 'b' or NULL`.
pub(super) fn domain(domain: &Domain) -> String {
    if domain.is_all() {
        return "any value".to_string();
    }
    let mut parts: Vec<String> = domain.ranges.iter().take(SHOWN).map(range).collect();
    if domain.ranges.len() > SHOWN {
        parts.push(format!("{} more", domain.ranges.len() - SHOWN));
    }
    match (parts.is_empty(), domain.nulls) {
        (true, false) => "no value".to_string(),
        (true, true) => "NULL".to_string(),
        (false, false) => parts.join(", "),
        (false, true) => format!("{} or NULL", parts.join(", ")),
    }
}

fn range(range: &Range) -> String {
    match (&range.low, &range.high) {
        (Bound::Included(low), Bound::Included(high)) if low == high => value(low),
        (Bound::Unbounded, Bound::Unbounded) => "any value".to_string(),
        (low, Bound::Unbounded) => from(low),
        (Bound::Unbounded, high) => to(high),
        (low, high) => format!("{} {}", from(low), to(high)),
    }
}

fn from(bound: &Bound) -> String {
    match bound {
        Bound::Included(low) => format!("from {}", value(low)),
        Bound::Excluded(low) => format!("after {}", value(low)),
        Bound::Unbounded => String::new(),
    }
}

fn to(bound: &Bound) -> String {
    match bound {
        Bound::Included(high) => format!("to {}", value(high)),
        Bound::Excluded(high) => format!("to before {}", value(high)),
        Bound::Unbounded => String::new(),
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::String(text) => format!("'{text}'"),
        Value::Date(day) => day.to_string(),
        Value::Timestamp(at) => at.to_string(),
        Value::Interval(interval) => format!("{} months {} ms", interval.months, interval.milliseconds),
        Value::Array(values) => format!("[{}]", values.iter().map(self::value).collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_said_in_words() {
        let int = |value| Value::Int(value);
        let words = |d: Domain| domain(&d);
        assert_eq!(words(Domain::all()), "any value");
        assert_eq!(words(Domain::none()), "no value");
        assert_eq!(words(Domain::null()), "NULL");
        assert_eq!(words(Domain::single(Value::String("a".to_string()))), "'a'");
        assert_eq!(words(Domain::range(Bound::Included(int(1)), Bound::Excluded(int(5)))), "from 1 to before 5");
        assert_eq!(words(Domain::range(Bound::Unbounded, Bound::Included(int(5)))), "to 5");
        assert_eq!(
            words(Domain::range(Bound::Excluded(int(5)), Bound::Unbounded).union(&Domain::null())),
            "after 5 or NULL"
        );
        assert_eq!(words(Domain::values((0..6).map(|i| int(i * 10)))), "0, 10, 20, 30, 2 more");
    }
}
