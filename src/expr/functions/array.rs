//! Array functions, and those whose meaning depends on whether they get an array.
//!
//! Source: Trino, "Array functions and operators"; `split` from its string functions.

use crate::expr::eval::{self, Fault, Outcome};
use crate::expr::{BinaryOp, Value};

/// The constructor `ARRAY[a, b]` is the function `array`.
pub(super) fn call(name: &str, args: &[Value]) -> Option<Outcome> {
    use Value::{Array, Int, Null, String};
    Some(match (name, args) {
        ("array", items) => Ok(Array(items.to_vec())),
        ("contains", [Array(items), needle]) => contains(items, needle),
        // Spark's, over strings.
        ("contains", [String(text), String(part)]) => Ok(Value::Bool(text.contains(part.as_str()))),
        ("contains" | "cardinality" | "element_at" | "split" | "array_join", args) if args.contains(&Null) => Ok(Null),
        ("cardinality", [Array(items)]) => Ok(Int(items.len() as i64)),
        ("element_at", [Array(items), Int(index)]) => element_at(items, *index),
        ("split", [String(text), String(separator)]) if !separator.is_empty() => {
            Ok(Array(text.split(separator.as_str()).map(|part| String(part.to_string())).collect()))
        }
        _ => return None,
    })
}

/// True when some element equals the value, NULL when none does but one is NULL.
fn contains(items: &[Value], needle: &Value) -> Outcome {
    let mut result = Value::Bool(false);
    for item in items {
        match eval::compare(BinaryOp::Eq, item, needle)? {
            Value::Bool(true) => return Ok(Value::Bool(true)),
            Value::Null => result = Value::Null,
            _ => {}
        }
    }
    Ok(result)
}

/// Counts from 1, from the end when negative; NULL beyond the array, an error for 0.
fn element_at(items: &[Value], index: i64) -> Outcome {
    let at = match index {
        0 => return Err(Fault::Error),
        1.. => usize::try_from(index - 1).ok(),
        _ => (items.len() as i64).checked_add(index).and_then(|at| usize::try_from(at).ok()),
    };
    Ok(at.and_then(|at| items.get(at)).cloned().unwrap_or(Value::Null))
}
