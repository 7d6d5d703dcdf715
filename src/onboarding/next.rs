//! What to run after `lakelint init`.

use std::collections::BTreeMap;

use super::{Seen, shell_word};
use crate::lake::Bytes;

/// A command and what it gives.
type Step = (String, String);

/// What a run did that asks for a step.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub has_new_hook: bool,
    /// Files that the new configuration reads, and their bytes.
    pub sources: Vec<(String, u64)>,
}

/// The few commands that fit what was found.
pub(crate) fn next(seen: &Seen, done: &Done) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut add = |run: String, why: &str| steps.push((run, why.to_string()));
    if seen.is_checkable() {
        add("lakelint check".to_string(), "what wastes money, at the line that causes it");
    }
    if let Some(app) = seen.landmarks.cdk.first() {
        add(synthesized(app), "the templates that CDK makes: what is in no commit, the hook and the job do not see");
    }
    match seen.sources.is_empty() {
        true => add(
            format!("lakelint scan s3://{}", bucket(seen)),
            "a snapshot of the lake (LIST requests and a sample of files): with it, checks know partitions, bytes and dollars; commit it",
        ),
        false if seen.is_checkable() => add(
            "lakelint audit".to_string(),
            "what the lake costs in a month, what of it is avoidable, and what to do first",
        ),
        false => {}
    }
    if !done.sources.is_empty() {
        let names: Vec<String> = done.sources.iter().map(|(name, _)| shell_word(name)).collect();
        let size = Bytes(done.sources.iter().map(|(_, bytes)| bytes).sum());
        let why = format!(
            "{size} that the new lakelint.toml reads: where they are missing, as in CI, a run ends with 2. If that is too much for git, \
             `lakelint scan` makes a small snapshot of it: name `.lakelint/lake` in `[lake] sources` instead, and commit that"
        );
        add(format!("git add {}", names.join(" ")), &why);
    }
    if done.has_new_hook {
        add("pre-commit install".to_string(), "runs the hook at each commit, over the files that change");
    }
    steps
}

/// Has CDK write the templates of an app, and checks them.
fn synthesized(app: &str) -> String {
    match app.rsplit_once('/') {
        Some((folder, _)) => {
            let out = shell_word(&format!("{folder}/cdk.out"));
            format!("(cd {} && cdk synth) && lakelint check {out}", shell_word(folder))
        }
        None => "cdk synth && lakelint check cdk.out".to_string(),
    }
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
