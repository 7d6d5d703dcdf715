//! What dbt-athena reads besides a model's query: the temporary table that an incremental run goes through, and the staging table
//! of batches.
//!
//! Both hold the rows of the run, as Parquet. One INSERT of Athena writes no more than 100 partitions
//! (<https://docs.aws.amazon.com/athena/latest/ug/ctas-insert-into.html>): with `force_batch`, and where a run fails because of that, for
//! nothing, dbt-athena writes batches of `partitions_limit` partitions, each of which reads all of a table without partitions
//! (<https://github.com/dbt-labs/dbt-adapters/tree/main/dbt-athena/src/dbt/include/athena/macros/materializations/models>,
//! dbt-athena 1.11.1: `incremental.sql`, `create_table_as.sql`, `get_partition_batches.sql`).

use super::basis::Basis;
use super::estimate::Estimator;
use crate::lake::{Count, Materialized, Model, Query, Spread, StatementKind, Strategy};

/// Partitions that one statement of Athena writes.
const AT_ONCE: u64 = 100;

impl Estimator<'_> {
    /// Bytes of the rows that a run writes and reads again, where the model goes through such tables. Where the model's own table has a
    /// layout, the run's rows are the share of it that the run reads of what a full refresh reads, and no more than it reads; else they are
    /// named and not counted.
    pub(super) fn read_again(&self, query: &Query, basis: &mut Basis) -> Spread<u64> {
        let Some((model, way)) = self.lake.model(query).and_then(|model| Some((model, Way::of(model, query.kind)?)))
        else {
            return Spread::default();
        };
        if model.materialized == Materialized::Incremental(Strategy::Microbatch) {
            let name = &model.relation;
            basis.assume(match model.batches {
                Some(1) => format!("a run of `{name}` is the batch of its time"),
                Some(count) => format!(
                    "a run of `{name}` is the last {count} batches, as `lookback` has it; what has no `event_time` is read in each, and counted once"
                ),
                None => format!(
                    "dbt limits what `{name}` reads to a batch, where its inputs have an `event_time`: they are counted whole"
                ),
            });
        }
        let table = query.write.as_ref().and_then(|write| write.table).map(|id| self.lake.catalog.get(id));
        let layout = table.and_then(|table| table.layout.as_ref());
        let stored = layout.map(|layout| layout.bytes().0);
        let run = self.run(model, query);
        let name = &model.relation;
        let what = way.tables();
        let Some(((read, share), stored)) = run.zip(stored) else {
            if way.times(way.batches(1)) > 0 {
                basis
                    .assume(format!("rows of `{name}` go through {what}, which is not counted: their size is unknown"));
            }
            return Spread::default();
        };
        let rows = read.min((stored as f64 * share).round() as u64);
        let partitions = layout.filter(|_| !model.partitioned_by.is_empty()).map_or(1, |l| l.partitions.len() as u64);
        // What is built anew has all of its partitions, whatever is read for it.
        let written = if way.is_incremental { rows as f64 / stored.max(1) as f64 } else { 1.0 };
        let written = (partitions as f64 * written).ceil() as u64;
        let (likely, most) = (way.times(way.batches(written)), way.times(way.batches(partitions)));
        if most > 0 {
            let batches = match way.batches(written) {
                0 | 1 => String::new(),
                batches => format!(" in {} batches that read all of it each", Count(batches)),
            };
            basis.assume(format!(
                "rows of `{name}` go through {what}{batches}: a run writes what it reads, or the share of the table that this is of a full refresh"
            ));
        }
        Spread { low: 0, likely: rows.saturating_mul(likely), high: stored.saturating_mul(most) }
    }

    /// Bytes that a run reads, and the share that they are of a full refresh; `None` when they are unknown.
    fn run(&self, model: &Model, query: &Query) -> Option<(u64, f64)> {
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
        Some((run, share))
    }
}

/// How rows get into the table of a model.
#[derive(Debug, Clone, Copy)]
struct Way {
    is_incremental: bool,
    /// `force_batch`.
    is_batched: bool,
    /// Partitions of a batch.
    limit: u64,
}

impl Way {
    /// `None` where rows go straight into the table, however many partitions there are.
    fn of(model: &Model, kind: StatementKind) -> Option<Way> {
        let is_incremental = match model.materialized {
            Materialized::Incremental(_) if matches!(kind, StatementKind::Insert | StatementKind::Merge) => true,
            Materialized::Table => false,
            _ => return None,
        };
        Some(Way { is_incremental, is_batched: model.is_batched, limit: model.partitions_limit })
    }

    fn tables(self) -> &'static str {
        match (self.is_incremental, self.is_batched) {
            (true, true) => "staging and temporary tables",
            (true, false) => "a temporary table",
            (false, _) => "a staging table",
        }
    }

    /// Batches of a run that writes so many partitions; 0 where one statement writes them all.
    fn batches(self, partitions: u64) -> u64 {
        match self.is_batched || partitions > AT_ONCE {
            true => partitions.div_ceil(self.limit.max(1)).max(1),
            false => 0,
        }
    }

    /// How often the rows are read again.
    fn times(self, batches: u64) -> u64 {
        match (self.is_incremental, self.is_batched) {
            // What the batches fill has partitions, which the second batches read one by one.
            (true, true) => batches + 1,
            (true, false) => batches.max(1),
            (false, _) => batches,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_read_all_rows_each() {
        let times = |is_incremental, is_batched, limit, partitions| {
            let way = Way { is_incremental, is_batched, limit };
            way.times(way.batches(partitions))
        };
        assert_eq!(
            (times(false, false, 100, 100), times(false, false, 100, 101), times(false, false, 50, 365)),
            (0, 2, 8)
        );
        assert_eq!((times(false, true, 100, 1), times(false, true, 100, 365)), (1, 4));
        assert_eq!((times(true, false, 100, 1), times(true, false, 100, 365)), (1, 4));
        assert_eq!((times(true, true, 100, 1), times(true, true, 100, 365)), (2, 5));
    }
}
