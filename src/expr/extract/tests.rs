//! What becomes a domain, case by case, and the law behind all cases: rows that satisfy a predicate lie within its domains.

use chrono::{NaiveDate, NaiveDateTime};
use proptest::prelude::*;

use super::super::{AsOf, Evaluated, evaluate};
use super::*;
use BinaryOp::*;
use Bound::{Excluded, Included, Unbounded};

const TEXT: u32 = 0;
const INT: u32 = 1;
const DATE: u32 = 2;
const TIME: u32 = 3;
const BOOL: u32 = 4;
const FLOAT: u32 = 5;

fn types(column: ColumnId) -> Option<ColumnType> {
    [
        ColumnType::String,
        ColumnType::Integer(4),
        ColumnType::Date,
        ColumnType::Timestamp,
        ColumnType::Boolean,
        ColumnType::Float(8),
    ]
    .get(column.0 as usize)
    .cloned()
}

fn col(n: u32) -> Expr {
    Expr::Column(ColumnId(n))
}

fn lit(value: Value) -> Expr {
    Expr::Literal(value)
}

fn text(s: &str) -> Value {
    Value::String(s.into())
}

fn int(n: i64) -> Value {
    Value::Int(n)
}

fn date(s: &str) -> Value {
    Value::Date(s.parse().expect("valid"))
}

fn time(s: &str) -> Value {
    Value::Timestamp(NaiveDateTime::parse_from_str(s, "%Y-%m-%d %H:%M:%S").expect("valid"))
}

fn cmp(op: BinaryOp, left: Expr, right: Expr) -> Expr {
    Expr::binary(op, left, right)
}

fn and(parts: impl IntoIterator<Item = Expr>) -> Expr {
    parts.into_iter().reduce(|a, b| cmp(And, a, b)).expect("valid")
}

fn or(parts: impl IntoIterator<Item = Expr>) -> Expr {
    parts.into_iter().reduce(|a, b| cmp(Or, a, b)).expect("valid")
}

fn cast_to(expr: Expr, to: ColumnType) -> Expr {
    Expr::Cast { expr: Box::new(expr), to, attempt: false }
}

fn is_in(expr: Expr, list: Vec<Expr>, negated: bool) -> Expr {
    Expr::InList { expr: Box::new(expr), list, negated }
}

fn like(expr: Expr, pattern: &str, escape: Option<char>) -> Expr {
    Expr::Like { expr: Box::new(expr), pattern: Box::new(lit(text(pattern))), escape, negated: false }
}

fn between(expr: Expr, low: Expr, high: Expr, negated: bool) -> Expr {
    Expr::Between { expr: Box::new(expr), low: Box::new(low), high: Box::new(high), negated }
}

fn not(expr: Expr) -> Expr {
    Expr::Not(Box::new(expr))
}

/// The domain of one column and whether the extraction was exact.
fn domain(predicate: &Expr, column: u32) -> (Domain, bool) {
    let extracted = extract(predicate, &types);
    (extracted.domains.get(&ColumnId(column)).cloned().unwrap_or_else(Domain::all), extracted.exact)
}

fn no_domain(predicate: &Expr) {
    let extracted = extract(predicate, &types);
    assert_eq!((extracted.domains.len(), extracted.never, extracted.exact), (0, false, false), "{predicate:?}");
}

#[test]
fn comparisons_work_both_ways_round() {
    let after = (Domain::range(Excluded(int(5)), Unbounded), true);
    assert_eq!(domain(&cmp(Gt, col(INT), lit(int(5))), INT), after);
    assert_eq!(domain(&cmp(Lt, lit(int(5)), col(INT)), INT), after);
    assert_eq!(domain(&not(cmp(LtEq, col(INT), lit(int(5)))), INT), after);
    let other = Domain { nulls: false, ..Domain::single(int(5)).complement() };
    assert_eq!(domain(&cmp(NotEq, col(INT), lit(int(5))), INT), (other, true));
    assert_eq!(domain(&cmp(Distinct, col(INT), lit(int(5))), INT), (Domain::single(int(5)).complement(), true));
    assert_eq!(domain(&cmp(NotDistinct, col(INT), lit(Value::Null)), INT), (Domain::null(), true));
}

#[test]
fn literals_of_another_type_give_no_domain() {
    no_domain(&cmp(Eq, col(TEXT), lit(int(5))));
    no_domain(&cmp(Eq, col(INT), lit(text("5"))));
    no_domain(&is_in(col(INT), vec![lit(int(1)), lit(text("2"))], false));
    no_domain(&cmp(Eq, cast_to(col(TEXT), ColumnType::Integer(4)), lit(int(5))));
    no_domain(&cmp(Eq, cast_to(col(INT), ColumnType::String), lit(text("5"))));
}

