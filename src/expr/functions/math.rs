//! Mathematical functions.
//!
//! Source: Trino, "Mathematical functions and operators".

use crate::expr::eval::{self, Fault, Outcome};
use crate::expr::{BinaryOp, Value, arithmetic};

/// Functions of [`call`] that are NULL when an argument is.
pub(super) const NAMES: &[&str] = &[
    "abs", "ceil", "ceiling", "floor", "greatest", "least", "mod", "pow", "power", "round", "sign", "sqrt", "truncate",
];

pub(super) fn call(name: &str, args: &[Value]) -> Option<Outcome> {
    use Value::{Float, Int};
    Some(match (name, args) {
        ("abs", [Int(n)]) => n.checked_abs().map(Int).ok_or(Fault::Error),
        ("abs", [Float(x)]) => Ok(Float(x.abs())),
        ("ceil" | "ceiling" | "floor" | "round" | "truncate", [Int(n)]) => Ok(Int(*n)),
        ("ceil" | "ceiling", [Float(x)]) => Ok(Float(x.ceil())),
        ("floor", [Float(x)]) => Ok(Float(x.floor())),
        ("round", [Float(x)]) => Ok(Float(x.round())),
        ("truncate", [Float(x)]) => Ok(Float(x.trunc())),
        ("round", [Int(n), Int(0..)]) => Ok(Int(*n)),
        ("round", [Float(x), Int(digits @ 0..=15)]) => {
            let unit = 10f64.powi(*digits as i32);
            Ok(Float((x * unit).round() / unit))
        }
        ("mod", [a @ (Int(_) | Float(_)), b @ (Int(_) | Float(_))]) => {
            arithmetic::apply(BinaryOp::Modulo, a.clone(), b.clone())
        }
        ("power" | "pow", [a, b]) => Ok(Float(number(a)?.powf(number(b)?))),
        ("sqrt", [a]) => Ok(Float(number(a)?.sqrt())),
        ("sign", [Int(n)]) => Ok(Int(n.signum())),
        ("sign", [Float(x)]) => Ok(Float(if *x == 0.0 { 0.0 } else { x.signum() })),
        ("greatest", [first, rest @ ..]) => extreme(first, rest, BinaryOp::Gt),
        ("least", [first, rest @ ..]) => extreme(first, rest, BinaryOp::Lt),
        _ => return None,
    })
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(n) => Some(*n as f64),
        Value::Float(x) => Some(*x),
        _ => None,
    }
}

fn extreme(first: &Value, rest: &[Value], better: BinaryOp) -> Outcome {
    rest.iter().try_fold(first.clone(), |best, value| {
        let replaces = eval::compare(better, value, &best)? == Value::Bool(true);
        Ok(if replaces { value.clone() } else { best })
    })
}
