//! The set of values that a column may have: sorted, disjoint ranges, and whether NULL belongs to it.

use std::cmp::Ordering;

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

    /// One value; none for NULL, which equals nothing.
    pub fn single(value: Value) -> Domain {
        Domain::values([value])
    }

    /// The values between two bounds; none when the bounds cross. Never NULL. Bounds that cannot be compared with each other
    /// (two types, NaN, arrays) limit nothing.
    pub fn range(low: Bound, high: Bound) -> Domain {
        if low.value().is_some_and(|v| !is_orderable(v)) || high.value().is_some_and(|v| !is_orderable(v)) {
            return Domain::not_null();
        }
        let ranges = match (low.value(), high.value()) {
            (Some(a), Some(b)) => match a.compare(b) {
                None => return Domain::not_null(),
                Some(Ordering::Greater) => Vec::new(),
                Some(Ordering::Equal) if !(low.is_included() && high.is_included()) => Vec::new(),
                Some(_) => vec![Range { low, high }],
            },
            _ => vec![Range { low, high }],
        };
        Domain { ranges, nulls: false }
    }

    /// The values of a list, NULLs ignored. Values that cannot be compared with each other limit nothing.
    pub fn values(values: impl IntoIterator<Item = Value>) -> Domain {
        let mut values: Vec<Value> = values.into_iter().filter(|v| *v != Value::Null).collect();
        let comparable = match values.first() {
            Some(first) => values.iter().all(|v| is_orderable(v) && first.compare(v).is_some()),
            None => true,
        };
        if !comparable {
            return Domain::not_null();
        }
        values.sort_by(order);
        values.dedup_by(|b, a| order(a, b).is_eq());
        let point = |v: Value| Range { low: Bound::Included(v.clone()), high: Bound::Included(v) };
        Domain { ranges: values.into_iter().map(point).collect(), nulls: false }
    }

    /// The values of both sets. When the two hold values of types that cannot be compared, the result is this set: nothing
    /// is known about what they share, and this set is never too small.
    pub fn intersect(&self, other: &Domain) -> Domain {
        if !self.is_comparable_with(other) {
            return self.clone();
        }
        let (mut i, mut j) = (0, 0);
        let mut ranges = Vec::new();
        while let (Some(a), Some(b)) = (self.ranges.get(i), other.ranges.get(j)) {
            let low = if order_low(&a.low, &b.low).is_ge() { &a.low } else { &b.low };
            let a_ends_first = order_high(&a.high, &b.high).is_le();
            let high = if a_ends_first { &a.high } else { &b.high };
            if !is_empty(low, high) {
                ranges.push(Range { low: low.clone(), high: high.clone() });
            }
            if a_ends_first {
                i += 1;
            } else {
                j += 1;
            }
        }
        Domain { ranges, nulls: self.nulls && other.nulls }
    }

    /// The values of either set. Types that cannot be compared give every value.
    pub fn union(&self, other: &Domain) -> Domain {
        let nulls = self.nulls || other.nulls;
        if !self.is_comparable_with(other) {
            return Domain { nulls, ..Domain::all() };
        }
        let mut ranges: Vec<Range> = Vec::with_capacity(self.ranges.len() + other.ranges.len());
        let (mut left, mut right) = (self.ranges.iter().peekable(), other.ranges.iter().peekable());
        loop {
            let next = match (left.peek(), right.peek()) {
                (Some(a), Some(b)) if order_low(&a.low, &b.low).is_le() => left.next(),
                (_, Some(_)) => right.next(),
                (_, None) => left.next(),
            };
            let Some(next) = next else { break };
            match ranges.last_mut() {
                Some(last) if touches(&last.high, &next.low) => {
                    if order_high(&last.high, &next.high).is_lt() {
                        last.high = next.high.clone();
                    }
                }
                _ => ranges.push(next.clone()),
            }
        }
        Domain { ranges, nulls }
    }

    /// The intersection of many sets; every value when there are none. Pairs are joined first, so that many small sets cost
    /// no more than sorting them.
    pub fn intersection(domains: Vec<Domain>) -> Domain {
        reduce(domains, Domain::intersect).unwrap_or_else(Domain::all)
    }

    /// The union of many sets; none when there are none.
    pub fn union_of(domains: Vec<Domain>) -> Domain {
        reduce(domains, Domain::union).unwrap_or_else(Domain::none)
    }

    /// Every value and NULL that is not in this set.
    pub fn complement(&self) -> Domain {
        let mut ranges = Vec::with_capacity(self.ranges.len() + 1);
        let mut low = Bound::Unbounded;
        for range in &self.ranges {
            // The first range may start at the very bottom; later ones never do.
            if let Some(high) = range.low.opposite() {
                ranges.push(Range { low, high });
            }
            match range.high.opposite() {
                Some(next) => low = next,
                None => return Domain { ranges, nulls: !self.nulls },
            }
        }
        ranges.push(Range { low, high: Bound::Unbounded });
        Domain { ranges, nulls: !self.nulls }
    }

    /// Whether a value belongs to the set. A value that cannot be compared with the set's counts as a member unless the set
    /// is empty: callers drop what is certainly outside.
    pub fn contains(&self, value: &Value) -> bool {
        if *value == Value::Null {
            return self.nulls;
        }
        let Some(bound) = self.ranges.iter().find_map(Range::any_value) else { return !self.ranges.is_empty() };
        if bound.compare(value).is_none() {
            return true;
        }
        // The last range that starts at or before the value.
        let starts = |r: &Range| match &r.low {
            Bound::Unbounded => true,
            Bound::Included(low) => order(low, value).is_le(),
            Bound::Excluded(low) => order(low, value).is_lt(),
        };
        let ends = |r: &Range| match &r.high {
            Bound::Unbounded => true,
            Bound::Included(high) => order(value, high).is_le(),
            Bound::Excluded(high) => order(value, high).is_lt(),
        };
        let after = self.ranges.partition_point(starts);
        after.checked_sub(1).is_some_and(|i| ends(&self.ranges[i]))
    }

    /// Whether every value of `other` belongs to this set; false when the types cannot be compared.
    pub fn covers(&self, other: &Domain) -> bool {
        if (other.nulls && !self.nulls) || !self.is_comparable_with(other) {
            return false;
        }
        let mut own = self.ranges.iter().peekable();
        other.ranges.iter().all(|inner| {
            while own.next_if(|r| order_high(&r.high, &inner.high).is_lt()).is_some() {}
            own.peek().is_some_and(|r| order_low(&r.low, &inner.low).is_le())
        })
    }

    /// The values, when the set is finite and spelled out: single values only, and not NULL (as Trino's `isDiscreteSet`).
    pub fn discrete(&self) -> Option<Vec<&Value>> {
        if self.nulls {
            return None;
        }
        let point = |r: &Range| match (&r.low, &r.high) {
            (Bound::Included(a), Bound::Included(b)) => a.compare(b).is_some_and(Ordering::is_eq),
            _ => false,
        };
        self.ranges.iter().map(|r| if point(r) { r.low.value() } else { None }).collect()
    }

    /// Whether the values of both sets are of types with a common order. One value of each decides: a set holds one type.
    fn is_comparable_with(&self, other: &Domain) -> bool {
        match (self.ranges.iter().find_map(Range::any_value), other.ranges.iter().find_map(Range::any_value)) {
            (Some(a), Some(b)) => a.compare(b).is_some(),
            _ => true,
        }
    }

    /// The lowest bound; `None` when the set is empty of non-null values.
    pub fn low(&self) -> Option<&Bound> {
        self.ranges.first().map(|r| &r.low)
    }

    pub fn high(&self) -> Option<&Bound> {
        self.ranges.last().map(|r| &r.high)
    }
}

