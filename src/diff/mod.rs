//! What a change does to the bill: the statements and state machines of two revisions side by side. Pure.

mod gate;
mod pairing;
mod row;
mod unread;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) use gate::signed;
pub use gate::{Gate, Limits, Verdict};
use pairing::Mark;
pub use row::{Change, Item, Kind, Row};
use unread::Unread;

use crate::cost::{Bill, Priced, PricedMachine, RunsFrom};
use crate::lake::{ColumnsUsed, Lake, Spread, TableRead, Usd};
use crate::sql;

/// One revision, read and estimated.
#[derive(Debug, Clone, Copy)]
pub struct Revision<'a> {
    pub lake: &'a Lake,
    pub bill: &'a Bill<'a>,
}

/// What a change adds, removes and makes dearer or cheaper.
#[derive(Debug)]
pub struct Diff<'a> {
    /// What the change adds and removes, and what costs something else than before or has no price: the largest change of a month
    /// first, or of a run where no month is known; what has no price last.
    pub rows: Vec<Row<'a>>,
    /// Rewritten, and as dear as before.
    pub rewritten: usize,
    pub unchanged: usize,
    /// Nothing says how often these run after the change: as often as before it.
    pub runs_as_before: usize,
    /// Nothing says how often these ran before the change: as often as after it.
    pub runs_as_after: usize,
    /// What the change makes unreadable, or leaves to a run: its cost is in no row. For people, each with its place.
    pub unread: Vec<String>,
    pub before: Total,
    pub after: Total,
    /// Dollars of a month, before and after, of everything of which both sides are known.
    pub month: (f64, f64),
    /// The same of one run.
    pub run: (f64, f64),
    /// Bytes of one run of the same.
    pub bytes: (f64, f64),
}

/// A revision's bill.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Total {
    /// Bytes of one run of every statement of which they are known.
    pub bytes: u64,
    /// One run of everything that has a price.
    pub usd: Usd,
    /// Of everything whose price and frequency are known.
    pub usd_per_month: Usd,
    /// Statements and state machines.
    pub items: usize,
    /// Those without a price.
    pub unknown: usize,
    /// With a price, of unknown frequency.
    pub without_frequency: usize,
}

