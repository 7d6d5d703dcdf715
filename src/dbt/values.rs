//! Values that dbt hands to templates.

use std::cell::Cell;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;
use minijinja::value::{Enumerator, Kwargs, Object, ObjectRepr, Value, from_args};
use minijinja::{Error, ErrorKind, State};

use super::macros::raised;

/// What only the warehouse or the deployment knows. It renders as a name that nothing has, has every attribute and method, and
/// holds one item, so that a loop over it shows its body once.
#[derive(Debug)]
pub(super) struct Unknown;

/// How it renders: a placeholder to the reader of SQL.
pub(super) const UNKNOWN: &str = "{{ unknown }}";

thread_local! {
    /// Whether the rendering of this thread has asked for something unknown.
    static ASKED: Cell<bool> = const { Cell::new(false) };
}

impl Unknown {
    pub fn value() -> Value {
        Value::from_object(Unknown)
    }

    /// Whether something unknown was asked for since the last call: what was rendered may be other than what dbt renders.
    pub fn was_asked() -> bool {
        ASKED.replace(false)
    }

    /// Whether nobody knows a value, or a part of its text.
    pub fn is(value: &Value) -> bool {
        value.downcast_object_ref::<Unknown>().is_some() || value.as_str().is_some_and(|text| text.contains(UNKNOWN))
    }
}

impl Object for Unknown {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn get_value(self: &Arc<Self>, _: &Value) -> Option<Value> {
        ASKED.set(true);
        Some(Unknown::value())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        ASKED.set(true);
        Enumerator::Values(vec![Unknown::value()])
    }

    fn is_true(self: &Arc<Self>) -> bool {
        ASKED.set(true);
        true
    }

    /// Nobody knows how many there are.
    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        None
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, _: &[Value]) -> Result<Value, Error> {
        ASKED.set(true);
        Ok(Unknown::value())
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, _: &[Value]) -> Result<Value, Error> {
        ASKED.set(true);
        match method {
            "items" => Ok(Value::from(vec![Value::from(vec![Unknown::value(), Unknown::value()])])),
            _ => Ok(Unknown::value()),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        ASKED.set(true);
        f.write_str(UNKNOWN)
    }
}

/// What stands before a relation of which only a part is read.
pub(super) const FILTERED: &str = "(select * from ";

/// A relation: `database.schema.identifier`, of which a part that only the deployment knows is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Relation {
    pub database: Option<String>,
    pub schema: Option<String>,
    pub identifier: String,
    /// The column that tells when its rows happened.
    pub event_time: Option<String>,
    /// What dbt takes of its rows for a batch.
    pub filter: Option<String>,
}

impl Relation {
    /// One that is known by its name alone.
    pub fn of(identifier: &str) -> Relation {
        let identifier = identifier.to_string();
        Relation { database: None, schema: None, identifier, event_time: None, filter: None }
    }

    /// As it stands in a query, without a filter.
    fn name(&self) -> String {
        let quoted: Vec<String> = self.parts().map(|part| format!("\"{}\"", part.replace('"', "\"\""))).collect();
        quoted.join(".")
    }

    pub fn parts(&self) -> impl Iterator<Item = &str> {
        let schema = self.schema.as_deref();
        // A database without a schema between would be read as one.
        let database = schema.and(self.database.as_deref());
        database.into_iter().chain(schema).chain([self.identifier.as_str()])
    }
}

impl Object for Relation {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let known = |part: &Option<String>| part.clone().map_or_else(Unknown::value, Value::from);
        Some(match key.as_str()? {
            "database" => known(&self.database),
            "schema" => known(&self.schema),
            "identifier" | "name" | "table" => Value::from(self.identifier.as_str()),
            "is_view" | "is_table" | "is_cte" => Value::from(false),
            _ => Unknown::value(),
        })
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, _: &[Value]) -> Result<Value, Error> {
        if method == "render" {
            return Ok(Value::from(self.name()));
        }
        // `include`, `quote`, `incorporate` and the like: the same relation.
        Ok(Value::from_dyn_object(self.clone()))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.filter {
            Some(filter) => write!(f, "{FILTERED}{} where {filter})", self.name()),
            None => f.write_str(&self.name()),
        }
    }
}

/// Most items of a list or dictionary: one that is extended by itself grows without an end.
const MOST: usize = 100_000;

fn grown(items: usize) -> Result<(), Error> {
    if items <= MOST { Ok(()) } else { Err(raised(format!("a list or dictionary has more than {MOST} items"))) }
}

/// A list that `append` and `extend` change.
#[derive(Debug)]
struct MutableList(Mutex<Vec<Value>>);

/// A dictionary that `update` and `pop` change.
#[derive(Debug)]
struct MutableMap(Mutex<Vec<(Value, Value)>>);

/// A value that can be changed, of one that cannot, and so are those that it holds. Relations and the like stay what they are.
pub(super) fn mutable(value: &Value) -> Value {
    if value.is_tuple() {
        return value.try_iter().into_iter().flatten().map(|item| mutable(&item)).collect();
    }
    if let Some(list) = value.downcast_object_ref::<Vec<Value>>() {
        return Value::from_object(MutableList(Mutex::new(list.iter().map(mutable).collect())));
    }
    match value.downcast_object_ref::<IndexMap<Value, Value>>() {
        Some(map) => dictionary(map.iter().map(|(key, value)| (key.clone(), mutable(value))).collect()),
        None => value.clone(),
    }
}

