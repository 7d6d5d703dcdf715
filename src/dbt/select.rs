//! Selection of models as `dbt --select` has it (<https://docs.getdbt.com/reference/node-selection/syntax>).

use std::collections::{BTreeMap, BTreeSet};

use globset::{Glob, GlobMatcher};

use crate::lake::{Exposure, Materialized, Model, ModelId, ModelKind};

/// `+orders`, `tag:daily`, `path:models/marts+2`: one method, and how far around it.
#[derive(Debug, Clone)]
struct Selector {
    method: Method,
    /// Steps towards what it reads; `None` is all.
    before: Option<usize>,
    /// Steps towards what reads it.
    after: Option<usize>,
}

#[derive(Debug, Clone)]
enum Method {
    /// Also of a folder of models: `marts`, `marts.finance`.
    Name(GlobMatcher),
    Tag(GlobMatcher),
    Path(String),
    Source(GlobMatcher),
    /// What exposures read: they are no queries themselves.
    Exposure(GlobMatcher),
    Materialized(String),
    Kind(ModelKind),
}

/// What a run is about: unions of intersections.
#[derive(Debug, Clone)]
pub struct Selection(Vec<Vec<Selector>>);

impl Selection {
    /// Arguments of `--select`: blanks unite, commas intersect. Fails with what is wrong.
    pub fn parse(arguments: &[String]) -> Result<Selection, String> {
        let words = arguments.iter().flat_map(|argument| argument.split_whitespace());
        let group = |word: &str| word.split(',').map(Selector::parse).collect::<Result<Vec<_>, _>>();
        Ok(Selection(words.map(group).collect::<Result<_, _>>()?))
    }

    /// The models that are selected, with the tests of what is. `path_of` gives a model's file for people.
    pub fn of(
        &self,
        models: &[Model],
        exposures: &[Exposure],
        path_of: impl Fn(&Model) -> String,
    ) -> BTreeSet<ModelId> {
        let graph = Graph::of(models, exposures);
        let mut all = BTreeSet::new();
        for group in &self.0 {
            let mut sets = group.iter().map(|selector| graph.reached(selector, models, &path_of));
            let first = sets.next().unwrap_or_default();
            all.extend(sets.fold(first, |kept, other| kept.intersection(&other).copied().collect()));
        }
        // As in `dbt build`: what is built is tested.
        let tested: BTreeSet<&str> = all.iter().map(|i| models[*i].name.as_str()).collect();
        let is_test_of = |model: &Model| {
            model.kind == ModelKind::Test && model.refs.iter().any(|name| tested.contains(name.as_str()))
        };
        let tests: Vec<usize> = (0..models.len()).filter(|i| is_test_of(&models[*i])).collect();
        all.extend(tests);
        all.into_iter().map(|i| ModelId(i as u32)).collect()
    }
}

impl Selector {
    fn parse(word: &str) -> Result<Selector, String> {
        let (before, rest) = match word.split_once('+') {
            Some(("", rest)) => (None, rest),
            Some((steps, rest)) if !rest.is_empty() && steps.bytes().all(|b| b.is_ascii_digit()) => {
                (Some(number(steps, word)?), rest)
            }
            _ => (Some(0), word),
        };
        let (rest, after) = match rest.split_once('+') {
            Some((rest, "")) => (rest, None),
            Some((rest, steps)) => (rest, Some(number(steps, word)?)),
            None => (rest, Some(0)),
        };
        Ok(Selector { method: Method::parse(rest, word)?, before, after })
    }
}

fn number(steps: &str, word: &str) -> Result<usize, String> {
    steps.parse().map_err(|_| format!("`{word}`: expected a number of steps, such as `2+orders` or `orders+1`"))
}

impl Method {
    fn parse(text: &str, word: &str) -> Result<Method, String> {
        let glob = |text: &str| {
            let glob = Glob::new(text).map_err(|error| format!("`{word}`: {error}"))?;
            Ok::<_, String>(glob.compile_matcher())
        };
        let (method, value) = text.split_once(':').unwrap_or(("name", text));
        if value.is_empty() {
            return Err(format!(
                "`{word}` selects nothing: expected a model, `tag:`, `path:`, `source:` or `exposure:`"
            ));
        }
        match method {
            "name" | "fqn" | "file" => Ok(Method::Name(glob(value.trim_end_matches(".sql"))?)),
            "tag" => Ok(Method::Tag(glob(value)?)),
            "path" => Ok(Method::Path(value.trim_start_matches("./").trim_end_matches('/').to_string())),
            "source" => Ok(Method::Source(glob(value)?)),
            "exposure" => Ok(Method::Exposure(glob(value)?)),
            "config.materialized" => Ok(Method::Materialized(value.to_string())),
            "resource_type" => match value {
                "model" => Ok(Method::Kind(ModelKind::Model)),
                "snapshot" => Ok(Method::Kind(ModelKind::Snapshot)),
                "test" => Ok(Method::Kind(ModelKind::Test)),
                "analysis" => Ok(Method::Kind(ModelKind::Analysis)),
                "exposure" => Ok(Method::Exposure(glob("*")?)),
                _ => Err(format!("`{word}`: expected `model`, `snapshot`, `test`, `analysis` or `exposure`")),
            },
            _ => Err(format!(
                "`{word}`: there is no method `{method}`, expected a model, `tag:`, `path:`, `source:`, `exposure:`, \
                 `config.materialized:` or `resource_type:`"
            )),
        }
    }

