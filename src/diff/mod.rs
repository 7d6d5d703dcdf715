//! What a change does to the bill: the statements and state machines of two revisions side by side. Pure.

mod gate;
mod pairing;
mod unread;

use std::collections::BTreeMap;

pub(crate) use gate::signed;
pub use gate::{Gate, Limits, Verdict};
use pairing::Mark;

use crate::cost::{Basis, Bill, Certainty, Priced, PricedMachine};
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
    /// What the change makes unreadable, or leaves to a run: its cost is in no row. For people, each with its place.
    pub unread: Vec<String>,
    pub before: Total,
    pub after: Total,
}

/// Figures that differ by less are the same: sums in another order.
const SAME: f64 = 1e-6;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Query,
    /// Without the queries that it runs and the machines that it starts, which have rows of their own.
    Machine,
}

/// One statement or state machine, before and after; one of them at least.
#[derive(Debug)]
pub struct Row<'a> {
    pub kind: Kind,
    pub before: Option<Item<'a>>,
    pub after: Option<Item<'a>>,
}

/// What a row does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Added,
    Removed,
    Changed,
}

/// One statement or state machine of a revision.
#[derive(Debug, Clone)]
pub struct Item<'a> {
    pub name: &'a str,
    pub file: &'a str,
    /// 1-based.
    pub line: u32,
    /// Of one run; `None` for machines, and where it is unknown.
    pub bytes: Option<Spread<u64>>,
    /// By the layout alone, likely.
    from_layout: Option<u64>,
    /// What past runs of the other side scanned tells these figures: the share of it that the layout says. No run knows this text.
    pub is_scaled: bool,
    /// Of one run; unknown for queries where capacity is provisioned.
    pub usd: Spread<Option<Usd>>,
    /// `None` when nothing says.
    pub runs_per_month: Option<f64>,
    /// Nothing says how often it runs after the change: as often as before it.
    pub runs_as_before: bool,
    pub basis: &'a Basis,
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
        let mut diff = Diff {
            rows: Vec::new(),
            rewritten: 0,
            unchanged: 0,
            runs_as_before: 0,
            unread: unread::unread(before, after, renames),
            before: Total::default(),
            after: Total::default(),
        };
        let still = left_out
            .iter()
            .map(|file| format!("`{file}` is still there, and left out by `exclude`, .gitignore or a submodule"));
        diff.unread.extend(still);
        diff.add(Kind::Query, queries(before, renames), queries(after, &BTreeMap::new()));
        diff.add(Kind::Machine, machines(before, renames), machines(after, &BTreeMap::new()));
        diff.rows.sort_by(|a, b| b.weight().total_cmp(&a.weight()).then_with(|| a.place().cmp(&b.place())));
        diff
    }

    fn add(&mut self, kind: Kind, before: Vec<Compared<'a>>, after: Vec<Compared<'a>>) {
        let marks = |all: &[Compared<'a>]| all.iter().map(|one| one.mark.clone()).collect::<Vec<_>>();
        let found = pairing::pair(&marks(&before), &marks(&after));
        let mut before: Vec<Option<Compared<'a>>> = before.into_iter().map(Some).collect();
        for (mut after, found) in after.into_iter().zip(found) {
            let mut before = found.and_then(|number| before[number].take());
            if let Some(before) = &mut before {
                before.item.scale_by(&after.item);
                after.item.scale_by(&before.item);
                let stays = before.mark.file == after.mark.file
                    || before.mark.name == after.mark.name && before.mark.name.is_some();
                if stays && after.item.runs_per_month.is_none() && before.item.runs_per_month.is_some() {
                    after.item.runs_per_month = before.item.runs_per_month;
                    after.item.runs_as_before = true;
                    self.runs_as_before += 1;
                }
            }
            let is_rewritten =
                before.as_ref().is_some_and(|before| before.text != after.text || before.reads != after.reads);
            self.push(Row { kind, before: before.map(|before| before.item), after: Some(after.item) }, is_rewritten);
        }
        for before in before.into_iter().flatten() {
            self.push(Row { kind, before: Some(before.item), after: None }, true);
        }
    }

    fn push(&mut self, row: Row<'a>, is_rewritten: bool) {
        row.before.iter().for_each(|item| self.before.add(item));
        row.after.iter().for_each(|item| self.after.add(item));
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

    /// What the change adds to a month, as far as it is known.
    pub fn usd_per_month(&self) -> Usd {
        Usd(self.after.usd_per_month.0 - self.before.usd_per_month.0)
    }
}

impl<'a> Row<'a> {
    pub fn change(&self) -> Change {
        match (&self.before, &self.after) {
            (None, _) => Change::Added,
            (_, None) => Change::Removed,
            _ => Change::Changed,
        }
    }

    pub fn items(&self) -> impl Iterator<Item = &Item<'a>> {
        self.before.iter().chain(&self.after)
    }

    /// That after the change, or what was before it.
    pub fn item(&self) -> &Item<'a> {
        self.items().last().expect("a side")
    }

    /// What one run costs more; `None` where a side has no price.
    pub fn usd(&self) -> Option<Usd> {
        self.difference(|item| item.usd.likely)
    }

    /// What a month costs more; `None` where a side's price or frequency is unknown.
    pub fn usd_per_month(&self) -> Option<Usd> {
        self.difference(Item::usd_per_month)
    }

    fn difference(&self, of: impl Fn(&Item<'a>) -> Option<Usd>) -> Option<Usd> {
        let side = |item: &Option<Item<'a>>| item.as_ref().map_or(Some(Usd(0.0)), &of);
        Some(Usd(side(&self.after)?.0 - side(&self.before)?.0))
    }

    /// Likely bytes, dollars of one run, those of the worst case too, and frequency are known and the same.
    fn is_as_dear(&self) -> bool {
        let (Some(before), Some(after)) = (&self.before, &self.after) else { return false };
        let figures = |item: &Item<'a>| {
            let usd = |known: Option<Usd>| known.map(|usd| usd.0);
            let bytes = item.bytes.map(|bytes| bytes.likely as f64);
            // Of a query the worst case is the uncertainty of the estimate.
            let worst = if item.bytes.is_some() { None } else { usd(item.usd.high) };
            [bytes, usd(item.usd.likely), worst, item.runs_per_month]
        };
        let same = |(a, b): (Option<f64>, Option<f64>)| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() <= SAME * a.abs().max(b.abs()),
            (a, b) => a.is_none() && b.is_none(),
        };
        before.is_priced() && after.is_priced() && figures(before).into_iter().zip(figures(after)).all(same)
    }

    /// Without a price on both sides, which lack the same.
    fn is_as_unknown(&self) -> bool {
        let (Some(before), Some(after)) = (&self.before, &self.after) else { return false };
        let lacks = |item: &Item<'a>| (item.is_priced(), item.runs_per_month, item.basis.unknown.clone());
        !before.is_priced() && lacks(before) == lacks(after)
    }

    /// Greater comes first.
    fn weight(&self) -> f64 {
        let amount = self.usd_per_month().or_else(|| self.usd());
        amount.map_or(-1.0, |usd| usd.0.abs())
    }

    fn place(&self) -> (Kind, &str, u32) {
        (self.kind, self.item().file, self.item().line)
    }
}