/// A dictionary that can be changed.
pub(super) fn dictionary(pairs: Vec<(Value, Value)>) -> Value {
    Value::from_object(MutableMap(Mutex::new(pairs)))
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Object for MutableList {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        locked(&self.0).get(usize::try_from(key.clone()).ok()?).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(locked(&self.0).len())
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        match method {
            "append" => {
                let (value,): (Value,) = from_args(args)?;
                locked(&self.0).push(mutable(&value));
            }
            "extend" => {
                let (values,): (Value,) = from_args(args)?;
                let values: Vec<Value> = values.try_iter()?.take(MOST).map(|value| mutable(&value)).collect();
                let mut list = locked(&self.0);
                list.extend(values);
                grown(list.len())?;
            }
            "insert" => {
                let (at, value): (usize, Value) = from_args(args)?;
                let mut list = locked(&self.0);
                let at = at.min(list.len());
                list.insert(at, mutable(&value));
            }
            "pop" if args.is_empty() => return Ok(locked(&self.0).pop().unwrap_or_default()),
            "pop" => {
                let (at,): (i64,) = from_args(args)?;
                let mut list = locked(&self.0);
                let at = usize::try_from(if at < 0 { at + list.len() as i64 } else { at });
                return Ok(at.ok().filter(|at| *at < list.len()).map(|at| list.remove(at)).unwrap_or_default());
            }
            "clear" => locked(&self.0).clear(),
            "copy" => return Ok(Value::from_object(MutableList(Mutex::new(locked(&self.0).clone())))),
            "index" => {
                let (value,): (Value,) = from_args(args)?;
                let at = locked(&self.0).iter().position(|other| *other == value);
                return at.map(Value::from).ok_or_else(|| raised(format!("{value} is not in the list")));
            }
            "reverse" => locked(&self.0).reverse(),
            "sort" => locked(&self.0).sort(),
            "remove" => {
                let (value,): (Value,) = from_args(args)?;
                let mut list = locked(&self.0);
                if let Some(at) = list.iter().position(|other| *other == value) {
                    list.remove(at);
                }
            }
            _ => return Err(Error::from(ErrorKind::UnknownMethod)),
        }
        Ok(Value::from(()))
    }
}

impl Object for MutableMap {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        locked(&self.0).iter().find(|(other, _)| other == key).map(|(_, value)| value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(locked(&self.0).iter().map(|(key, _)| key.clone()).collect())
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        match method {
            "update" => {
                let (others, named): (&[Value], Kwargs) = from_args(args)?;
                for other in others {
                    for key in other.try_iter()? {
                        self.set(key.clone(), other.get_item(&key)?);
                    }
                }
                for name in named.args().map(str::to_string).collect::<Vec<_>>() {
                    self.set(Value::from(name.as_str()), named.get(&name)?);
                }
            }
            "clear" => locked(&self.0).clear(),
            "copy" => return Ok(dictionary(locked(&self.0).clone())),
            "setdefault" => {
                let (key, value): (Value, Value) = from_args(args)?;
                if self.get_value(&key).is_none() {
                    self.set(key.clone(), value);
                }
                return Ok(self.get_value(&key).unwrap_or_default());
            }
            "pop" => {
                let (key, default): (Value, Option<Value>) = from_args(args)?;
                let mut pairs = locked(&self.0);
                let at = pairs.iter().position(|(other, _)| *other == key);
                return Ok(at.map(|at| pairs.remove(at).1).or(default).unwrap_or_default());
            }
            _ => return Err(Error::from(ErrorKind::UnknownMethod)),
        }
        Ok(Value::from(()))
    }
}

impl MutableMap {
    fn set(&self, key: Value, value: Value) {
        let value = mutable(&value);
        let mut pairs = locked(&self.0);
        match pairs.iter_mut().find(|(other, _)| *other == key) {
            Some((_, old)) => *old = value,
            None => pairs.push((key, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use minijinja::{Environment, context};

    use super::*;

    fn render(text: &str) -> String {
        let mut env = Environment::new();
        env.add_function("__mutable", |value: Value| mutable(&value));
        let relation =
            Relation { database: Some("d".to_string()), schema: Some("s".to_string()), ..Relation::of("t\"x") };
        env.render_str(text, context! { u => Unknown::value(), r => Value::from_object(relation) }).expect("rendered")
    }

    #[test]
    fn lists_and_dictionaries_change() {
        assert_eq!(
            render(
                "{% set x = __mutable([]) %}{% for i in [1, 2] %}{% do x.append(i) %}{% endfor %}{{ x }} {{ x | length }} {{ x[1] }} {{ x | join('+') }}"
            ),
            "[1, 2] 2 2 1+2"
        );
        assert_eq!(
            render(
                "{% set x = __mutable({'a': 1}) %}{% do x.update({'b': 2, 'a': 3}) %}{{ x.a }}{{ x['b'] }}{{ x.pop('a') }}{{ x | length }}"
            ),
            "3231"
        );
    }

    #[test]
    fn the_unknown_has_everything_and_one_item() {
        assert_eq!(render("{% for row in u.columns[0].values() %}<{{ row.name }}>{% endfor %}"), "<{{ unknown }}>");
    }

    #[test]
    fn relations_are_quoted_names_with_parts() {
        assert_eq!(
            render("{{ r }} {{ r.schema }} {{ r.include(database=false) }}"),
            "\"d\".\"s\".\"t\"\"x\" s \"d\".\"s\".\"t\"\"x\""
        );
        assert_eq!(render("{{ 'x' ~ r }}"), "x\"d\".\"s\".\"t\"\"x\"");
    }
}
