//! Texts to state machines: what templates declare first, then the files that they name, then the definitions that stand alone.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::agreed::{self, Places};
use super::machines::{Steps, add_machines};
use super::missing::once_per_file;
use super::terraform::{Folders, Given};
use super::texts::is_called_definition;
use super::{Body, Definition, Found, InfraText, Missing, cloudformation, link, saved, serverless, terraform, values};
use crate::controls::visible_name;
use crate::document::{self, Document, Problem, Text, Value};
use crate::finding::Place;
use crate::ignore::Ignore;
use crate::input::asl::{self, Identity, Machine};
use crate::input::document_ignores::{in_comment_field, in_comments};
use crate::input::git::Changed;
use crate::input::snapshot::StoredMachine;
use crate::input::{self, text_file};
use crate::lake::{
    Container, FileId, Lake, Named, SourceFile, Sources, Span, Table, Unreadable, UnreadableKind, WorkflowKind,
};
use crate::shown_path::{shown_path, without_dots};

/// What texts hold besides what goes into the lake as it is.
pub(in crate::input) struct Read {
    pub steps: Steps,
    /// Tables that templates declare, in file and position order.
    pub tables: Vec<Table>,
    pub places: Places,
}

/// Adds the state machines and resources of the texts to the lake, and the SQL of machines and saved statements to its sources. Some texts are
/// definitions that a scan has read.
pub(in crate::input) fn read(
    texts: &[InfraText],
    run: &input::Sources,
    scanned: BTreeMap<PathBuf, StoredMachine>,
    lake: &mut Lake,
) -> Read {
    let modules = values::modules(texts, &lake.sources);
    let given = terraform::given(&modules, &values::add(&modules, run, &mut lake.sources));
    let (mut reading, mut found) = Reading::of(texts, run, &lake.sources);
    found.extend(read_modules(&modules, &given));
    reading.scanned = scanned;
    let definitions = std::mem::take(&mut found.definitions);
    let mut machines = reading.defined_in_templates(definitions, &mut lake.sources, &mut found);
    machines.extend(reading.standing_alone(&lake.sources));
    reading.add_scanned(&mut machines, &lake.sources);
    reading.unparsed(&lake.sources, &mut found);
    found.ignores.extend(reading.ignores(&lake.sources));
    for machine in &mut machines {
        found.problems.append(&mut machine.problems);
        let comments = machine.comments.iter();
        found.ignores.extend(comments.flat_map(|(governs, comment)| in_comment_field(comment, *governs)));
    }

    let is_asked = |sources: &Sources, span: Span| !sources.get(span.file).is_context;
    found.problems.retain(|problem| match problem.place {
        Place::Span(span) => is_asked(&lake.sources, span),
        _ => true,
    });
    found.ignores.retain(|ignore| is_asked(&lake.sources, ignore.span));
    lake.unreadable.extend(found.problems);
    lake.resources = found.resources;
    lake.ignores.extend(found.ignores);
    let mut steps = add_machines(machines, lake);
    found.not_analysed.extend(saved::add(found.queries, &reading, &mut steps, lake));
    found.not_analysed.retain(|missing| is_asked(&lake.sources, missing.span));
    let place = |missing: &Missing| (lake.sources.get(missing.span.file).path.clone(), missing.span.start);
    found.not_analysed.sort_by_cached_key(place);
    lake.not_analysed = once_per_file(found.not_analysed);
    link::link(lake);
    let (tables, places) = agreed::agreed(found.tables);
    Read { steps, tables, places }
}

/// The texts of a run, parsed.
pub(super) struct Reading {
    pub(super) base: PathBuf,
    /// What changed, where only that is asked about.
    only: Option<Changed>,
    compared: input::Compared,
    project: Option<PathBuf>,
    /// By path on disk, without dots.
    files: BTreeMap<PathBuf, Parsed>,
    /// Definitions that a scan has read, by path.
    scanned: BTreeMap<PathBuf, StoredMachine>,
}

