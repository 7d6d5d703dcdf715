//! What is spent, payer by payer, and what fixes leave of it. A fix is credited with what it saves once the fixes before it are
//! made: of a statement's bill their shares multiply, and stored bytes can only go once. So all credits together never exceed
//! what is spent.

use std::collections::BTreeMap;

use crate::cost::{Bill, Estimator, Stored};
use crate::lake::{Span, TableId, Usd};

/// What is billed on its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Payer {
    /// A statement: what it scans, and its requests.
    Query(Span),
    /// What lies under a table.
    Storage(TableId),
}

/// What one payer is billed.
#[derive(Debug, Clone, Copy)]
struct Account {
    /// Dollars of one run; of a month for storage.
    usd: f64,
    /// Runs in a month; `None` when nothing tells.
    times: Option<f64>,
    /// Dollars that the fixes so far leave.
    left: f64,
    /// The share of the dollars that is billed at least.
    sure: f64,
}

/// All accounts.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    accounts: BTreeMap<Payer, Account>,
}

/// What a fix saves after those before it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Credit {
    /// In one run; nothing for storage.
    pub run: f64,
    /// In a month; `None` without a frequency.
    pub month: Option<f64>,
    /// The same where statements scan no more than they must.
    pub at_least: f64,
}

impl Ledger {
    pub(super) fn of(estimator: &Estimator<'_>, bill: &Bill<'_>, stored: &[Option<Stored>]) -> Ledger {
        let mut ledger = Ledger::default();
        for priced in bill.billed() {
            let estimate = &priced.estimate;
            let Some(usd) = estimate.usd else { continue };
            let requests = estimate.requests.usd().unwrap_or_default();
            let (low, likely) = (usd.low.0 + requests.0, usd.likely.0 + requests.0);
            let sure = if likely > 0.0 { (low / likely).clamp(0.0, 1.0) } else { 1.0 };
            ledger.open(Payer::Query(priced.query.span), likely, estimate.runs_per_month, sure);
        }
        for ((id, _), stored) in estimator.lake.catalog.iter().zip(stored) {
            if let Some(stored) = stored {
                ledger.open(Payer::Storage(id), stored.usd_per_month.0, Some(1.0), 1.0);
            }
        }
        ledger
    }

    fn open(&mut self, payer: Payer, usd: f64, times: Option<f64>, sure: f64) {
        self.accounts.insert(payer, Account { usd, times, left: usd, sure });
    }

    /// Takes what a fix saves off an account: stored bytes as they are, of a statement the share that it is of the whole bill.
    /// `None` when nobody knows the bill.
    pub(super) fn credit(&mut self, payer: &Payer, saved: f64) -> Option<Credit> {
        let account = self.accounts.get_mut(payer)?;
        let is_query = matches!(payer, Payer::Query(_));
        let share = if account.usd > 0.0 { saved / account.usd } else { 0.0 };
        let run = account.take(if is_query { account.left * share.min(1.0) } else { saved });
        let month = account.times.map(|times| run * times);
        Some(Credit { run: if is_query { run } else { 0.0 }, month, at_least: month.unwrap_or(0.0) * account.sure })
    }

    /// Dollars of a month, else of one run, which a month has at least.
    pub(super) fn worth(&self, payer: &Payer, saved: f64) -> f64 {
        self.accounts.get(payer).map_or(0.0, |account| saved.min(account.usd) * account.times.unwrap_or(1.0))
    }

    /// Dollars a month that the fixes so far save of a statement; `None` when it has no frequency or its bill is unknown.
    pub(super) fn saved_of(&self, query: Span) -> Option<Usd> {
        let account = self.accounts.get(&Payer::Query(query))?;
        Some(Usd((account.usd - account.left) * account.times?))
    }
}

impl Account {
    /// At most what is left.
    fn take(&mut self, saved: f64) -> f64 {
        let taken = saved.clamp(0.0, self.left);
        self.left -= taken;
        taken
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lake::FileId;

    fn query(number: u32) -> Payer {
        Payer::Query(Span { file: FileId(0), start: 10 * number, end: 10 * number + 5 })
    }

    fn cents(credit: Option<Credit>) -> Option<(i64, Option<i64>, i64)> {
        let cents = |usd: f64| (usd * 100.0).round() as i64;
        credit.map(|credit| (cents(credit.run), credit.month.map(cents), cents(credit.at_least)))
    }

    #[test]
    fn a_second_fix_is_credited_with_its_share_of_what_the_first_one_leaves() {
        let mut ledger = Ledger::default();
        ledger.open(query(0), 1.0, Some(30.0), 0.5);
        ledger.open(query(1), 1.0, None, 1.0);
        assert_eq!(cents(ledger.credit(&query(0), 0.9)), Some((90, Some(2_700), 1_350)));
        assert_eq!(cents(ledger.credit(&query(0), 0.5)), Some((5, Some(150), 75)));
        assert_eq!(cents(ledger.credit(&query(1), 0.5)), Some((50, None, 0)));
        let Payer::Query(span) = query(0) else { return };
        assert_eq!(ledger.saved_of(span).map(|usd| (usd.0 * 100.0).round() as i64), Some(2_850));
        // Nobody is billed for this statement.
        assert_eq!(cents(ledger.credit(&query(2), 0.5)), None);
        assert!(
            (ledger.worth(&query(0), 2.0) - 30.0).abs() < 1e-9 && (ledger.worth(&query(1), 0.5) - 0.5).abs() < 1e-9
        );
    }

    #[test]
    fn stored_bytes_go_once() {
        let mut ledger = Ledger::default();
        let table = Payer::Storage(TableId(3));
        ledger.open(table.clone(), 10.0, Some(1.0), 1.0);
        assert_eq!(cents(ledger.credit(&table, 7.0)), Some((0, Some(700), 700)));
        assert_eq!(cents(ledger.credit(&table, 7.0)), Some((0, Some(300), 300)));
        assert_eq!(cents(ledger.credit(&Payer::Storage(TableId(4)), 7.0)), None);
    }

    proptest! {
        #[test]
        fn credits_never_exceed_what_is_spent(
            bills in proptest::collection::vec((0.0f64..100.0, 0.0f64..100.0, 0.0f64..1.0), 3),
            fixes in proptest::collection::vec((0u32..4, 0.0f64..120.0), 0..30)
        ) {
            let mut ledger = Ledger::default();
            let mut spent = 50.0;
            for (number, (usd, times, sure)) in bills.iter().enumerate() {
                ledger.open(query(number as u32), *usd, Some(*times), *sure);
                spent += usd * times;
            }
            ledger.open(Payer::Storage(TableId(0)), 50.0, Some(1.0), 1.0);
            let mut saved = 0.0;
            for (number, usd) in &fixes {
                let payer = if *number == 3 { Payer::Storage(TableId(0)) } else { query(*number) };
                let credit = ledger.credit(&payer, *usd).expect("an account");
                prop_assert!(credit.run >= 0.0 && credit.month.is_some_and(|month| month >= credit.at_least));
                saved += credit.month.unwrap_or(0.0);
            }
            prop_assert!(saved <= spent * (1.0 + 1e-9), "{saved} of {spent}");
        }
    }
}
