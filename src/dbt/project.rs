//! A dbt project: what its files say together, without a look at the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use chrono::NaiveDateTime;
use minijinja::value::{Serde, Value, ValueKind};

use super::batch::{Batches, event_time};
use super::file::File;
use super::paths::Role;
use super::profile::Target;
use super::render::{Inherited, MacroFile, Missing, Model, Names, Relations, Rendered, Renderer, Stopped};
use super::scan::tag_with;
use super::settings::{Config, Settings};
use super::statement::{Place, Statement, is_iceberg, is_refreshed, materialized, quoted, statements, texts};
use super::values::{Relation, UNKNOWN};
use crate::lake::{self, Materialized, ModelKind, Span, Strategy, TableName};
use crate::sql::{condenses, split};

/// Macros by package, for all that dbt has built in, and for what most projects fetch.
pub(super) const BUNDLED: [(&str, &str); 2] =
    [("dbt", include_str!("bundled/dbt.sql")), ("dbt_utils", include_str!("bundled/dbt_utils.sql"))];

/// What only the deployment knows, as far as somebody told.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `--target`.
    pub target: Option<String>,
    /// `--vars`, over those of `dbt_project.yml`.
    pub vars: BTreeMap<String, serde_json::Value>,
}

/// What a query is to the reader of SQL.
#[derive(Debug)]
pub(crate) struct Read {
    pub model: lake::Model,
    pub statements: Vec<Statement>,
    /// Models and sources that nothing declares, with the places where they are asked for.
    pub missing: Vec<(Missing, Range<usize>)>,
    /// dbt runs it, and there is nothing to run.
    pub has_no_query: bool,
    /// The template asks for what only a run knows: the reader of SQL may stumble over what was taken instead.
    pub is_guessed: bool,
}

/// A project that renders its queries.
#[derive(Debug)]
pub(crate) struct Project {
    pub(super) root: String,
    /// By package.
    pub(super) settings: BTreeMap<String, Settings>,
    /// That of the target, where it is known.
    schema: Option<String>,
    pub(super) renderer: Renderer,
    /// When its models run.
    now: NaiveDateTime,
    /// Packages are asked for and not there: what is missing may be theirs.
    pub(super) lacks_packages: bool,
}

impl Project {
    /// `root` is the name of the project, whose files are the first; those of its packages follow. `missing` are packages that it needs and
    /// that are not there.
    pub fn new(
        root: &str,
        settings: BTreeMap<String, Settings>,
        files: &[File],
        missing: &BTreeSet<String>,
        target: Target,
        options: &Options,
        now: NaiveDateTime,
    ) -> Project {
        let macros = files.iter().filter(|file| file.role == Role::Macro);
        let macros = macros.map(|file| MacroFile {
            package: &file.package,
            name: format!("{}/{}", file.package, file.path),
            text: &file.text,
        });
        // What dbt has built in comes first: a package of the same name has its own.
        let is_lacking = |package: &&str| !settings.contains_key(*package);
        let lacking: Vec<&str> = missing.iter().map(String::as_str).filter(is_lacking).collect();
        let bundled = BUNDLED.iter().filter(|(package, ..)| *package == "dbt" || lacking.contains(package));
        let bundled = bundled.map(|(package, text)| MacroFile { package, name: format!("{package}.sql"), text });
        let macro_files: Vec<MacroFile<'_>> = bundled.chain(macros).collect();
        let schema = target.schema.clone();
        let mut names = Names { project: root.to_string(), target, ..Names::default() };
        let given = || options.vars.iter().map(|(name, value)| (name.clone(), Value::from(Serde(value.clone()))));
        for package in settings.keys() {
            let mut vars = settings.get(package).map(|own| own.vars_of(package)).unwrap_or_default();
            // What the project says of a package goes before what the package says itself.
            vars.extend(settings.get(root).map(|own| own.vars_of(package)).unwrap_or_default());
            vars.extend(given());
            names.vars.insert(package.clone(), vars);
        }
        // What is bundled has macros, and declares nothing.
        let unknown = || lacking.iter().filter(|package| !BUNDLED.iter().any(|(known, _)| known == *package));
        let renderer = Renderer::new(names, &macro_files, unknown().copied());
        let lacks_packages = unknown().next().is_some();
        let mut project = Project { root: root.to_string(), settings, schema, renderer, now, lacks_packages };
        let mut relations = project.refs(files);
        project.add_sources(&mut relations);
        project.renderer.set_relations(relations);
        project
    }