/// A JSON or YAML file.
struct Parsed {
    file: FileId,
    document: Result<Document, Problem>,
    /// A template names it as the definition of a machine.
    is_named: bool,
}

impl Reading {
    /// Parses JSON and YAML, and reads the containers among them.
    fn of(texts: &[InfraText], run: &input::Sources, sources: &Sources) -> (Reading, Found) {
        let base = run.base.as_path();
        let documents: Vec<&InfraText> = texts.iter().filter(|text| !text.is_terraform).collect();
        let parse = |text: &&InfraText| {
            let source = sources.get(text.file);
            let document = parse(text.file, &source.text, &source.path);
            let found = document.as_ref().ok().and_then(|document| container(document, &source.path));
            (disk_path(base, &source.path), Parsed { file: text.file, document, is_named: false }, found)
        };
        let parsed: Vec<_> = documents.par_iter().map(parse).collect();
        let mut found = Found::default();
        let mut files = BTreeMap::new();
        for (path, parsed, container) in parsed {
            found.extend(container.unwrap_or_default());
            files.insert(path, parsed);
        }
        let reading = Reading {
            base: base.to_path_buf(),
            only: run.only.clone(),
            compared: run.compared.clone(),
            project: run.project.clone(),
            files,
            scanned: BTreeMap::new(),
        };
        (reading, found)
    }

    /// The machines that templates declare. A file that several of them name is read once.
    fn defined_in_templates(
        &mut self,
        definitions: Vec<Definition>,
        sources: &mut Sources,
        found: &mut Found,
    ) -> Vec<Machine> {
        let mut inline = Vec::new();
        let mut by_file: BTreeMap<PathBuf, Vec<Definition>> = BTreeMap::new();
        for definition in definitions {
            match &definition.body {
                Body::Inline(node) => inline.push(asl::read(node, identity(&definition))),
                Body::File { path, .. } => {
                    let template = Path::new(&sources.get(definition.span.file).path);
                    let folder = template.parent().unwrap_or(Path::new(""));
                    let path = without_dots(&self.base.join(folder).join(path));
                    by_file.entry(path).or_default().push(definition);
                }
            }
        }
        for (path, definitions) in by_file {
            match self.open(&path, &definitions, sources) {
                Ok(()) => inline.extend(self.named_file(&path, definitions)),
                Err(reason) => found.not_analysed.extend(definitions.into_iter().map(|definition| {
                    let span = match definition.body {
                        Body::File { span, .. } => span,
                        Body::Inline(_) => definition.span,
                    };
                    Missing::states(span, definition.name, reason.clone())
                })),
            }
        }
        inline
    }

    /// A definition's file; it is read from disk when discovery has not met it. Who asks about a template asks about its machines.
    fn open(&mut self, path: &Path, definitions: &[Definition], sources: &mut Sources) -> Result<(), String> {
        let is_changed = self.only.as_ref().is_some_and(|only| only.contains(path));
        let is_context =
            !is_changed && definitions.iter().all(|definition| sources.get(definition.span.file).is_context);
        if let Some(parsed) = self.files.get_mut(path) {
            parsed.is_named = true;
            if !is_context {
                sources.ask(parsed.file);
            }
            return Ok(());
        }
        let shown = shown_path(&self.base, path);
        let text = self.text_of(path, definitions[0].span.file, sources)?;
        let file = match is_context {
            true => sources.add_context(shown.as_str(), text),
            false => sources.add(shown.as_str(), text),
        };
        let document = parse(file, &sources.get(file).text, &shown);
        self.files.insert(path.to_path_buf(), Parsed { file, document, is_named: true });
        Ok(())
    }

    /// The text of a file that a template names; else the end of a sentence that starts with what should be in it.
    pub(super) fn text_of(&self, path: &Path, template: FileId, sources: &Sources) -> Result<String, String> {
        let shown = shown_path(&self.base, path);
        if let Some(why) = self.not_to_be_opened(path, template, sources) {
            return Err(format!("is in `{shown}`, which {why}"));
        }
        text_file::read(Some(path)).map_err(|problem| match problem {
            text_file::Problem::Io(error) if error.kind() == std::io::ErrorKind::NotFound => {
                format!("is in `{shown}`, which is not there")
            }
            problem => format!("is in `{shown}`: {}", problem.message()),
        })
    }

