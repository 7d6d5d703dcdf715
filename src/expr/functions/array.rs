//! Array functions, and those whose meaning depends on whether they get an array.
//!
//! Source: Trino, "Array functions and operators"; `split` from its string functions.

use crate::expr::eval::{self, Fault, Outcome};
use crate::expr::{BinaryOp, Interval, Value, arithmetic};

/// The constructor `ARRAY[a, b]` is the function `array`.
pub(super) fn call(name: &str, args: &[Value]) -> Option<Outcome> {
    use Value::{Array, Int, Null, String};
    Some(match (name, args) {
        ("array", items) => Ok(Array(items.to_vec())),
        ("contains", [Array(items), needle]) => contains(items, needle),
        // Spark's, over strings.
        ("contains", [String(text), String(part)]) => Ok(Value::Bool(text.contains(part.as_str()))),
        ("contains" | "cardinality" | "element_at" | "subscript" | "sequence" | "split" | "array_join", args)
            if args.contains(&Null) =>
        {
            Ok(Null)
        }
        ("cardinality", [Array(items)]) => Ok(Int(items.len() as i64)),
        ("element_at", [Array(items), Int(index)]) => element_at(items, *index),
        // `array[index]`: an index outside of the array is an error.
        ("subscript", [Array(items), Int(index @ 1..)]) => {
            usize::try_from(index - 1).ok().and_then(|at| items.get(at)).cloned().ok_or(Fault::Error)
        }
        ("sequence", [from, to]) => sequence(from, to, None),
        ("sequence", [from, to, step]) => sequence(from, to, Some(step)),
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

/// Longest array that is built: longer ones are not worth their memory.
const LONGEST_SEQUENCE: usize = 10_000;

/// The values from one to another, both included, in steps; a step of 1 or one day, up or down, where none is given.
fn sequence(from: &Value, to: &Value, step: Option<&Value>) -> Outcome {
    let order = |a: &Value, b: &Value| a.compare(b).ok_or(Fault::Unknown);
    let down = order(from, to)?.is_gt();
    let step = match (step, from) {
        (Some(step @ (Value::Int(_) | Value::Interval(_))), _) => step.clone(),
        (Some(_), _) => return Err(Fault::Unknown),
        (None, Value::Int(_)) => Value::Int(if down { -1 } else { 1 }),
        (None, _) => {
            let day = 86_400_000;
            Value::Interval(Interval { months: 0, milliseconds: if down { -day } else { day } })
        }
    };
    let mut items = vec![from.clone()];
    for n in 1.. {
        // From the start each time: months added one by one would drift at their ends.
        let by = arithmetic::apply(BinaryOp::Multiply, step.clone(), Value::Int(n))?;
        let next = arithmetic::apply(BinaryOp::Add, from.clone(), by)?;
        let (passed, moved) = (order(&next, to)?, order(&next, from)?);
        if moved.is_eq() || moved.is_lt() != down {
            return Err(Fault::Error);
        }
        if if down { passed.is_lt() } else { passed.is_gt() } {
            break;
        }
        if items.len() == LONGEST_SEQUENCE {
            return Err(Fault::Unknown);
        }
        items.push(next);
    }
    Ok(Value::Array(items))
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
