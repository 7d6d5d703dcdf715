//! What is spent, payer by payer, and what fixes leave of it. A fix is credited with what it saves once the fixes before it are
//! made: of a statement's bill their shares multiply, and stored bytes can only go once. So all credits together never exceed
//! what is spent.

use std::collections::BTreeMap;

use crate::cost::{Bill, Estimator, Stored};
use crate::finding::{Billed, Waste};
use crate::lake::{Span, Usd};

/// What is billed on its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Payer {
    /// A statement: what it scans, and its requests.
    Query(Span),
    /// What lies under a table, by its name.
    Storage(String),
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
    /// In one run of each statement concerned; nothing for storage.
    pub run: f64,
    /// In a month, of what has a frequency.
    pub month: Option<f64>,
    /// The same where statements scan no more than they must.
    pub at_least: f64,
    /// Statements without a frequency.
    pub without_frequency: usize,
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
        for ((_, table), stored) in estimator.lake.catalog.iter().zip(stored) {
            if let Some(stored) = stored {
                ledger.open(Payer::Storage(table.name.to_string()), stored.usd_per_month.0, Some(1.0), 1.0);
            }
        }
        ledger
    }

    fn open(&mut self, payer: Payer, usd: f64, times: Option<f64>, sure: f64) {
        self.accounts.insert(payer, Account { usd, times, left: usd, sure });
    }

    /// Takes what a fix saves off the accounts it concerns. `table` is the declared name of the table it is about.
    pub(super) fn credit(&mut self, waste: &Waste, table: Option<&str>) -> Credit {
        let mut credit = Credit::default();
        if waste.billed == Billed::Storage {
            let account = table.and_then(|name| self.accounts.get_mut(&Payer::Storage(name.to_string())));
            let saved = waste.usd.before.0 - waste.usd.after.0;
            credit.month = account.map(|account| account.take(saved));
            credit.at_least = credit.month.unwrap_or(0.0);
            return credit;
        }
        for share in &waste.shares {
            let Some(account) = self.accounts.get_mut(&Payer::Query(share.query)) else { continue };
            let saved = share.usd.before.0 - share.usd.after.0;
            let of_left = if account.usd > 0.0 { account.left * (saved / account.usd) } else { 0.0 };
            let run = account.take(of_left);
            credit.run += run;
            match account.times {
                Some(times) => {
                    credit.month = Some(credit.month.unwrap_or(0.0) + run * times);
                    credit.at_least += run * times * account.sure;
                }
                None => credit.without_frequency += 1,
            }
        }
        credit
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
    use crate::finding::{Change, Share};
    use crate::lake::FileId;

    fn span(number: u32) -> Span {
        Span { file: FileId(0), start: 10 * number, end: 10 * number + 5 }
    }

    fn waste(billed: Billed, saved: &[(u32, f64, f64)]) -> Waste {
        let share = |(query, before, part): &(u32, f64, f64)| Share {
            query: span(*query),
            usd: Change { before: Usd(*before), after: Usd(before * (1.0 - part)) },
        };
        let shares: Vec<Share> = saved.iter().map(share).collect();
        let sum = |side: fn(&Share) -> f64| Usd(shares.iter().map(side).sum());
        Waste {
            billed,
            bytes: Change { before: 0, after: 0 },
            requests: None,
            usd: Change { before: sum(|share| share.usd.before.0), after: sum(|share| share.usd.after.0) },
            usd_per_month: None,
            fix: String::new(),
            is_assumed: false,
            is_scaled: false,
            is_most: false,
            shares: if billed == Billed::Storage { Vec::new() } else { shares },
        }
    }

    fn cents(credit: Credit) -> (i64, Option<i64>) {
        let cents = |usd: f64| (usd * 100.0).round() as i64;
        (cents(credit.run), credit.month.map(cents))
    }

    #[test]
    fn a_second_fix_is_credited_with_its_share_of_what_the_first_one_leaves() {
        let mut ledger = Ledger::default();
        ledger.open(Payer::Query(span(0)), 1.0, Some(30.0), 0.5);
        ledger.open(Payer::Query(span(1)), 1.0, None, 1.0);
        assert_eq!(
            cents(ledger.credit(&waste(Billed::Scan, &[(0, 1.0, 0.9), (1, 1.0, 0.5)]), None)),
            (140, Some(2_700))
        );
        let second = ledger.credit(&waste(Billed::Scan, &[(0, 1.0, 0.5)]), None);
        assert_eq!((cents(second), (second.at_least * 100.0).round() as i64), ((5, Some(150)), 75));
        assert_eq!(ledger.saved_of(span(0)).map(|usd| (usd.0 * 100.0).round() as i64), Some(2_850));
        assert_eq!(ledger.saved_of(span(1)), None);
        // Nobody is billed for this statement.
        assert_eq!(cents(ledger.credit(&waste(Billed::Scan, &[(2, 1.0, 0.5)]), None)), (0, None));
    }

    #[test]
    fn stored_bytes_go_once() {
        let mut ledger = Ledger::default();
        ledger.open(Payer::Storage("lake.t".to_string()), 10.0, Some(1.0), 1.0);
        let seven = waste(Billed::Storage, &[(0, 7.0, 1.0)]);
        assert_eq!(cents(ledger.credit(&seven, Some("lake.t"))), (0, Some(700)));
        assert_eq!(cents(ledger.credit(&seven, Some("lake.t"))), (0, Some(300)));
        assert_eq!(cents(ledger.credit(&seven, Some("lake.u"))), (0, None));
    }

    proptest! {
        #[test]
        fn credits_never_exceed_what_is_spent(
            bills in proptest::collection::vec((0.0f64..100.0, 0.0f64..100.0), 3),
            fixes in proptest::collection::vec((any::<bool>(), proptest::collection::vec((0u32..3, 0.0f64..120.0, 0.0f64..1.0), 0..4)), 0..12)
        ) {
            let mut ledger = Ledger::default();
            let mut spent = 50.0;
            for (number, (usd, times)) in bills.iter().enumerate() {
                ledger.open(Payer::Query(span(number as u32)), *usd, Some(*times), 1.0);
                spent += usd * times;
            }
            ledger.open(Payer::Storage("t".to_string()), 50.0, Some(1.0), 1.0);
            let mut saved = 0.0;
            for (is_stored, shares) in &fixes {
                let billed = if *is_stored { Billed::Storage } else { Billed::Scan };
                let credit = ledger.credit(&waste(billed, shares), Some("t"));
                prop_assert!(credit.run >= 0.0 && credit.month.is_none_or(|month| month >= credit.at_least));
                saved += credit.month.unwrap_or(0.0);
            }
            prop_assert!(saved <= spent * (1.0 + 1e-9), "{saved} of {spent}");
        }
    }
}