    /// A template may be a stranger's, and findings quote what they are about: it names files of the project, not of the machine
    /// that runs the check. What is no regular file may never end.
    fn not_to_be_opened(&self, path: &Path, template: FileId, sources: &Sources) -> Option<&'static str> {
        if self.compared.leaves_out(path) {
            return Some("is in no revision of the repository");
        }
        let path = path.canonicalize().ok()?;
        let template = disk_path(&self.base, &sources.get(template).path);
        let folders = [Some(self.base.as_path()), self.project.as_deref(), template.parent()];
        let mut folders = folders.into_iter().flatten().filter_map(|folder| folder.canonicalize().ok());
        match () {
            () if !folders.any(|folder| path.starts_with(folder)) => Some("is outside of the project"),
            () if !path.is_file() => Some("is no file"),
            () => None,
        }
    }

    fn named_file(&self, path: &Path, definitions: Vec<Definition>) -> Option<Machine> {
        let document = self.files.get(path)?.document.as_ref().ok()?;
        let definition = together(definitions)?;
        let lookup = |name: &str| definition.substitutions.get(name).cloned();
        let root = document::substitute(&document.root, &lookup);
        Some(asl::read(&root, identity(&definition)))
    }

    /// The files that are a definition and that no template names.
    fn standing_alone(&self, sources: &Sources) -> Vec<Machine> {
        let own = self.files.par_iter().filter(|(path, _)| !self.scanned.contains_key(*path));
        // A file is often called like the machine that it defines.
        own.filter_map(|(_, parsed)| alone(parsed, stem(&sources.get(parsed.file).path), None, sources)).collect()
    }

    /// Adds what a scan has read of machines that the project does not define. Of those that it does, the scan may know the type.
    fn add_scanned(&self, machines: &mut Vec<Machine>, sources: &Sources) {
        for (path, StoredMachine { name, kind }) in &self.scanned {
            let is_own = |machine: &&mut Machine| machine.workflow.named.literal.as_ref() == Some(name);
            match machines.iter_mut().find(is_own) {
                Some(machine) => machine.workflow.kind = machine.workflow.kind.or(*kind),
                None => {
                    let parsed = self.files.get(path);
                    machines.extend(parsed.and_then(|parsed| alone(parsed, name, *kind, sources)));
                }
            }
        }
    }

    /// The ignores in the comments of all files.
    fn ignores(&self, sources: &Sources) -> Vec<Ignore> {
        let of_file = |parsed: &Parsed| match &parsed.document {
            Ok(document) => in_comments(parsed.file, &sources.get(parsed.file).text, document),
            Err(_) => Vec::new(),
        };
        self.files.values().flat_map(of_file).collect()
    }

    /// What cannot be parsed and most likely holds a state machine, a table or a statement.
    fn unparsed(&self, sources: &Sources, found: &mut Found) {
        for parsed in self.files.values() {
            let Err(problem) = &parsed.document else { continue };
            let SourceFile { path, text, .. } = sources.get(parsed.file);
            let holds_machine = parsed.is_named
                || is_called_definition(path)
                || text.contains("StartAt") && text.contains("States")
                || ["AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine"]
                    .iter()
                    .any(|t| text.contains(t));
            let holds_sql = ["AWS::Glue::Table", "AWS::Athena::NamedQuery", "AWS::Athena::PreparedStatement"]
                .iter()
                .any(|t| text.contains(t));
            match directive(text) {
                _ if !holds_machine && !holds_sql => {}
                Some(_) if !holds_machine => {}
                Some(at) => {
                    let reason = "is a template with directives, which only its tool evaluates".to_string();
                    let span = Span::new(parsed.file, at);
                    found.not_analysed.push(Missing::states(span, stem(path).to_string(), reason));
                }
                None => found.problems.push(Unreadable {
                    kind: if holds_machine { UnreadableKind::StateMachine } else { UnreadableKind::Sql },
                    place: Place::Span(problem.span),
                    message: problem.message.clone(),
                    help: problem.help.clone(),
                }),
            }
        }
    }
}

