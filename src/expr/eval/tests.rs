//! Three-valued logic, folding and what is left alone.

use chrono::NaiveDate;

use super::super::{ColumnType, Interval};
use super::*;
use BinaryOp::*;

fn as_of() -> AsOf {
    AsOf(NaiveDate::from_ymd_opt(2024, 3, 31).expect("valid").and_hms_opt(12, 30, 0).expect("valid"))
}

fn lit(value: Value) -> Expr {
    Expr::Literal(value)
}

fn int(n: i64) -> Expr {
    lit(Value::Int(n))
}

fn error() -> Expr {
    Expr::binary(Divide, int(1), int(0))
}

fn evaluated(expr: &Expr) -> Evaluated {
    evaluate(expr, &|_| None, as_of())
}

fn truth(known: bool) -> Evaluated {
    Evaluated::Value(Value::Bool(known))
}

#[test]
fn one_operand_may_decide() {
    let (yes, no, null) = (lit(Value::Bool(true)), lit(Value::Bool(false)), lit(Value::Null));
    for (op, left, right, expected) in [
        (And, &no, &Expr::Placeholder, truth(false)),
        (And, &Expr::Placeholder, &no, truth(false)),
        (And, &error(), &no, truth(false)),
        (And, &yes, &Expr::Placeholder, Evaluated::Unknown),
        (And, &null, &Expr::Placeholder, Evaluated::Unknown),
        (And, &null, &yes, Evaluated::Value(Value::Null)),
        (And, &error(), &yes, Evaluated::Error),
        (Or, &Expr::Placeholder, &yes, truth(true)),
        (Or, &no, &null, Evaluated::Value(Value::Null)),
        (Or, &no, &error(), Evaluated::Error),
    ] {
        let expr = Expr::binary(op, left.clone(), right.clone());
        assert_eq!(evaluated(&expr), expected, "{expr:?}");
    }
}

#[test]
fn lists_follow_three_valued_logic() {
    let within =
        |needle: Expr, list: Vec<Expr>, negated| evaluated(&Expr::InList { expr: Box::new(needle), list, negated });
    assert_eq!(within(int(1), vec![Expr::Placeholder, int(1)], false), truth(true));
    assert_eq!(within(int(1), vec![lit(Value::Null), int(2)], false), Evaluated::Value(Value::Null));
    assert_eq!(within(int(1), vec![lit(Value::Null), int(2)], true), Evaluated::Value(Value::Null));
    assert_eq!(within(int(1), vec![int(3), int(2)], true), truth(true));
    assert_eq!(within(int(1), vec![int(3), Expr::Placeholder], false), Evaluated::Unknown);
}

#[test]
fn columns_take_the_values_of_the_partition() {
    let dt = || Expr::Column(ColumnId(0));
    let joined = Expr::binary(Concat, dt(), Expr::string("-01"));
    let predicate = Expr::binary(Eq, joined, Expr::string("2024-01"));
    let with = |v: Value| evaluate(&predicate, &|_| Some(v.clone()), as_of());
    assert_eq!(with(Value::String("2024".into())), truth(true));
    assert_eq!(with(Value::Null), Evaluated::Value(Value::Null));
    assert_eq!(evaluated(&predicate), Evaluated::Unknown);
}

#[test]
fn relative_dates_fold() {
    let today = || Expr::call("current_date", vec![]);
    let week = lit(Value::Interval(Interval { months: 0, milliseconds: 7 * 86_400_000 }));
    let since = Expr::cast(Expr::binary(Subtract, today(), week), "varchar", false);
    let dt = || Expr::Column(ColumnId(0));
    assert_eq!(fold(&Expr::binary(GtEq, dt(), since), as_of()), Expr::binary(GtEq, dt(), Expr::string("2024-03-24")));
    let nested = Expr::call(
        "date_format",
        vec![Expr::call("date_add", vec![Expr::string("day"), int(-1), today()]), Expr::string("%Y%m%d")],
    );
    assert_eq!(fold(&nested, as_of()), Expr::string("20240330"));
}

#[test]
fn folding_keeps_errors_placeholders_and_random_values() {
    let random = Expr::call("rand", vec![]);
    for kept in [error(), Expr::Placeholder, random.clone(), Expr::binary(Eq, Expr::Placeholder, int(1))] {
        assert_eq!(fold(&kept, as_of()), kept);
    }
    assert_eq!(fold(&Expr::call("try", vec![error()]), as_of()), lit(Value::Null));
    let opaque = Expr::Opaque { columns: vec![ColumnId(1)], why: Opaque::RunTime };
    let sum = Expr::binary(Eq, opaque.clone(), Expr::binary(Add, int(1), int(2)));
    assert_eq!(fold(&sum, as_of()), Expr::binary(Eq, opaque, int(3)));
}

