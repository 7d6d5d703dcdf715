//! The set of values that a column may have: sorted, disjoint ranges, and whether NULL belongs to it.

use super::Value;

/// One end of a range.
#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    Unbounded,
    Included(Value),
    Excluded(Value),
}

/// A non-empty range of non-null values of one type.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    pub low: Bound,
    pub high: Bound,
}

/// A set of values. Ranges are sorted, disjoint and not adjacent, so equal sets are equal values.
#[derive(Debug, Clone, PartialEq)]
pub struct Domain {
    pub ranges: Vec<Range>,
    pub nulls: bool,
}

impl Domain {
    /// Every value and NULL.
    pub fn all() -> Domain {
        Domain { ranges: vec![Range { low: Bound::Unbounded, high: Bound::Unbounded }], nulls: true }
    }

    pub fn none() -> Domain {
        Domain { ranges: Vec::new(), nulls: false }
    }

    pub fn is_all(&self) -> bool {
        *self == Domain::all()
    }

    pub fn is_none(&self) -> bool {
        self.ranges.is_empty() && !self.nulls
    }

    /// Only NULL.
    pub fn null() -> Domain {
        Domain { ranges: Vec::new(), nulls: true }
    }

    /// Every value but NULL.
    pub fn not_null() -> Domain {
        Domain { nulls: false, ..Domain::all() }
    }

    pub fn single(value: Value) -> Domain {
        Domain::range(Bound::Included(value.clone()), Bound::Included(value))
    }

    /// The values between two bounds; none when the bounds cross. Never NULL.
    pub fn range(_low: Bound, _high: Bound) -> Domain {
        Domain::all()
    }

    /// The values of a list, NULLs ignored.
    pub fn values(_values: impl IntoIterator<Item = Value>) -> Domain {
        Domain::all()
    }

    pub fn intersect(&self, _other: &Domain) -> Domain {
        self.clone()
    }

    pub fn union(&self, _other: &Domain) -> Domain {
        Domain::all()
    }

    /// Every value and NULL that is not in this set.
    pub fn complement(&self) -> Domain {
        Domain::all()
    }

    pub fn contains(&self, _value: &Value) -> bool {
        true
    }

    /// Whether every value of `other` belongs to this set.
    pub fn covers(&self, other: &Domain) -> bool {
        self.intersect(other) == *other
    }

    /// The values, when the set is finite and spelled out: single values only.
    pub fn discrete(&self) -> Option<Vec<&Value>> {
        None
    }

    /// The lowest bound; `None` when the set is empty of non-null values.
    pub fn low(&self) -> Option<&Bound> {
        self.ranges.first().map(|r| &r.low)
    }

    pub fn high(&self) -> Option<&Bound> {
        self.ranges.last().map(|r| &r.high)
    }
}
