//! One table of calls and their values. Rows marked "docs" are examples of Trino's documentation.

use chrono::NaiveDate;
use proptest::prelude::*;

use super::super::{BinaryOp, ColumnType, Evaluated, Expr, Interval, evaluate, fold};
use super::*;

/// Notation: `d'...'` date, `t'...'` timestamp, `i'3 day'` interval, `name(args)` a call; `+(a, b)` an operator,
/// `cast_date(x)` a cast. The value is written the same way, or `error`, or `unknown`.
const TABLE: &str = include_str!("table.txt");

/// Reads the notation of the table.
struct Reader<'a>(&'a str);

impl Reader<'_> {
    fn quoted(&mut self) -> String {
        let (inside, rest) = self.0[1..].split_once('\'').expect("a closing quote");
        self.0 = rest;
        inside.to_string()
    }

    fn expr(&mut self) -> Expr {
        let end = self.0.find(['(', ')', ',', '\'']).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        match (word, rest.chars().next()) {
            ("", Some('\'')) => Expr::string(self.quoted()),
            ("d", Some('\'')) => cast_to(Expr::string(self.quoted()), ColumnType::Date),
            ("t", Some('\'')) => cast_to(Expr::string(self.quoted()), ColumnType::Timestamp),
            ("i", Some('\'')) => {
                let text = self.quoted();
                let (n, unit) = text.split_once(' ').expect("number and unit");
                let interval: Interval =
                    Unit::parse(unit).expect("a unit").interval(n.parse().expect("a number")).expect("small");
                Expr::Literal(Value::Interval(interval))
            }
            (name, Some('(')) => self.call(name),
            (literal, _) => Expr::Literal(constant(literal)),
        }
    }

    fn call(&mut self, name: &str) -> Expr {
        let mut args = Vec::new();
        loop {
            self.0 = self.0[1..].trim_start();
            if self.0.starts_with(')') {
                break;
            }
            args.push(self.expr());
            if self.0.starts_with(')') {
                break;
            }
        }
        self.0 = &self.0[1..];
        let operator = match name {
            "+" => Some(BinaryOp::Add),
            "-" => Some(BinaryOp::Subtract),
            "*" => Some(BinaryOp::Multiply),
            "/" => Some(BinaryOp::Divide),
            "%" => Some(BinaryOp::Modulo),
            "||" => Some(BinaryOp::Concat),
            _ => None,
        };
        match (operator, name.strip_prefix("cast_")) {
            (Some(op), _) => Expr::binary(op, args[0].clone(), args[1].clone()),
            (_, Some(to)) => cast_to(args[0].clone(), ColumnType::parse(to)),
            _ => Expr::call(name, args),
        }
    }
}

fn cast_to(expr: Expr, to: ColumnType) -> Expr {
    Expr::Cast { expr: Box::new(expr), to, attempt: false }
}

fn constant(text: &str) -> Value {
    match text {
        "null" => Value::Null,
        "true" | "false" => Value::Bool(text == "true"),
        number => match number.parse() {
            Ok(n) => Value::Int(n),
            Err(_) => Value::Float(number.parse().expect("a number")),
        },
    }
}

fn as_of() -> AsOf {
    AsOf(NaiveDate::from_ymd_opt(2024, 3, 31).expect("a date").and_hms_opt(12, 30, 0).expect("a time"))
}

fn evaluated(text: &str) -> Evaluated {
    evaluate(&Reader(text).expr(), &|_| None, as_of())
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|line| line.rsplit_once(" = ").expect("a value"))
}

#[test]
fn calls_have_their_values() {
    assert!(rows().count() > 200);
    for (call, value) in rows() {
        let expected = match value {
            "error" => Evaluated::Error,
            "unknown" => Evaluated::Unknown,
            value => evaluated(value),
        };
        assert_eq!(evaluated(call), expected, "{call}");
    }
}

#[test]
fn folding_gives_what_evaluation_gives() {
    for (call, _) in rows() {
        let expr = Reader(call).expr();
        match evaluated(call) {
            Evaluated::Value(value) => assert_eq!(fold(&expr, as_of()), Expr::Literal(value), "{call}"),
            _ => assert!(!matches!(fold(&expr, as_of()), Expr::Literal(_)), "{call}"),
        }
    }
}

