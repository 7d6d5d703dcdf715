//! Calls of Glue, Spark and awswrangler that read and write the lake.

mod chains;
mod reads;
mod writes;

use std::collections::BTreeSet;
use std::ops::Range;

use tree_sitter::Node;

use super::Statement;
use super::literal::Part;
use super::looks::temporary_view;
use super::program::Program;
use super::sinks::{Dialect, is_spark};
use super::syntax::{Argument, arguments, children, range, written};
use super::texts::Evaluator;
use crate::lake::{CurrentDatabase, Dataset, Job, JobRead, JobWrite, Reader, Span, TableName, TemporaryViews};

/// What a program reads and writes, with a place for its Spark SQL among `statements`; `None` when it does neither.
pub(super) fn read(
    program: &Program<'_, '_>,
    statements: &mut [Statement],
    evaluator: Evaluator<'_, '_, '_>,
) -> Option<Job> {
    let mut finder = Finder { evaluator, partitioning: Vec::new() };
    let spark = || statements.iter().filter(|statement| statement.dialect == Some(Dialect::Spark));
    let mut job = Job::new(evaluator.text.map.file());
    let (mut runs_unknown, mut narrowed) = (false, BTreeSet::new());
    let chains = finder.chains(program);
    for (call, scope) in &program.calls {
        finder.evaluator.scope = *scope;
        let links = finder.links(*call);
        let Some((last, around)) = links.split_last() else { continue };
        job.commits |= last.name == "commit";
        // `job.init(...)`, `self.job.init(...)`, `Job(context).init(...)`.
        if last.name == "init" && around.last().is_some_and(|link| link.name.to_ascii_lowercase().contains("job")) {
            job.init.get_or_insert(finder.span(*call));
        }
        finder.temporary_view(&links, &mut job.temporary);
        finder.database(&links).into_iter().for_each(|name| job.database.add(name));
        let sql = finder.spark_sql(&links);
        runs_unknown |= sql.is_some_and(|sql| !finder.is_written(sql, 0));
        let read = finder.read(&links);
        if (sql.is_some() || read.is_some()) && finder.is_narrowed(&chains, *call) {
            narrowed.extend(sql.into_iter().flat_map(|sql| finder.texts(sql)));
            // The other readers read before anything that comes behind.
            let is_frame = |read: &JobRead| read.reader == Reader::DataFrame;
            job.reads.extend(read.map(|read| JobRead { has_predicate: read.has_predicate || is_frame(&read), ..read }));
        } else {
            job.reads.extend(read);
        }
        job.writes.extend(finder.write(&links));
    }
    job.temporary.names.extend(spark().filter_map(|statement| temporary_view(&statement.sql.text.value)));
    job.temporary.may_be_filtered = runs_unknown && (job.temporary.has_unknown || !job.temporary.names.is_empty());
    // Without its database a name may be that of any table.
    job.temporary.has_unknown |= job.database == CurrentDatabase::Unknown;
    let Job { reads, writes, temporary, database, .. } = &mut job;
    reads.retain(|read| !matches!(&read.source, Dataset::Table(name) if temporary.hides(name)));
    let sources = reads.iter_mut().map(|read| &mut read.source);
    for dataset in sources.chain(writes.iter_mut().map(|write| &mut write.target)) {
        if let (Dataset::Table(name), Some(database)) = (dataset, database.name())
            && name.0.len() == 1
        {
            *name = TableName::new([database, name.table()]);
        }
    }
    if job.reads.is_empty() && job.writes.is_empty() && job.init.is_none() && spark().next().is_none() {
        return None;
    }
    job.reads.sort_by_key(|read: &JobRead| read.span);
    job.writes.sort_by_key(|write: &JobWrite| write.span);
    job.names = finder.names(program, spark().map(|statement| statement.range.clone()));
    for statement in statements.iter_mut() {
        let range = &statement.range;
        statement.is_narrowed = narrowed.iter().any(|(start, end)| *start <= range.start && range.end <= *end);
    }
    Some(job)
}