#[test]
fn dates_and_times_are_read_as_the_columns_type() {
    assert_eq!(domain(&cmp(Eq, col(DATE), lit(date("2024-01-01"))), DATE).0, Domain::single(date("2024-01-01")));
    assert_eq!(domain(&cmp(Eq, col(DATE), lit(text("2024-01-01"))), DATE).0, Domain::single(date("2024-01-01")));
    assert_eq!(
        domain(&cmp(Eq, col(DATE), lit(time("2024-01-01 00:00:00"))), DATE).0,
        Domain::single(date("2024-01-01"))
    );
    let from = Domain::range(Included(time("2024-01-01 00:00:00")), Unbounded);
    assert_eq!(domain(&cmp(GtEq, col(TIME), lit(date("2024-01-01"))), TIME), (from, true));
    assert_eq!(domain(&cmp(Eq, col(FLOAT), lit(int(2))), FLOAT).0, Domain::single(Value::Float(2.0)));
    assert_eq!(domain(&cmp(Eq, col(INT), lit(Value::Float(2.0))), INT).0, Domain::single(int(2)));
}

#[test]
fn lists_ignore_nulls_and_need_constants() {
    let list = || vec![lit(text("a")), lit(text("b"))];
    let with = |extra: Expr| list().into_iter().chain([extra]).collect::<Vec<_>>();
    let both = Domain::values([text("a"), text("b")]);
    assert_eq!(domain(&is_in(col(TEXT), list(), false), TEXT), (both.clone(), true));
    assert_eq!(domain(&is_in(col(TEXT), with(lit(Value::Null)), false), TEXT), (both.clone(), true));
    assert_eq!(domain(&is_in(col(TEXT), list(), true), TEXT), (Domain { nulls: false, ..both.complement() }, true));
    assert_eq!(domain(&is_in(col(TEXT), with(lit(Value::Null)), true), TEXT), (Domain::none(), true));
    no_domain(&is_in(col(TEXT), with(Expr::Placeholder), false));
    no_domain(&is_in(col(TEXT), with(col(INT)), false));
}

#[test]
fn between_is_two_comparisons() {
    let inside = Domain::range(Included(int(2)), Included(int(4)));
    assert_eq!(domain(&between(col(INT), lit(int(2)), lit(int(4)), false), INT), (inside.clone(), true));
    let outside = Domain { nulls: false, ..inside.complement() };
    assert_eq!(domain(&between(col(INT), lit(int(2)), lit(int(4)), true), INT), (outside, true));
    let half = (Domain::range(Included(int(2)), Unbounded), false);
    assert_eq!(domain(&between(col(INT), lit(int(2)), Expr::Placeholder, false), INT), half);
    assert_eq!(
        domain(&between(lit(int(2)), col(INT), lit(int(4)), false), INT),
        (Domain::range(Unbounded, Included(int(2))), true)
    );
}

#[test]
fn or_limits_what_every_branch_limits() {
    let branch = |t: &str, n: i64| cmp(And, cmp(Eq, col(TEXT), lit(text(t))), cmp(Eq, col(INT), lit(int(n))));
    let either = or([branch("a", 1), branch("b", 2)]);
    assert_eq!(domain(&either, TEXT), (Domain::values([text("a"), text("b")]), false));
    assert_eq!(domain(&either, INT), (Domain::values([int(1), int(2)]), false));
    no_domain(&or([cmp(Eq, col(TEXT), lit(text("a"))), cmp(Eq, col(INT), lit(int(5)))]));
    no_domain(&or([cmp(Eq, col(TEXT), lit(text("a"))), cmp(Eq, col(TEXT), Expr::Placeholder)]));
    let one = or([cmp(Eq, col(TEXT), lit(text("a"))), cmp(Gt, col(TEXT), lit(text("x")))]);
    assert!(domain(&one, TEXT).1, "one column in every branch says all");
    let dead = or([cmp(Eq, col(TEXT), lit(text("a"))), lit(Value::Bool(false))]);
    assert_eq!(domain(&dead, TEXT), (Domain::single(text("a")), true));
}

