//! Renders models as dbt does, without dbt, a warehouse or credentials.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::Value;
use minijinja::{Environment, ErrorKind, OutputSpanKind, UndefinedBehavior};

use super::batch::Batches;
use super::builtins;
use super::macros::{MacroValue, Namespace};
use super::profile::Target;
use super::template::{MUTABLE, Template};
use super::unknowable;
use super::values::{Relation, Unknown, mutable};
use crate::lake::Count;

/// Instructions of one rendering; more is a loop without an end.
const FUEL: u64 = 5_000_000;

/// Expressions of one rendering that may be taken as unknown since they compute with what is.
const GIVEN_UP: usize = 20;

/// The macros of all packages.
pub(super) const ALL_MACROS: &str = "__macros";

/// How the template of a model is called among those of macros.
const NAME: &str = "model";

/// What templates of a project ask for.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    /// Name of the project: macros of others are reached by the names of their packages.
    pub project: String,
    /// Models, seeds and snapshots by name.
    pub refs: BTreeMap<String, Relation>,
    /// The file of each model that another name than the file's stands for: a version, or the latest one.
    pub versions: BTreeMap<String, String>,
    /// Tables of sources by both names.
    pub sources: BTreeMap<(String, String), Relation>,
    /// Models, seeds and snapshots that are switched off.
    pub disabled: BTreeSet<String>,
    pub disabled_sources: BTreeSet<(String, String)>,
    /// Variables as each package sees them.
    pub vars: BTreeMap<String, BTreeMap<String, Value>>,
    pub target: Target,
}

impl Names {
    pub fn file_of(&self, name: &str) -> String {
        self.versions.get(name).map_or(name, String::as_str).to_string()
    }
}

/// What models and sources are, as in [`Names`].
#[derive(Debug, Default)]
pub(super) struct Relations {
    pub refs: BTreeMap<String, Relation>,
    pub versions: BTreeMap<String, String>,
    pub sources: BTreeMap<(String, String), Relation>,
    pub disabled: BTreeSet<String>,
    pub disabled_sources: BTreeSet<(String, String)>,
}

/// What is configured for a file elsewhere.
#[derive(Debug, Clone, Default)]
pub(super) struct Inherited {
    pub values: BTreeMap<String, Value>,
    /// Settings that the file itself does not change: those of a project for the models of its packages
    /// (<https://docs.getdbt.com/docs/build/packages#configuring-packages>).
    pub fixed: BTreeSet<String>,
}

/// A file of macros.
#[derive(Debug)]
pub(super) struct MacroFile<'a> {
    pub package: &'a str,
    /// Differs from that of every other file.
    pub name: String,
    pub text: &'a str,
}

/// A model that is rendered.
#[derive(Debug)]
pub(super) struct Model<'a> {
    pub text: &'a str,
    pub package: &'a str,
    pub this: Relation,
    /// Whether it runs into a table that is there.
    pub is_incremental: bool,
    pub config: Inherited,
    /// Of a test: the arguments of its macro.
    pub arguments: Option<Value>,
    /// Of a run of a microbatch model: what is read of inputs with an event time.
    pub batches: Option<Batches>,
}

impl<'a> Model<'a> {
    /// A text of a package, of which nothing is configured.
    pub fn new(text: &'a str, package: &'a str, this: Relation) -> Model<'a> {
        let config = Inherited::default();
        Model { text, package, this, is_incremental: false, config, arguments: None, batches: None }
    }
}

/// What rendering gave.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rendered {
    pub text: String,
    /// In order, without gaps.
    pub pieces: Vec<Piece>,
    pub asked: Asked,
    /// Something was asked for that only a run knows: dbt may render another text.
    pub is_guessed: bool,
}

/// Where a part of the rendered text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub rendered: Range<usize>,
    pub file: Range<usize>,
}

/// What a template asked for while it was rendered.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Asked {
    /// What is configured, arguments of `config` over what is configured elsewhere.
    pub config: BTreeMap<String, Value>,
    pub refs: Vec<String>,
    pub sources: Vec<(String, String)>,
    pub missing: Vec<Missing>,
    /// It asked whether the run is incremental.
    pub is_incremental: bool,
    /// It asked for something of which only the batches are read.
    pub is_limited: bool,
}

/// A model or a source that a template asks for, and that is disabled or declared nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Missing {
    /// For people.
    pub what: String,
    /// As the template writes it.
    pub name: String,
    pub is_disabled: bool,
}

