//! The functions that dbt gives to every template (<https://docs.getdbt.com/reference/dbt-jinja-functions>).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::functions::namespace;
use minijinja::value::{Kwargs, Object, Rest, Serde, Value, ValueOrKwargs, from_args};
use minijinja::{Environment, Error, ErrorKind, State};

use super::batch::Batches;
use super::macros::return_value;
use super::profile::Target;
use super::python;
use super::render::{ALL_MACROS, Asked, Missing, Model, Names};
use super::unknowable;
use super::values::{Relation, Unknown, dictionary, mutable};

/// Functions that run something in the warehouse, or know what only a run knows: their values are unknown.
const UNKNOWN: [&str; 44] = [
    "alter_column_type",
    "alter_relation_add_remove_columns",
    "api",
    "builtins",
    "check_schema_exists",
    "context",
    "create_schema",
    "create_table_as",
    "create_view_as",
    "database",
    "database_schemas",
    "dbt_metadata_envs",
    "dbt_version",
    "drop_relation",
    "drop_relation_if_exists",
    "drop_schema",
    "flags",
    "fromyaml",
    "get_columns_in_query",
    "get_columns_in_relation",
    "get_intervals_between",
    "get_or_create_relation",
    "get_powers_of_two",
    "get_relations",
    "graph",
    "invocation_args_dict",
    "invocation_id",
    "list_relations_without_caching",
    "list_schemas",
    "load_cached_relation",
    "load_relation",
    "load_result",
    "local_md5",
    "make_temp_relation",
    "modules",
    "rename_relation",
    "run_query",
    "run_started_at",
    "schema",
    "selected_resources",
    "should_store_failures",
    "thread_id",
    "toyaml",
    "truncate_relation",
];

/// Functions that only say something, or do something elsewhere.
const SILENT: [&str; 10] = [
    "after_commit",
    "before_begin",
    "debug",
    "in_transaction",
    "log",
    "print",
    "set_sql_header",
    "statement",
    "store_raw_result",
    "store_result",
];

/// Another name for what is unknown, which no template has; also of a filter and a test.
pub(super) const NOT_KNOWN: &str = "__u";

/// What is the same for all models.
pub(super) fn add(environment: &mut Environment<'static>) {
    for name in UNKNOWN.into_iter().chain([NOT_KNOWN]) {
        environment.add_global(name, Unknown::value());
    }
    for name in SILENT {
        environment.add_global(name, Value::from_object(Silent));
    }
    environment.add_filter(NOT_KNOWN, |_: Value, _: Rest<Value>, _: Kwargs| Unknown::value());
    environment.add_test(NOT_KNOWN, |_: Value, _: Rest<Value>, _: Kwargs| false);
    environment.add_function("return", return_value);
    environment.add_function("function", |args: Rest<Value>| {
        Value::from_object(Relation::of(args.last().and_then(Value::as_str).unwrap_or(NOT_KNOWN)))
    });
    // <https://docs.getdbt.com/reference/dbt-jinja-functions/execute>: true while a model is compiled.
    environment.add_global("execute", true);
    environment.add_global("exceptions", Value::from_object(Exceptions));
    environment.add_global("adapter", Value::from_object(Adapter));
    environment.add_function("env_var", |_: String, default: Rest<Value>, named: Kwargs| {
        default.first().cloned().or_else(|| named.get("default").ok()).unwrap_or_else(Unknown::value)
    });
    environment.add_function("fromjson", |text: String, default: Option<Value>| from_json(&text).or(default));
    environment.add_function("tojson", |value: Value, _: Rest<Value>, _: Kwargs| {
        serde_json::to_string(&value).unwrap_or_default()
    });
    python::add(environment);
    unknowable::add(environment);
    for name in ["as_bool", "as_native", "as_number", "as_text"] {
        environment.add_filter(name, |value: Value| value);
    }
    environment.add_function("namespace", |given: Option<ValueOrKwargs>| {
        let changeable = |given: Value| {
            let keys = given.try_iter().into_iter().flatten();
            dictionary(keys.map(|key| (key.clone(), mutable(&given.get_item(&key).unwrap_or_default()))).collect())
        };
        let given = given.map(|given| changeable(given.into_value()));
        namespace(from_args::<(Option<ValueOrKwargs>,)>(given.as_slice())?.0)
    });
}

