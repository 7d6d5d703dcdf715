//! `lakelint audit`: one page that says what the lake costs, what is avoidable, and what to do first.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::progress::Progress;
use super::reading::Purpose;
use super::terms::terms;
use super::{Env, Status, print};
use crate::audit::Audit;
use crate::cli::{AuditArgs, BudgetArgs};
use crate::cost::Bill;
use crate::output::audit::{Form, render};
use crate::rules::{self, BUDGET_RULES};
use crate::shown_path::without_dots;
use crate::triage;

/// Reads, joins, reports. An audit breaks no build: it ends well whatever it finds.
pub fn run(args: &AuditArgs, env: &mut Env<'_>) -> anyhow::Result<Status> {
    let files = files(args, &env.base)?;
    let progress = Progress::start(env.progress);
    let mut loaded = args.read.load_config(&env.base, &[], &[])?;
    let as_of = args.read.as_of();
    progress.phase("reading files");
    let (lake, _) = args.read.read(&env.base, &loaded, as_of, Purpose::Audit)?;
    progress.phase("estimating");
    let terms = terms(&loaded, &args.price, &BudgetArgs::default(), as_of, &env.base)?;
    let estimator = terms.estimator(&lake, as_of);
    let bill = Bill::of(&estimator).with_machines(&estimator);
    progress.phase("checking");
    loaded.settings.retain(|rule| !BUDGET_RULES.contains(&rule));
    let findings = rules::run(&estimator, &loaded.settings);
    let globs_from = loaded.file.as_ref().and_then(|file| file.path.parent());
    let sift = triage::Sift { settings: &loaded.settings, estimator, base: &env.base, globs_from };
    let report = triage::triage(findings, &lake, &sift);
    let audit = Audit::of(estimator, &bill, &report);
    progress.phase("writing");
    drop(progress);
    print(env, &render(Form::Terminal, &audit, env.width)).context("standard output")?;
    for (form, path) in files {
        std::fs::write(&path, render(form, &audit, env.width))
            .with_context(|| format!("`{}` cannot be written", path.display()))?;
    }
    drop(audit);
    drop(bill);
    // The process is about to end: taking a large lake apart first would only make the user wait.
    std::mem::forget(lake);
    Ok(Status::Clean)
}

/// The reports that are written, each to a file of its own.
fn files(args: &AuditArgs, base: &Path) -> anyhow::Result<Vec<(Form, PathBuf)>> {
    let asked = [(Form::Html, &args.html), (Form::Markdown, &args.markdown), (Form::Json, &args.json)];
    let mut files: Vec<(Form, PathBuf)> = Vec::new();
    for (form, path) in asked {
        let Some(path) = path else { continue };
        if path == Path::new("-") {
            bail!("`-` is no file: the audit is printed anyway, and other forms are written to files");
        }
        let path = without_dots(&base.join(path));
        if files.iter().any(|(_, other)| *other == path) {
            bail!("`{}` is named twice: one report would overwrite the other", path.display());
        }
        files.push((form, path));
    }
    Ok(files)
}
