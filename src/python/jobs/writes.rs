//! Calls that write.

use tree_sitter::Node;

use super::{Finder, Link};
use crate::lake::{Dataset, FileFormat, JobWrite, Location, Span, TableName, Writer};
use crate::python::literal::Part;
use crate::python::syntax::{children, entry, range, written};

/// Where the arguments of a method of `DataFrameWriter` stand; `usize::MAX` for those that are given by name alone.
/// <https://spark.apache.org/docs/latest/api/python/reference/pyspark.sql/io.html>
struct Places {
    target: &'static [&'static str],
    format: usize,
    mode: usize,
    columns: usize,
}

const BY_NAME: usize = usize::MAX;

impl Places {
    fn of(method: &str) -> Option<Places> {
        let path: &[&str] = &["path"];
        Some(match method {
            "parquet" | "orc" => Places { target: path, format: BY_NAME, mode: 1, columns: 2 },
            "csv" | "json" => Places { target: path, format: BY_NAME, mode: 1, columns: BY_NAME },
            "text" => Places { target: path, format: BY_NAME, mode: BY_NAME, columns: BY_NAME },
            "save" => Places { target: path, format: 1, mode: 2, columns: 3 },
            "saveAsTable" => Places { target: &["name"], format: 1, mode: 2, columns: 3 },
            "insertInto" => Places { target: &["tableName"], format: BY_NAME, mode: BY_NAME, columns: BY_NAME },
            _ => return None,
        })
    }
}