    fn fits(&self, model: &Model, path: &str) -> bool {
        match self {
            Method::Name(glob) => {
                let folders: Vec<&str> = model.path.split('/').collect();
                let folders = &folders[..folders.len().saturating_sub(1)];
                let in_folder = (1..=folders.len()).any(|n| glob.is_match(folders[..n].join(".")));
                let below = |name: &str| folders.iter().copied().chain([name]).collect::<Vec<_>>().join(".");
                let is_called = |name: &str| glob.is_match(name) || glob.is_match(below(name));
                // All versions of a model, or one of them.
                let versions = || {
                    let (name, v) = model.version.as_ref()?;
                    Some(is_called(name) || is_called(&format!("{name}.v{v}")))
                };
                is_called(&model.name) || in_folder || versions().unwrap_or(false)
            }
            Method::Tag(glob) => model.tags.iter().any(|tag| glob.is_match(tag)),
            Method::Path(wanted) => path.match_indices(wanted.as_str()).any(|(at, found)| {
                let (before, after) = (&path[..at], &path[at + found.len()..]);
                (before.is_empty() || before.ends_with('/')) && (after.is_empty() || after.starts_with('/'))
            }),
            Method::Source(glob) => model
                .sources
                .iter()
                .any(|(source, table)| glob.is_match(source) || glob.is_match(format!("{source}.{table}"))),
            Method::Exposure(_) => false,
            Method::Materialized(wanted) => materialized(model) == Some(wanted.as_str()),
            Method::Kind(kind) => model.kind == *kind,
        }
    }
}

/// As it is configured.
fn materialized(model: &Model) -> Option<&'static str> {
    match model.materialized {
        Materialized::Table if model.is_refreshed => Some("incremental"),
        Materialized::View => Some("view"),
        Materialized::Ephemeral => Some("ephemeral"),
        Materialized::Table => Some("table"),
        Materialized::Incremental(_) => Some("incremental"),
        Materialized::Snapshot => Some("snapshot"),
        Materialized::Query | Materialized::Other => None,
    }
}

/// Who reads whom.
struct Graph {
    reads: Vec<Vec<usize>>,
    read_by: Vec<Vec<usize>>,
    /// What each exposure reads.
    exposed: Vec<(String, Vec<usize>)>,
}

impl Graph {
    fn of(models: &[Model], exposures: &[Exposure]) -> Graph {
        let by_name: BTreeMap<&str, usize> = models
            .iter()
            .enumerate()
            .filter(|(_, model)| matches!(model.kind, ModelKind::Model | ModelKind::Snapshot))
            .map(|(i, model)| (model.name.as_str(), i))
            .collect();
        let found = |name: &String| by_name.get(name.as_str()).copied();
        let exposed = |exposure: &Exposure| {
            (exposure.name.clone(), exposure.refs.iter().filter_map(|(name, _)| found(name)).collect())
        };
        let exposed = exposures.iter().map(exposed).collect();
        let none = vec![Vec::new(); models.len()];
        let mut graph = Graph { reads: none.clone(), read_by: none, exposed };
        for (i, model) in models.iter().enumerate() {
            for read in model.refs.iter().filter_map(found) {
                graph.reads[i].push(read);
                graph.read_by[read].push(i);
            }
        }
        graph
    }

    fn reached(&self, selector: &Selector, models: &[Model], path_of: &impl Fn(&Model) -> String) -> BTreeSet<usize> {
        if let Method::Exposure(glob) = &selector.method {
            let of = self.exposed.iter().filter(|(name, _)| glob.is_match(name)).flat_map(|(_, reads)| reads);
            // The first step is that to what it reads.
            let before = selector.before.map(|steps| steps.saturating_sub(1));
            return walk(&of.copied().collect(), &self.reads, before);
        }
        let fits = |i: &usize| selector.method.fits(&models[*i], &path_of(&models[*i]));
        let mut first: BTreeSet<usize> = (0..models.len()).filter(fits).collect();
        if let (Method::Name(glob), true) = (&selector.method, first.is_empty()) {
            // A seed is no query: what reads it is asked about.
            let reads_seed = |i: &usize| models[*i].refs.iter().any(|name| glob.is_match(name));
            if selector.after != Some(0) {
                first = (0..models.len()).filter(reads_seed).collect();
            }
        }
        let mut all = walk(&first, &self.reads, selector.before);
        all.extend(walk(&first, &self.read_by, selector.after));
        all
    }
}

