//! A dbt model: what its project says of it, and what dbt builds of its query.

use super::{Layer, Query, Sources, Span, TableName};

/// Index of a model in [`super::Lake::models`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModelId(pub u32);

/// A query of a dbt project: a model, a snapshot, a test or an analysis.
#[derive(Debug, Clone)]
pub struct Model {
    /// That of its file.
    pub name: String,
    /// Of a model with versions: the name that all of them share, and which one it is.
    pub version: Option<(String, String)>,
    pub kind: ModelKind,
    /// Its file's `config(...)`, else its first line; of a test in YAML, where it is asked for.
    pub span: Span,
    /// Folders below the folder of models, and the file: `marts/finance/revenue.sql`.
    pub path: String,
    pub tags: Vec<String>,
    /// What it builds; of a test, what it tests.
    pub relation: TableName,
    pub materialized: Materialized,
    /// An incremental model with `full_refresh: true`, which makes a table of it that every run builds anew.
    pub is_refreshed: bool,
    /// `table_type: iceberg`.
    pub is_iceberg: bool,
    /// `format`, lower case, where one is configured.
    pub format: Option<String>,
    /// Partition columns or Iceberg transforms, as configured.
    pub partitioned_by: Vec<String>,
    /// `force_batch: true`: rows are written once without partitions, read again and written in batches.
    pub is_batched: bool,
    /// `partitions_limit`: partitions of a batch.
    pub partitions_limit: u64,
    /// `incremental_predicates` are configured.
    pub has_predicates: bool,
    /// Of a view or an ephemeral model: it groups or drops rows, or takes values out of texts.
    pub condenses: bool,
    /// Something runs before it: a DELETE of what it writes anew, perhaps.
    pub has_pre_hook: bool,
    /// By `[layers]`, its folder or its schema.
    pub layer: Option<Layer>,
    /// Models, seeds and snapshots that it reads, by name.
    pub refs: Vec<String>,
    /// Sources that it reads, by the names of source and table.
    pub sources: Vec<(String, String)>,
    /// It, or a macro that it calls, asks whether the run is incremental.
    pub asks_is_incremental: bool,
    /// How many batches a run takes in of its inputs, where dbt filters these by their event time.
    pub batches: Option<u64>,
    /// What a full refresh runs, where that is another query than that of an incremental run.
    pub rebuild: Option<Box<Query>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelKind {
    Model,
    Snapshot,
    Test,
    Analysis,
}

/// What dbt builds of a query (<https://docs.getdbt.com/docs/build/materializations>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Materialized {
    View,
    /// Nothing: the query is a part of those that read it.
    Ephemeral,
    Table,
    Incremental(Strategy),
    /// A table of changes; see [`ModelKind::Snapshot`].
    Snapshot,
    /// Nothing: the query alone runs.
    Query,
    /// By a materialization of its own: what that does is not known.
    Other,
}

/// How rows of an incremental run get into the table
/// (<https://docs.getdbt.com/reference/resource-configs/athena-configs#incremental-models>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    Append,
    InsertOverwrite,
    Merge,
    /// One statement a batch of time, between the bounds that dbt adds.
    Microbatch,
    /// One that dbt-athena does not have.
    Other,
}

impl Model {
    /// A query that builds nothing, of which no more is configured.
    pub fn of_query(name: String, kind: ModelKind, span: Span) -> Model {
        Model {
            name,
            version: None,
            kind,
            span,
            path: String::new(),
            tags: Vec::new(),
            relation: TableName(Vec::new()),
            materialized: Materialized::Query,
            is_refreshed: false,
            is_iceberg: false,
            format: None,
            partitioned_by: Vec::new(),
            is_batched: false,
            partitions_limit: 100,
            has_predicates: false,
            condenses: false,
            has_pre_hook: false,
            layer: None,
            refs: Vec::new(),
            sources: Vec::new(),
            asks_is_incremental: false,
            batches: None,
            rebuild: None,
        }
    }

    /// Whether it names models or sources, whose schemas are the deployment's.
    pub fn reads(&self) -> bool {
        !self.refs.is_empty() || !self.sources.is_empty()
    }

    /// Whether its query runs again with every run of dbt, and its result stays.
    pub fn is_built(&self) -> bool {
        matches!(self.materialized, Materialized::Table | Materialized::Incremental(_) | Materialized::Snapshot)
    }

    /// Whether an incremental run adds rows and replaces none: without partitions to overwrite dbt-athena falls back to that
    /// (<https://docs.getdbt.com/reference/resource-configs/athena-configs#incremental-models>).
    pub fn appends(&self) -> bool {
        match self.materialized {
            Materialized::Incremental(Strategy::Append) => true,
            Materialized::Incremental(Strategy::InsertOverwrite) => self.partitioned_by.is_empty() && !self.is_iceberg,
            _ => false,
        }
    }

    /// Where its `config(...)` says the first of some settings that it says, else all of what stands for the model.
    pub fn setting(&self, names: &[&str], sources: &Sources) -> Span {
        let text = sources.text(self.span);
        let found = names.iter().find_map(|name| argument(text, name));
        found.map_or(self.span, |(from, to)| {
            let start = self.span.range().start;
            Span::new(self.span.file, start + from..start + to)
        })
    }
}

/// The bytes of `name=value` among the arguments of a call. A value of several lines is shown by its first.
fn argument(text: &str, name: &str) -> Option<(usize, usize)> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).find_map(|(from, _)| {
        let after = text[from + name.len()..].trim_start();
        let is_word = !text[..from].ends_with(is_part);
        let value = after.strip_prefix('=').filter(|_| is_word)?.trim_start();
        let start = text.len() - value.len();
        let (mut quote, mut depth) = (None, 0usize);
        let end = value.find(|c: char| {
            match (quote, c) {
                (Some(open), c) if c == open => quote = None,
                (Some(_), '\n') => return true,
                (Some(_), _) => {}
                (None, '\'' | '"') => quote = Some(c),
                (None, '\n') => return true,
                (None, ',' | ')' | '}') if depth == 0 => return true,
                (None, '(' | '[' | '{') => depth += 1,
                (None, ')' | ']' | '}') => depth -= 1,
                (None, _) => {}
            }
            false
        });
        let end = end.unwrap_or(value.len());
        Some((from, start + value[..end].trim_end().len()))
    })
}

#[cfg(test)]
mod tests {
    use super::argument;

    #[test]
    fn a_setting_is_found_with_its_value() {
        let shown = |text: &'static str, name| argument(text, name).map(|(from, to)| &text[from..to]);
        let config =
            "{{ config(\n  materialized = 'table',\n  partitioned_by=['a', 'b'], xformat='x', format=\"a,b\") }}";
        assert_eq!(shown(config, "materialized"), Some("materialized = 'table'"));
        assert_eq!(shown(config, "partitioned_by"), Some("partitioned_by=['a', 'b']"));
        assert_eq!(shown(config, "format"), Some("format=\"a,b\""));
        assert_eq!(shown(config, "unique_key"), None);
        assert_eq!(shown("config(tags=[\n'a'\n])", "tags"), Some("tags=["));
        assert_eq!(shown("config(tags='é", "tags"), Some("tags='é"));
    }
}
