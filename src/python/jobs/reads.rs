//! Calls that read.

use tree_sitter::Node;

use super::{Finder, Link};
use crate::document::TextBuilder;
use crate::lake::{Dataset, JobRead, Location, Reader, TableName};
use crate::python::Statement;
use crate::python::fill::Filled;
use crate::python::sinks::{Dialect, is_spark};
use crate::python::syntax::{children, entry, range, written};

impl<'t, 'p> Finder<'_, 't, 'p> {
    pub(super) fn read(&self, links: &[Link<'t, 'p>]) -> Option<JobRead> {
        let last = links.last()?;
        let call = last.call?;
        let around = &links[..links.len() - 1];
        let has = |name: &str| around.iter().any(|link| link.name == name);
        let spark = || around.iter().any(|link| is_spark(link.name));
        match last.name {
            "from_catalog" if has("create_dynamic_frame") => self.of_catalog(call, Reader::DynamicFrame),
            "create_dynamic_frame_from_catalog" => self.of_catalog(call, Reader::DynamicFrame),
            "from_catalog" if has("create_data_frame") => self.of_catalog(call, Reader::DataFrame),
            "create_data_frame_from_catalog" => self.of_catalog(call, Reader::DataFrame),
            "from_options" if has("create_dynamic_frame") => self.of_options(call),
            "create_dynamic_frame_from_options" => self.of_options(call),
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
    pub(super) fn whole_table(&self, call: Node<'t>) -> Option<Statement> {
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
        let (range, dialect, names) = (range(call), Some(Dialect::Athena), Default::default());
        Some(Statement {
            sql,
            span,
            range,
            dialect,
            is_run: true,
            is_handed: true,
            is_narrowed: false,
            database: None,
            names,
        })
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
        let in_options = options
            .is_some_and(|options| self.is_open(options) || written(options, self.program()).contains("redicate"));
        let predicate = self.argument(call, &["push_down_predicate", "pushDownPredicate"], 4);
        let context = self.argument(call, &["transformation_ctx"], 3);
        Some(JobRead {
            has_predicate: in_options || self.says(call, predicate),
            has_context: self.says(call, context),
            ..read
        })
    }

    /// `create_dynamic_frame.from_options("s3", {"paths": [...]})`: a table by its path.
    fn of_options(&self, call: Node<'t>) -> Option<JobRead> {
        let options = self.argument(call, &["connection_options"], 1).filter(|node| node.kind() == "dictionary")?;
        let paths = entry(options, "paths", self.program()).filter(|paths| paths.kind() == "list")?;
        let [path] = children(paths)[..] else { return None };
        let place = Location::parse(&self.evaluator.constant(path)?);
        let excludes = self.is_open(options) || entry(options, "exclusions", self.program()).is_some();
        Some(JobRead {
            has_predicate: excludes || self.is_given(call, &["push_down_predicate"]),
            has_context: self.is_given(call, &["transformation_ctx"]),
            ..self.of(Dataset::Place(place), path, Reader::DynamicFrame)
        })
    }
}