#[test]
fn prefixes_are_ranges() {
    let range = |low: &str, high: &str| Domain::range(Included(text(low)), Excluded(text(high)));
    assert_eq!(domain(&like(col(TEXT), "2024-01%", None), TEXT), (range("2024-01", "2024-02"), true));
    assert_eq!(domain(&like(col(TEXT), "2024-%-01", None), TEXT), (range("2024-", "2024."), false));
    assert_eq!(domain(&like(col(TEXT), "a#_b%", Some('#')), TEXT), (range("a_b", "a_c"), true));
    assert_eq!(domain(&like(col(TEXT), "abc", None), TEXT), (Domain::single(text("abc")), true));
    assert_eq!(
        domain(&Expr::call("starts_with", vec![col(TEXT), lit(text("abc"))]), TEXT),
        (range("abc", "abd"), true)
    );
    let top = like(col(TEXT), "a\u{10FFFF}%", None);
    assert_eq!(domain(&top, TEXT).0, range("a\u{10FFFF}", "b"));
    no_domain(&like(col(TEXT), "%abc", None));
    no_domain(&not(like(col(TEXT), "abc%", None)));
    no_domain(&like(col(INT), "1%", None));
    no_domain(&like(cast_to(col(DATE), ColumnType::String), "2024%", None));
}

#[test]
fn text_beside_a_time_may_hold_a_time_of_day() {
    let of = |op, constant: Value| domain(&cmp(op, col(TEXT), lit(constant)), TEXT).0;
    let (day, next) = (|| text("2024-06-30"), || text("2024-07-01"));
    let noon = || time("2024-06-30 12:00:00");
    assert_eq!(of(GtEq, noon()), Domain::range(Included(day()), Unbounded));
    assert_eq!(of(Gt, noon()), Domain::range(Included(day()), Unbounded));
    assert_eq!(of(Lt, noon()), Domain::range(Unbounded, Excluded(next())));
    assert_eq!(of(Eq, noon()), Domain::range(Included(day()), Excluded(next())));
    assert_eq!(of(Gt, date("2024-06-30")), Domain::range(Excluded(day()), Unbounded));
    assert_eq!(of(Lt, date("2024-06-30")), Domain::range(Unbounded, Excluded(day())));
}

#[test]
fn text_cast_to_a_date_is_a_range_of_text() {
    let as_date = || cast_to(col(TEXT), ColumnType::Date);
    let day = lit(date("2024-06-30"));
    let range = |low, high| (Domain::range(low, high), false);
    let (this, next) = (|| text("2024-06-30"), || text("2024-07-01"));
    assert_eq!(domain(&cmp(Eq, as_date(), day.clone()), TEXT), range(Included(this()), Excluded(next())));
    assert_eq!(domain(&cmp(GtEq, as_date(), day.clone()), TEXT), range(Included(this()), Unbounded));
    assert_eq!(domain(&cmp(Gt, as_date(), day.clone()), TEXT), range(Included(next()), Unbounded));
    assert_eq!(domain(&cmp(LtEq, as_date(), day.clone()), TEXT), range(Unbounded, Excluded(next())));
    assert_eq!(
        domain(&cmp(Lt, Expr::call("date", vec![col(TEXT)]), day.clone()), TEXT),
        range(Unbounded, Excluded(this()))
    );
    assert_eq!(domain(&cmp(GtEq, col(TEXT), day.clone()), TEXT), range(Included(this()), Unbounded));
    let two = is_in(as_date(), vec![day.clone(), lit(date("2024-07-01"))], false);
    assert_eq!(domain(&two, TEXT), range(Included(this()), Excluded(text("2024-07-02"))));
    no_domain(&cmp(NotEq, as_date(), day.clone()));
    no_domain(&is_in(as_date(), vec![day], true));
    no_domain(&cmp(GtEq, as_date(), lit(Value::Date(NaiveDate::from_ymd_opt(20240, 1, 1).expect("valid")))));
}