/// What is reached from some nodes in so many steps, themselves included.
fn walk(from: &BTreeSet<usize>, edges: &[Vec<usize>], steps: Option<usize>) -> BTreeSet<usize> {
    let mut reached = from.clone();
    let mut frontier: Vec<usize> = from.iter().copied().collect();
    let mut step = 0;
    while !frontier.is_empty() && steps.is_none_or(|steps| step < steps) {
        step += 1;
        let next = frontier.iter().flat_map(|i| &edges[*i]).copied();
        frontier = next.filter(|i| reached.insert(*i)).collect();
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::{FileId, Span};

    fn model(name: &str, path: &str, refs: &[&str], tags: &[&str]) -> Model {
        let mut model = Model::of_query(name.to_string(), ModelKind::Model, Span::new(FileId(0), 0..0));
        model.path = path.to_string();
        model.refs = refs.iter().map(|name| name.to_string()).collect();
        model.tags = tags.iter().map(|tag| tag.to_string()).collect();
        model
    }

    #[test]
    fn names_folders_tags_paths_and_what_is_around_them() {
        let mut models = vec![
            model("stg_a", "staging/stg_a.sql", &["seed"], &["hourly"]),
            model("stg_b", "staging/stg_b.sql", &[], &[]),
            model("mid", "mid.sql", &["stg_a", "stg_b"], &["daily"]),
            model("top", "marts/finance/top.sql", &["mid"], &["daily"]),
        ];
        models[1].sources = vec![("raw".to_string(), "b".to_string())];
        let mut test = model("not_null_top_id", "", &["top"], &[]);
        test.kind = ModelKind::Test;
        models.push(test);
        let mut versioned = model("orders_v2", "marts/orders_v2.sql", &[], &[]);
        versioned.version = Some(("orders".to_string(), "2".to_string()));
        models.push(versioned);
        models.push(model("orders_v10", "marts/orders_v10.sql", &[], &[]));
        models[6].version = Some(("orders".to_string(), "10".to_string()));
        let span = Span::new(FileId(0), 0..0);
        let refs = |names: &[&str]| names.iter().map(|name| (name.to_string(), span)).collect();
        let exposure = |name: &str, reads: &[&str]| Exposure {
            name: name.to_string(),
            label: None,
            kind: None,
            owner: None,
            span,
            refs: refs(reads),
            sources: Vec::new(),
            looks: Vec::new(),
        };
        let exposures = [exposure("board", &["mid", "seed"]), exposure("feed", &["orders_v2"])];
        let selected = |text: &str| {
            let selection = Selection::parse(&[text.to_string()]).expect("valid");
            let ids = selection.of(&models, &exposures, |model| format!("shop/models/{}", model.path));
            ids.iter().map(|id| models[id.0 as usize].name.as_str()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(selected("mid"), "mid");
        assert_eq!(selected("mid+"), "mid top not_null_top_id");
        assert_eq!(selected("+mid"), "stg_a stg_b mid");
        assert_eq!(selected("1+top"), "mid top not_null_top_id");
        assert_eq!(selected("stg_a+1"), "stg_a mid");
        assert_eq!(selected("stg_*"), "stg_a stg_b");
        assert_eq!(selected("staging mid"), "stg_a stg_b mid");
        assert_eq!(selected("marts.finance"), "top not_null_top_id");
        assert_eq!(selected("tag:daily,mid"), "mid");
        assert_eq!(selected("path:models/staging"), "stg_a stg_b");
        assert_eq!(selected("path:models/stag"), "");
        assert_eq!(selected("source:raw.b+"), "stg_b mid top not_null_top_id");
        assert_eq!(selected("seed+"), "stg_a mid top not_null_top_id");
        assert_eq!(selected("seed"), "");
        assert_eq!(selected("resource_type:test"), "not_null_top_id");
        assert_eq!(selected("exposure:board"), "mid");
        assert_eq!(selected("1+exposure:board+"), "mid");
        assert_eq!(selected("2+exposure:board"), "stg_a stg_b mid");
        assert_eq!(selected("+exposure:board"), "stg_a stg_b mid");
        assert_eq!(selected("+exposure:*"), "stg_a stg_b mid orders_v2");
        assert_eq!(selected("resource_type:exposure"), "mid orders_v2");
        assert_eq!(selected("exposure:nobody"), "");
        assert_eq!(selected("orders"), "orders_v2 orders_v10");
        assert_eq!(selected("orders.v2"), "orders_v2");
        assert_eq!(selected("orders.v1"), "");
        assert_eq!(selected("marts.orders.v10"), "orders_v10");
        assert_eq!(selected("marts.finance.top"), "top not_null_top_id");
        for wrong in ["tags:x", "tag:", "orders+x", "resource_type:seed", "[", ","] {
            assert!(Selection::parse(&[wrong.to_string()]).is_err(), "{wrong}");
        }
    }
}