impl<'t, 'p> Finder<'_, 't, 'p> {
    pub(super) fn write(&mut self, links: &[Link<'t, 'p>]) -> Option<JobWrite> {
        let last = links.last()?;
        let call = last.call?;
        let has = |name: &str| links.iter().any(|link| link.name == name);
        match last.name {
            "from_options" if has("write_dynamic_frame") => self.by_options(call),
            "write_dynamic_frame_from_options" => self.by_options(call),
            "from_catalog" if has("write_dynamic_frame") => self.by_catalog(call),
            "write_dynamic_frame_from_catalog" => self.by_catalog(call),
            "getSink" | "get_sink" => self.sink(call),
            "to_parquet" | "to_orc" | "to_csv" | "to_json" if has("s3") => {
                self.of_wrangler(call, last.name.trim_start_matches("to_"))
            }
            method if has("write") => self.of_spark(links, Places::of(method)?, call),
            _ => None,
        }
    }

    /// `df.write.mode(...).partitionBy(...).parquet(path)`.
    fn of_spark(&mut self, links: &[Link<'t, 'p>], places: Places, call: Node<'t>) -> Option<JobWrite> {
        let method = links.last()?.name;
        let writer = match method {
            "saveAsTable" => Writer::SaveAsTable,
            "insertInto" => Writer::InsertInto,
            _ => Writer::Spark,
        };
        let at = self.argument(call, places.target, 0)?;
        let target = match writer {
            Writer::Spark => self.place(at)?,
            _ => Dataset::Table(TableName::parse(&self.evaluator.constant(at)?)),
        };
        let called =
            |name: &'static str| links.iter().filter(move |link| link.name == name).filter_map(|link| link.call);
        let mut write = self.to(writer, target, at, self.argument(call, &["partitionBy"], places.columns));
        for call in called("partitionBy") {
            let columns = self.arguments(call);
            self.partitioning.extend(columns.iter().map(|argument| argument.range.clone()));
            columns.iter().for_each(|argument| self.partition_by(argument.value, &mut write));
        }
        // A writer that comes from elsewhere may know its columns, and so may what only the running program passes on.
        let is_property = |(at, link): (usize, &Link<'t, 'p>)| at > 0 && link.name == "write" && link.call.is_none();
        write.may_be_partitioned |= !links.iter().enumerate().any(is_property)
            || self.has_unknown_arguments(call)
            || called("options").any(|call| self.has_unknown_arguments(call));
        write.format = format_of(method);
        if write.format.is_none() {
            // Without any, Spark writes Parquet.
            let named = called("format").next().and_then(|call| self.argument(call, &["source"], 0));
            self.set_format(named.or_else(|| self.argument(call, &["format"], places.format)), &mut write);
        }
        let mode = called("mode").next().and_then(|call| self.argument(call, &["saveMode"], 0));
        let mode = mode.or_else(|| self.argument(call, &["mode"], places.mode));
        write.replaces = self.is_overwrite(mode);
        // `insertInto` appends without being told to.
        write.is_added = writer == Writer::InsertInto || write.replaces || self.is_append(mode);
        write.one_file = self.one_file(links);
        Some(write)
    }

    /// `coalesce(1)` from its name on: a chain may begin lines before.
    fn one_file(&self, links: &[Link<'t, 'p>]) -> Option<Span> {
        let is_one = |link: &&Link<'t, 'p>| {
            matches!(link.name, "coalesce" | "repartition")
                && link.call.is_some_and(|call| match &self.arguments(call)[..] {
                    [only] => written(only.value, self.program()) == "1",
                    _ => false,
                })
        };
        let call = links.iter().filter(is_one).find_map(|link| link.call)?;
        let name = call.child_by_field_name("function")?.child_by_field_name("attribute")?;
        Some(self.evaluator.text.map.span(name.start_byte()..call.end_byte()))
    }

    /// `write_dynamic_frame.from_options(frame, connection_options={"path": ..., "partitionKeys": [...]}, format="csv")`.
    fn by_options(&mut self, call: Node<'t>) -> Option<JobWrite> {
        let options = self.argument(call, &["connection_options"], 2).filter(|node| node.kind() == "dictionary")?;
        let at = entry(options, "path", self.program())?;
        let target = self.place(at)?;
        let mut write = self.to(Writer::Glue, target, at, entry(options, "partitionKeys", self.program()));
        write.may_be_partitioned |= self.is_open(options) || self.has_unknown_arguments(call);
        self.set_format(self.argument(call, &["format"], 3), &mut write);
        Some(write)
    }

    /// `write_dynamic_frame.from_catalog(frame, database, table_name, additional_options={"partitionKeys": [...]})`.
    /// <https://docs.aws.amazon.com/glue/latest/dg/update-from-job.html>
    fn by_catalog(&mut self, call: Node<'t>) -> Option<JobWrite> {
        let at = self.argument(call, &["table_name"], 2)?;
        let database = self.evaluator.constant(self.argument(call, &["database", "name_space"], 1)?)?;
        let target = Dataset::Table(TableName::new([database, self.evaluator.constant(at)?]));
        let options = self.argument(call, &["additional_options"], 5);
        let columns = options.and_then(|options| entry(options, "partitionKeys", self.program()));
        let mut write = self.to(Writer::Glue, target, at, columns);
        write.may_be_partitioned |=
            options.is_some_and(|options| self.is_open(options)) || self.has_unknown_arguments(call);
        Some(write)
    }

    /// `getSink(connection_type="s3", path=..., partitionKeys=[...])`; the format is said elsewhere.
    fn sink(&mut self, call: Node<'t>) -> Option<JobWrite> {
        let at = self.argument(call, &["path"], BY_NAME)?;
        let target = self.place(at)?;
        let mut write = self.to(Writer::Glue, target, at, self.argument(call, &["partitionKeys"], BY_NAME));
        write.may_be_partitioned |= self.has_unknown_arguments(call);
        Some(write)
    }

    /// `wr.s3.to_parquet(df, path, dataset=True, partition_cols=[...])`; without `path` it is that of the table.
    /// <https://aws-sdk-pandas.readthedocs.io/en/stable/stubs/awswrangler.s3.to_parquet.html>
    fn of_wrangler(&mut self, call: Node<'t>, format: &str) -> Option<JobWrite> {
        let given = |name: &str| self.argument(call, &[name], BY_NAME);
        let (at, target) = match self.argument(call, &["path"], 1) {
            Some(path) => (path, self.place(path)?),
            None => {
                let (database, table) = (given("database")?, given("table")?);
                let name = [self.evaluator.constant(database)?, self.evaluator.constant(table)?];
                (table, Dataset::Table(TableName::new(name)))
            }
        };
        let (columns, dataset, mode) = (given("partition_cols"), given("dataset"), given("mode"));
        let mut write = self.to(Writer::Pandas, target, at, columns);
        // Without it the path is that of one file.
        let is_dataset = dataset.is_some_and(|dataset| dataset.kind() == "true");
        write.may_be_partitioned |= !is_dataset || self.has_unknown_arguments(call);
        write.format = format_of(format);
        write.replaces = self.is_overwrite(mode);
        Some(write)
    }

    fn to(&mut self, writer: Writer, target: Dataset, at: Node<'t>, columns: Option<Node<'t>>) -> JobWrite {
        self.partitioning.extend(columns.map(range));
        let mut write = JobWrite::new(self.span(at), writer, target);
        columns.into_iter().for_each(|columns| self.partition_by(columns, &mut write));
        write
    }

    /// Adds columns: one, or a list of them; `None` and an empty list are none.
    fn partition_by(&self, node: Node<'t>, write: &mut JobWrite) {
        let columns = match node.kind() {
            "list" | "tuple" => children(node),
            "none" => Vec::new(),
            _ => vec![node],
        };
        for column in columns {
            match self.evaluator.constant(column) {
                Some(name) => write.partitioned_by.push((name.to_lowercase(), self.span(column))),
                None => write.may_be_partitioned = true,
            }
        }
    }

    fn set_format(&self, named: Option<Node<'t>>, write: &mut JobWrite) {
        let Some(named) = named else { return };
        write.format = self.evaluator.constant(named).and_then(|name| format_of(&name.to_ascii_lowercase()));
        write.is_plain = write.format.is_some();
    }

    fn is_overwrite(&self, mode: Option<Node<'t>>) -> bool {
        mode.and_then(|mode| self.evaluator.constant(mode)).is_some_and(|mode| mode.eq_ignore_ascii_case("overwrite"))
    }

    fn is_append(&self, mode: Option<Node<'t>>) -> bool {
        mode.and_then(|mode| self.evaluator.constant(mode)).is_some_and(|mode| mode.eq_ignore_ascii_case("append"))
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