impl Item<'_> {
    /// Where past runs tell what the other side scans, and none knows this one: the same measure for both, by the share that the
    /// layout says. An estimate beside a measurement would be a change that nobody made.
    fn scale_by(&mut self, other: &Item<'_>) {
        let is_actual = |item: &Item<'_>| item.basis.certainty == Certainty::Actual;
        let (Some(actual), Some(layout), Some(_)) = (other.bytes, other.from_layout, self.from_layout) else { return };
        if !is_actual(other) || is_actual(self) || other.is_scaled || layout == 0 {
            return;
        }
        let share = actual.likely as f64 / layout as f64;
        self.bytes = self.bytes.map(|bytes| bytes.map(|bytes| (bytes as f64 * share) as u64));
        self.usd = self.usd.map(|usd| usd.map(|usd| Usd(usd.0 * share)));
        self.is_scaled = true;
    }

    /// Its dollars are known, or, where capacity is provisioned, its bytes.
    pub fn is_priced(&self) -> bool {
        self.usd.likely.is_some() || self.bytes.is_some()
    }

    pub fn usd_per_month(&self) -> Option<Usd> {
        Some(Usd(self.usd.likely?.0 * self.runs_per_month?))
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
    let conjuncts = read.conjuncts.iter().map(|conjunct| lake.sources.text(conjunct.span));
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
        basis: &machine.estimate.basis,
    };
    Compared { item, mark, text: lake.sources.text(machine.workflow.span), reads: Vec::new() }
}

fn renamed(file: &str, renames: &BTreeMap<String, String>) -> String {
    renames.get(file).cloned().unwrap_or_else(|| file.to_string())
}
