//! What to run after `lakelint init`.

use std::collections::BTreeMap;

use super::{Seen, shell_word};
use crate::input::DbtProject;

/// A command and what it gives.
type Step = (String, &'static str);

/// Two or three commands that fit what was found.
pub(crate) fn next(seen: &Seen, has_new_hook: bool) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let dbt = seen.landmarks.dbt.iter().find_map(compiled);
    match dbt {
        Some(command) => steps.push((
            command,
            "dbt alone knows which tables `ref` and `source` are: this checks what it makes of the models",
        )),
        None if seen.has_something() => {
            steps.push(("lakelint check".to_string(), "what wastes money, at the line that causes it"))
        }
        None => {}
    }
    match seen.sources.is_empty() {
        true => steps.push((
            format!("lakelint scan s3://{}", bucket(seen)),
            "a snapshot of the lake (LIST requests and a sample of files): with it, checks know partitions, bytes and dollars; commit it",
        )),
        false if seen.has_something() => {
            steps.push(("lakelint audit".to_string(), "what the lake costs in a month, what of it is avoidable, and what to do first"));
        }
        false => {}
    }
    if has_new_hook {
        steps.push(("pre-commit install".to_string(), "runs the hook at each commit, over the files that change"));
    }
    steps
}

/// Has dbt render a project's models, and checks them.
fn compiled(dbt: &DbtProject) -> Option<String> {
    let folder = match &*dbt.folder {
        "" => String::new(),
        folder => format!(" --project-dir {}", shell_word(folder)),
    };
    let target = shell_word(&format!("{}/compiled", dbt.target.as_ref()?));
    Some(format!("dbt compile{folder} && lakelint check {target}"))
}

/// The bucket that most tables are in.
fn bucket(seen: &Seen) -> String {
    let mut tables: BTreeMap<&str, usize> = BTreeMap::new();
    let is_name = |name: &&str| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c));
    for (_, table) in seen.lake.catalog.iter() {
        let bucket = table.location.as_ref().and_then(|location| location.bucket.as_deref());
        if let Some(bucket) = bucket.filter(is_name) {
            *tables.entry(bucket).or_default() += 1;
        }
    }
    let most = tables.iter().max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0)));
    most.map_or("my-lake", |(bucket, _)| bucket).to_string()
}