impl Bound {
    fn value(&self) -> Option<&Value> {
        match self {
            Bound::Unbounded => None,
            Bound::Included(v) | Bound::Excluded(v) => Some(v),
        }
    }

    fn is_included(&self) -> bool {
        matches!(self, Bound::Included(_))
    }

    /// The bound that starts where this one ends; `None` when it never ends.
    fn opposite(&self) -> Option<Bound> {
        match self {
            Bound::Unbounded => None,
            Bound::Included(v) => Some(Bound::Excluded(v.clone())),
            Bound::Excluded(v) => Some(Bound::Included(v.clone())),
        }
    }
}

impl Range {
    fn any_value(&self) -> Option<&Value> {
        self.low.value().or(self.high.value())
    }
}

/// Whether values of this kind have an order at all: a value that does not equal itself (NaN, an array) has none.
fn is_orderable(value: &Value) -> bool {
    value.compare(value).is_some()
}

/// Order of two values of one domain, which are comparable by construction.
fn order(a: &Value, b: &Value) -> Ordering {
    a.compare(b).unwrap_or(Ordering::Equal)
}

fn order_low(a: &Bound, b: &Bound) -> Ordering {
    match (a.value(), b.value()) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(x), Some(y)) => order(x, y).then_with(|| b.is_included().cmp(&a.is_included())),
    }
}

fn order_high(a: &Bound, b: &Bound) -> Ordering {
    match (a.value(), b.value()) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(x), Some(y)) => order(x, y).then_with(|| a.is_included().cmp(&b.is_included())),
    }
}

fn is_empty(low: &Bound, high: &Bound) -> bool {
    match (low.value(), high.value()) {
        (Some(a), Some(b)) => match order(a, b) {
            Ordering::Less => false,
            Ordering::Equal => !(low.is_included() && high.is_included()),
            Ordering::Greater => true,
        },
        _ => false,
    }
}

/// Whether a range that ends at `high` and one that starts at `low`, not before it, leave no value between them.
fn touches(high: &Bound, low: &Bound) -> bool {
    match (high.value(), low.value()) {
        (Some(a), Some(b)) => match order(b, a) {
            Ordering::Less => true,
            Ordering::Equal => high.is_included() || low.is_included(),
            Ordering::Greater => false,
        },
        _ => true,
    }
}

/// Joins neighbours until one set is left.
fn reduce(mut domains: Vec<Domain>, join: fn(&Domain, &Domain) -> Domain) -> Option<Domain> {
    while domains.len() > 1 {
        domains = domains.chunks(2).map(|pair| if let [a, b] = pair { join(a, b) } else { pair[0].clone() }).collect();
    }
    domains.pop()
}

#[cfg(test)]
mod tests;