/// Why a model cannot be rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stopped {
    /// The construct, where it stands in the model.
    pub file: Range<usize>,
    pub message: String,
}

/// Macros and functions of a project: one for all of its models.
#[derive(Debug)]
pub(super) struct Renderer {
    environment: Environment<'static>,
    names: Arc<Names>,
    /// Macros that are called by their names alone.
    macros: BTreeSet<String>,
    /// Files of macros that are no templates, and why.
    pub problems: Vec<(String, Stopped)>,
}

impl Renderer {
    /// Of the unknown packages, every macro gives what only a run knows.
    pub fn new<'n>(names: Names, files: &[MacroFile<'_>], unknown: impl Iterator<Item = &'n str>) -> Renderer {
        let names = Arc::new(names);
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        environment.set_fuel(Some(FUEL));
        environment.add_function(MUTABLE, |value: Value| mutable(&value));
        builtins::add(&mut environment);
        unknown.for_each(|package| environment.add_global(package.to_string(), Unknown::value()));
        let mut problems = Vec::new();
        let mut packages: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
        for file in files {
            let template = Template::of(file.text);
            if let Err(error) = environment.add_template_owned(file.name.clone(), template.text.clone()) {
                problems.push((file.name.clone(), stopped(&error, &template, &file.name)));
                continue;
            }
            let package = packages.entry(file.package.to_string()).or_default();
            for declared in template.macros {
                let name = declared.name.clone();
                package.insert(name, Value::from_object(MacroValue { template: file.name.as_str().into(), declared }));
            }
        }
        // Those of the project itself are called by their names alone, and so are those of `dbt`, before the builtin ones.
        let mut own = BTreeSet::new();
        for package in ["dbt", names.project.as_str()] {
            for (name, value) in packages.get(package).into_iter().flatten() {
                own.insert(name.clone());
                environment.add_global(name.clone(), value.clone());
            }
        }
        // A package calls its own by their names alone, too. Names are seldom those of two packages.
        let built_in: BTreeSet<String> = environment.globals().map(|(name, _)| name.to_string()).collect();
        let mut all = BTreeMap::new();
        for (package, macros) in packages {
            for (name, value) in &macros {
                if !built_in.contains(name) && !name.contains("__") && !all.contains_key(name) {
                    environment.add_global(name.clone(), value.clone());
                }
                all.entry(name.clone()).or_insert_with(|| value.clone());
            }
            environment.add_global(package, Value::from_object(Namespace { macros }));
        }
        environment.add_global(ALL_MACROS, Value::from_object(Namespace { macros: all }));
        Renderer { environment, names, macros: own, problems }
    }

    /// Tells what models and sources are.
    pub fn set_relations(&mut self, relations: Relations) {
        let names = Arc::make_mut(&mut self.names);
        names.refs = relations.refs;
        names.versions = relations.versions;
        names.sources = relations.sources;
        names.disabled = relations.disabled;
        names.disabled_sources = relations.disabled_sources;
    }

    /// The file that a model is in, by its name or that of a version.
    pub fn file_of(&self, name: &str) -> String {
        self.names.file_of(name)
    }

    /// The relation of a model, seed or snapshot.
    pub fn relation(&self, name: &str) -> Option<Relation> {
        self.names.refs.get(name).cloned()
    }

    /// The table of a source.
    pub fn source(&self, source: &str, table: &str) -> Option<Relation> {
        self.names.sources.get(&(source.to_string(), table.to_string())).cloned()
    }

    /// Whether the project has a macro.
    pub fn has_macro(&self, name: &str) -> bool {
        self.macros.contains(name)
    }

    /// The value of a text in YAML that may be a template: an expression alone keeps its type.
    pub fn value(&self, package: &str, text: &str) -> Value {
        if !text.contains("{{") {
            return Value::from(text);
        }
        let mut environment = self.environment.clone();
        let model = Model::new(text, package, Relation::of("this"));
        builtins::of_model(&mut environment, &model, &self.names, &Arc::default());
        let alone = text.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
        let alone = alone.filter(|inner| !inner.contains("{{"));
        let value = match alone {
            Some(expression) => environment.compile_expression(expression).and_then(|compiled| compiled.eval(())),
            None => environment.render_str(text, ()).map(Value::from),
        };
        value.unwrap_or_else(|_| Unknown::value())
    }

    /// What a text asks for; nothing where it cannot be rendered.
    pub fn asked(&self, package: &str, text: &str) -> Asked {
        let model = Model::new(text, package, Relation::of("this"));
        self.render(&model).map(|rendered| rendered.asked).unwrap_or_default()
    }

    pub fn render(&self, model: &Model<'_>) -> Result<Rendered, Stopped> {
        let mut template = Template::of(model.text);
        let mut environment = self.environment.clone();
        let mut given_up = 0;
        loop {
            let asked = Arc::new(Mutex::new(Asked { config: model.config.values.clone(), ..Asked::default() }));
            builtins::of_model(&mut environment, model, &self.names, &asked);
            let error = match rendered(&environment, &template, &asked) {
                Ok(rendered) => return Ok(rendered),
                Err(error) => error,
            };
            if given_up == GIVEN_UP || give_up(&error, &mut environment, &mut template).is_none() {
                return Err(stopped(&error, &template, NAME));
            }
            given_up += 1;
        }
    }
}

