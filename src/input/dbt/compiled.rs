//! What dbt has compiled: in the files of `target/compiled`, and in `target/manifest.json`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::Deserialize;

use crate::input::Sources;
use crate::input::text_file;

/// Where dbt writes, and what its manifest holds once that has been asked for.
#[derive(Debug, Default)]
pub(super) struct Compiled {
    target: Option<PathBuf>,
    manifest: OnceLock<BTreeMap<(String, String), Node>>,
}

/// The manifest, as far as it matters (<https://schemas.getdbt.com/dbt/manifest/v12/index.html>).
#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    nodes: BTreeMap<String, Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    #[serde(default)]
    package_name: String,
    #[serde(default)]
    original_file_path: String,
    #[serde(default)]
    raw_code: String,
    #[serde(default)]
    compiled_code: Option<String>,
}

impl Compiled {
    pub fn of(target: Option<PathBuf>, run: &Sources) -> Compiled {
        let target = target.filter(|target| target.is_dir() && !run.compared.leaves_out(target));
        Compiled { target, manifest: OnceLock::new() }
    }

    /// What dbt compiled of a file, where the file has not changed since: by its path in its package.
    pub fn query(&self, package: &str, path: &str, file: &Path, text: &str) -> Option<String> {
        let target = self.target.as_ref()?;
        let own = target.join("compiled").join(package).join(path);
        let written = |path: &Path| path.metadata().and_then(|metadata| metadata.modified()).ok();
        let is_fresh = written(&own).zip(written(file)).is_some_and(|(own, file)| own >= file);
        if let Some(compiled) = is_fresh.then(|| text_file::read(Some(&own)).ok()).flatten() {
            return Some(compiled);
        }
        let nodes = self.manifest.get_or_init(|| manifest(&target.join("manifest.json")).unwrap_or_default());
        let node = nodes.get(&(package.to_string(), path.to_string()))?;
        (node.raw_code.trim() == text.trim()).then(|| node.compiled_code.clone()).flatten()
    }
}

fn manifest(path: &Path) -> Option<BTreeMap<(String, String), Node>> {
    let text = text_file::read(Some(path)).ok()?;
    let manifest: Manifest = serde_json::from_str(&text).ok()?;
    let key = |node: &Node| (node.package_name.clone(), node.original_file_path.replace('\\', "/"));
    Some(manifest.nodes.into_values().map(|node| (key(&node), node)).collect())
}