/// Tables that awswrangler has Athena read whole, as the statements that it runs.
pub(super) fn whole_tables(program: &Program<'_, '_>, evaluator: Evaluator<'_, '_, '_>) -> Vec<Statement> {
    let mut finder = Finder { evaluator, partitioning: Vec::new() };
    let mut found = Vec::new();
    for (call, scope) in &program.calls {
        finder.evaluator.scope = *scope;
        let links = finder.links(*call);
        let is_read = links.last().is_some_and(|last| last.name == "read_sql_table");
        if is_read && links.iter().any(|link| link.name == "athena") {
            found.extend(finder.whole_table(*call));
        }
    }
    found
}

/// The words of a text that may be names, in lower case.
pub(super) fn names_in(text: &str) -> impl Iterator<Item = String> + '_ {
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    words.map(str::to_lowercase)
}

/// The database of `USE name`, `USE DATABASE name`; `Some(None)` where it is a hole.
fn used_database(parts: &[Part]) -> Option<Option<String>> {
    let Some(Part::Written(first)) = parts.first() else { return None };
    let mut words = first.value.split_whitespace();
    words.next().filter(|word| word.eq_ignore_ascii_case("use"))?;
    let is_kind = |word: &&str| ["database", "schema", "namespace"].iter().any(|kind| word.eq_ignore_ascii_case(kind));
    let name = words.find(|word| !is_kind(word)).map(|name| name.trim_matches(['`', ';']).to_lowercase());
    Some(name.filter(|_| parts.len() == 1))
}

/// A name in a chain such as `df.repartition(1).write.csv(path)`, with the call of it.
struct Link<'t, 'p> {
    name: &'p str,
    call: Option<Node<'t>>,
}

/// Names and calls that a statement is followed through, and texts that a name may have.
const MOST_NAMES: usize = 3;
const MOST_TEXTS: usize = 8;

/// Longest chain that is followed, from its end.
const LONGEST_CHAIN: usize = 32;

struct Finder<'a, 't, 'p> {
    evaluator: Evaluator<'a, 't, 'p>,
    /// Where the program says how a write is partitioned.
    partitioning: Vec<Range<usize>>,
}

