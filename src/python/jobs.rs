//! Calls of Glue, Spark and awswrangler that read and write the lake.

use std::collections::BTreeSet;

use tree_sitter::Node;

use super::Statement;
use super::fill::Filled;
use super::literal::Part;
use super::program::Program;
use super::sinks::{Dialect, is_spark};
use super::syntax::{Argument, arguments, children, range, written};
use super::texts::Evaluator;
use crate::document::TextBuilder;
use crate::lake::{Dataset, FileFormat, Job, JobRead, JobWrite, Location, Reader, Span, TableName};

/// What a program reads and writes; `None` when it does neither.
pub(super) fn read(program: &Program<'_, '_>, evaluator: Evaluator<'_, '_, '_>) -> Option<Job> {
    let mut finder = Finder { evaluator, partitioning: Vec::new() };
    let (mut reads, mut writes, mut init, mut commits) = (Vec::new(), Vec::new(), None, false);
    for (call, scope) in &program.calls {
        finder.evaluator.scope = *scope;
        let links = finder.links(*call);
        let Some(last) = links.last() else { continue };
        commits |= last.name == "commit";
        if last.name == "init" && links.len() == 2 && links[0].name.to_ascii_lowercase().contains("job") {
            init.get_or_insert(finder.span(*call));
        }
        reads.extend(finder.read(&links));
        writes.extend(finder.write(&links));
    }
    if reads.is_empty() && writes.is_empty() && init.is_none() {
        return None;
    }
    reads.sort_by_key(|read: &JobRead| read.span);
    writes.sort_by_key(|write: &JobWrite| write.span);
    let names = finder.names(program);
    Some(Job { file: evaluator.text.map.file(), reads, writes, init, commits, names })
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

/// A name in a chain such as `df.repartition(1).write.csv(path)`, with the call of it.
struct Link<'t, 'p> {
    name: &'p str,
    call: Option<Node<'t>>,
}

/// Longest chain that is followed, from its end.
const LONGEST_CHAIN: usize = 32;

struct Finder<'a, 't, 'p> {
    evaluator: Evaluator<'a, 't, 'p>,
    /// Where the program says how a write is partitioned.
    partitioning: Vec<std::ops::Range<usize>>,
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
        let says = |node: Node<'t>| {
            node.kind() != "none" && self.evaluator.constant(node).is_none_or(|text| !text.trim().is_empty())
        };
        self.arguments(call).iter().any(|argument| match argument.name {
            Some(name) => names.contains(&name) && says(argument.value),
            None => argument.value.kind() == "dictionary_splat",
        })
    }

    /// The value of a key of a dictionary that is written out.
    fn entry(&self, dictionary: Node<'t>, key: &str) -> Option<Node<'t>> {
        let is_key = |pair: &Node<'t>| {
            pair.kind() == "pair"
                && pair
                    .child_by_field_name("key")
                    .is_some_and(|node| written(node, self.program()).trim_matches(['"', '\'']) == key)
        };
        children(dictionary).into_iter().find(is_key)?.child_by_field_name("value")
    }

    fn read(&self, links: &[Link<'t, 'p>]) -> Option<JobRead> {
        let last = links.last()?;
        let call = last.call?;
        let around = &links[..links.len() - 1];
        let has = |name: &str| around.iter().any(|link| link.name == name);
        let spark = || around.iter().any(|link| is_spark(link.name));
        match last.name {
            "from_catalog" if has("create_dynamic_frame") => self.of_catalog(call, Reader::DynamicFrame),
            "create_dynamic_frame_from_catalog" => self.of_catalog(call, Reader::DynamicFrame),
            "from_catalog" if has("create_data_frame") => self.of_catalog(call, Reader::DataFrame),
            "table" if spark() => {
                let name = self.argument(call, &["tableName"], 0)?;
                let table = TableName::parse(&self.evaluator.constant(name)?);
                Some(self.of(Dataset::Table(table), name, Reader::DataFrame))
            }
            "parquet" | "orc" | "csv" | "json" | "load" if has("read") && spark() => {
                let path = self.argument(call, &["path"], 0)?;
                let place = Location::parse(&self.evaluator.constant(path)?);
                Some(self.of(Dataset::Place(place), path, Reader::DataFrame))
            }
            "read_parquet" | "read_csv" | "read_json" | "read_orc" if has("s3") => {
                let path = self.argument(call, &["path"], 0)?;
                let place = Location::parse(&self.evaluator.constant(path)?);
                let has_predicate = self.is_given(call, &["partition_filter", "path_suffix", "last_modified_begin"]);
                Some(JobRead { has_predicate, ..self.of(Dataset::Place(place), path, Reader::Pandas) })
            }
            "read_parquet_table" | "read_orc_table" if has("s3") => {
                let read = self.named(call, ["database"], 1, ["table"], 0, Reader::Pandas)?;
                Some(JobRead { has_predicate: self.is_given(call, &["partition_filter"]), ..read })
            }
            _ => None,
        }
    }

    fn of(&self, source: Dataset, at: Node<'t>, reader: Reader) -> JobRead {
        JobRead { span: self.span(at), source, reader, has_predicate: false, has_context: false }
    }

    /// <https://aws-sdk-pandas.readthedocs.io/en/stable/stubs/awswrangler.athena.read_sql_table.html>
    fn whole_table(&self, call: Node<'t>) -> Option<Statement> {
        let at = self.argument(call, &["table"], 0)?;
        let database = self.evaluator.constant(self.argument(call, &["database"], 1)?)?;
        let table = self.evaluator.constant(at)?;
        let is_plain = |name: &str| !name.is_empty() && !name.contains('"');
        if !is_plain(&database) || !is_plain(&table) {
            return None;
        }
        let (span, place) = (self.span(call), self.span(at));
        let mut sql = TextBuilder::new(span.file);
        sql.push_opaque("SELECT * FROM ", place);
        sql.push_opaque(&format!("\"{database}\".\"{table}\""), place);
        let sql = Filled { text: sql.build(), has_holes: false, has_open_database: false };
        Some(Statement { sql, span, dialect: Some(Dialect::Athena), is_run: true, database: None })
    }

    fn named<const D: usize, const T: usize>(
        &self,
        call: Node<'t>,
        database: [&str; D],
        database_place: usize,
        table: [&str; T],
        table_place: usize,
        reader: Reader,
    ) -> Option<JobRead> {
        let name = self.argument(call, &table, table_place)?;
        let database = self.evaluator.constant(self.argument(call, &database, database_place)?)?;
        let table = self.evaluator.constant(name)?;
        Some(self.of(Dataset::Table(TableName::new([database, table])), name, reader))
    }

    /// <https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html>
    fn of_catalog(&self, call: Node<'t>, reader: Reader) -> Option<JobRead> {
        let read = self.named(call, ["database", "name_space"], 0, ["table_name"], 1, reader)?;
        let options = self.argument(call, &["additional_options"], usize::MAX);
        // Options that are not written out may hold it.
        let in_options = options.is_some_and(|options| {
            options.kind() != "dictionary" || written(options, self.program()).contains("artitionPredicate")
        });
        Some(JobRead {
            has_predicate: in_options || self.is_given(call, &["push_down_predicate", "pushDownPredicate"]),
            has_context: self.is_given(call, &["transformation_ctx"]),
            ..read
        })
    }

    fn write(&mut self, links: &[Link<'t, 'p>]) -> Option<JobWrite> {
        let last = links.last()?;
        let call = last.call?;
        let has = |name: &str| links.iter().any(|link| link.name == name);
        match last.name {
            "parquet" | "orc" | "csv" | "json" | "text" | "save" | "saveAsTable" | "insertInto" if has("write") => {
                self.of_spark(links, last.name, call)
            }
            "from_options" | "write_dynamic_frame_from_options"
                if last.name != "from_options" || has("write_dynamic_frame") =>
            {
                self.of_glue(call)
            }
            "to_parquet" | "to_orc" | "to_csv" | "to_json" if has("s3") => {
                let path = self.argument(call, &["path"], 1)?;
                let columns = self.argument(call, &["partition_cols"], usize::MAX);
                let format = format_of(last.name.trim_start_matches("to_"));
                Some(self.to(self.place(path)?, path, format, columns))
            }
            _ => None,
        }
    }

    /// `df.write.mode(...).partitionBy(...).parquet(path)`.
    fn of_spark(&mut self, links: &[Link<'t, 'p>], how: &str, call: Node<'t>) -> Option<JobWrite> {
        let to_table = matches!(how, "saveAsTable" | "insertInto");
        let at = self.argument(call, &["path", "name", "tableName"], 0)?;
        let target = match to_table {
            true => Dataset::Table(TableName::parse(&self.evaluator.constant(at)?)),
            false => self.place(at)?,
        };
        let named = links.iter().filter(|link| link.name == "format").find_map(|link| link.call);
        let named = named.and_then(|call| self.evaluator.constant(self.argument(call, &["source"], 0)?));
        let format = format_of(how).or_else(|| format_of(&named?.to_ascii_lowercase()));
        let mut write = self.to(target, at, format, None);
        for call in links.iter().filter(|link| link.name == "partitionBy").filter_map(|link| link.call) {
            self.partitioning.push(range(call.child_by_field_name("arguments").unwrap_or(call)));
            for argument in self.arguments(call) {
                write.partitioned_by.extend(self.columns(argument.value));
            }
        }
        let is_one = |link: &&Link<'t, 'p>| {
            matches!(link.name, "coalesce" | "repartition")
                && link.call.is_some_and(|call| match &self.arguments(call)[..] {
                    [only] => written(only.value, self.program()) == "1",
                    _ => false,
                })
        };
        let one = links.iter().filter(is_one).find_map(|link| link.call);
        // From the method's name on: a chain may begin lines before.
        write.one_file = one.and_then(|call| {
            let name = call.child_by_field_name("function")?.child_by_field_name("attribute")?;
            Some(self.evaluator.text.map.span(name.start_byte()..call.end_byte()))
        });
        Some(write)
    }

    /// `write_dynamic_frame.from_options(frame, connection_options={"path": ..., "partitionKeys": [...]}, format="csv")`.
    fn of_glue(&mut self, call: Node<'t>) -> Option<JobWrite> {
        let options = self.argument(call, &["connection_options"], 2).filter(|node| node.kind() == "dictionary")?;
        let at = self.entry(options, "path")?;
        let format = self.argument(call, &["format"], 3).and_then(|format| self.evaluator.constant(format));
        let columns = self.entry(options, "partitionKeys");
        Some(self.to(self.place(at)?, at, format.and_then(|format| format_of(&format.to_ascii_lowercase())), columns))
    }

    fn to(&mut self, target: Dataset, at: Node<'t>, format: Option<FileFormat>, columns: Option<Node<'t>>) -> JobWrite {
        self.partitioning.extend(columns.map(range));
        let partitioned_by = columns.map_or_else(Vec::new, |columns| self.columns(columns));
        JobWrite { span: self.span(at), target, layer: None, format, partitioned_by, one_file: None }
    }

    /// A path as far as it is written.
    fn place(&self, node: Node<'t>) -> Option<Dataset> {
        let mut path = String::new();
        for part in self.evaluator.parts(node)? {
            match part {
                Part::Written(text) => path.push_str(&text.value),
                Part::Hole { name, .. } => path.push_str(&format!("{{{name}}}")),
            }
        }
        let is_place = path.starts_with("s3") || path.starts_with('{');
        is_place.then(|| Dataset::Place(Location::parse(&path)))
    }

    /// Names of columns: one, or a list of them.
    fn columns(&self, node: Node<'t>) -> Vec<(String, Span)> {
        let nodes = if matches!(node.kind(), "list" | "tuple") { children(node) } else { vec![node] };
        let column = |node: Node<'t>| Some((self.evaluator.constant(node)?.to_lowercase(), self.span(node)));
        nodes.into_iter().filter_map(column).collect()
    }

    /// All words of the program but for comments and the columns that writes are partitioned by.
    fn names(&self, program: &Program<'_, '_>) -> BTreeSet<String> {
        let mut left_out: Vec<_> = self.partitioning.iter().chain(&program.comments).cloned().collect();
        left_out.sort_by_key(|range| range.start);
        let (mut names, mut at) = (BTreeSet::new(), 0);
        let mut add = |text: &str| {
            let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
            names.extend(words.map(str::to_lowercase));
        };
        for range in left_out {
            add(self.program().get(at..range.start).unwrap_or_default());
            at = at.max(range.end);
        }
        add(self.program().get(at..).unwrap_or_default());
        names
    }
}

fn format_of(name: &str) -> Option<FileFormat> {
    Some(match name {
        "parquet" | "glueparquet" => FileFormat::Parquet,
        "orc" => FileFormat::Orc,
        "avro" => FileFormat::Avro,
        "csv" => FileFormat::Csv,
        "json" => FileFormat::Json,
        "text" => FileFormat::Text,
        _ => return None,
    })
}
