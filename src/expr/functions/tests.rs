//! One table of calls and their values. Rows marked "docs" are examples of Trino's documentation.

use chrono::NaiveDate;

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
