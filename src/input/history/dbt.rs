//! Results of dbt runs: `target/run_results.json` of dbt on Athena.
//!
//! Fields: <https://docs.getdbt.com/reference/artifacts/run-results-json>; dbt-athena puts `data_scanned_in_bytes` into
//! `adapter_response`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::execution::{Execution, State, seconds};
use super::executions::Runs;
use crate::lake::{Fingerprint, Record};
use crate::sql;

const DAY: f64 = 86_400.0;

#[derive(Deserialize)]
struct Results {
    metadata: Metadata,
    results: Vec<NodeResult>,
}

#[derive(Deserialize)]
struct Metadata {
    generated_at: Option<String>,
    invocation_id: Option<String>,
}

#[derive(Deserialize)]
struct NodeResult {
    unique_id: String,
    status: Option<String>,
    compiled_code: Option<String>,
    #[serde(default)]
    adapter_response: AdapterResponse,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AdapterResponse {
    data_scanned_in_bytes: Option<u64>,
}

/// Collects invocations of dbt, each once.
#[derive(Debug)]
pub(super) struct DbtRuns {
    keep_sql: bool,
    seen: BTreeSet<String>,
    /// When invocations were, in seconds since 1970.
    times: BTreeSet<i64>,
    models: BTreeMap<String, Runs>,
    statements: BTreeMap<Fingerprint, Runs>,
    texts: BTreeMap<Fingerprint, String>,
}

impl DbtRuns {
    pub(super) fn new(keep_sql: bool) -> DbtRuns {
        DbtRuns {
            keep_sql,
            seen: BTreeSet::new(),
            times: BTreeSet::new(),
            models: BTreeMap::new(),
            statements: BTreeMap::new(),
            texts: BTreeMap::new(),
        }
    }

    /// Adds a file; one that comes twice counts once.
    pub(super) fn read(&mut self, input: impl Read) -> Result<()> {
        for results in serde_json::Deserializer::from_reader(input).into_iter::<Results>() {
            let Results { metadata, results } = results.context("it is no `run_results.json` of dbt")?;
            if metadata.invocation_id.is_some_and(|id| !self.seen.insert(id)) {
                continue;
            }
            self.times.extend(metadata.generated_at.as_deref().and_then(seconds));
            results.into_iter().for_each(|result| self.add(result));
        }
        Ok(())
    }

    fn add(&mut self, result: NodeResult) {
        let Some(bytes) = result.adapter_response.data_scanned_in_bytes else { return };
        let state = match result.status.as_deref() {
            Some("success" | "pass" | "warn" | "fail") => State::Succeeded,
            Some("error" | "runtime error") => State::Failed,
            _ => return,
        };
        let execution = Execution { state, scanned_bytes: Some(bytes), ..Execution::default() };
        let code = result.compiled_code.filter(|code| !code.trim().is_empty());
        let identity = code.as_deref().map(|code| sql::identity(code, &[]));
        if let Some(name) = model(&result.unique_id) {
            self.models.entry(name).or_default().add(&identity.unwrap_or_default(), &execution);
        }
        if let Some(identity) = identity {
            self.statements.entry(identity.fingerprint).or_default().add(&identity, &execution);
            if self.keep_sql {
                self.texts.entry(identity.fingerprint).or_insert(code.unwrap_or_default());
            }
        }
    }

    /// Everything added up. The period of n invocations is n times the mean time between them.
    pub(super) fn record(self, source: String) -> Record {
        let between = self.times.first().zip(self.times.last()).map(|(first, last)| (last - first) as f64 / DAY);
        let n = self.times.len() as f64;
        let days = between.filter(|days| *days > 0.0).map(|days| days * n / (n - 1.0)).filter(|days| *days >= 1.0);
        let mut texts = self.texts;
        let statements = self.statements.into_iter().map(|(fingerprint, runs)| {
            let mut past = runs.past();
            past.sql = texts.remove(&fingerprint);
            past
        });
        let statements = statements.collect();
        let models = self.models.into_iter().map(|(name, runs)| (name, runs.past())).collect();
        Record { source, days, statements, models, ..Record::default() }
    }
}

/// `model.shop.orders` is `orders`, and `model.shop.orders.v2` is `orders_v2`, as their files are called
/// (<https://docs.getdbt.com/docs/mesh/govern/model-versions>); `None` for tests and the like.
fn model(unique_id: &str) -> Option<String> {
    let parts: Vec<&str> = unique_id.split('.').collect();
    match parts.as_slice() {
        ["model" | "snapshot", _, name] => Some(name.to_string()),
        ["model", _, name, version] => Some(format!("{name}_{version}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(id: &str, at: &str, bytes: u64) -> String {
        format!(
            r#"{{"metadata": {{"generated_at": "{at}", "invocation_id": "{id}", "env": {{}}}}, "elapsed_time": 3.1, "results": [
              {{"unique_id": "model.shop.orders", "status": "success", "adapter_response": {{"_message": "OK", "data_scanned_in_bytes": {bytes}}},
                "compiled_code": "select id from \"lake\".\"raw\" where day = '2024-01-01'", "timing": []}},
              {{"unique_id": "model.shop.items.v2", "status": "error", "adapter_response": {{"data_scanned_in_bytes": 5}}}},
              {{"unique_id": "test.shop.not_null_orders_id.1a2b", "status": "pass", "adapter_response": {{"data_scanned_in_bytes": 9}},
                "compiled_code": "select 1 from lake.orders where id is null"}},
              {{"unique_id": "model.shop.skipped", "status": "skipped", "adapter_response": {{}}}}]}}"#
        )
    }

    #[test]
    fn models_by_name_and_every_text_by_fingerprint() {
        let mut runs = DbtRuns::new(false);
        for (id, at, bytes) in [
            ("a", "2024-01-01T06:00:00.1Z", 10),
            ("b", "2024-01-02T06:00:00.1Z", 30),
            ("b", "2024-01-02T06:00:00.1Z", 30),
        ] {
            runs.read(file(id, at, bytes).as_bytes()).expect("results");
        }
        let record = runs.record("target/run_results.json".to_string());
        // Two daily invocations are two days, not the one between them.
        assert_eq!(record.days, Some(2.0));
        assert_eq!(record.models.keys().collect::<Vec<_>>(), ["items_v2", "orders"]);
        let orders = &record.models["orders"];
        assert_eq!((orders.runs, orders.bytes, orders.scanned.expect("bytes").high), (2, 40, 30));
        assert_eq!((record.models["items_v2"].runs, record.models["items_v2"].failed), (0, 2));
        assert_eq!(record.statements.len(), 2);
        assert!(record.statements.iter().all(|past| past.runs == 2 && past.sql.is_none()));
    }
}
