//! What Python gives to dbt's templates and the engine does not.

use minijinja::value::{Kwargs, Rest, Value, ValueKind, from_args};
use minijinja::{Environment, Error, ErrorKind, State};
use minijinja_contrib::pycompat;

use super::values::{Unknown, dictionary};

pub(super) fn add(environment: &mut Environment<'static>) {
    environment.set_unknown_method_callback(method);
    environment.add_function("dict", |others: Rest<Value>, named: Kwargs| -> Result<Value, Error> {
        let mut pairs = Vec::new();
        for other in others.iter() {
            for key in other.try_iter()? {
                pairs.push((key.clone(), other.get_item(&key)?));
            }
        }
        for name in named.args().map(str::to_string).collect::<Vec<_>>() {
            pairs.push((Value::from(name.as_str()), named.get(&name)?));
        }
        Ok(dictionary(pairs))
    });
    for name in ["set", "set_strict"] {
        environment.add_function(name, |items: Value| -> Result<Value, Error> {
            let mut unique: Vec<Value> = Vec::new();
            for item in items.try_iter()? {
                if !unique.contains(&item) {
                    unique.push(item);
                }
            }
            Ok(Value::from(unique))
        });
    }
    environment.add_function("zip", zip);
    environment.add_function("zip_strict", zip);
}

fn zip(lists: Rest<Value>) -> Vec<Vec<Value>> {
    let lists: Vec<Vec<Value>> = lists.iter().map(|list| list.try_iter().into_iter().flatten().collect()).collect();
    let len = lists.iter().map(Vec::len).min().unwrap_or(0);
    (0..len).map(|i| lists.iter().map(|list| list[i].clone()).collect()).collect()
}

/// Longest text that is filled up.
const WIDEST: usize = 10_000;

/// Methods of Python's texts that fill up, and all that others have thought of.
fn method(state: &mut State<'_, '_>, value: &Value, method: &str, args: &[Value]) -> Result<Value, Error> {
    // The sum of two unknown values is a chain of both to the engine.
    if value.kind() == ValueKind::Iterable {
        return Ok(Unknown::value());
    }
    let text = value.as_str().filter(|_| value.kind() == ValueKind::String);
    if let (Some(text), "rsplit", [separator, most @ ..]) = (text, method, args)
        && let Some(separator) = separator.as_str().filter(|separator| !separator.is_empty())
    {
        let most = most.first().and_then(|most| usize::try_from(most.clone()).ok()).unwrap_or(usize::MAX - 1);
        let mut parts: Vec<Value> = text.rsplitn(most + 1, separator).map(Value::from).collect();
        parts.reverse();
        return Ok(Value::from(parts));
    }
    let (Some(text), true) = (text, ["zfill", "ljust", "rjust", "center"].contains(&method)) else {
        return pycompat::unknown_method_callback(state, value, method, args);
    };
    let (width, fill): (usize, Option<String>) = from_args(args)?;
    if width > WIDEST {
        return Err(Error::new(ErrorKind::InvalidOperation, "text too large"));
    }
    let missing = width.saturating_sub(text.chars().count());
    let fill = |count: usize| fill.as_deref().unwrap_or(if method == "zfill" { "0" } else { " " }).repeat(count);
    Ok(Value::from(match method {
        "ljust" => text.to_string() + &fill(missing),
        "center" => fill(missing / 2) + text + &fill(missing - missing / 2),
        _ => fill(missing) + text,
    }))
}
