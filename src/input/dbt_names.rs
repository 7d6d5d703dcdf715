//! Names of dbt models: the file's stem, where the file lies in the `models` folder of a dbt project.
//!
//! <https://docs.getdbt.com/docs/build/sql-models>: "The model name is inherited from the filename".

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::lake::{FileId, Lake};

/// Names statements that are alone in a dbt model and have no name of their own.
pub(super) fn name_models(lake: &mut Lake, base: &Path) {
    let mut projects = HashMap::new();
    let files: Vec<FileId> = lake.queries.iter().map(|query| query.span.file).collect();
    for (i, query) in lake.queries.iter_mut().enumerate() {
        let shares = |other: Option<usize>| other.and_then(|i| files.get(i)) == Some(&files[i]);
        if query.name.is_some() || shares(i.checked_sub(1)) || shares(Some(i + 1)) {
            continue;
        }
        query.name = model(&base.join(&lake.sources.get(query.span.file).path), &mut projects);
    }
}

/// The name of a model; `None` for other files. What is found out about folders is kept in `projects`.
fn model(path: &Path, projects: &mut HashMap<PathBuf, bool>) -> Option<String> {
    let models = path.ancestors().skip(1).filter(|folder| folder.file_name().is_some_and(|name| name == "models"));
    let mut above = models.filter_map(Path::parent);
    let is_project = |folder: &Path| match projects.get(folder) {
        Some(known) => *known,
        None => {
            let found = folder.join("dbt_project.yml").is_file();
            projects.insert(folder.to_path_buf(), found);
            found
        }
    };
    above.any(is_project).then(|| path.file_stem()?.to_str().map(str::to_string))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_named_after_their_file() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("shop")).expect("made");
        std::fs::write(folder.path().join("shop/dbt_project.yml"), "").expect("written");
        let name = |path: &str| model(&folder.path().join(path), &mut HashMap::new());
        assert_eq!(name("shop/models/marts/daily_revenue.sql").as_deref(), Some("daily_revenue"));
        assert_eq!(name("shop/models/staging/models/orders.sql").as_deref(), Some("orders"));
        assert_eq!(name("shop/analyses/daily_revenue.sql"), None);
        assert_eq!(name("other/models/daily_revenue.sql"), None);
        assert_eq!(name("-"), None);
    }
}
