//! The estimates of all statements of a run, added up.

use std::cmp::Reverse;

use rayon::prelude::*;

use super::estimate::{Estimate, Estimator};
use super::machine::{MachineEstimate, Pricer};
use crate::lake::{Lines, Query, Spread, Usd, Workflow, WorkflowId};

/// What the statements of a run scan and cost.
#[derive(Debug, Clone)]
pub struct Bill<'a> {
    /// Dearest first: by the month when the frequency of all is known, else by the run. Unknown ones come last, in file order.
    pub queries: Vec<Priced<'a>>,
    /// Sum over the statements whose bytes are known, one run each.
    pub bytes: Spread<u64>,
    /// `None` where capacity is provisioned.
    pub usd: Option<Spread<Usd>>,
    /// Sum over the statements whose dollars and frequency are known; `None` when there is none.
    pub usd_per_month: Option<Usd>,
    /// Billed statements whose bytes are unknown.
    pub unknown: usize,
    /// Billed statements whose frequency is unknown.
    pub without_frequency: usize,
    /// Statements that are not billed.
    pub free: usize,
    /// Dearest first as the statements are; empty until they are asked for.
    pub machines: Vec<PricedMachine<'a>>,
    /// Sum over the machines whose dollars and frequency are known, without what is listed on its own: their queries and the
    /// machines that they start. `None` when there is none.
    pub machines_usd_per_month: Option<Usd>,
}

/// One state machine with its estimate.
#[derive(Debug, Clone)]
pub struct PricedMachine<'a> {
    pub workflow: &'a Workflow,
    /// As shown to the user.
    pub file: &'a str,
    /// 1-based.
    pub line: u32,
    pub estimate: MachineEstimate,
}

/// One statement with its estimate.
#[derive(Debug, Clone)]
pub struct Priced<'a> {
    pub query: &'a Query,
    /// From a `-- name:` comment or a dbt model, else `file:line`.
    pub name: String,
    /// As shown to the user.
    pub file: &'a str,
    /// 1-based.
    pub line: u32,
    pub estimate: Estimate,
}

impl<'a> Bill<'a> {
    /// Estimates every statement.
    pub fn of(estimator: &Estimator<'a>) -> Bill<'a> {
        let queries: &'a [Query] = &estimator.lake.queries;
        let estimates: Vec<Estimate> = queries.par_iter().map(|query| estimator.query(query)).collect();
        let mut bill = Bill {
            queries: Vec::with_capacity(queries.len()),
            bytes: Spread::default(),
            usd: estimator.pricing.is_metered().then(Spread::default),
            usd_per_month: None,
            unknown: 0,
            without_frequency: 0,
            free: 0,
            machines: Vec::new(),
            machines_usd_per_month: None,
        };
        let mut lines = Lines::new(&estimator.lake.sources);
        for (query, estimate) in queries.iter().zip(estimates) {
            bill.add(&estimate);
            let place = estimator.lake.sources.on_disk(query.span);
            let file = &estimator.lake.sources.get(place.file).path;
            let line = lines.position(place.file, place.start).line;
            let name = query.name.clone().unwrap_or_else(|| format!("{file}:{line}"));
            bill.queries.push(Priced { query, name, file, line, estimate });
        }
        bill.sort();
        bill
    }

    /// Adds what the state machines cost, those of context files excluded.
    pub fn with_machines(mut self, estimator: &Estimator<'a>) -> Bill<'a> {
        let lake = estimator.lake;
        let mut pricer = Pricer::new(estimator);
        let mut lines = Lines::new(&lake.sources);
        for (i, workflow) in lake.workflows.iter().enumerate() {
            if lake.sources.get(workflow.file).is_context {
                continue;
            }
            let estimate = (*pricer.machine(WorkflowId(i as u32))).clone();
            if let Some(month) = estimate.own_usd_per_month() {
                self.machines_usd_per_month = Some(Usd(self.machines_usd_per_month.unwrap_or_default().0 + month.0));
            }
            let place = lake.sources.on_disk(workflow.span);
            let line = lines.position(place.file, place.start).line;
            self.machines.push(PricedMachine { workflow, file: &lake.sources.get(place.file).path, line, estimate });
        }
        let by_month = self.machines.iter().all(|machine| machine.estimate.runs_per_month.is_some());
        let dollars = |machine: &PricedMachine<'_>| {
            let estimate = &machine.estimate;
            if by_month { estimate.usd_per_month() } else { estimate.usd.likely }
        };
        let worst = |machine: &PricedMachine<'_>| machine.estimate.usd.high.map_or(f64::INFINITY, |usd| usd.0);
        self.machines.sort_by(|a, b| {
            let (x, y) = (dollars(a), dollars(b));
            let usd = |known: Option<Usd>| known.map_or(0.0, |usd| usd.0);
            let known = x.is_none().cmp(&y.is_none());
            let place = (a.workflow.span, &a.workflow.name).cmp(&(b.workflow.span, &b.workflow.name));
            known.then(usd(y).total_cmp(&usd(x))).then(worst(b).total_cmp(&worst(a))).then(place)
        });
        self
    }

    /// The statements that are billed, in order.
    pub fn billed(&self) -> impl Iterator<Item = &Priced<'a>> {
        self.queries.iter().filter(|priced| priced.estimate.billed)
    }