    /// The name of what a model, seed or snapshot builds; `None` where it is switched off.
    pub fn built(&self, file: &File) -> Option<TableName> {
        Some(TableName::new(self.renderer.relation(file.name())?.parts()))
    }

    /// Files of macros that are no templates, and why.
    pub fn problems(&self) -> &[(String, Stopped)] {
        &self.renderer.problems
    }

    /// Models, seeds and snapshots that are built, by name. Where only the deployment knows in which schema, a name that a source has, too,
    /// is kept apart from it by the configured schema or the name of the package.
    fn refs(&self, files: &[File]) -> Relations {
        let mut known: BTreeMap<String, (Relation, Option<String>, String)> = BTreeMap::new();
        let mut disabled = BTreeSet::new();
        for file in files.iter().filter(|file| file.is_relation()) {
            let config = self.config(file);
            if !is_enabled(&config) {
                disabled.insert(file.name().to_string());
            } else {
                let schema = config.get("target_schema").or_else(|| config.get("schema")).and_then(Value::as_str);
                let schema = schema.filter(|schema| !schema.contains(UNKNOWN));
                let built_in = self.schema_of(&file.package, schema);
                let schema = schema.unwrap_or(&file.package).to_string();
                // The first one is that of the project itself.
                known.entry(file.name().to_string()).or_insert((relation(file.name(), &config), built_in, schema));
            }
        }
        for (package, settings) in &self.settings {
            for name in &settings.snapshots {
                let built_in = self.schema_of(package, None);
                known.entry(name.clone()).or_insert((Relation::of(name), built_in, package.clone()));
            }
        }
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        let own = known.values().map(|(relation, ..)| relation.identifier.to_lowercase());
        let of_sources = self.settings.values().flat_map(|settings| &settings.sources);
        for name in own.chain(of_sources.map(|source| source.identifier.to_lowercase())) {
            *times.entry(name).or_default() += 1;
        }
        let mut refs = BTreeMap::new();
        for (name, (mut relation, built_in, schema)) in known {
            let is_shared = times.get(&relation.identifier.to_lowercase()).is_some_and(|times| *times > 1);
            relation.schema = built_in.or(is_shared.then_some(schema));
            refs.insert(name, relation);
        }
        let mut versions = BTreeMap::new();
        for (name, files) in self.settings.values().flat_map(|settings| &settings.versions) {
            if files.iter().any(|file| disabled.contains(file)) {
                disabled.insert(name.clone());
            }
            if let Some((file, relation)) = files.iter().find_map(|file| Some((file, refs.get(file).cloned()?))) {
                versions.entry(name.clone()).or_insert_with(|| file.clone());
                refs.entry(name.clone()).or_insert(relation);
            }
        }
        Relations { refs, versions, disabled, ..Relations::default() }
    }

    /// The schema that dbt builds in, with a configured one: as the project's own macro has it, else behind that of the target
    /// (<https://docs.getdbt.com/docs/build/custom-schemas>).
    fn schema_of(&self, package: &str, configured: Option<&str>) -> Option<String> {
        const MACRO: &str = "generate_schema_name";
        let of_target = self.schema.as_deref()?;
        if self.renderer.has_macro(MACRO) {
            let argument = configured.map_or("none".to_string(), |schema| format!("'{}'", schema.replace('\'', "")));
            let made = self.renderer.value(package, &format!("{{{{ {MACRO}({argument}, model) }}}}"));
            let made = made.as_str().map(str::trim).filter(|made| !made.is_empty() && !made.contains(UNKNOWN))?;
            return Some(made.to_string());
        }
        Some(configured.map_or(of_target.to_string(), |schema| format!("{of_target}_{schema}")))
    }

