//! One statement or state machine on both sides of a change.

use crate::cost::{Basis, Certainty};
use crate::lake::{Spread, Usd};

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
    /// In one file, or under one name, before and after: where nothing says how often it runs, nothing about that changed.
    pub(super) stays: bool,
    /// Its file cannot be read after the change: what it costs then is unknown.
    pub is_unread: bool,
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
    pub(super) from_layout: Option<u64>,
    /// What past runs of the other side scanned tells these figures: the share of it that the layout says. No run knows this text.
    pub is_scaled: bool,
    /// Of one run; unknown for queries where capacity is provisioned.
    pub usd: Spread<Option<Usd>>,
    /// `None` when nothing says.
    pub runs_per_month: Option<f64>,
    /// Nothing says how often it runs after the change: as often as before it.
    pub runs_as_before: bool,
    /// Nothing says how often it ran before the change: as often as after it.
    pub runs_as_after: bool,
    /// A schedule says how often it runs, or what a schedule starts does.
    pub(super) is_scheduled: bool,
    pub basis: &'a Basis,
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

    /// What a month costs more at most; `None` where that is unknown too. Nothing costs less than nothing.
    pub(super) fn usd_per_month_at_most(&self) -> Option<Usd> {
        if self.usd_per_month().is_some() || self.is_unread {
            return self.usd_per_month();
        }
        let Some(after) = &self.after else { return Some(Usd(0.0)) };
        if after.usd_per_month().is_some() {
            return after.usd_per_month();
        }
        let before = self.before.as_ref()?;
        let is_as_frequent = self.stays && before.runs_per_month.is_none() && after.runs_per_month.is_none();
        (is_as_frequent && after.usd.likely?.0 <= before.usd.likely?.0).then_some(Usd(0.0))
    }

    /// What is not known of what a month costs more.
    pub(super) fn lacks(&self) -> String {
        let is = |side: &Option<Item<'a>>, of: fn(&Item<'a>) -> bool| side.as_ref().is_some_and(of);
        let is_unpriced = |item: &Item<'a>| item.usd.likely.is_none();
        let is_rare = |item: &Item<'a>| item.runs_per_month.is_none();
        let name = self.item().name;
        match (&self.before, &self.after) {
            (_, after) if is(after, is_unpriced) => format!("the price of `{name}` is unknown"),
            (before, _) if is(before, is_unpriced) => format!("the price of `{name}` before the change is unknown"),
            (_, after) if is(after, is_rare) => format!("how often `{name}` runs is unknown"),
            _ => format!("how often `{name}` ran before the change is unknown"),
        }
    }

    fn difference(&self, of: impl Fn(&Item<'a>) -> Option<Usd>) -> Option<Usd> {
        let (before, after) = self.sides(|item| of(item).map(|usd| usd.0))?;
        Some(Usd(after - before))
    }

    /// A figure of both sides, where both are known: of a side that is not there it is 0.
    pub fn sides(&self, of: impl Fn(&Item<'a>) -> Option<f64>) -> Option<(f64, f64)> {
        let side = |item: &Option<Item<'a>>| item.as_ref().map_or(Some(0.0), &of);
        if self.is_unread { None } else { Some((side(&self.before)?, side(&self.after)?)) }
    }

    /// Bytes of one run, before and after.
    pub fn bytes(&self) -> Option<(f64, f64)> {
        self.sides(|item| item.bytes.map(|bytes| bytes.likely as f64))
    }

    /// Likely bytes, dollars of one run, those of the worst case too, and frequency are known and the same.
    pub(super) fn is_as_dear(&self) -> bool {
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
    pub(super) fn is_as_unknown(&self) -> bool {
        let (Some(before), Some(after)) = (&self.before, &self.after) else { return false };
        let lacks = |item: &Item<'a>| (item.is_priced(), item.runs_per_month, item.basis.unknown.clone());
        !before.is_priced() && lacks(before) == lacks(after)
    }

    /// Greater comes first.
    pub(super) fn weight(&self) -> f64 {
        let amount = self.usd_per_month().or_else(|| self.usd());
        amount.map_or(-1.0, |usd| usd.0.abs())
    }

    pub(super) fn place(&self) -> (Kind, &str, u32) {
        (self.kind, self.item().file, self.item().line)
    }
}

impl Item<'_> {
    /// Where past runs tell what the other side scans, and none knows this one: the same measure for both, by the share that the
    /// layout says. An estimate beside a measurement would be a change that nobody made.
    pub(super) fn scale_by(&mut self, other: &Item<'_>) {
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