#[test]
fn strict_functions_are_listed_once_each_and_exist() {
    let names = [date::NAMES, string::NAMES, regular::NAMES, math::NAMES].concat();
    for (i, name) in names.iter().enumerate() {
        assert!(!names[i + 1..].contains(name), "{name} twice");
        let used = rows().any(|(call, _)| call.contains(&format!("{name}(")));
        assert!(used, "{name} is in no row");
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let texts = vec![
        "",
        "é",
        "%",
        "%Y-%m-%d",
        "yyyy-MM-dd'",
        "day",
        "month",
        "year",
        "quarter",
        "week",
        "hour",
        "2024-02-29",
        "2024-02-29 23:59:60.999999999 -99:99",
        "999999-12-31",
        "0000-01-01",
        "-1",
        "1e400",
        "(",
        "(a)",
        "$1$12\\",
        "%05d%s",
        "%99999999999d",
        "UTC",
        "2020-W99",
        "\u{10FFFF}",
    ];
    let dates = vec![NaiveDate::MIN, NaiveDate::MAX, NaiveDate::from_ymd_opt(2024, 2, 29).expect("a date")];
    let times = dates.clone().into_iter().map(|d| d.and_hms_milli_opt(23, 59, 59, 1_999).expect("a leap second"));
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        prop_oneof![any::<i64>(), -3..30i64, Just(i64::MIN), Just(i64::MAX)].prop_map(Value::Int),
        prop_oneof![any::<f64>(), Just(f64::NAN), Just(1e300), Just(-0.0)].prop_map(Value::Float),
        prop::sample::select(texts).prop_map(|t| Value::String(t.to_string())),
        "\\PC{0,8}".prop_map(Value::String),
        prop::sample::select(dates).prop_map(Value::Date),
        prop::sample::select(times.collect::<Vec<_>>()).prop_map(Value::Timestamp),
        (any::<i64>(), any::<i64>())
            .prop_map(|(months, milliseconds)| Value::Interval(Interval { months, milliseconds })),
        prop::collection::vec(any::<i64>().prop_map(Value::Int), 0..3).prop_map(Value::Array),
    ]
}

fn any_expr() -> impl Strategy<Value = Expr> {
    let arrays = ["array", "contains", "cardinality", "element_at", "split", "concat", "concat_ws", "coalesce", "if"];
    let names = [date::NAMES, string::NAMES, regular::NAMES, math::NAMES, &arrays].concat();
    let types =
        ["boolean", "tinyint", "int", "bigint", "real", "double", "decimal(38,37)", "varchar", "varchar(2)", "date"];
    let types = types.into_iter().chain(["timestamp", "binary", "map"]).collect::<Vec<_>>();
    let operators = {
        use BinaryOp::*;
        vec![And, Or, Eq, Lt, NotDistinct, Add, Subtract, Multiply, Divide, Modulo, Concat]
    };
    any_value().prop_map(Expr::Literal).prop_recursive(3, 16, 3, move |inner| {
        let args = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            6 => (prop::sample::select(names.clone()), args).prop_map(|(name, args)| Expr::call(name, args)),
            2 => (prop::sample::select(types.clone()), inner.clone(), any::<bool>())
                .prop_map(|(to, expr, attempt)| Expr::cast(expr, to, attempt)),
            2 => (prop::sample::select(operators.clone()), inner.clone(), inner.clone())
                .prop_map(|(op, left, right)| Expr::binary(op, left, right)),
            1 => inner.prop_map(|expr| Expr::Negate(Box::new(expr))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_arguments_make_an_evaluation_panic(expr in any_expr()) {
        let value = evaluate(&expr, &|_| None, as_of());
        let folded = fold(&expr, as_of());
        // NaN does not equal itself: compare what is written.
        if let Evaluated::Value(value) = value {
            prop_assert_eq!(format!("{folded:?}"), format!("{:?}", Expr::Literal(value)));
        }
    }
}