    fn add_sources(&self, relations: &mut Relations) {
        for (package, settings) in &self.settings {
            for source in &settings.sources {
                let known = |text: &str| {
                    let value = self.renderer.value(package, text);
                    value.as_str().filter(|text| !text.contains(UNKNOWN)).map(str::to_string)
                };
                let relation = Relation {
                    database: source.database.as_deref().and_then(known),
                    schema: known(&source.schema),
                    identifier: known(&source.identifier).unwrap_or_else(|| source.table.clone()),
                    event_time: source.event_time.clone(),
                    filter: None,
                };
                let key = (source.source.clone(), source.table.clone());
                let enabled = self.written(package, &source.enabled);
                match is_off(&enabled) {
                    true => drop(relations.disabled_sources.insert(key)),
                    false => drop(relations.sources.insert(key, relation)),
                }
            }
        }
    }

    /// A value of YAML, rendered where it is a template.
    fn written(&self, package: &str, value: &Value) -> Value {
        let template = value.as_str().filter(|text| text.contains("{{"));
        template.map_or_else(|| value.clone(), |text| self.renderer.value(package, text))
    }

    /// What is configured for a file, its own `config(...)` included.
    pub(super) fn config(&self, file: &File) -> Config {
        let inherited = self.inherited(file);
        let mut config = inherited.values.clone();
        let head = file.head();
        if file.role != Role::Seed && file.text[head.clone()].contains("config") {
            let model = Model::new(&file.text[head], &file.package, Relation::of(file.name()));
            let model = Model { config: inherited, ..model };
            if let Ok(rendered) = self.renderer.render(&model) {
                config = rendered.asked.config;
            }
        }
        config
    }

    /// What is configured for a file elsewhere.
    fn inherited(&self, file: &File) -> Inherited {
        if !file.is_relation() {
            return Inherited::default();
        }
        let (role, package, name) = (file.role, file.package.as_str(), file.name());
        // What the project says of a package goes before what the package says itself.
        let of = |package: &str| self.settings.get(package);
        let others = (package != self.root).then(|| of(package)).flatten();
        let (mut config, mut fixed) = (Config::new(), BTreeSet::new());
        let mut tags = Vec::new();
        for settings in of(&self.root).into_iter().chain(others) {
            let is_fixed = settings.name != package;
            for layer in settings.config(role, package, &file.path, name) {
                for (key, value) in layer {
                    if key == "tags" {
                        tags.extend(texts(Some(value)));
                    }
                    config.entry(key.clone()).or_insert_with(|| self.written(package, value));
                }
                fixed.extend(layer.keys().filter(|key| is_fixed && *key != "tags").cloned());
            }
        }
        if !tags.is_empty() {
            config.insert("tags".to_string(), tags.into());
        }
        Inherited { values: config, fixed }
    }

    /// Renders a query; `None` where the project switches it off. dbt runs no file that is empty, no analysis, and no test of what is
    /// disabled.
    pub fn read(&self, file: &File) -> Result<Option<Read>, Stopped> {
        let text = file.own_text();
        if text.trim_start_matches('\u{feff}').trim().is_empty() {
            return Ok(None);
        }
        let inherited = self.inherited(file);
        let render = |is_incremental, batches| {
            let this = self.renderer.relation(file.name()).unwrap_or_else(|| relation(file.name(), &inherited.values));
            let config = inherited.clone();
            let model = Model::new(&text, &file.package, this);
            self.renderer.render(&Model { is_incremental, config, batches, ..model })
        };
        let first = render(false, None)?;
        let mut config = first.asked.config.clone();
        let is_of_disabled = || first.asked.missing.iter().any(|missing| missing.is_disabled);
        if !is_enabled(&config) || file.kind() == ModelKind::Test && is_of_disabled() {
            return Ok(None);
        }
        let materialized = materialized(file.kind(), &config);
        let is_microbatch = materialized == Materialized::Incremental(Strategy::Microbatch);
        let batches = is_microbatch.then(|| Batches::of(&config, self.now)).flatten();
        let count = batches.as_ref().map(|batches| batches.count);
        let (run, rebuild) = match materialized {
            Materialized::Incremental(_) if first.asked.is_incremental || batches.is_some() => {
                let run = render(true, batches)?;
                config.extend(run.asked.config.clone());
                let is_other = first.asked.is_incremental || run.asked.is_limited;
                (run, is_other.then_some(first))
            }
            _ => (first, None),
        };
        let count = count.filter(|_| run.asked.is_limited);
        let is_empty = split(&run.text).is_empty() && !run.is_guessed;
        if is_empty && file.kind() == ModelKind::Analysis {
            return Ok(None);
        }
        let mut read = self.made(file, run, rebuild, config);
        read.model.batches = count;
        if is_empty && read.model.materialized != Materialized::Other {
            read.has_no_query = true;
            read.statements.clear();
        }
        Ok(Some(read))
    }

