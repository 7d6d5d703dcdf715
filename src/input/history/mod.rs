//! What has run: exports of Athena's query history, results of dbt runs, and the history in snapshots.

mod attach;
mod dbt;
mod execution;
mod executions;
mod workgroups;

use anyhow::{Context, Result};

use super::lake_source::{Kind, LakeSource};
use super::{Sources, snapshot};
use crate::lake::{History, Lake, Record};
use dbt::DbtRuns;

pub(in crate::input) use attach::attach;
pub(in crate::input) use execution::{Execution, State};
pub(in crate::input) use executions::Executions;

/// Adds what the sources tell, exports before results of dbt, and snapshots last: they are older. Snapshots know workgroups too.
pub(in crate::input) fn read(opened: &[LakeSource], run: &Sources, lake: &mut Lake) -> Result<()> {
    lake.history = History::of(read_files(opened, false)?);
    for source in opened.iter().filter(|source| source.is_snapshot()) {
        if let Some((history, place, text)) = snapshot::history(&source.path, &source.shown)? {
            workgroups::add(&history.records, place, text, run, lake);
            lake.history.records.extend(history.records);
        }
    }
    Ok(())
}

/// What exports and results of dbt tell.
pub(in crate::input) fn read_files(opened: &[LakeSource], keep_sql: bool) -> Result<Vec<Record>> {
    let (mut executions, mut runs) = (Executions::new(keep_sql), DbtRuns::new(keep_sql));
    let (mut exports, mut results) = (Vec::new(), Vec::new());
    for source in opened {
        let fail = || format!("cannot read lake source `{}`", source.shown);
        match source.kind {
            Kind::AthenaHistory => {
                execution::read(source.content()?, &mut |told| executions.hear(told)).with_context(fail)?;
                exports.push(source.shown.as_str());
            }
            Kind::DbtRunResults => {
                runs.read(source.content()?).with_context(fail)?;
                results.push(source.shown.as_str());
            }
            _ => {}
        }
    }
    let mut records = Vec::new();
    if !exports.is_empty() {
        let days = executions.days();
        records.push(Record { days, ..executions.record(named(&exports)) });
    }
    if !results.is_empty() {
        records.push(runs.record(named(&results)));
    }
    Ok(records)
}

/// `a.jsonl`, `a.jsonl and 3 more`.
fn named(sources: &[&str]) -> String {
    match sources {
        [] => String::new(),
        [one] => one.to_string(),
        [first, more @ ..] => format!("{first} and {} more", more.len()),
    }
}
