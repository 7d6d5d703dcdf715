//! Executions added up by statement; their texts are not kept.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::execution::{Execution, State, Told};
use crate::lake::{Actual, Count, Fingerprint, Identity, PastStatement, Record, Role, Scanned};
use crate::sql;

/// Most statements of a record; those that scanned the least are only counted.
const STATEMENTS: usize = 10_000;
/// Most sets of literal values of a statement, the most frequent ones.
const ACTUALS: usize = 32;
const DAY: f64 = 86_400.0;

/// Collects executions, each once: exports may overlap.
#[derive(Debug)]
pub(in crate::input) struct Executions {
    keep_sql: bool,
    seen: BTreeSet<String>,
    /// Those that an export asked for and was not told.
    unanswered: BTreeSet<String>,
    statements: BTreeMap<Fingerprint, Runs>,
    /// What prepared statements stand for, by the fingerprint of their execution: of workgroups with the same name the last.
    prepared: HashMap<(String, Fingerprint), Identity>,
    /// Executions of prepared statements; what they stand for may come later.
    executed: Vec<(Execution, Identity)>,
    /// First and last submission.
    period: Option<(i64, i64)>,
}

/// The runs of one statement while they are collected.
#[derive(Debug, Default)]
pub(super) struct Runs {
    past: PastStatement,
    /// Bytes of succeeded runs, by literals where those are known.
    bytes: BTreeMap<Option<u16>, Vec<u64>>,
}

impl Executions {
    pub(in crate::input) fn new(keep_sql: bool) -> Executions {
        Executions {
            keep_sql,
            seen: BTreeSet::new(),
            unanswered: BTreeSet::new(),
            statements: BTreeMap::new(),
            prepared: HashMap::new(),
            executed: Vec::new(),
            period: None,
        }
    }

    pub(super) fn hear(&mut self, told: Told) {
        match told {
            Told::Ran(execution) => self.add(execution),
            Told::Nothing(id) => drop(self.unanswered.insert(id)),
        }
    }

    /// Executions that no page tells: an export may ask for them again.
    fn missing(&self) -> Option<String> {
        let count = self.unanswered.difference(&self.seen).count() as u64;
        let (what, are) = if count == 1 { ("execution", "is") } else { ("executions", "are") };
        (count > 0).then(|| format!("{} {what} of `UnprocessedQueryExecutionIds` {are} missing", Count(count)))
    }

    pub(in crate::input) fn add(&mut self, execution: Execution) {
        if !execution.id.is_empty() && !self.seen.insert(execution.id.clone()) {
            return;
        }
        if let Some(at) = execution.submitted {
            let (first, last) = self.period.unwrap_or((at, at));
            self.period = Some((first.min(at), last.max(at)));
        }
        let identity = sql::identity(&execution.sql, &execution.parameters);
        match identity.role {
            Role::Prepares(execute) => {
                let inside = Identity { role: Role::Plain, ..identity };
                self.prepared.insert((execution.workgroup, execute), inside);
            }
            Role::Executes => self.executed.push((execution, identity)),
            Role::Plain => self.count(&execution, &identity),
        }
    }

    /// Counts an execution of a statement; DDL is free and does not count.
    fn count(&mut self, execution: &Execution, identity: &Identity) {
        if !execution.is_dml.unwrap_or_else(|| reads_data(&execution.sql)) {
            return;
        }
        let runs = self.statements.entry(identity.fingerprint).or_default();
        runs.add(identity, execution);
        if self.keep_sql && runs.past.sql.is_none() {
            runs.past.sql = Some(execution.sql.clone());
        }
    }

    /// Days between the first and the last submission; `None` when they are less than a day apart, which says little about
    /// a month.
    pub(in crate::input) fn days(&self) -> Option<f64> {
        let (first, last) = self.period?;
        Some((last - first) as f64 / DAY).filter(|days| *days >= 1.0)
    }

    /// Everything added up, without a period.
    pub(in crate::input) fn record(mut self, source: String) -> Record {
        let gaps = self.missing().into_iter().collect();
        for (execution, identity) in std::mem::take(&mut self.executed) {
            let stands_for = self.prepared.get(&(execution.workgroup.clone(), identity.fingerprint)).copied();
            let identity = Identity { literals: identity.literals, ..stands_for.unwrap_or(identity) };
            // Athena counts EXECUTE among the DML statements, as what it runs.
            self.count(&Execution { is_dml: execution.is_dml.or(Some(true)), ..execution }, &identity);
        }
        let mut statements: Vec<PastStatement> = self.statements.into_values().map(Runs::past).collect();
        statements.sort_by(|a, b| (b.bytes, b.runs, a.fingerprint).cmp(&(a.bytes, a.runs, b.fingerprint)));
        let left_out = statements.split_off(statements.len().min(STATEMENTS));
        statements.sort_by_key(|past| past.fingerprint);
        Record {
            source,
            statements,
            gaps,
            left_out: left_out.len() as u64,
            left_out_runs: left_out.iter().map(|past| past.runs).sum(),
            ..Record::default()
        }
    }
}

impl Runs {
    pub(super) fn add(&mut self, identity: &Identity, execution: &Execution) {
        let past = &mut self.past;
        (past.fingerprint, past.inner, past.loose) = (identity.fingerprint, identity.inner, identity.loose);
        let bytes = execution.scanned_bytes.unwrap_or(0);
        match execution.state {
            State::Succeeded if execution.is_reused => past.reused += 1,
            State::Succeeded => {
                past.runs += 1;
                past.bytes = past.bytes.saturating_add(bytes);
                if let Some(bytes) = execution.scanned_bytes {
                    self.bytes.entry(identity.literals).or_default().push(bytes);
                }
            }
            State::Failed => past.failed += 1,
            State::Cancelled => {
                past.cancelled += 1;
                past.cancelled_bytes = past.cancelled_bytes.saturating_add(bytes);
            }
            State::Open => {}
        }
    }

    pub(super) fn past(self) -> PastStatement {
        let all = self.bytes.values().flatten().copied().collect();
        let of = |(literals, bytes): (Option<u16>, Vec<u64>)| {
            Some(Actual { literals: literals?, scanned: Scanned::of(bytes)? })
        };
        let mut actual: Vec<Actual> = self.bytes.into_iter().filter_map(of).collect();
        actual.sort_by_key(|actual| (std::cmp::Reverse(actual.scanned.runs), actual.literals));
        actual.truncate(ACTUALS);
        PastStatement { scanned: Scanned::of(all), actual, ..self.past }
    }
}

/// Whether a statement reads data, by its first word: exports of old executions have no `StatementType`.
fn reads_data(text: &str) -> bool {
    let words =
        ["select", "with", "insert", "unload", "merge", "delete", "update", "optimize", "execute", "values", "("];
    match sql::split(text).first() {
        Some(statement) => {
            let text = text[statement.clone()].to_ascii_lowercase();
            let is_ctas = text.starts_with("create") && sql::identity(&text, &[]).inner.is_some();
            is_ctas || words.iter().any(|word| text.starts_with(word))
        }
        None => false,
    }
}