#[test]
fn casts_and_truncations_that_keep_the_order_are_seen_through() {
    let from_to = |low, high| (Domain::range(Included(low), Excluded(high)), true);
    assert_eq!(
        domain(&cmp(Eq, cast_to(col(INT), ColumnType::Integer(8)), lit(int(5))), INT),
        (Domain::single(int(5)), true)
    );
    let day = from_to(time("2024-06-30 00:00:00"), time("2024-07-01 00:00:00"));
    assert_eq!(domain(&cmp(Eq, cast_to(col(TIME), ColumnType::Date), lit(date("2024-06-30"))), TIME), day);
    let trunc = |unit: &str, column| Expr::call("date_trunc", vec![lit(text(unit)), col(column)]);
    let june = cmp(Eq, trunc("month", TIME), lit(date("2024-06-01")));
    assert_eq!(domain(&june, TIME), from_to(time("2024-06-01 00:00:00"), time("2024-07-01 00:00:00")));
    let inside = cmp(Eq, trunc("month", DATE), lit(date("2024-06-02")));
    assert!(extract(&inside, &types).never, "no month starts on the second");
    let since = cmp(GtEq, trunc("month", DATE), lit(date("2024-06-02")));
    assert_eq!(domain(&since, DATE), (Domain::range(Included(date("2024-07-01")), Unbounded), true));
    let year = cmp(Eq, Expr::call("year", vec![col(DATE)]), lit(int(2024)));
    assert_eq!(domain(&year, DATE), from_to(date("2024-01-01"), date("2025-01-01")));
    let composed = Expr::call("date", vec![trunc("month", TIME)]);
    assert_eq!(domain(&cmp(Eq, composed, lit(date("2024-06-01"))), TIME), domain(&june, TIME));
    no_domain(&cmp(Eq, trunc("week", DATE), lit(date("2024-06-03"))));
    no_domain(&cmp(Eq, trunc("hour", DATE), lit(date("2024-06-03"))));
    no_domain(&cmp(Eq, Expr::call("month", vec![col(DATE)]), lit(int(6))));
}

#[test]
fn constants_decide() {
    let never = |e: &Expr| extract(e, &types).never;
    assert!(never(&lit(Value::Bool(false))) && never(&lit(Value::Null)) && never(&not(lit(Value::Bool(true)))));
    assert!(never(&cmp(Eq, lit(int(1)), lit(int(2)))));
    let contradiction = and([cmp(Eq, col(TEXT), lit(text("a"))), cmp(Eq, col(TEXT), lit(text("b")))]);
    assert!(never(&contradiction));
    assert_eq!(domain(&cmp(Eq, col(TEXT), lit(Value::Null)), TEXT), (Domain::none(), true));
    let always = extract(&cmp(Eq, lit(int(1)), lit(int(1))), &types);
    assert_eq!((always.domains.len(), always.exact, always.never), (0, true, false));
    let with_true = and([lit(Value::Bool(true)), cmp(Eq, col(TEXT), lit(text("a")))]);
    assert_eq!(domain(&with_true, TEXT), (Domain::single(text("a")), true));
    assert_eq!(domain(&not(col(BOOL)), BOOL), (Domain::single(Value::Bool(false)), true));
}

#[test]
fn is_true_is_seen_through() {
    let after = || cmp(Gt, col(INT), lit(int(5)));
    let is_true = cmp(NotDistinct, after(), lit(Value::Bool(true)));
    assert_eq!(domain(&is_true, INT), domain(&after(), INT));
    let is_false = cmp(NotDistinct, after(), lit(Value::Bool(false)));
    assert_eq!(domain(&is_false, INT), domain(&not(after()), INT));
    no_domain(&cmp(Distinct, after(), lit(Value::Bool(true))));
}

#[test]
fn placeholders_limit_nothing_and_leave_the_rest() {
    let both = and([cmp(Eq, col(TEXT), Expr::Placeholder), cmp(Eq, col(INT), lit(int(1)))]);
    assert_eq!(domain(&both, TEXT), (Domain::all(), false));
    assert_eq!(domain(&both, INT), (Domain::single(int(1)), false));
}

#[test]
fn long_chains_stay_cheap() {
    let equal = |n: i64| cmp(Eq, col(INT), lit(int(n)));
    assert_eq!(domain(&or((0..2_000).map(|n| equal(2 * n))), INT).0.ranges.len(), 2_000);
    assert_eq!(domain(&not(or((0..2_000).map(|n| equal(2 * n)))), INT).0.ranges.len(), 2_001);
    let list = (0..100_000).map(|n| lit(text(&n.to_string()))).collect();
    assert_eq!(domain(&is_in(col(TEXT), list, false), TEXT).0.ranges.len(), 100_000);
}

fn value_of(column: u32) -> BoxedStrategy<Value> {
    let one = match column {
        TEXT => prop::sample::select(vec!["2024-01-01", "2024-01-02", "2024-02-01", "2023-12-31", "2025-01-01"])
            .prop_map(text)
            .boxed(),
        INT => (0..4i64).prop_map(int).boxed(),
        DATE => {
            prop::sample::select(vec!["2024-01-01", "2024-01-02", "2024-02-01", "2023-12-31"]).prop_map(date).boxed()
        }
        _ => prop::sample::select(vec![
            "2024-01-01 00:00:00",
            "2024-01-01 10:00:00",
            "2024-01-02 00:00:00",
            "2023-12-31 23:59:59",
        ])
        .prop_map(time)
        .boxed(),
    };
    prop_oneof![9 => one, 1 => Just(Value::Null)].boxed()
}