    fn add(&mut self, estimate: &Estimate) {
        if !estimate.billed {
            self.free += 1;
            return;
        }
        self.without_frequency += usize::from(estimate.runs_per_month.is_none());
        let Some(bytes) = estimate.bytes else {
            self.unknown += 1;
            return;
        };
        self.bytes = self.bytes.plus(bytes, u64::saturating_add);
        let plus = |a: Usd, b: Usd| Usd(a.0 + b.0);
        self.usd = self.usd.zip(estimate.usd).map(|(all, one)| all.plus(one, plus));
        if let Some(month) = estimate.usd_per_month() {
            self.usd_per_month = Some(plus(self.usd_per_month.unwrap_or_default(), month));
        }
    }

    fn sort(&mut self) {
        let by_month = self.without_frequency == 0;
        let dollars = |estimate: &Estimate| match by_month {
            true => estimate.usd_per_month(),
            false => estimate.usd.map(|usd| usd.likely),
        };
        self.queries.sort_by(|a, b| {
            let (x, y) = (&a.estimate, &b.estimate);
            let usd = |estimate| dollars(estimate).map_or(0.0, |usd| usd.0);
            let bytes = |estimate: &Estimate| Reverse(estimate.bytes.map(|bytes| bytes.likely));
            let is_unknown = |estimate: &Estimate| estimate.bytes.is_none();
            is_unknown(x)
                .cmp(&is_unknown(y))
                .then(y.billed.cmp(&x.billed))
                .then(usd(y).total_cmp(&usd(x)))
                .then(bytes(x).cmp(&bytes(y)))
                .then(a.query.span.cmp(&b.query.span))
        });
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::cost::{Frequency, PriceChoice, Pricing, Runs, Terms};
    use crate::expr::AsOf;
    use crate::lake::{
        Catalog, Codec, Column, DeclaredBy, FileFormat, Lake, Layout, Partition, Sources, Table, TableName, Usage,
    };
    use crate::sql::{Views, outline, read};

    const GB: u64 = 1_000_000_000;

    fn as_of() -> AsOf {
        AsOf(chrono::NaiveDate::from_ymd_opt(2025, 6, 30).and_then(|day| day.and_hms_opt(0, 0, 0)).expect("a date"))
    }

    /// CSV tables `small` (1 GB) and `large` (100 GB), and one whose layout nobody knows.
    fn lake(sql: &str) -> Lake {
        let table = |name: &str, bytes: u64| {
            let mut table = Table::new(TableName::parse(name), DeclaredBy::Ddl);
            table.columns = vec![Column { name: "a".to_string(), data_type: crate::expr::ColumnType::String }];
            if bytes > 0 {
                let partition = Partition { files: 1, bytes, largest: bytes, ..Partition::default() };
                let mut layout = Layout { partitions: vec![partition], ..Layout::default() };
                layout.formats.insert((Some(FileFormat::Csv), Codec::None), Usage { files: 1, bytes });
                table.layout = Some(layout);
            }
            table
        };
        let catalog = Catalog::new(vec![table("small", GB), table("large", 100 * GB), table("unseen", 0)]);
        let mut sources = Sources::default();
        let file = sources.add("q.sql", sql);
        let facts = read(&outline(file, sql), &sources, &catalog, &Views::default(), as_of());
        Lake { sources, catalog, queries: facts.queries, ..Lake::default() }
    }

    fn terms(usd_per_tb: Option<f64>, runs: &[(&str, f64)]) -> Terms {
        let entries = runs.iter().map(|(key, runs)| (key.to_string(), Frequency::PerMonth(*runs))).collect();
        Terms {
            pricing: Pricing::of(&PriceChoice { usd_per_tb, ..PriceChoice::default() }).expect("in dollars"),
            runs: Runs::new(&entries, as_of(), Path::new("/repo"), None),
            ..Terms::default()
        }
    }

    const SQL: &str = "select a from unseen;\n\n-- name: small\nselect a from small;\ndrop table small;\n\n\
                       select a from large";

    fn names(bill: &Bill<'_>) -> Vec<String> {
        bill.queries.iter().map(|priced| priced.name.clone()).collect()
    }

    #[test]
    fn the_dearest_run_comes_first_and_what_is_unknown_last() {
        let (lake, terms) = (lake(SQL), terms(None, &[("small", 1000.0)]));
        let bill = Bill::of(&terms.estimator(&lake, as_of()));
        assert_eq!(names(&bill), ["q.sql:7", "small", "q.sql:5", "q.sql:1"]);
        assert_eq!((bill.unknown, bill.without_frequency, bill.free), (1, 2, 1));
        assert_eq!(bill.bytes, Spread::exactly(101 * GB));
        let usd = bill.usd.expect("metered").likely.0;
        assert!((usd - 0.505).abs() < 1e-9, "{usd}");
        assert!((bill.usd_per_month.expect("one is known").0 - 5.0).abs() < 1e-9);
    }

    #[test]
    fn the_dearest_month_comes_first_once_every_frequency_is_known() {
        let (lake, terms) = (lake(SQL), terms(None, &[("small", 1000.0), ("q.sql", 1.0)]));
        let bill = Bill::of(&terms.estimator(&lake, as_of()));
        assert_eq!(names(&bill), ["small", "q.sql:7", "q.sql:5", "q.sql:1"]);
        assert!((bill.usd_per_month.expect("known").0 - 5.5).abs() < 1e-9);
    }

    #[test]
    fn provisioned_capacity_has_no_dollars_and_sorts_by_bytes() {
        let (lake, terms) = (lake(SQL), terms(Some(0.0), &[]));
        let bill = Bill::of(&terms.estimator(&lake, as_of()));
        assert_eq!(names(&bill), ["q.sql:7", "small", "q.sql:5", "q.sql:1"]);
        assert_eq!((bill.usd, bill.usd_per_month), (None, None));
        assert_eq!(bill.bytes.likely, 101 * GB);
    }

    #[test]
    fn lines_are_those_of_the_sources() {
        let text = "select 1;\n\nselect 2; select 3;\r\nselect\n4";
        let (lake, terms) = (lake(text), terms(None, &[]));
        let bill = Bill::of(&terms.estimator(&lake, as_of()));
        for priced in &bill.queries {
            let span = priced.query.span;
            assert_eq!(priced.line, lake.sources.position(span.file, span.start).line);
        }
        assert_eq!(bill.queries.len(), 4);
    }
}