impl<'a> Diff<'a> {
    /// Compares two revisions that were estimated alike. `renames` gives the new paths of files that moved, as shown; `left_out` are
    /// files of the base that the change still has, and that it keeps from being read.
    pub fn of(
        before: Revision<'a>,
        after: Revision<'a>,
        renames: &BTreeMap<String, String>,
        left_out: &[String],
    ) -> Diff<'a> {
        let mut unread = unread::unread(before, after, renames);
        unread.extend(left_out.iter().map(|file| Unread {
            text: format!("`{file}` is still there, and left out by `exclude`, .gitignore or a submodule"),
            file: Some(file.clone()),
        }));
        let mut diff = Diff {
            rows: Vec::new(),
            rewritten: 0,
            unchanged: 0,
            runs_as_before: 0,
            runs_as_after: 0,
            unread: unread.iter().map(|unread| unread.text.clone()).collect(),
            before: Total::default(),
            after: Total::default(),
            month: (0.0, 0.0),
            run: (0.0, 0.0),
            bytes: (0.0, 0.0),
        };
        let unread = unread.into_iter().filter_map(|unread| unread.file).collect();
        diff.add(Kind::Query, queries(before, renames), queries(after, &BTreeMap::new()), &unread);
        diff.add(Kind::Machine, machines(before, renames), machines(after, &BTreeMap::new()), &unread);
        diff.rows.sort_by(|a, b| b.weight().total_cmp(&a.weight()).then_with(|| a.place().cmp(&b.place())));
        diff
    }

    /// `unread` are the files that the change makes unreadable: what was in them is not gone.
    fn add(&mut self, kind: Kind, before: Vec<Compared<'a>>, after: Vec<Compared<'a>>, unread: &BTreeSet<String>) {
        let marks = |all: &[Compared<'a>]| all.iter().map(|one| one.mark.clone()).collect::<Vec<_>>();
        let found = pairing::pair(&marks(&before), &marks(&after));
        let mut before: Vec<Option<Compared<'a>>> = before.into_iter().map(Some).collect();
        for (mut after, found) in after.into_iter().zip(found) {
            let mut before = found.and_then(|number| before[number].take());
            let mut stays = false;
            if let Some(before) = &mut before {
                before.item.scale_by(&after.item);
                after.item.scale_by(&before.item);
                stays = before.mark.stays_as(&after.mark);
                if stays {
                    self.share_runs(&mut before.item, &mut after.item);
                }
            }
            let is_rewritten = before
                .as_ref()
                .is_some_and(|before| unix(before.text) != unix(after.text) || before.reads != after.reads);
            let before = before.map(|before| before.item);
            self.push(Row { kind, before, after: Some(after.item), stays, is_unread: false }, is_rewritten);
        }
        for before in before.into_iter().flatten() {
            let is_unread = unread.contains(&before.mark.file);
            self.push(Row { kind, before: Some(before.item), after: None, stays: false, is_unread }, true);
        }
    }

    /// What is said of one side only counts for both, but for a schedule that the change adds: nothing started it before.
    fn share_runs(&mut self, before: &mut Item<'a>, after: &mut Item<'a>) {
        match (before.runs_per_month, after.runs_per_month) {
            (Some(runs), None) => {
                (after.runs_per_month, after.runs_as_before) = (Some(runs), true);
                self.runs_as_before += 1;
            }
            (None, Some(runs)) if !after.is_scheduled => {
                (before.runs_per_month, before.runs_as_after) = (Some(runs), true);
                self.runs_as_after += 1;
            }
            _ => {}
        }
    }

    fn push(&mut self, row: Row<'a>, is_rewritten: bool) {
        row.before.iter().for_each(|item| self.before.add(item));
        row.after.iter().for_each(|item| self.after.add(item));
        let plus = |sum: &mut (f64, f64), sides: Option<(f64, f64)>| {
            let (before, after) = sides.unwrap_or_default();
            *sum = (sum.0 + before, sum.1 + after);
        };
        plus(&mut self.month, row.sides(|item| item.usd_per_month().map(|usd| usd.0)));
        plus(&mut self.run, row.sides(|item| item.usd.likely.map(|usd| usd.0)));
        plus(&mut self.bytes, row.bytes());
        match row.change() {
            Change::Changed if row.is_as_dear() && is_rewritten => self.rewritten += 1,
            Change::Changed if row.is_as_dear() => self.unchanged += 1,
            // Unknown before and after, for the same reasons: no change of it is known.
            Change::Changed if !is_rewritten && row.is_as_unknown() => self.unchanged += 1,
            _ => self.rows.push(row),
        }
    }

    /// Rows with a side that has no price.
    pub fn not_priced(&self) -> impl Iterator<Item = &Row<'a>> {
        self.rows.iter().filter(|row| row.items().any(|item| !item.is_priced()))
    }

    /// What the change adds to a month: the rows of which both sides are known.
    pub fn usd_per_month(&self) -> Usd {
        // No rows add `-0.0`, which is less than nothing to people.
        Usd(self.rows.iter().filter_map(Row::usd_per_month).fold(0.0, |sum, usd| sum + usd.0))
    }

    /// How many changes there are of which a figure is not known: rows that lack it, and what is in no row.
    pub fn unknown(&self, lacks: impl Fn(&Row<'a>) -> bool) -> usize {
        self.rows.iter().filter(|row| !row.is_unread && lacks(row)).count() + self.unread.len()
    }
}

impl Total {
    fn add(&mut self, item: &Item<'_>) {
        self.bytes = self.bytes.saturating_add(item.bytes.map_or(0, |bytes| bytes.likely));
        self.usd.0 += item.usd.likely.unwrap_or_default().0;
        self.usd_per_month.0 += item.usd_per_month().unwrap_or_default().0;
        self.items += 1;
        self.unknown += usize::from(!item.is_priced());
        self.without_frequency += usize::from(item.usd.likely.is_some() && item.runs_per_month.is_none());
    }
}

/// A side of a row before it is one.
struct Compared<'a> {
    item: Item<'a>,
    mark: Mark,
    text: &'a str,
    /// What reaches the tables, through views too; where it has a price, that tells as much.
    reads: Vec<String>,
}