#[test]
fn folding_connectives_drops_what_does_not_matter() {
    let column = || Expr::Column(ColumnId(0));
    let always = Expr::binary(Eq, int(1), int(1));
    assert_eq!(fold(&Expr::binary(And, always.clone(), column()), as_of()), column());
    assert_eq!(fold(&Expr::binary(Or, column(), always.clone()), as_of()), lit(Value::Bool(true)));
    assert_eq!(fold(&Expr::binary(And, always.clone(), always), as_of()), lit(Value::Bool(true)));
    let null = || lit(Value::Null);
    assert_eq!(fold(&Expr::binary(And, null(), null()), as_of()), null());
}

#[test]
fn long_chains_fold_into_shallow_trees() {
    fn depth(expr: &Expr) -> usize {
        1 + expr.children().into_iter().map(depth).max().unwrap_or(0)
    }
    let mut terms: Vec<Expr> = (0..4096).map(|n| Expr::binary(Eq, Expr::Column(ColumnId(0)), int(n))).collect();
    let chain = terms.drain(..).reduce(|a, b| Expr::binary(Or, a, b)).expect("terms");
    let folded = fold(&chain, as_of());
    assert_eq!((depth(&folded), folded.chain(Or).len()), (14, 4096));
    assert_eq!(folded.chain(Or), chain.chain(Or));
}

#[test]
fn first_operands_may_decide_a_case_or_a_coalesce() {
    let column = || Expr::Column(ColumnId(0));
    let no = || Expr::binary(Eq, int(1), int(2));
    let case = Expr::Case { branches: vec![(no(), column())], otherwise: Some(Box::new(int(7))) };
    assert_eq!(fold(&case, as_of()), int(7));
    assert_eq!(fold(&Expr::call("coalesce", vec![lit(Value::Null), int(3), column()]), as_of()), int(3));
    let open = Expr::call("coalesce", vec![column(), int(3)]);
    assert_eq!(fold(&open, as_of()), open);
    assert_eq!(fold(&Expr::call("if", vec![no(), column()]), as_of()), lit(Value::Null));
    assert_eq!(fold(&Expr::call("nullif", vec![int(1), int(1)]), as_of()), lit(Value::Null));
}

#[test]
fn a_cast_to_a_length_cuts_its_text() {
    let month = Expr::cast(Expr::call("current_date", vec![]), "varchar(7)", false);
    assert_eq!(fold(&month, as_of()), Expr::string("2024-03"));
    let day = Expr::cast(Expr::call("now", vec![]), "VARCHAR(10)", false);
    assert_eq!(fold(&day, as_of()), Expr::string("2024-03-31"));
    let all = Expr::cast(Expr::call("now", vec![]), "varchar", false);
    assert_eq!(evaluated(&all), Evaluated::Unknown, "fraction and zone of a timestamp's text are not known");
}

#[test]
fn failed_casts_are_errors_or_null() {
    let cast = |attempt| Expr::Cast { expr: Box::new(Expr::string("x")), to: ColumnType::Date, attempt };
    assert_eq!(evaluated(&cast(false)), Evaluated::Error);
    assert_eq!(evaluated(&cast(true)), Evaluated::Value(Value::Null));
}

#[test]
fn distinct_treats_null_as_a_value() {
    let null = || lit(Value::Null);
    assert_eq!(evaluated(&Expr::binary(NotDistinct, null(), null())), truth(true));
    assert_eq!(evaluated(&Expr::binary(Distinct, null(), int(1))), truth(true));
    assert_eq!(evaluated(&Expr::binary(Eq, null(), null())), Evaluated::Value(Value::Null));
}

#[test]
fn determinism_looks_into_every_part() {
    let hidden = Expr::binary(Eq, int(1), Expr::call("abs", vec![Expr::call("random", vec![])]));
    assert!(!is_deterministic(&hidden));
    assert!(!is_deterministic(&Expr::Opaque { columns: vec![], why: Opaque::RunTime }));
    assert!(is_deterministic(&Expr::Opaque { columns: vec![], why: Opaque::NotModelled }));
    assert!(is_deterministic(&Expr::call("now", vec![])) && is_deterministic(&Expr::Placeholder));
}