    /// What a rendered query is to the reader of SQL.
    pub(super) fn made(&self, file: &File, run: Rendered, rebuild: Option<Rendered>, config: Config) -> Read {
        let mut tags = texts(config.get("tags"));
        tags.extend(texts(self.inherited(file).values.get("tags")));
        tags.sort();
        tags.dedup();
        let materialized = materialized(file.kind(), &config);
        let relation = self.renderer.relation(file.name()).unwrap_or_else(|| relation(file.name(), &config));
        let name = relation.parts().map(quoted).collect::<Vec<_>>().join(".");
        let head = file.head();
        let place = Place { file: file.file, head: head.clone() };
        let statements = statements(&name, materialized, &run, rebuild.as_ref(), &config, &place);
        let is_true = |key: &str| config.get(key).is_some_and(Value::is_true);
        let mut model = lake::Model::of_query(file.name().to_string(), file.kind(), Span::new(file.file, head));
        model.path.clone_from(&file.path);
        let settings = self.settings.get(&file.package);
        model.version = settings.and_then(|settings| settings.versioned.get(file.name()).cloned());
        model.tags = tags;
        model.relation = TableName::new(relation.parts());
        model.materialized = materialized;
        model.is_refreshed = materialized == Materialized::Table && is_refreshed(&config);
        model.is_iceberg = is_iceberg(&config);
        model.format = config.get("format").and_then(Value::as_str).map(str::to_lowercase);
        model.partitioned_by = texts(config.get("partitioned_by"));
        model.is_batched = is_true("force_batch");
        let limit = config.get("partitions_limit").and_then(|limit| u64::try_from(limit.clone()).ok());
        model.partitions_limit = limit.map_or(model.partitions_limit, |limit| limit.max(1));
        model.has_predicates = is_true("incremental_predicates") || is_true("predicates");
        model.condenses = matches!(materialized, Materialized::View | Materialized::Ephemeral) && condenses(&run.text);
        model.has_pre_hook = is_true("pre_hook") || is_true("pre-hook");
        model.refs = unique(&run, rebuild.as_ref(), |rendered| &rendered.asked.refs);
        model.sources = unique(&run, rebuild.as_ref(), |rendered| &rendered.asked.sources);
        model.asks_is_incremental = rebuild.is_some();
        let missing = self.missing(&file.own_text(), &run);
        Read { missing, has_no_query: false, is_guessed: run.is_guessed, model, statements }
    }

    /// Models and sources that nothing declares. Where packages are missing, they may be theirs.
    fn missing(&self, text: &str, rendered: &Rendered) -> Vec<(Missing, Range<usize>)> {
        if self.lacks_packages {
            return Vec::new();
        }
        // One that a macro asks for is not this file's to mend.
        let missing = rendered.asked.missing.iter();
        missing.filter_map(|missing| Some((missing.clone(), tag_with(text, &missing.name)?))).collect()
    }
}

/// What both branches of an incremental model ask for, sorted.
fn unique<T: Ord + Clone>(run: &Rendered, rebuild: Option<&Rendered>, of: impl Fn(&Rendered) -> &Vec<T>) -> Vec<T> {
    let mut all: Vec<T> = of(run).iter().chain(rebuild.into_iter().flat_map(&of)).cloned().collect();
    all.sort();
    all.dedup();
    all
}

/// What nobody knows for certain is built.
fn is_enabled(config: &Config) -> bool {
    !config.get("enabled").is_some_and(is_off)
}

fn is_off(enabled: &Value) -> bool {
    match enabled.kind() {
        ValueKind::Bool => !enabled.is_true(),
        _ => enabled.as_str().is_some_and(|text| text.eq_ignore_ascii_case("false")),
    }
}

/// Which schema a model is built in, only the deployment knows.
fn relation(name: &str, config: &Config) -> Relation {
    let of_name = Relation::of(config.get("alias").and_then(Value::as_str).unwrap_or(name));
    Relation { event_time: event_time(config.get("event_time")), ..of_name }
}
