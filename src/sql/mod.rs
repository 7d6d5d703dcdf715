//! SQL text to query facts; the only module that names the SQL parser.
//!
//! A file is read in two steps. [`outline`] splits it into statements and reads what they define: tables and views. [`read`]
//! parses the other statements once every table of the run is known, binds them and reduces each to a
//! [`crate::lake::Query`]; syntax trees do not outlive it.

use std::ops::Range;

use crate::expr::AsOf;
use crate::finding::Place;
use crate::ignore::Ignore;
use crate::lake::{
    Catalog, FileId, Query, Sources, Span, Table, TableName, TemporaryViews, Unreadable, UnreadableKind,
};

mod bind;
mod bytes;
mod comments;
mod condense;
mod cover;
mod cursor;
mod ddl;
mod dialect;
mod error;
mod foreign;
mod identity;
mod jinja;
mod keywords;
mod lexemes;
mod lexer;
mod limits;
mod names;
mod parse;
mod placeholder;
mod prepass;
mod recovery;
mod spark;
mod split;
mod statements;
mod tokens;

use bind::{Surroundings, bind_statement};
use lexemes::{Lexemes, lex};

pub use condense::condenses;
pub use cover::cover;
pub use identity::identity;
pub use parse::{ParseError, Parsed, STACK_BYTES, View, parse, range};
pub use placeholder::has_placeholder;
pub use spark::from_spark;
pub use split::split;

/// The statements of one file and what they define.
#[derive(Debug)]
pub struct Outline {
    pub file: FileId,
    /// Byte ranges without the closing semicolon, comments around them excluded.
    pub statements: Vec<Range<usize>>,
    /// Tables from CREATE TABLE and CTAS, `declared_at` set.
    pub tables: Vec<Table>,
    pub views: Vec<View>,
    pub ignores: Vec<Ignore>,
    /// Where tables without a database are, when something tells.
    pub database: Option<String>,
}

/// Views of the whole run by name.
#[derive(Debug, Default)]
pub struct Views {
    views: Vec<View>,
}

impl Views {
    pub fn new(mut views: Vec<View>) -> Self {
        views.sort_by(|a, b| a.name.cmp(&b.name));
        Views { views }
    }

    /// The view that a reference names by its last parts; `None` when there is none or several match.
    pub fn lookup(&self, name: &TableName) -> Option<&View> {
        let mut matching = self.views.iter().filter(|v| v.name.matches(name));
        match (matching.next(), matching.next()) {
            (Some(view), None) => Some(view),
            _ => None,
        }
    }
}

/// The facts of one file.
#[derive(Debug, Default)]
pub struct FileFacts {
    pub queries: Vec<Query>,
    pub unreadable: Vec<Unreadable>,
    pub other_database: Option<OtherDatabase>,
}

/// Statements that cannot be read because they are for another database.
#[derive(Debug, Clone, Copy)]
pub struct OtherDatabase {
    pub name: &'static str,
    /// Where that is to be seen.
    pub sign: Span,
    pub statements: usize,
}

/// Splits a file and reads its table and view definitions and ignore comments. Never fails: what cannot be read is met again,
/// and reported, by [`read`].
pub fn outline(file: FileId, text: &str) -> Outline {
    let statements = split(text);
    let mut outline =
        Outline { file, tables: Vec::new(), views: Vec::new(), ignores: Vec::new(), statements, database: None };
    for statement in &outline.statements {
        match statements::defined(file, text, statement.clone()) {
            Some(statements::Defined::Table(table)) => outline.tables.push(*table),
            Some(statements::Defined::View(view)) => outline.views.push(view),
            None => {}
        }
    }
    outline.ignores = comments::ignores(file, text, &outline.statements);
    outline
}

/// Parses and binds every statement of an outlined file.
/// `sources` holds the file and those that its views stand in.
pub fn read(outline: &Outline, sources: &Sources, catalog: &Catalog, views: &Views, as_of: AsOf) -> FileFacts {
    let database = outline.database.as_deref();
    facts(outline, Surroundings { sources, catalog, views, as_of, database, temporary: None })
}

/// The same for the Spark SQL of a program, as [`from_spark`] writes it: `views` are the program's own, and its temporary ones hide
/// tables.
pub fn read_spark(
    outline: &Outline,
    sources: &Sources,
    catalog: &Catalog,
    views: &Views,
    temporary: &TemporaryViews,
    as_of: AsOf,
) -> FileFacts {
    let database = outline.database.as_deref();
    facts(outline, Surroundings { sources, catalog, views, as_of, database, temporary: Some(temporary) })
}

fn facts(outline: &Outline, around: Surroundings<'_>) -> FileFacts {
    let text = &around.sources.get(outline.file).text;
    let mut facts = FileFacts::default();
    let mut names = names::names(text, &outline.statements);
    // One statement tells of the others in its file that cannot be read.
    let mut sign = None;
    for statement in &outline.statements {
        let list = lex(text, statement.clone());
        let lexemes = Lexemes::new(text, statement.clone(), &list);
        match statements::read(outline.file, lexemes) {
            Ok(parsed) => {
                let name = names.remove(&statement.start);
                facts.queries.push(Query { name, ..bind_statement(&parsed, outline.file, lexemes, around) });
            }
            Err(error) => {
                sign = sign.or_else(|| foreign::sign(lexemes));
                facts.unreadable.push(Unreadable {
                    kind: UnreadableKind::Sql,
                    place: Place::Span(Span::new(outline.file, error.range)),
                    message: error.message,
                    help: error.help,
                });
            }
        }
    }
    // Of a statement inside of something else, that tells whose it is.
    if let Some((name, place)) = sign.filter(|_| around.sources.get(outline.file).inside.is_none()) {
        let statements = std::mem::take(&mut facts.unreadable).len();
        facts.other_database = Some(OtherDatabase { name, sign: Span::new(outline.file, place), statements });
    }
    facts
}
