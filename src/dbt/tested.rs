//! The queries of the tests that YAML asks for.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::value::Value;

use super::exposure::Declared;
use super::project::{Project, Read};
use super::render::{Model, Piece, Stopped};
use super::settings::{Config, Source};
use super::statement::{Place, quoted, statements};
use super::yaml_test::{Tested, YamlTest, is_call};
use crate::lake::{self, DbtSource, FileId, Freshness, Materialized, ModelKind, Span, TableName};

impl Project {
    /// The tests that YAML asks for, of what is built, with their places.
    pub fn tests(&self) -> Vec<(Span, Result<Read, Stopped>)> {
        let asked = self.settings.values().flat_map(|settings| &settings.tests).filter(|test| test.is_enabled);
        asked.filter_map(|test| Some((test.span, self.test(test)?))).collect()
    }

    /// The files of YAML that ask for tests, or declare exposures or sources of the project itself.
    pub fn properties(&self) -> BTreeSet<FileId> {
        let tests = self.settings.values().flat_map(|settings| &settings.tests).map(|test| test.span.file);
        let exposures = self.settings.values().flat_map(|settings| &settings.exposures).map(Declared::file);
        let own = self.settings.get(&self.root).into_iter().flat_map(|settings| &settings.sources);
        tests.chain(exposures).chain(own.map(|source| source.span.file)).collect()
    }

    /// The tables of the project's own sources.
    pub fn own_sources(&self) -> Vec<DbtSource> {
        let Some(settings) = self.settings.get(&self.root) else { return Vec::new() };
        let of = |source: &Source| DbtSource {
            source: source.source.clone(),
            table: source.table.clone(),
            span: source.span,
            // Which tables settings of folders are for is not followed.
            freshness: if settings.has_freshness { Freshness::Checked } else { source.freshness },
        };
        let is_there = |source: &&Source| self.renderer.source(&source.source, &source.table).is_some();
        settings.sources.iter().filter(is_there).map(of).collect()
    }

    /// Tells where the YAML files stand among the sources of the run.
    pub fn place(&mut self, places: impl Fn(FileId) -> FileId) {
        for test in self.settings.values_mut().flat_map(|settings| &mut settings.tests) {
            test.span.file = places(test.span.file);
        }
        let exposures = self.settings.values_mut().flat_map(|settings| &mut settings.exposures);
        exposures.flat_map(Declared::spans).for_each(|span| span.file = places(span.file));
        for source in self.settings.get_mut(&self.root).into_iter().flat_map(|settings| &mut settings.sources) {
            source.span.file = places(source.span.file);
        }
    }

    /// A test's query; `None` of what is not built.
    fn test(&self, test: &YamlTest) -> Option<Result<Read, Stopped>> {
        let relation = match &test.of {
            Tested::Model(name) => self.renderer.relation(name)?,
            Tested::Source(source, table) => self.renderer.source(source, table)?,
        };
        let name = relation.parts().map(quoted).collect::<Vec<_>>().join(".");
        let rows = match &test.filter {
            Some(filter) => {
                let filter = self.renderer.value(&test.package, filter);
                format!("(select * from {name} where {filter}) dbt_subquery")
            }
            None => name,
        };
        let call = test.call();
        let arguments = Some(self.arguments(test, rows));
        let rendered = self.renderer.render(&Model { arguments, ..Model::new(&call, &test.package, relation.clone()) });
        let mut rendered = match rendered {
            Ok(rendered) => rendered,
            Err(stopped) => return Some(Err(stopped)),
        };
        // All of it stands where the YAML asks for it.
        let place = test.span.range();
        rendered.pieces = vec![Piece { rendered: 0..rendered.text.len(), file: place.clone() }];
        let place = Place { file: test.span.file, head: place };
        let statements = statements("", Materialized::Query, &rendered, None, &Config::new(), &place);
        let mut model = lake::Model::of_query(test.name(), ModelKind::Test, test.span);
        model.relation = TableName::new(relation.parts());
        model.refs.clone_from(&rendered.asked.refs);
        model.sources.clone_from(&rendered.asked.sources);
        match &test.of {
            Tested::Model(name) => model.refs.push(self.renderer.file_of(name)),
            Tested::Source(source, table) => model.sources.push((source.clone(), table.clone())),
        }
        Some(Ok(Read { is_guessed: rendered.is_guessed, has_no_query: false, missing: Vec::new(), model, statements }))
    }

    /// What the test's macro is called with; `rows` is what it looks at.
    fn arguments(&self, test: &YamlTest, rows: String) -> Value {
        let argument = |(key, value): (&String, &Value)| {
            let call = value.as_str().filter(|text| is_call(text)).map(|text| format!("{{{{ {text} }}}}"));
            let written = call.or_else(|| value.as_str().map(str::to_string));
            (key.clone(), written.map_or_else(|| value.clone(), |text| self.renderer.value(&test.package, &text)))
        };
        let mut arguments: BTreeMap<String, Value> = test.arguments.iter().map(argument).collect();
        arguments.insert("model".to_string(), rows.into());
        Value::from_pairs(arguments)
    }
}
