//! Set laws over integers, strings and dates, and the corners that laws do not reach.

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;

fn int(n: i64) -> Value {
    Value::Int(n)
}

fn text(s: &str) -> Value {
    Value::String(s.to_string())
}

fn bound() -> impl Fn(Value, u8) -> Bound {
    |value, kind| match kind % 4 {
        0 => Bound::Unbounded,
        1 => Bound::Excluded(value),
        _ => Bound::Included(value),
    }
}

/// Values of one type from a small pool, so that sets meet often.
fn value(kind: u8, n: i64) -> Value {
    match kind % 4 {
        0 => Value::Int(n),
        1 => Value::String(
            ["", "a", "ab", "abc", "b", "é", "z", "2024-01-01", "2024-01-02", "2024"][n as usize % 10].into(),
        ),
        2 => Value::Date(NaiveDate::from_ymd_opt(2024, 2, 20 + n as u32 % 10).expect("valid")),
        _ => {
            if n % 2 == 0 {
                Value::Int(n / 2)
            } else {
                Value::Float(n as f64 / 2.0)
            }
        }
    }
}

fn domain_of(kind: u8) -> impl Strategy<Value = Domain> {
    let range = (0..10i64, 0..10i64, 0..4u8, 0..4u8)
        .prop_map(move |(a, b, x, y)| Domain::range(bound()(value(kind, a), x), bound()(value(kind, b), y)));
    let list = prop::collection::vec(0..10i64, 0..4)
        .prop_map(move |list| Domain::values(list.into_iter().map(|n| value(kind, n))));
    (prop::collection::vec(prop_oneof![range, list], 0..4), any::<bool>()).prop_map(|(parts, nulls)| {
        let mut domain = parts.iter().fold(Domain::none(), |sum, part| sum.union(part));
        domain.nulls = nulls;
        domain
    })
}

fn three() -> impl Strategy<Value = (u8, Domain, Domain, Domain)> {
    (0..4u8).prop_flat_map(|kind| (Just(kind), domain_of(kind), domain_of(kind), domain_of(kind)))
}

fn members(kind: u8) -> impl Iterator<Item = Value> {
    (0..10).map(move |n| value(kind, n)).chain([Value::Null])
}

fn assert_canonical(domain: &Domain) {
    for pair in domain.ranges.windows(2) {
        assert!(!touches(&pair[0].high, &pair[1].low), "{domain:?}");
    }
    for range in &domain.ranges {
        assert!(!is_empty(&range.low, &range.high), "{domain:?}");
    }
}

proptest! {
    #[test]
    fn membership_agrees_with_the_set_operations((kind, a, b, _) in three()) {
        let (both, either, outside) = (a.intersect(&b), a.union(&b), a.complement());
        for domain in [&both, &either, &outside] {
            assert_canonical(domain);
        }
        for v in members(kind) {
            prop_assert_eq!(both.contains(&v), a.contains(&v) && b.contains(&v), "{:?}", v);
            prop_assert_eq!(either.contains(&v), a.contains(&v) || b.contains(&v), "{:?}", v);
            prop_assert_eq!(outside.contains(&v), !a.contains(&v), "{:?}", v);
        }
        prop_assert!(a.covers(&both) && either.covers(&a) && either.covers(&b));
        prop_assert_eq!(a.covers(&b), a.union(&b) == a);
    }

    #[test]
    fn equal_sets_are_equal_values((_, a, b, c) in three()) {
        prop_assert_eq!(a.union(&b), b.union(&a));
        prop_assert_eq!(a.intersect(&b), b.intersect(&a));
        prop_assert_eq!(a.union(&b).union(&c), a.union(&b.union(&c)));
        prop_assert_eq!(a.intersect(&b).intersect(&c), a.intersect(&b.intersect(&c)));
        prop_assert_eq!(a.complement().complement(), a.clone());
        prop_assert_eq!(a.union(&b).complement(), a.complement().intersect(&b.complement()));
        prop_assert_eq!(a.intersect(&a.complement()), Domain::none());
        prop_assert_eq!(a.union(&a.complement()), Domain::all());
        prop_assert_eq!(Domain::union_of(vec![a.clone(), b.clone(), c.clone()]), a.union(&b).union(&c));
        prop_assert_eq!(Domain::intersection(vec![a.clone(), b.clone(), c.clone()]), a.intersect(&b).intersect(&c));
    }
}

#[test]
fn ranges_that_meet_are_one_range() {
    let half = Domain::range(Bound::Included(int(1)), Bound::Excluded(int(5)));
    let rest = Domain::range(Bound::Included(int(5)), Bound::Included(int(9)));
    assert_eq!(half.union(&rest), Domain::range(Bound::Included(int(1)), Bound::Included(int(9))));
    let open = Domain::range(Bound::Excluded(int(5)), Bound::Unbounded);
    assert_eq!(half.union(&open).ranges.len(), 2, "5 is in neither");
}

#[test]
fn crossed_bounds_are_empty() {
    assert!(Domain::range(Bound::Included(int(2)), Bound::Included(int(1))).is_none());
    assert!(Domain::range(Bound::Included(int(2)), Bound::Excluded(int(2))).is_none());
    assert_eq!(Domain::range(Bound::Included(int(2)), Bound::Included(int(2))), Domain::single(int(2)));
}

#[test]
fn types_without_a_common_order_limit_nothing() {
    let (number, word) = (Domain::single(int(1)), Domain::single(text("a")));
    assert_eq!(number.intersect(&word), number);
    assert_eq!(number.union(&word), Domain::not_null());
    assert!(number.contains(&text("a")) && !Domain::none().contains(&text("a")));
    assert!(!number.covers(&word));
    assert_eq!(Domain::values([int(1), text("a")]), Domain::not_null());
    assert_eq!(Domain::single(Value::Float(f64::NAN)), Domain::not_null());
    assert_eq!(Domain::range(Bound::Included(Value::Float(f64::NAN)), Bound::Unbounded), Domain::not_null());
}

#[test]
fn lists_ignore_nulls_and_repetitions() {
    let list = Domain::values([int(3), Value::Null, int(1), int(3)]);
    assert_eq!(list.discrete(), Some(vec![&int(1), &int(3)]));
    assert_eq!(Domain::none().discrete(), Some(vec![]));
    assert_eq!(Domain::not_null().discrete(), None);
    assert_eq!(Domain { nulls: true, ..list }.discrete(), None);
    assert_eq!(Domain::single(Value::Null), Domain::none());
}

#[test]
fn long_lists_stay_cheap() {
    let odd = Domain::values((0..100_000).rev().map(|n| int(2 * n + 1)));
    let even = Domain::values((0..100_000).map(|n| int(2 * n)));
    assert_eq!(odd.union(&even).ranges.len(), 200_000);
    assert!(odd.intersect(&even).is_none());
    assert!(odd.complement().covers(&even));
    let singles: Vec<Domain> = (0..100_000).map(|n| Domain::single(int(n % 777))).collect();
    assert_eq!(Domain::union_of(singles).ranges.len(), 777);
}

#[test]
fn integers_and_fractions_have_one_order() {
    let big = i64::MAX;
    assert_eq!(int(big).compare(&Value::Float(big as f64)), Some(Ordering::Less));
    assert_eq!(int(2).compare(&Value::Float(2.5)), Some(Ordering::Less));
    assert_eq!(Value::Float(-2.5).compare(&int(-2)), Some(Ordering::Less));
    assert_eq!(int(0).compare(&Value::Float(-0.0)), Some(Ordering::Equal));
}
