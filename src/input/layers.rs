//! Which layer a table belongs to: by the globs of `[layers]`, else by well-known folder and database names.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use globset::{GlobBuilder, GlobMatcher};

use crate::lake::{Dataset, DeclaredBy, JobWrite, Layer, Location, Model, Sources, Table, TableName};
use crate::shown_path::seen_from;

/// The `[layers]` globs, compiled.
#[derive(Debug)]
pub(super) struct Layers<'a> {
    globs: Vec<(Layer, Pattern)>,
    /// Working directory, which shown paths are relative to.
    base: &'a Path,
    /// Folder of the configuration file, which the globs are relative to.
    config_folder: Option<&'a Path>,
}

#[derive(Debug)]
enum Pattern {
    /// `s3://bucket/prefix`: everything under it.
    Prefix(Location),
    /// `s3://bucket/*/raw`.
    Place(GlobMatcher),
    /// `db:raw_*`.
    Database(GlobMatcher),
    /// The path of the declaring file, or the database.
    PathOrDatabase(GlobMatcher),
}

impl<'a> Layers<'a> {
    pub(super) fn new(
        configured: &BTreeMap<Layer, Vec<String>>,
        base: &'a Path,
        config_folder: Option<&'a Path>,
    ) -> Result<Layers<'a>> {
        let globs = configured.iter().flat_map(|(layer, globs)| globs.iter().map(|glob| Ok((*layer, pattern(glob)?))));
        Ok(Layers { globs: globs.collect::<Result<_>>()?, base, config_folder })
    }

    /// The layer that a program writes to.
    pub(super) fn of_write(&self, write: &JobWrite, sources: &Sources) -> Option<Layer> {
        let mut table = Table::new(TableName::new([""; 0]), DeclaredBy::Layout);
        match &write.target {
            Dataset::Table(name) => table.name.clone_from(name),
            Dataset::Place(place) => table.location = Some(place.clone()),
        }
        self.of(&table, sources)
    }

    /// The layer of a dbt model, by the folder of its file and the schema that is known of it.
    pub(super) fn of_model(&self, model: &Model, sources: &Sources) -> Option<Layer> {
        let table = Table { declared_at: Some(model.span), ..Table::new(model.relation.clone(), DeclaredBy::Config) };
        self.of(&table, sources)
    }

    /// The table's layer; a configured glob wins over names.
    pub(super) fn of(&self, table: &Table, sources: &Sources) -> Option<Layer> {
        let shown = table.declared_at.map(|span| sources.get(span.file).path.as_str());
        let path = shown.map(|shown| seen_from(self.config_folder, self.base, shown));
        let path = path.as_deref();
        let configured = self.globs.iter().find(|(_, pattern)| pattern.matches(table, path)).map(|(layer, _)| *layer);
        configured.or_else(|| by_name(table, path))
    }
}

fn pattern(text: &str) -> Result<Pattern> {
    let glob = |text: &str| {
        let glob = GlobBuilder::new(text).build().with_context(|| format!("invalid glob `{text}` in `[layers]`"))?;
        Ok::<_, anyhow::Error>(glob.compile_matcher())
    };
    if let Some(database) = text.strip_prefix("db:") {
        return Ok(Pattern::Database(glob(database)?));
    }
    if !text.starts_with("s3://") {
        return Ok(Pattern::PathOrDatabase(glob(text)?));
    }
    match text.trim_end_matches('*').contains(['*', '?', '[', '{']) {
        true => Ok(Pattern::Place(glob(&format!("{}{{,/**}}", text.trim_end_matches('/')))?)),
        false => Ok(Pattern::Prefix(Location::parse(text.trim_end_matches('*')))),
    }
}

impl Pattern {
    fn matches(&self, table: &Table, path: Option<&str>) -> bool {
        let in_database = |glob: &GlobMatcher| table.name.database().is_some_and(|d| glob.is_match(d));
        match self {
            Pattern::Prefix(prefix) => {
                table.location.as_ref().is_some_and(|l| l.bucket.is_some() && prefix.contains(l))
            }
            Pattern::Place(glob) => {
                table.location.as_ref().is_some_and(|l| glob.is_match(l.to_string().trim_end_matches('/')))
            }
            Pattern::Database(glob) => in_database(glob),
            Pattern::PathOrDatabase(glob) => in_database(glob) || path.is_some_and(|p| glob.is_match(p)),
        }
    }
}

/// The place of the data says more than the database, and that more than the folder of the declaration. Only whole folder
/// names and whole `_` parts of a database name count.
fn by_name(table: &Table, path: Option<&str>) -> Option<Layer> {
    let place = table.location.as_ref().or(table.open_place.as_ref());
    let place = || place.into_iter().flat_map(Location::segments).find_map(Layer::well_known);
    let database = || table.name.database().into_iter().flat_map(|d| d.split('_')).find_map(Layer::well_known);
    let folder = || path?.rsplit_once('/')?.0.split('/').find_map(Layer::well_known);
    place().or_else(database).or_else(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::Span;

    fn layer(config: &str, name: &str, location: &str, path: &str) -> Option<Layer> {
        let config: crate::config::Config = toml::from_str(config).expect("config");
        let mut sources = Sources::default();
        let file = sources.add(path, "");
        let mut table = Table::new(TableName::parse(name), DeclaredBy::Ddl);
        table.location = (!location.is_empty()).then(|| Location::parse(location));
        table.declared_at = Some(Span::new(file, 0..0));
        let folder = Path::new("/repo");
        Layers::new(&config.layers, &folder.join("sql"), Some(folder)).expect("layers").of(&table, &sources)
    }

    #[test]
    fn names_count_as_whole_segments_only() {
        assert_eq!(layer("", "sales", "s3://b/lake/Curated/sales", "ddl/raw/x.sql"), Some(Layer::Curated));
        assert_eq!(layer("", "curated_sales.orders", "", "ddl/x.sql"), Some(Layer::Curated));
        assert_eq!(layer("", "orders", "", "models/staging/x.sql"), Some(Layer::Raw));
        assert_eq!(layer("", "trusted_advisor.golden", "s3://raw-bucket/rawdata/x", "drawings/x.sql"), None);
    }

    #[test]
    fn globs_match_paths_databases_and_prefixes() {
        let config = "[layers]\nraw = [\"in_*\", \"s3://b/in/\"]\nclean = [\"db:gold\", \"s3://b/*/mid\"]\ncurated = [\"sql/out/**\"]\n";
        assert_eq!(layer(config, "in_shop.orders", "s3://b/curated/x", "x.sql"), Some(Layer::Raw));
        assert_eq!(layer(config, "t", "s3://b/in/t", "x.sql"), Some(Layer::Raw));
        assert_eq!(layer(config, "t", "s3://b/into/t", "x.sql"), None);
        assert_eq!(layer(config, "gold.t", "", "x.sql"), Some(Layer::Clean));
        assert_eq!(layer(config, "t", "s3://b/eu/mid/t", "x.sql"), Some(Layer::Clean));
        assert_eq!(layer(config, "t", "", "out/deep/x.sql"), Some(Layer::Curated), "seen from the configuration file");
        assert_eq!(layer(config, "t", "", "../out/x.sql"), None);
    }

    #[test]
    fn a_bad_glob_is_an_error_that_names_it() {
        let config: crate::config::Config = toml::from_str("[layers]\nraw = [\"a[\"]\n").expect("config");
        assert!(format!("{:#}", Layers::new(&config.layers, Path::new(""), None).expect_err("glob")).contains("`a[`"));
    }
}