fn rendered(
    environment: &Environment<'_>,
    template: &Template,
    asked: &Mutex<Asked>,
) -> Result<Rendered, minijinja::Error> {
    let parsed = environment.template_from_named_str(NAME, &template.text)?;
    Unknown::was_asked();
    let (text, spans) = parsed.render_with_spans(())?;
    let is_guessed = Unknown::was_asked();
    let mut pieces: Vec<Piece> = Vec::new();
    for span in spans.iter().filter(|span| span.name() == NAME) {
        let source = match span.kind() {
            OutputSpanKind::Raw => span.source_range(),
            // An expression's place is all of its tag.
            _ => around(&template.text, span.source_range()),
        };
        pieces.push(Piece { rendered: span.output_range(), file: template.in_file(source) });
    }
    let asked = asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok(Rendered { text, pieces, asked, is_guessed })
}

/// Puts what is unknown in place of an expression that computes with it, in a model or a macro. `None` where that is not what went
/// wrong.
fn give_up(error: &minijinja::Error, environment: &mut Environment<'static>, template: &mut Template) -> Option<()> {
    let cause = innermost(error);
    let name = cause.name()?.to_string();
    let text =
        if name == NAME { template.text.clone() } else { environment.get_template(&name).ok()?.source().to_string() };
    let without = unknowable::without(cause, &text)?;
    match name == NAME {
        true => {
            environment.template_from_named_str(NAME, &without).ok()?;
            template.text = without;
        }
        false => environment.add_template_owned(name, without).ok()?,
    }
    Some(())
}

/// The tag that holds an expression.
fn around(text: &str, inner: Range<usize>) -> Range<usize> {
    let start = text[..inner.start].rfind("{{").unwrap_or(inner.start);
    let end = text[inner.end..].find("}}").map_or(inner.end, |at| inner.end + at + 2);
    start..end
}

/// What went wrong in a macro is said by the innermost error, and shown where the model calls it.
fn innermost(error: &minijinja::Error) -> &minijinja::Error {
    let mut cause = error;
    while let Some(inner) =
        std::error::Error::source(cause).and_then(|source| source.downcast_ref::<minijinja::Error>())
    {
        cause = inner;
    }
    cause
}

/// A line by its number, without the spaces that it begins with.
fn line_of(text: &str, number: usize) -> Range<usize> {
    let before: usize = text.split_inclusive('\n').take(number.saturating_sub(1)).map(str::len).sum();
    let line = text[before..].lines().next().unwrap_or_default();
    let start = before + line.len() - line.trim_start().len();
    start..before + line.trim_end().len()
}

/// An error where it stands in the file; one of a macro in another file stands for the whole of this one.
fn stopped(error: &minijinja::Error, template: &Template, name: &str) -> Stopped {
    let cause = innermost(error);
    let own = (error.name() == Some(name)).then_some(error);
    let line = || own?.line().map(|line| line_of(&template.text, line));
    let range = own.and_then(minijinja::Error::range).or_else(line).unwrap_or(0..0);
    let message = match cause.detail() {
        _ if cause.kind() == ErrorKind::OutOfFuel => {
            format!("it takes more than {} instructions: has every loop an end?", Count(FUEL))
        }
        Some(detail) => format!("{}: {detail}", cause.kind()),
        None => cause.kind().to_string(),
    };
    let at = match cause.name() {
        Some(other) if other != name => format!(" in `{other}`"),
        _ => String::new(),
    };
    // What is not closed is said to go on after the end.
    let within =
        |at: usize| (0..=at.min(template.text.len())).rfind(|at| template.text.is_char_boundary(*at)).unwrap_or(0);
    let range = within(range.start)..within(range.end);
    Stopped { file: template.in_file(range), message: message + &at }
}