fn read_modules(modules: &Folders, given: &BTreeMap<String, Given>) -> Found {
    let none = Given::new();
    let read = |(folder, files): (&String, &Vec<(FileId, Arc<str>)>)| {
        terraform::read(files, folder, given.get(folder).unwrap_or(&none))
    };
    let read: Vec<Found> = modules.par_iter().map(read).collect();
    let mut found = Found::default();
    read.into_iter().for_each(|module| found.extend(module));
    found
}

/// A file that is a definition and that no template names.
fn alone(parsed: &Parsed, name: &str, kind: Option<WorkflowKind>, sources: &Sources) -> Option<Machine> {
    let path = &sources.get(parsed.file).path;
    let document = parsed.document.as_ref().ok().filter(|document| !parsed.is_named && is_machine(document, path))?;
    let named = Named { module: path.as_str().into(), literal: Some(name.to_string()), handles: Vec::new() };
    let (name, container, span) = (visible_name(name).into_owned(), Container::File, Span::new(parsed.file, 0..0));
    Some(asl::read(&document.root, Identity { name, named, container, kind, span }))
}

/// The first `%{ if ... }` of Terraform, `{% if ... %}` of Jinja or `{{ if ... }}` of Go; JSONata has `{% ... %}` too.
fn directive(text: &str) -> Option<Range<usize>> {
    const WORDS: [&str; 6] = ["if ", "for ", "range ", "set ", "include ", "block "];
    let opens = ["%{", "{%", "{{"].into_iter().flat_map(|open| text.match_indices(open));
    let is_directive = |(at, open): &(usize, &str)| {
        let rest = text[at + open.len()..].trim_start_matches(['-', '~', '+']).trim_start_matches(' ');
        WORDS.iter().any(|word| rest.starts_with(word))
    };
    opens.filter(is_directive).map(|(at, open)| at..at + open.len()).min_by_key(|range| range.start)
}

fn parse(file: FileId, text: &Arc<str>, shown: &str) -> Result<Document, Problem> {
    document::parse(&Text::of_file(file, text), shown)
}

fn container(document: &Document, shown: &str) -> Option<Found> {
    cloudformation::read(document, shown).or_else(|| serverless::read(document, shown))
}

fn disk_path(base: &Path, shown: &str) -> PathBuf {
    without_dots(&base.join(shown))
}

/// Whether a document is a definition as it stands.
fn is_machine(document: &Document, path: &str) -> bool {
    if is_called_definition(path) {
        return container(document, path).is_none();
    }
    let is_start = |value: &Value| matches!(value, Value::Text(_) | Value::Hole(_));
    let root = &document.root;
    root.get("StartAt").is_some_and(|start| is_start(&start.value))
        && root.get("States").is_some_and(|s| s.as_map().is_some())
}

/// A file's name without folders and extensions: `load` of `machines/load.asl.json`.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem })
}

fn identity(definition: &Definition) -> Identity {
    let Definition { name, named, container, kind, span, .. } = definition;
    Identity { name: name.clone(), named: named.clone(), container: *container, kind: *kind, span: *span }
}

/// Several machines with one file: what they agree on.
fn together(definitions: Vec<Definition>) -> Option<Definition> {
    let mut all = definitions.into_iter();
    let mut first = all.next()?;
    for other in all {
        first.substitutions.retain(|key, text| other.substitutions.get(key) == Some(text));
        first.kind = first.kind.filter(|kind| other.kind == Some(*kind));
        if other.named.module == first.named.module {
            let known: BTreeSet<String> = first.named.handles.iter().cloned().collect();
            first.named.handles.extend(other.named.handles.into_iter().filter(|handle| !known.contains(handle)));
        }
    }
    Some(first)
}
