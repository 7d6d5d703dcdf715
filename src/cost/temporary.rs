//! What dbt-athena reads besides a model's query: the temporary table that an incremental run goes through, and the staging table
//! of `force_batch`.
//!
//! Both hold the rows of the run, as Parquet, without partitions, and are read whole again
//! (<https://github.com/dbt-labs/dbt-adapters/tree/main/dbt-athena/src/dbt/include/athena/macros/materializations/models>,
//! dbt-athena 1.11.1: `incremental.sql`, `create_table_as.sql`).

use super::basis::Basis;
use super::estimate::Estimator;
use crate::lake::{Materialized, Model, Query, Spread, StatementKind, Strategy};

impl Estimator<'_> {
    /// Bytes of the rows that a run writes and reads again, where the model goes through such tables. Where the model's own table has a
    /// layout, the run's rows are the share of it that the run reads of what a full refresh reads, and no more than it reads; else they are
    /// named and not counted.
    pub(super) fn read_again(&self, query: &Query, basis: &mut Basis) -> Spread<u64> {
        let Some((model, times)) = self.lake.model(query).and_then(|model| Some((model, times(model, query.kind)?)))
        else {
            return Spread::default();
        };
        if model.materialized == Materialized::Incremental(Strategy::Microbatch) {
            basis.assume(format!(
                "dbt limits what `{}` reads to a batch, where its inputs have an `event_time`: they are counted whole",
                model.relation
            ));
        }
        let table = query.write.as_ref().and_then(|write| write.table).map(|id| self.lake.catalog.get(id));
        let stored = table.and_then(|table| table.layout.as_ref()).map(|layout| layout.bytes().0);
        let rows = stored.and_then(|stored| self.rows(model, query, stored));
        let name = &model.relation;
        let what = if model.is_batched { "staging and temporary tables" } else { "a temporary table" };
        match rows.zip(stored) {
            Some((rows, stored)) => {
                basis.assume(format!(
                    "rows of `{name}` go through {what}: a run writes what it reads, or the share of the table that this is of a full refresh"
                ));
                Spread { low: 0, likely: rows.saturating_mul(times), high: stored.saturating_mul(times) }
            }
            None => {
                basis
                    .assume(format!("rows of `{name}` go through {what}, which is not counted: their size is unknown"));
                Spread::default()
            }
        }
    }

    /// Bytes of the rows of a run into a table of so many bytes; `None` when what it reads is unknown.
    fn rows(&self, model: &Model, query: &Query, stored: u64) -> Option<u64> {
        // A merge reads its target, too: that is no part of what it writes.
        let target = query.write.as_ref().and_then(|write| write.table);
        let likely = |query: &Query| {
            let reads = query.reads.iter().filter(|read| Some(read.table) != target);
            reads.map(|read| self.read(query, read).bytes.map(|bytes| bytes.likely)).sum::<Option<u64>>()
        };
        let run = likely(query)?;
        let share = match &model.rebuild {
            Some(rebuild) => (run as f64 / likely(rebuild)?.max(1) as f64).min(1.0),
            None => 1.0,
        };
        Some(run.min((stored as f64 * share).round() as u64))
    }
}

/// How often the rows of a run are read again; `None` where they go straight into the table. A batch reads all rows once more, and how
/// many batches there are nobody knows: one counts.
fn times(model: &Model, kind: StatementKind) -> Option<u64> {
    let is_run = matches!(kind, StatementKind::Insert | StatementKind::Merge);
    match (model.materialized, model.is_batched) {
        (Materialized::Incremental(_), false) if is_run => Some(1),
        (Materialized::Incremental(_), true) if is_run => Some(2),
        (Materialized::Table, true) => Some(1),
        _ => None,
    }
}