/// What belongs to the model that is rendered.
pub(super) fn of_model(
    environment: &mut Environment<'static>,
    model: &Model<'_>,
    names: &Arc<Names>,
    asked: &Arc<Mutex<Asked>>,
) {
    if let Some(arguments) = &model.arguments {
        environment.add_global("__args", arguments.clone());
    }
    environment.add_global("this", Value::from_object(model.this.clone()));
    environment.add_global("target", Value::from_object(names.target.clone()));
    let (is_incremental, seen) = (model.is_incremental, asked.clone());
    environment.add_function("is_incremental", move || {
        locked(&seen).is_incremental = true;
        is_incremental
    });
    environment
        .add_global("model", Value::from_object(Node { name: model.this.identifier.clone(), asked: asked.clone() }));
    environment.add_global("project_name", names.project.clone());
    let config = Config { asked: asked.clone(), fixed: model.config.fixed.clone() };
    environment.add_global("config", Value::from_object(config));
    let (known, seen, batches) = (names.clone(), asked.clone(), model.batches.clone());
    environment.add_function("ref", move |args: Rest<Value>, named: Kwargs| {
        reference(&args, &named, &known, batches.as_ref(), &seen)
    });
    let (known, seen, batches) = (names.clone(), asked.clone(), model.batches.clone());
    environment.add_function("source", move |source: Value, table: Value| {
        if Unknown::is(&source) || Unknown::is(&table) {
            return Unknown::value();
        }
        let key = (source.to_string(), table.to_string());
        let relation = known.sources.get(&key).cloned();
        let mut seen = locked(&seen);
        if relation.is_none() {
            let is_disabled = known.disabled_sources.contains(&key);
            let what = format!("source `{}.{}`", key.0, key.1);
            seen.missing.push(Missing { what, name: key.1.clone(), is_disabled });
        }
        let relation = relation.unwrap_or_else(|| Relation { schema: Some(key.0.clone()), ..Relation::of(&key.1) });
        let relation = limited(relation, batches.as_ref(), &mut seen);
        seen.sources.push(key);
        Value::from_object(relation)
    });
    let vars = names.vars.get(model.package).cloned().unwrap_or_default();
    environment.add_global("var", Value::from_object(Var(vars)));
}

fn locked(asked: &Mutex<Asked>) -> std::sync::MutexGuard<'_, Asked> {
    asked.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What dbt takes of a relation for the batches of a run.
fn limited(relation: Relation, batches: Option<&Batches>, asked: &mut Asked) -> Relation {
    let filter = relation.event_time.as_deref().zip(batches).map(|(column, batches)| batches.filter(column));
    asked.is_limited |= filter.is_some();
    Relation { filter, ..relation }
}

/// `ref('model')`, `ref('package', 'model')`, `ref('model', version=1)`.
fn reference(
    positional: &[Value],
    named: &Kwargs,
    names: &Names,
    batches: Option<&Batches>,
    asked: &Mutex<Asked>,
) -> Result<Value, Error> {
    let (version, v): (Option<Value>, Option<Value>) = (named.get("version")?, named.get("v")?);
    let version = version.or(v);
    if positional.iter().any(Unknown::is) {
        return Ok(Unknown::value());
    }
    let model = positional.last().and_then(Value::as_str);
    let model = model.ok_or_else(|| Error::new(ErrorKind::MissingArgument, "`ref` needs the name of a model"))?;
    let versioned = version.filter(|version| !version.is_none()).map(|version| format!("{model}_v{version}"));
    let name = versioned.as_deref().filter(|name| names.refs.contains_key(*name)).unwrap_or(model);
    let relation = names.refs.get(name);
    let mut asked = locked(asked);
    asked.refs.push(names.file_of(name));
    if relation.is_none() {
        let is_disabled =
            [Some(model), versioned.as_deref()].into_iter().flatten().any(|name| names.disabled.contains(name));
        asked.missing.push(Missing { what: format!("model `{model}`"), name: model.to_string(), is_disabled });
    }
    let identifier = versioned.unwrap_or_else(|| model.to_string());
    let relation = relation.cloned().unwrap_or_else(|| Relation::of(&identifier));
    Ok(Value::from_object(limited(relation, batches, &mut asked)))
}

fn from_json(text: &str) -> Option<Value> {
    serde_json::from_str::<serde_json::Value>(text).ok().map(|json| Value::from(Serde(json)))
}

/// Takes anything, and renders to nothing.
#[derive(Debug)]
struct Silent;

impl Object for Silent {
    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, _: &[Value]) -> Result<Value, Error> {
        Ok(Value::from(""))
    }
}

/// `config(materialized='table')`, which renders to nothing, and `config.get('materialized')`.
#[derive(Debug)]
struct Config {
    asked: Arc<Mutex<Asked>>,
    /// Settings that stay as they are.
    fixed: BTreeSet<String>,
}

