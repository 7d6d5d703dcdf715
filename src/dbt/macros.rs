//! Macros of a project and its packages: every file is a template of its own, and each macro a value that calls it.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use minijinja::value::{Kwargs, Object, Value, from_args};
use minijinja::{Error, ErrorKind, State};

use super::template::Macro;

/// How deep macros may call each other: more is a macro that calls itself without end.
const DEPTH: usize = 60;

/// One macro: called from anywhere, it runs in the template of its file.
#[derive(Debug)]
pub(super) struct MacroValue {
    /// Name of the template.
    pub template: Arc<str>,
    pub declared: Macro,
}

/// The macros of a package, as in `dbt_utils.star(...)`.
#[derive(Debug)]
pub(super) struct Namespace {
    pub macros: BTreeMap<String, Value>,
}

/// What `return(...)` gives: it ends the macro that calls it.
#[derive(Debug)]
struct Returned(Value);

impl fmt::Display for Returned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`return` outside of a macro")
    }
}

impl StdError for Returned {}

/// The function `return`.
pub(super) fn return_value(value: Option<Value>) -> Result<Value, Error> {
    Err(Error::new(ErrorKind::InvalidOperation, "return").with_source(Returned(value.unwrap_or(Value::from(())))))
}

/// An error that somebody means, unlike one of an operation on what is unknown.
#[derive(Debug)]
struct Raised;

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("raised")
    }
}

impl StdError for Raised {}

pub(super) fn raised(message: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, message).with_source(Raised)
}

fn returned(error: &Error) -> Option<Value> {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(Returned(value)) = error.downcast_ref::<Returned>() {
            return Some(value.clone());
        }
        source = error.source();
    }
    None
}

/// How many macros are running within each other.
struct Depth(usize);

impl Object for MacroValue {
    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let args = self.arguments(args)?;
        let depth = state.get_extension::<Depth>().map_or(0, |depth| depth.0);
        if depth >= DEPTH {
            let message = format!("macros call each other {DEPTH} deep, `{}` at last", self.declared.name);
            return Err(raised(message));
        }
        let template = state.env().get_template(&self.template)?;
        let mut file = template.render_captured(())?;
        let result = file.with_state_mut(|state| {
            state.get_or_insert_extension(Depth(depth)).0 = depth + 1;
            state.call_macro(&self.declared.name, &args)
        });
        match result {
            Ok(text) => Ok(Value::from(text)),
            // The error of this call stands where the macro is called, the cause where it happened.
            Err(error) => returned(&error).ok_or_else(|| Error::new(error.kind(), "in a macro").with_source(error)),
        }
    }
}

impl MacroValue {
    /// What goes beyond the parameters of a macro that asks for it goes into `varargs` and `kwargs`.
    fn arguments(&self, args: &[Value]) -> Result<Vec<Value>, Error> {
        if !self.declared.takes_more {
            return Ok(args.to_vec());
        }
        let (positional, named): (&[Value], Kwargs) = from_args(args)?;
        let names = &self.declared.parameters;
        let split = positional.len().min(names.len());
        let (own, more) = positional.split_at(split);
        let mut values: Vec<(String, Value)> = Vec::new();
        let mut rest: Vec<(String, Value)> = Vec::new();
        for name in named.args().map(str::to_string).collect::<Vec<_>>() {
            let value: Value = named.get(&name)?;
            if names.contains(&name) { values.push((name, value)) } else { rest.push((name, value)) }
        }
        values.push(("varargs".to_string(), Value::from(more.to_vec())));
        values.push(("kwargs".to_string(), Value::from_pairs(rest)));
        Ok(own.iter().cloned().chain([Kwargs::from_iter(values).into()]).collect())
    }
}

impl Object for Namespace {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.macros.get(key.as_str()?).cloned()
    }

    fn call_method(self: &Arc<Self>, state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        match self.macros.get(method) {
            Some(value) => value.call(state, args),
            None => Err(Error::new(ErrorKind::UnknownFunction, format!("no macro `{method}` is in the package"))),
        }
    }
}