fn operator() -> impl Strategy<Value = BinaryOp> {
    prop::sample::select(vec![Eq, NotEq, Lt, LtEq, Gt, GtEq, NotDistinct, Distinct])
}

/// A predicate of one comparison over some column, in all the forms that are seen through and some that are not.
fn leaf() -> BoxedStrategy<Expr> {
    let plain = (0..4u32)
        .prop_flat_map(|c| (Just(c), operator(), value_of(c), any::<bool>()))
        .prop_map(|(c, op, v, flip)| if flip { cmp(op, lit(v), col(c)) } else { cmp(op, col(c), lit(v)) });
    let list = (0..4u32)
        .prop_flat_map(|c| (Just(c), prop::collection::vec(value_of(c), 1..4), any::<bool>()))
        .prop_map(|(c, list, negated)| is_in(col(c), list.into_iter().map(lit).collect(), negated));
    let range = (0..4u32)
        .prop_flat_map(|c| (Just(c), value_of(c), value_of(c), any::<bool>()))
        .prop_map(|(c, low, high, negated)| between(col(c), lit(low), lit(high), negated));
    let as_date = (prop::sample::select(vec![TEXT, DATE, TIME]), operator(), value_of(DATE))
        .prop_map(|(c, op, v)| cmp(op, cast_to(col(c), ColumnType::Date), lit(v)));
    let units = prop::sample::select(vec!["hour", "day", "week", "month", "year"]);
    let trunc = (units, operator(), prop_oneof![value_of(TIME), value_of(DATE)])
        .prop_map(|(unit, op, v)| cmp(op, Expr::call("date_trunc", vec![lit(text(unit)), col(TIME)]), lit(v)));
    let year = (operator(), prop::sample::select(vec![DATE, TIME]), 2023..2026i64)
        .prop_map(|(op, c, y)| cmp(op, Expr::call("year", vec![col(c)]), lit(int(y))));
    let patterns = prop::sample::select(vec!["2024-01-01", "2024%", "2024-01-0_", "%-01", "2024-0%1", "%"]);
    let pattern = patterns.prop_map(|p| like(col(TEXT), p, None));
    let null = (0..4u32, any::<bool>()).prop_map(|(c, negated)| Expr::IsNull { expr: Box::new(col(c)), negated });
    let constant = prop::sample::select(vec![Value::Bool(true), Value::Bool(false), Value::Null]).prop_map(lit);
    let mixed = operator().prop_map(|op| cmp(op, cast_to(col(DATE), ColumnType::String), col(TEXT)));
    prop_oneof![4 => plain, 2 => list, 2 => range, 2 => as_date, 2 => trunc, 1 => year, 2 => pattern, 1 => null, 1 => constant, 1 => mixed]
        .boxed()
}

fn predicate() -> impl Strategy<Value = Expr> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(and),
            prop::collection::vec(inner.clone(), 2..4).prop_map(or),
            inner.clone().prop_map(not),
            (inner, operator(), any::<bool>()).prop_map(|(e, op, b)| cmp(op, e, lit(Value::Bool(b)))),
        ]
    })
}

fn row() -> impl Strategy<Value = Vec<Value>> {
    (value_of(TEXT), value_of(INT), value_of(DATE), value_of(TIME)).prop_map(|(a, b, c, d)| vec![a, b, c, d])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn rows_that_satisfy_a_predicate_lie_within_its_domains(
        predicate in predicate(),
        rows in prop::collection::vec(row(), 8),
    ) {
        let extracted = extract(&predicate, &types);
        for row in rows {
            let as_of = AsOf(NaiveDateTime::default());
            let result = evaluate(&predicate, &|c| row.get(c.0 as usize).cloned(), as_of);
            let within = !extracted.never && extracted.domains.iter().all(|(c, d)| d.contains(&row[c.0 as usize]));
            if result == Evaluated::Value(Value::Bool(true)) {
                prop_assert!(within, "{:?} {:?}", row, extracted);
            }
            if extracted.exact {
                prop_assert_eq!(within, result == Evaluated::Value(Value::Bool(true)), "{:?} {:?}", row, extracted);
            }
        }
    }

    #[test]
    fn another_conjunct_never_widens_a_domain(first in predicate(), second in predicate()) {
        let alone = extract(&first, &types);
        let together = extract(&cmp(And, first, second), &types);
        prop_assert!(together.never || !alone.never);
        for (column, domain) in &alone.domains {
            prop_assert!(domain.covers(&together.domains[column]), "{:?}", column);
        }
    }
}