impl Object for Config {
    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let (positional, named): (&[Value], Kwargs) = from_args(args)?;
        let mut given = Vec::new();
        // `config({...})` is a dictionary of the same.
        for values in positional {
            for key in values.try_iter().into_iter().flatten() {
                given.push((key.to_string(), values.get_item(&key)?));
            }
        }
        for name in named.args().map(str::to_string).collect::<Vec<_>>() {
            let value = named.get(&name)?;
            given.push((name, value));
        }
        locked(&self.asked).config.extend(given.into_iter().filter(|(name, _)| !self.fixed.contains(name)));
        Ok(Value::from(""))
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        match method {
            "get" | "require" | "meta_get" | "meta_require" => {
                let (positional, named): (&[Value], Kwargs) = from_args(args)?;
                let known = positional.first().and_then(|name| locked(&self.asked).config.get(name.as_str()?).cloned());
                let default = named.get::<Option<Value>>("default").unwrap_or_default();
                let default = positional.get(1).cloned().or(default);
                Ok(known
                    .or(default)
                    .unwrap_or_else(|| if method == "get" { Value::from(()) } else { Unknown::value() }))
            }
            "set" => Ok(Value::from("")),
            _ => Ok(Value::from("")),
        }
    }
}

impl Object for Target {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let known = |text: &Option<String>| text.clone().map_or_else(Unknown::value, Value::from);
        Some(match key.as_str()? {
            "name" | "target_name" => Value::from(self.name.as_str()),
            "type" => Value::from("athena"),
            "schema" => known(&self.schema),
            "database" => known(&self.database),
            _ => Unknown::value(),
        })
    }
}

/// `model`, also called a node: what dbt knows of the file itself.
#[derive(Debug)]
struct Node {
    name: String,
    asked: Arc<Mutex<Asked>>,
}

impl Object for Node {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "name" | "alias" => Value::from(self.name.as_str()),
            "config" => Value::from_pairs(locked(&self.asked).config.clone()),
            _ => Unknown::value(),
        })
    }
}

/// `var('name', default)` and `var.has_var('name')`.
#[derive(Debug)]
struct Var(BTreeMap<String, Value>);

impl Object for Var {
    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let (positional, named): (&[Value], Kwargs) = from_args(args)?;
        let name = positional.first().and_then(Value::as_str).unwrap_or_default().to_string();
        let default = named.get::<Option<Value>>("default").unwrap_or_default();
        // Templates in variables are rendered when they are asked for.
        let is_template = |value: &Value| value.as_str().is_some_and(|text| text.contains("{{"));
        let known = self.0.get(&name).cloned().map(|value| if is_template(&value) { Unknown::value() } else { value });
        Ok(known.or_else(|| positional.get(1).cloned()).or(default).unwrap_or_else(Unknown::value))
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        let (name,): (String,) = from_args(args)?;
        match method {
            "has_var" => Ok(Value::from(self.0.contains_key(&name))),
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

/// `exceptions.raise_compiler_error(...)`: dbt says it itself, if the run comes that far with what is unknown here.
#[derive(Debug)]
struct Exceptions;

impl Object for Exceptions {
    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, _: &[Value]) -> Result<Value, Error> {
        Ok(if method == "warn" { Value::from("") } else { Unknown::value() })
    }
}

/// `adapter.dispatch('name', 'package')` gives a macro; all else asks the warehouse.
#[derive(Debug)]
struct Adapter;

/// Prefixes of macros that belong to one kind of warehouse, in the order in which dbt-athena looks for them.
const ADAPTERS: [&str; 2] = ["athena", "default"];

impl Object for Adapter {
    fn get_value(self: &Arc<Self>, _: &Value) -> Option<Value> {
        Some(Unknown::value())
    }

    fn call_method(self: &Arc<Self>, state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        let (positional, named): (&[Value], Kwargs) = from_args(args)?;
        match (method, positional) {
            ("dispatch", _) => {}
            // As it is quoted in a query.
            ("quote", [name]) => return Ok(Value::from(format!("\"{name}\""))),
            _ => return Ok(Unknown::value()),
        }
        let text = |value: &Value| value.as_str().map(str::to_string);
        let name = positional.first().and_then(text).unwrap_or_default();
        let package = positional.get(1).and_then(text);
        let package = package.or_else(|| named.get::<Option<String>>("macro_namespace").ok().flatten());
        for adapter in ADAPTERS {
            let wanted = format!("{adapter}__{name}");
            let own = state.lookup(&wanted).filter(|value| !value.is_undefined());
            let in_package = || {
                let namespace = state.lookup(package.as_deref().unwrap_or(ALL_MACROS))?;
                namespace.get_attr(&wanted).ok().filter(|value| !value.is_undefined())
            };
            if let Some(found) = own.or_else(in_package) {
                return Ok(found);
            }
        }
        Ok(Unknown::value())
    }
}