/// The statements that are billed, in file order.
fn queries<'a>(revision: Revision<'a>, renames: &BTreeMap<String, String>) -> Vec<Compared<'a>> {
    let mut billed: Vec<&Priced<'a>> = revision.bill.billed().collect();
    billed.sort_by_key(|priced| (priced.file, priced.query.span.start, priced.line));
    billed.into_iter().map(|priced| query(priced, revision.lake, renames)).collect()
}

fn query<'a>(priced: &'a Priced<'a>, lake: &'a Lake, renames: &BTreeMap<String, String>) -> Compared<'a> {
    let (query, estimate) = (priced.query, &priced.estimate);
    let text = lake.sources.text(query.span);
    let identity = sql::identity(text, &[]);
    let name = |table: &crate::lake::TableName| table.to_string().to_ascii_lowercase();
    let reads = query.reads.iter().map(|read| read.name.to_ascii_lowercase());
    let mark = Mark {
        file: renamed(priced.file, renames),
        name: query.name.clone(),
        fingerprint: Some(identity.fingerprint),
        literals: identity.literals,
        writes: query.write.as_ref().and_then(|write| write.name.as_ref()).map(name),
        reads: reads.chain(query.unknown_tables.iter().map(|(table, _)| name(table))).collect(),
    };
    let usd = estimate.usd.map_or(Spread::default(), |usd| usd.map(Some));
    let item = Item {
        name: &priced.name,
        file: priced.file,
        line: priced.line,
        bytes: estimate.bytes,
        from_layout: estimate.from_layout.map(|bytes| bytes.likely),
        is_scaled: false,
        usd,
        runs_per_month: estimate.runs_per_month,
        runs_as_before: false,
        runs_as_after: false,
        is_scheduled: estimate.runs_from == Some(RunsFrom::Schedule),
        basis: &estimate.basis,
    };
    let reads =
        if item.is_priced() { Vec::new() } else { query.reads.iter().map(|read| what_is_read(read, lake)).collect() };
    Compared { item, mark, text, reads }
}

/// A table, its columns and the predicates that reach it.
fn what_is_read(read: &TableRead, lake: &Lake) -> String {
    let columns = match &read.columns {
        ColumnsUsed::All(_) => "*".to_string(),
        ColumnsUsed::Some(names) => names.iter().cloned().collect::<Vec<_>>().join(", "),
    };
    let conjuncts = read.conjuncts.iter().map(|conjunct| unix(lake.sources.text(conjunct.span)));
    format!(
        "{} {} {columns} {}",
        lake.catalog.get(read.table).name,
        read.scans,
        conjuncts.collect::<Vec<_>>().join(" AND ")
    )
}

fn machines<'a>(revision: Revision<'a>, renames: &BTreeMap<String, String>) -> Vec<Compared<'a>> {
    let mut machines: Vec<&PricedMachine<'a>> = revision.bill.machines.iter().collect();
    machines.sort_by_key(|machine| (machine.file, machine.line, &machine.workflow.name));
    machines.into_iter().map(|machine| self::machine(machine, revision.lake, renames)).collect()
}

fn machine<'a>(machine: &'a PricedMachine<'a>, lake: &'a Lake, renames: &BTreeMap<String, String>) -> Compared<'a> {
    let mark =
        Mark { file: renamed(machine.file, renames), name: Some(machine.workflow.name.clone()), ..Mark::default() };
    let item = Item {
        name: &machine.workflow.name,
        file: machine.file,
        line: machine.line,
        bytes: None,
        from_layout: None,
        is_scaled: false,
        usd: machine.estimate.own_usd(),
        runs_per_month: machine.estimate.runs_per_month,
        runs_as_before: false,
        runs_as_after: false,
        is_scheduled: machine.estimate.runs_from == Some(RunsFrom::Schedule),
        basis: &machine.estimate.basis,
    };
    Compared { item, mark, text: lake.sources.text(machine.workflow.span), reads: Vec::new() }
}

fn renamed(file: &str, renames: &BTreeMap<String, String>) -> String {
    renames.get(file).cloned().unwrap_or_else(|| file.to_string())
}

/// With the line feeds that git keeps, whatever a work tree ends its lines with.
fn unix(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) }
}
