//! Python programs to the SQL that they hold, literals that start like SQL with the holes that values fill, and to what they read
//! and write otherwise.
//!
//! Literals are followed, not calls: most statements of a program are assigned, passed on and run somewhere else. Where a call
//! that runs one is in sight, it tells the dialect; else the program's imports do.

mod fill;
mod jobs;
mod literal;
mod looks;
mod notebook;
mod program;
mod role;
mod scopes;
mod sinks;
mod syntax;
mod talks;
mod texts;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::ops::Range;

use crate::document::Text;
use crate::lake::{Job, Span};
use fill::fill;
use literal::Part;
use program::{Candidate, Program};
use sinks::Fate;
use texts::{Evaluator, LONGEST_STATEMENT};

pub(crate) use fill::Filled;
pub(crate) use notebook::program as notebook_program;
pub(crate) use sinks::Dialect;

/// What a program contains that is of interest, whatever its first letter. Most programs contain none of it, and finding that out is far cheaper than
/// parsing.
const MARKS: [&str; 4] = ["thena", "park", "awswrangler", "awsglue"];

/// Whether a program is worth parsing.
pub(crate) fn is_of_interest(program: &str) -> bool {
    MARKS.iter().any(|mark| memchr::memmem::find(program.as_bytes(), mark.as_bytes()).is_some())
}

/// What a program holds.
#[derive(Debug, Default)]
pub(crate) struct Script {
    /// In the order of their places.
    pub(crate) statements: Vec<Statement>,
    /// What it reads and writes.
    pub(crate) job: Option<Job>,
    /// Comments, and what they may be about, as ranges of the program's text.
    pub(crate) comments: Vec<Range<usize>>,
    pub(crate) parts: Vec<Range<usize>>,
}

/// SQL in a program.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) sql: Filled,
    /// The expression that makes it.
    pub(crate) span: Span,
    /// The same in the program's text.
    range: Range<usize>,
    /// `None` when the program talks to several databases, and nothing says which one this is for.
    pub(crate) dialect: Option<Dialect>,
    /// A call runs it: that it is SQL is certain.
    pub(crate) is_run: bool,
    /// A call in sight hands it to some database. What nothing does may be an example, or a part of something.
    pub(crate) is_handed: bool,
    /// Of Spark SQL: what is done to its frame leaves most of its tables out, or may.
    pub(crate) is_narrowed: bool,
    /// Where tables without a database are.
    pub(crate) database: Option<String>,
    /// Of Spark SQL: names in lower case that stand in that expression.
    pub(crate) names: BTreeSet<String>,
}

/// Names that are looked up in a program at most.
const MOST_NAMES: usize = 100_000;

/// Reads a program; `None` when it was written to be slow to read.
pub(crate) fn read(text: &Text) -> Option<Script> {
    let tree = syntax::parse(&text.value)?;
    let program = program::walk(tree.root_node(), &text.value);
    let names_left = Cell::new(MOST_NAMES);
    let mut statements = Vec::new();
    for candidate in &program.candidates {
        let evaluator = Evaluator { text, scopes: &program.scopes, scope: candidate.scope, names_left: &names_left };
        statements.extend(statement(candidate, &program, evaluator));
    }
    let evaluator = Evaluator { text, scopes: &program.scopes, scope: scopes::Scopes::MODULE, names_left: &names_left };
    statements.extend(jobs::whole_tables(&program, evaluator));
    statements.sort_by_key(|statement| statement.span);
    let job = jobs::read(&program, &mut statements, evaluator);
    Some(Script { statements, job, comments: program.comments, parts: program.parts })
}

fn statement(
    candidate: &Candidate<'_, '_>,
    program: &Program<'_, '_>,
    evaluator: Evaluator<'_, '_, '_>,
) -> Option<Statement> {
    let parts = evaluator.parts(candidate.node)?;
    let head = parts.iter().find_map(|part| match part {
        Part::Written(text) if !text.value.trim().is_empty() => Some(text),
        _ => None,
    })?;
    if !looks::starts_like_sql(&head.value) {
        return None;
    }
    let text = evaluator.text;
    let binding = candidate.name.and_then(|name| program.scopes.lookup(candidate.scope, name));
    let runs = binding.map_or(&[][..], |binding| &binding.fates).iter().chain([&candidate.fate]);
    let is_handed = runs.clone().any(|fate| matches!(fate, Fate::Run { .. } | Fate::Handed));
    let runs: Vec<_> = runs
        .filter_map(|fate| match fate {
            Fate::Run { dialect, database } => Some((*dialect, *database)),
            Fate::Handed | Fate::Shown | Fate::Unknown => None,
        })
        .collect();
    let continued = candidate.name.and_then(|name| program.scopes.continued(candidate.scope, name));
    let continued = continued.or(candidate.is_piece.then_some(candidate.node));
    let end = candidate.node.end_byte();
    let rest = continued.map(|_| text.map.span(end.saturating_sub(1)..end));
    let sql = fill(&parts, rest, text.map.file());
    let is_run = !runs.is_empty();
    let is_sql = sql.text.value.len() <= LONGEST_STATEMENT && (is_run || looks::is_sql(&sql.text.value));
    if !is_sql {
        return None;
    }
    let dialect = match runs.first() {
        Some((dialect, _)) => Some(*dialect).filter(|dialect| runs.iter().all(|(other, _)| other == dialect)),
        None => program.talks.spoken(&text.value)?,
    };
    let range = syntax::range(candidate.node);
    let is_spark = dialect == Some(Dialect::Spark);
    let written = text.value.get(range.clone()).filter(|_| is_spark).unwrap_or_default();
    Some(Statement {
        dialect,
        names: jobs::names_in(written).collect(),
        database: runs
            .iter()
            .filter(|_| !sql.has_open_database)
            .find_map(|(_, database)| evaluator.constant((*database)?)),
        span: text.map.span(range.clone()),
        range,
        is_run,
        is_handed,
        is_narrowed: false,
        sql,
    })
}

#[cfg(test)]
mod tests;
