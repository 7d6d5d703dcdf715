//! Exposures of a project: what its YAML files say of them, and what that comes to
//! (<https://docs.getdbt.com/reference/exposure-properties>).

use super::project::Project;
use super::render::{Asked, Missing, Piece, Rendered};
use super::settings::Config;
use super::statement::{Place, Statement, quoted, statements};
use crate::document::Node;
use crate::lake::{self, Materialized, Span};

/// As it is written.
#[derive(Debug, Clone)]
pub(crate) struct Declared {
    exposure: lake::Exposure,
    /// Of the package whose YAML declares it.
    package: String,
    /// `ref('orders')`, with its place.
    depends_on: Vec<(String, Span)>,
}

/// One exposure, and what it asks for that dbt does not build, with the places.
pub(crate) type Exposed = (lake::Exposure, Vec<(Missing, Span)>);

/// One that is not switched off.
pub(super) fn declared(node: &Node, package: &str) -> Option<Declared> {
    let setting = |key: &str| node.at(&["config", key]).or_else(|| node.get(key));
    let text = |path: &[&str]| node.at(path).and_then(Node::as_str).filter(|text| !text.is_empty()).map(str::to_string);
    let name = node.get("name")?;
    if setting("enabled").and_then(Node::as_bool) == Some(false) {
        return None;
    }
    let depends_on = node.get("depends_on").and_then(Node::as_list).unwrap_or_default();
    let exposure = lake::Exposure {
        name: name.as_str()?.to_string(),
        label: text(&["label"]),
        kind: text(&["type"]),
        owner: text(&["owner", "name"]).or_else(|| text(&["owner", "email"])),
        span: name.span,
        refs: Vec::new(),
        sources: Vec::new(),
        looks: Vec::new(),
    };
    let depends_on = depends_on.iter().filter_map(|on| Some((on.as_str()?.to_string(), on.span))).collect();
    Some(Declared { exposure, package: package.to_string(), depends_on })
}

impl Declared {
    /// The places in its file.
    pub(super) fn spans(&mut self) -> impl Iterator<Item = &mut Span> {
        std::iter::once(&mut self.exposure.span).chain(self.depends_on.iter_mut().map(|(_, span)| span))
    }

    pub(super) fn file(&self) -> lake::FileId {
        self.exposure.span.file
    }
}

/// The call among what an exposure depends on; metrics and the like are none of models.
fn call(text: &str) -> Option<&str> {
    let text = text.trim();
    let inner = text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).unwrap_or(text).trim();
    let is = |name: &str| inner.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('('));
    ["ref", "source"].into_iter().any(is).then_some(inner)
}

impl Project {
    /// The exposures of the project and its packages.
    pub fn exposures(&self) -> Vec<Exposed> {
        self.settings.values().flat_map(|settings| &settings.exposures).map(|declared| self.exposed(declared)).collect()
    }

    /// What reads all of a model, where an exposure asks for it.
    pub fn look(&self, model: &str, span: Span) -> Option<Statement> {
        let relation = self.renderer.relation(model)?;
        let text = format!("select * from {}", relation.parts().map(quoted).collect::<Vec<_>>().join("."));
        let place = Place { file: span.file, head: span.range() };
        let pieces = vec![Piece { rendered: 0..text.len(), file: span.range() }];
        let rendered = Rendered { text, pieces, asked: Asked::default(), is_guessed: false };
        statements("", Materialized::Query, &rendered, None, &Config::new(), &place).pop()
    }

    fn exposed(&self, declared: &Declared) -> Exposed {
        let mut exposure = declared.exposure.clone();
        let mut missing = Vec::new();
        for (text, span) in &declared.depends_on {
            let Some(call) = call(text) else { continue };
            let asked = self.renderer.asked(&declared.package, &format!("{{{{ {call} }}}}"));
            exposure.refs.extend(asked.refs.into_iter().map(|name| (name, *span)));
            exposure.sources.extend(asked.sources);
            if !self.lacks_packages {
                missing.extend(asked.missing.into_iter().map(|missing| (missing, *span)));
            }
        }
        (exposure, missing)
    }
}

#[cfg(test)]
mod tests {
    use super::call;

    #[test]
    fn models_and_sources_are_called() {
        assert_eq!(call(" ref('orders') "), Some("ref('orders')"));
        assert_eq!(call("{{ source('a', 'b') }}"), Some("source('a', 'b')"));
        assert_eq!(call("metric('revenue')"), None);
        assert_eq!(call("orders"), None);
    }
}
