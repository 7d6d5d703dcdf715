//! Python programs and notebooks: which are worth reading, and the SQL in them among the lake's texts.

use anyhow::{Context, Result};
use rayon::prelude::*;

use super::discover::Input;
use super::document_ignores::in_program;
use super::infra::{Step, Steps};
use super::spark::SparkText;
use super::text_file::Problem;
use crate::document::{self, Text};
use crate::finding::Place;
use crate::ignore::Ignore;
use crate::lake::{FileId, Job, Lake, NotAnalysed, Sources, Span, Unreadable, UnreadableKind};
use crate::python::{self, Dialect, Statement};
use crate::sql;

/// Adds the programs of interest to the lake's sources, in order. A named file that cannot be opened is an error. Tests hold
/// statements that nobody runs on a lake: they are read where they are named.
pub(super) fn add_texts(texts: Vec<(&Input, Result<String, Problem>)>, lake: &mut Lake) -> Result<Vec<FileId>> {
    let mut added = Vec::new();
    for (input, text) in texts {
        let is_read = |text: &str| match input.context {
            true => defines(text) && !is_test(&input.shown),
            false => input.named || !is_test(&input.shown),
        };
        match text {
            Ok(text) if python::is_of_interest(&text) && is_read(&text) => added.push(match input.context {
                true => lake.sources.add_context(input.shown.as_str(), text),
                false => lake.sources.add(input.shown.as_str(), text),
            }),
            Err(Problem::Io(error)) if input.named => {
                return Err(error).with_context(|| format!("cannot read `{}`", input.shown));
            }
            Err(problem) if input.named => lake.unreadable.push(Unreadable {
                kind: UnreadableKind::Sql,
                place: Place::Path(input.shown.clone()),
                message: problem.message(),
                help: problem.help().to_string(),
            }),
            _ => continue,
        }
        lake.files += usize::from(!input.context);
        lake.is_partial |= input.context;
    }
    Ok(added)
}

/// Whether a program may define tables or views.
fn defines(text: &str) -> bool {
    ["CREATE ", "create "].iter().any(|word| text.contains(word))
}

fn is_test(shown: &str) -> bool {
    let (folder, name) = shown.rsplit_once('/').unwrap_or(("", shown));
    let name = name.rsplit_once('.').map_or(name, |(name, _)| name);
    folder.split('/').any(|folder| folder == "tests" || folder == "test")
        || name.starts_with("test_")
        || name.ends_with("_test")
        || name == "conftest"
}

/// What a program gives.
#[derive(Default)]
struct Read {
    statements: Vec<Statement>,
    job: Option<Job>,
    ignores: Vec<Ignore>,
    skipped: Vec<(Why, NotAnalysed)>,
}

/// Adds the SQL of programs to the sources; gives which of it is Spark's, and no statement of Athena.
pub(super) fn read(files: &[FileId], steps: &mut Steps, lake: &mut Lake) -> Vec<SparkText> {
    let read: Vec<Read> = files.par_iter().map(|file| read_one(*file, &lake.sources)).collect();
    let mut spark = Vec::new();
    for Read { statements, job, ignores, skipped } in read {
        let job_index = lake.jobs.len();
        lake.jobs.extend(job);
        for Statement { sql, database, dialect, names, is_handed, is_narrowed, .. } in statements {
            let file = lake.sources.add_inside(sql.text.value, sql.text.map);
            lake.unrun.extend((!is_handed).then_some(file));
            match dialect {
                Some(Dialect::Spark) => {
                    steps.replace(file);
                    spark.push(SparkText { job: job_index, file, names, is_narrowed });
                }
                _ => steps.insert(file, Step::saved(None, database)),
            }
        }
        lake.ignores.extend(ignores);
        let (open, others): (Vec<_>, Vec<_>) = skipped.into_iter().partition(|(why, _)| *why == Why::Open);
        lake.not_analysed.extend(open.into_iter().map(|(_, missing)| missing));
        lake.other_sql.extend(others.into_iter().map(|(_, missing)| missing));
    }
    spark
}

fn read_one(file: FileId, sources: &Sources) -> Read {
    let source = sources.get(file);
    let mut text = Text::of_file(file, &source.text);
    if source.path.ends_with(".ipynb") {
        let Ok(notebook) = document::parse(&text, &source.path) else { return Read::default() };
        let Some(program) = python::notebook_program(&notebook.root, file) else { return Read::default() };
        text = program;
    }
    let Some(script) = python::read(&text) else {
        let reason = "this program is too involved to be read".to_string();
        let missing = NotAnalysed { kind: UnreadableKind::Sql, span: Span::new(file, 0..0), reason };
        return Read { skipped: vec![(Why::Open, missing)], ..Read::default() };
    };
    let mut read = Read { job: script.job, ..Read::default() };
    let mut left_out = LeftOut::default();
    for mut statement in script.statements {
        if statement.dialect == Some(Dialect::Spark) {
            statement.sql.text.value = sql::from_spark(&statement.sql.text.value).into();
        }
        match why_not(&statement, file) {
            None => read.statements.push(statement),
            Some(Some(why)) => {
                left_out.add(why, statement.span);
                // What is not understood may filter by anything that it names.
                read.job.iter_mut().for_each(|job| job.names.append(&mut statement.names));
            }
            Some(None) => {}
        }
    }
    if !source.is_context {
        read.ignores = in_program(&text, &script.comments, &script.parts);
        read.skipped = left_out.told();
    }
    read
}

/// Why a statement is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    Spark,
    OtherDatabase,
    SeveralDatabases,
    Open,
}

/// `None` for statements that are read; those that nothing runs and that are no SQL are left out without a word.
fn why_not(statement: &Statement, file: FileId) -> Option<Option<Why>> {
    let dialect = match statement.dialect {
        Some(Dialect::Other) => return Some(Some(Why::OtherDatabase)),
        None => return Some(Some(Why::SeveralDatabases)),
        Some(dialect) => dialect,
    };
    let text = &statement.sql.text.value;
    let is_sql = sql::split(text).into_iter().all(|range| sql::parse(file, text, range).is_ok());
    match statement {
        _ if is_sql => None,
        _ if dialect == Dialect::Spark => Some(Some(Why::Spark)),
        Statement { is_run: false, .. } => Some(None),
        // What fills it may be what is missing.
        Statement { sql, .. } if sql.has_holes || text.contains(['%', '$']) => Some(Some(Why::Open)),
        _ => None,
    }
}

/// Statements that are not read, by reason, with the first place of each.
#[derive(Default)]
struct LeftOut(Vec<(Why, Span, usize)>);

impl LeftOut {
    fn add(&mut self, why: Why, span: Span) {
        match self.0.iter_mut().find(|(other, _, _)| *other == why) {
            Some((_, _, count)) => *count += 1,
            None => self.0.push((why, span, 1)),
        }
    }

    fn told(mut self) -> Vec<(Why, NotAnalysed)> {
        self.0.sort();
        let told = |(why, span, count): (Why, Span, usize)| {
            let what = match why {
                Why::Spark => "of Spark SQL that cannot be read",
                Why::OtherDatabase => "for another database",
                Why::SeveralDatabases => "of a program that talks to several databases, for one that it does not tell",
                Why::Open => "put together when the program runs, in a way that cannot be followed",
            };
            (why, NotAnalysed::statements(count, what, span))
        };
        self.0.into_iter().map(told).collect()
    }
}