impl<'t, 'p> Finder<'_, 't, 'p> {
    fn program(&self) -> &'p str {
        &self.evaluator.text.value
    }

    fn span(&self, node: Node<'t>) -> Span {
        self.evaluator.text.map.span(range(node))
    }

    /// The chain that ends with a call, first name first.
    fn links(&self, call: Node<'t>) -> Vec<Link<'t, 'p>> {
        let mut links = Vec::new();
        let (mut at, mut of) = (call.child_by_field_name("function"), Some(call));
        while let Some(node) = at.filter(|_| links.len() < LONGEST_CHAIN) {
            match node.kind() {
                "attribute" => {
                    let name = node.child_by_field_name("attribute").map_or("", |name| written(name, self.program()));
                    links.push(Link { name, call: of.take() });
                    at = node.child_by_field_name("object");
                }
                "call" => {
                    of = Some(node);
                    at = node.child_by_field_name("function");
                }
                "identifier" => {
                    links.push(Link { name: written(node, self.program()), call: of.take() });
                    break;
                }
                _ => break,
            }
        }
        links.reverse();
        links
    }

    fn arguments(&self, call: Node<'t>) -> Vec<Argument<'t, 'p>> {
        arguments(call, self.program())
    }

    /// An argument by one of its names, or by its place.
    fn argument(&self, call: Node<'t>, names: &[&str], place: usize) -> Option<Node<'t>> {
        let arguments = self.arguments(call);
        let named = arguments.iter().find(|argument| argument.name.is_some_and(|name| names.contains(&name)));
        let placed = || arguments.get(place).filter(|argument| argument.name.is_none());
        named.or_else(placed).map(|argument| argument.value)
    }

    /// Whether an argument is given and says something, or may be among others.
    fn is_given(&self, call: Node<'t>, names: &[&str]) -> bool {
        let arguments = self.arguments(call);
        let mut named = arguments.iter().filter(|argument| argument.name.is_some_and(|name| names.contains(&name)));
        named.any(|argument| self.is_said(argument.value)) || self.has_unknown_arguments(call)
    }

    /// The same of an argument that was looked up.
    fn says(&self, call: Node<'t>, argument: Option<Node<'t>>) -> bool {
        argument.is_some_and(|argument| self.is_said(argument)) || self.has_unknown_arguments(call)
    }

    fn is_said(&self, node: Node<'t>) -> bool {
        node.kind() != "none" && self.evaluator.constant(node).is_none_or(|text| !text.trim().is_empty())
    }

    /// Whether a call is given `*list` or `**dictionary`.
    fn has_unknown_arguments(&self, call: Node<'t>) -> bool {
        self.arguments(call).iter().any(|argument| argument.value.kind().ends_with("_splat"))
    }

    /// Whether options are not all written out.
    fn is_open(&self, options: Node<'t>) -> bool {
        options.kind() != "dictionary" || children(options).iter().any(|entry| entry.kind() != "pair")
    }

    /// The names that a call gives to a frame.
    fn temporary_view(&self, links: &[Link<'t, 'p>], views: &mut TemporaryViews) {
        let Some(Link { name, call: Some(call) }) = links.last() else { return };
        let place = match *name {
            "createOrReplaceTempView" | "createTempView" | "registerTempTable" => 0,
            "registerDataFrameAsTable" => 1,
            _ => return,
        };
        let name = self.argument(*call, &["name", "tableName"], place);
        match name.and_then(|name| self.evaluator.constant(name)) {
            Some(name) => views.names.extend([name.trim_matches('`').to_lowercase()]),
            None => views.has_unknown = true,
        }
    }

    /// The database that a call makes the current one; `Some(None)` where only the running program knows it.
    fn database(&self, links: &[Link<'t, 'p>]) -> Option<Option<String>> {
        match links.last()? {
            Link { name: "setCurrentDatabase", call: Some(call) } => {
                let name = self.argument(*call, &["dbName"], 0)?;
                Some(self.evaluator.constant(name).map(|name| name.to_lowercase()))
            }
            _ => used_database(&self.evaluator.parts(self.spark_sql(links)?)?),
        }
    }

    /// The statement that a call has Spark run.
    fn spark_sql(&self, links: &[Link<'t, 'p>]) -> Option<Node<'t>> {
        let (Link { name: "sql", call: Some(call) }, around) = links.split_last()? else { return None };
        let is_it = around.iter().any(|link| is_spark(link.name));
        self.argument(*call, &["sqlQuery", "query"], 0).filter(|_| is_it)
    }

    /// Where the program writes a statement: here, or where the name for it is assigned.
    fn texts(&self, node: Node<'t>) -> Vec<(usize, usize)> {
        let binding = self.evaluator.scopes.lookup(self.evaluator.scope, written(node, self.program()));
        let values = binding.map_or(&[][..], |binding| &binding.values).iter().flatten().take(MOST_TEXTS);
        values.chain([&node]).map(|value| (value.start_byte(), value.end_byte())).collect()
    }

    /// Whether the program writes a statement, itself or in a name, holes or not.
    fn is_written(&self, node: Node<'t>, depth: usize) -> bool {
        if depth > MOST_NAMES {
            return false;
        }
        let parts = || self.evaluator.parts(node).unwrap_or_default();
        match node.kind() {
            "identifier" => {
                let binding = self.evaluator.scopes.lookup(self.evaluator.scope, written(node, self.program()));
                let values = binding.map_or(&[][..], |binding| &binding.values);
                (1..=MOST_TEXTS).contains(&values.len())
                    && values.iter().all(|value| value.is_some_and(|v| self.is_written(v, depth + 1)))
            }
            "call" => {
                let function = node.child_by_field_name("function");
                let object = function.and_then(|function| function.child_by_field_name("object"));
                parts().iter().any(|part| matches!(part, Part::Written(_)))
                    || object.is_some_and(|object| self.is_written(object, depth + 1))
            }
            _ => parts().iter().any(|part| matches!(part, Part::Written(_))),
        }
    }

    /// All words of the program but for comments, the columns that writes are partitioned by, and some more stretches.
    fn names(&self, program: &Program<'_, '_>, but: impl Iterator<Item = Range<usize>>) -> BTreeSet<String> {
        let mut left_out: Vec<_> = self.partitioning.iter().chain(&program.comments).cloned().chain(but).collect();
        left_out.sort_by_key(|range| range.start);
        let (mut names, mut at) = (BTreeSet::new(), 0);
        for range in left_out {
            names.extend(names_in(self.program().get(at..range.start).unwrap_or_default()));
            at = at.max(range.end);
        }
        names.extend(names_in(self.program().get(at..).unwrap_or_default()));
        names
    }
}

#[cfg(test)]
mod tests;
