//! Statements that have run: how often, and what they really scanned.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Elsewhere;

/// A statement without its literal values, comments and spacing: runs of one scheduled query share it. 64 bits of a hash.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Fingerprint(pub u64);

/// What a text tells of the statement that it is: [`crate::sql::identity`] makes one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Identity {
    pub fingerprint: Fingerprint,
    /// Of the query inside of a CTAS, INSERT or UNLOAD, which tools put around a query.
    pub inner: Option<Fingerprint>,
    /// Of that query, or of the statement, without what qualifies names: the text of a dbt model and the one that dbt ran share it.
    pub loose: Fingerprint,
    /// As [`Actual::literals`], those of the query inside where there is one; `None` where a placeholder stands for a value.
    pub literals: Option<u16>,
    /// A template names its tables, whose schemas are the deployment's.
    pub has_relation: bool,
    pub role: Role,
}

/// What a statement is to prepared statements.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Role {
    #[default]
    Plain,
    /// `PREPARE name FROM ...`: the rest of the identity is that of the statement inside; this is the fingerprint of `EXECUTE name`.
    Prepares(Fingerprint),
    /// `EXECUTE name USING ...`.
    Executes,
}

/// What was seen of past runs, source by source: those that come first count first, as they may tell of the same runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    pub records: Vec<Record>,
    /// Runs of statements that no file holds, once that has been worked out.
    #[serde(skip)]
    pub elsewhere: Vec<Elsewhere>,
}

/// What one kind of source tells of past runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Where it was read, for people: `Athena, 3 workgroups`, `target/run_results.json`.
    pub source: String,
    /// Length of the period that was looked at, in days; `None` when nothing tells, so that frequencies are unknown.
    pub days: Option<f64>,
    /// Sorted by fingerprint.
    pub statements: Vec<PastStatement>,
    /// By dbt model, as `cost` names its query: results of dbt runs do not always tell the statement.
    pub models: BTreeMap<String, PastStatement>,
    /// Workgroups that could be asked, sorted by name.
    pub workgroups: Vec<PastWorkgroup>,
    /// What could not be read: `workgroup `finance`: access denied`. Runs in it are missing from all numbers.
    pub gaps: Vec<String>,
    /// Statements that are left out because they scanned the least, with their runs.
    pub left_out: u64,
    pub left_out_runs: u64,
}

/// The runs of one statement.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastStatement {
    pub fingerprint: Fingerprint,
    /// As in [`Identity`].
    pub inner: Option<Fingerprint>,
    pub loose: Fingerprint,
    /// Runs that succeeded and were billed; those whose result was reused scan nothing and are `reused`.
    pub runs: u64,
    pub reused: u64,
    /// Failed runs are free, cancelled ones are billed for what they scanned (<https://aws.amazon.com/athena/pricing/>).
    pub failed: u64,
    pub cancelled: u64,
    /// All bytes that succeeded runs scanned, and those of cancelled ones.
    pub bytes: u64,
    pub cancelled_bytes: u64,
    /// Over all succeeded runs whose bytes are known.
    pub scanned: Option<Scanned>,
    /// The same by what the literals were. The most frequent ones.
    pub actual: Vec<Actual>,
    /// The text, where the user asked to keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
}

/// `DataScannedInBytes` of some runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scanned {
    pub runs: u64,
    pub low: u64,
    pub median: u64,
    pub high: u64,
    /// What a tenth of the runs, two tenths, up to nine tenths do not exceed; `None` where the numbers above tell each run, or
    /// where nobody has kept them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deciles: Option<[u64; 9]>,
}

/// The weight of one run among [`Scanned::points`].
const RUN: u64 = 20;

/// Bytes that runs with the same literal values scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actual {
    /// 16 bits of a hash of the literal values: enough to tell that a statement has changed, too few to tell what they were.
    pub literals: u16,
    #[serde(flatten)]
    pub scanned: Scanned,
}

/// A workgroup of Athena as it was set up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastWorkgroup {
    pub name: String,
    pub is_enabled: bool,
    /// `BytesScannedCutoffPerQuery`.
    pub scan_limit: Option<u64>,
    /// `EnforceWorkGroupConfiguration`.
    pub is_enforced: Option<bool>,
    /// `Athena engine version 3`.
    pub engine: Option<String>,
}

/// What a history knows of one statement of the repository.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Past {
    /// [`Record::source`].
    pub source: String,
    pub days: Option<f64>,
    /// Succeeded and billed: those with the statement's own literals where there are any, else all.
    pub runs: u64,
    pub reused: u64,
    pub failed: u64,
    pub cancelled: u64,
    pub scanned: Option<Scanned>,
    pub sameness: Sameness,
    /// So many statements have these runs together, each an equal part: nothing tells them apart.
    pub shared_by: u32,
}

/// Whether the statement that ran is the one in the repository.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sameness {
    /// The same text, values included as far as the repository writes them: what it scanned is known.
    Same,
    /// The same text with other literal values: it may scan something else now.
    OtherValues,
    /// A dbt model of the same name, whose text the results do not tell or which cannot be compared.
    #[default]
    SameName,
}

impl History {
    pub fn of(records: Vec<Record>) -> History {
        History { records, elsewhere: Vec::new() }
    }

    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// For looking up statements.
    pub fn known(&self) -> Known<'_> {
        Known { records: self.records.iter().map(KnownRecord::of).collect() }
    }
}

/// A history by everything that a statement may be known by.
#[derive(Debug)]
pub struct Known<'a> {
    records: Vec<KnownRecord<'a>>,
}

type ByFingerprint<'a> = HashMap<Fingerprint, Vec<&'a PastStatement>>;

#[derive(Debug)]
struct KnownRecord<'a> {
    record: &'a Record,
    whole: ByFingerprint<'a>,
    inner: ByFingerprint<'a>,
    loose: ByFingerprint<'a>,
}

impl Known<'_> {
    /// What the first record that knows a statement says of it; `model` is its name if it is a dbt model.
    pub fn past(&self, identity: &Identity, model: Option<&str>) -> Option<Past> {
        self.records.iter().find_map(|record| record.past(identity, model))
    }
}

impl<'a> KnownRecord<'a> {
    fn of(record: &'a Record) -> Self {
        let mut known = KnownRecord { record, whole: HashMap::new(), inner: HashMap::new(), loose: HashMap::new() };
        for past in &record.statements {
            known.whole.entry(past.fingerprint).or_default().push(past);
            known.loose.entry(past.loose).or_default().push(past);
            if let Some(inner) = past.inner {
                known.inner.entry(inner).or_default().push(past);
            }
        }
        known
    }

    fn past(&self, identity: &Identity, model: Option<&str>) -> Option<Past> {
        let (past, sameness) = match self.matching(identity, model.is_some()) {
            Some(past) => {
                let is_known = identity.literals.is_none_or(|literals| past.with_literals(literals).is_some());
                (past, if is_known { Sameness::Same } else { Sameness::OtherValues })
            }
            None => (self.record.models.get(model?)?.clone(), Sameness::SameName),
        };
        let own = identity.literals.and_then(|literals| past.with_literals(literals));
        Some(Past {
            source: self.record.source.clone(),
            days: self.record.days,
            runs: own.map_or(past.runs, |own| own.runs),
            reused: past.reused,
            failed: past.failed,
            cancelled: past.cancelled,
            scanned: own.or(past.scanned),
            sameness,
            shared_by: 1,
        })
    }

    /// All runs of a statement: of its text; else of a text that a tool put around it; else of what a dbt model became.
    fn matching(&self, identity: &Identity, is_model: bool) -> Option<PastStatement> {
        let merged = |found: &ByFingerprint<'_>, fingerprint: Fingerprint, is: &dyn Fn(&PastStatement) -> bool| {
            let found = found.get(&fingerprint)?.iter().filter(|past| is(past));
            found.map(|past| (*past).clone()).reduce(PastStatement::plus)
        };
        let executed = match identity.role {
            Role::Prepares(execution) => merged(&self.whole, execution, &|_| true),
            Role::Plain | Role::Executes => None,
        };
        let is_query = identity.inner.is_none();
        let wrapped = || merged(&self.inner, identity.fingerprint, &|_| is_query);
        // Only templates name relations without what qualifies them, and only dbt puts models into other statements.
        let is_rendered = |past: &PastStatement| is_model || past.inner.is_none();
        let rendered = || identity.has_relation.then(|| merged(&self.loose, identity.loose, &is_rendered)).flatten();
        let whole = executed.or_else(|| merged(&self.whole, identity.fingerprint, &|_| true));
        whole.or_else(wrapped).or_else(rendered)
    }
}

impl PastStatement {
    /// What runs with these literals scanned.
    fn with_literals(&self, literals: u16) -> Option<Scanned> {
        self.actual.iter().find(|actual| actual.literals == literals).map(|actual| actual.scanned)
    }

    /// The runs of both together.
    fn plus(mut self, other: PastStatement) -> PastStatement {
        self.runs += other.runs;
        self.reused += other.reused;
        self.failed += other.failed;
        self.cancelled += other.cancelled;
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.cancelled_bytes = self.cancelled_bytes.saturating_add(other.cancelled_bytes);
        self.scanned = match (self.scanned, other.scanned) {
            (Some(a), Some(b)) => Some(a.plus(b)),
            (a, b) => a.or(b),
        };
        for actual in other.actual {
            match self.actual.iter_mut().find(|own| own.literals == actual.literals) {
                Some(own) => own.scanned = own.scanned.plus(actual.scanned),
                None => self.actual.push(actual),
            }
        }
        self
    }
}

impl Scanned {
    /// Of the bytes of some runs; `None` without runs. The median of an even number is the lower one.
    pub fn of(bytes: Vec<u64>) -> Option<Scanned> {
        let runs = bytes.len() as u64;
        Scanned::of_points(bytes.into_iter().map(|bytes| (bytes, RUN)).collect(), runs)
    }

    fn of_points(mut points: Vec<(u64, u64)>, runs: u64) -> Option<Scanned> {
        points.sort_unstable();
        let (low, high) = (points.first()?.0, points.last()?.0);
        let total: u128 = points.iter().map(|(_, weight)| u128::from(*weight)).sum();
        let at = |tenths: u128| {
            let mut passed = 0;
            let mut reach = |weight: u64| {
                passed += u128::from(weight);
                passed * 10 >= total * tenths
            };
            points.iter().find(|(_, weight)| reach(*weight)).map_or(high, |(bytes, _)| *bytes)
        };
        let deciles = (runs > 3 && low < high).then(|| std::array::from_fn(|i| at(i as u128 + 1)));
        Some(Scanned { runs, low, median: at(5), high, deciles })
    }

    /// The bytes of the runs, each with its weight: single runs where they are known, else tenths of them.
    pub fn points(&self) -> Vec<(u64, u64)> {
        let Scanned { runs, low, median, high, deciles } = *self;
        let part = |of: u64| runs.saturating_mul(RUN / of);
        match (runs, deciles) {
            _ if low == high => vec![(low, part(1))],
            (2, _) => vec![(low, RUN), (high, RUN)],
            (3, _) => vec![(low, RUN), (median, RUN), (high, RUN)],
            (_, Some(deciles)) => {
                let inner = deciles.into_iter().map(|bytes| (bytes, part(10)));
                [(low, part(20)), (high, part(20))].into_iter().chain(inner).collect()
            }
            (_, None) => vec![(low, part(4)), (median, part(2)), (high, part(4))],
        }
    }

    /// Of both together.
    fn plus(self, other: Scanned) -> Scanned {
        let points = [self.points(), other.points()].concat();
        Scanned::of_points(points, self.runs.saturating_add(other.runs)).unwrap_or(self)
    }
}

impl Past {
    /// Runs per month at the rate of the period.
    pub fn runs_per_month(&self) -> Option<f64> {
        let runs = self.runs as f64 / f64::from(self.shared_by.max(1));
        Some(runs / self.days.filter(|days| *days > 0.0)? * DAYS_PER_MONTH)
    }
}

/// Days of a month, on average over the leap years.
pub const DAYS_PER_MONTH: f64 = 365.25 / 12.0;

impl fmt::Display for Fingerprint {
    /// 16 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> String {
        fingerprint.to_string()
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = String;

    fn try_from(text: String) -> Result<Fingerprint, String> {
        let digits = Some(&text).filter(|text| text.len() == 16).and_then(|text| u64::from_str_radix(text, 16).ok());
        digits.map(Fingerprint).ok_or_else(|| format!("`{text}` is no fingerprint of 16 hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(fingerprint: u64, inner: Option<u64>, actual: &[(u16, &[u64])]) -> PastStatement {
        let all: Vec<u64> = actual.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect();
        let of = |(literals, bytes): &(u16, &[u64])| {
            Some(Actual { literals: *literals, scanned: Scanned::of(bytes.to_vec())? })
        };
        PastStatement {
            fingerprint: Fingerprint(fingerprint),
            inner: inner.map(Fingerprint),
            loose: Fingerprint(900 + inner.unwrap_or(fingerprint)),
            runs: all.len() as u64,
            scanned: Scanned::of(all),
            actual: actual.iter().filter_map(of).collect(),
            ..PastStatement::default()
        }
    }

    fn record(statements: Vec<PastStatement>) -> Record {
        Record { source: "Athena".to_string(), days: Some(10.0), statements, ..Record::default() }
    }

    fn text(fingerprint: u64, literals: Option<u16>) -> Identity {
        let (fingerprint, loose) = (Fingerprint(fingerprint), Fingerprint(900 + fingerprint));
        Identity { fingerprint, loose, literals, ..Identity::default() }
    }

    #[test]
    fn what_is_kept_of_runs_tells_each_or_their_tenths() {
        let of = |bytes: &[u64]| Scanned::of(bytes.to_vec()).expect("runs");
        for few in [&[7][..], &[1, 2], &[1, 2, 3], &[5; 40]] {
            let (bytes, weights): (Vec<u64>, Vec<u64>) = of(few).points().into_iter().unzip();
            assert_eq!((of(few).deciles, weights.iter().sum::<u64>()), (None, RUN * few.len() as u64));
            assert!(few.iter().all(|run| bytes.contains(run)), "{few:?}");
        }
        let hundred: Vec<u64> = (1..=100).rev().collect();
        let many = of(&hundred);
        assert_eq!((many.low, many.median, many.high), (1, 50, 100));
        assert_eq!(many.deciles, Some([10, 20, 30, 40, 50, 60, 70, 80, 90]));
        assert_eq!(many.points().iter().map(|(_, weight)| weight).sum::<u64>(), RUN * 100);
        let both = of(&hundred[..60]).plus(of(&hundred[60..]));
        assert_eq!((both.runs, both.low, both.high), (100, 1, 100));
        assert!(both.median.abs_diff(50) <= 4, "{both:?}");
        assert_eq!(of(&[1, 9]).plus(of(&[5])), of(&[1, 5, 9]));
        let old = Scanned { deciles: None, ..many };
        assert_eq!(old.points(), [(1, RUN * 25), (50, RUN * 50), (100, RUN * 25)]);
        assert!(Scanned { runs: u64::MAX, ..many }.plus(many).runs > 0);
    }

    #[test]
    fn runs_with_the_same_values_are_the_statements_own() {
        let history = History::of(vec![record(vec![statement(7, None, &[(1, &[10, 30, 20]), (2, &[500])])])]);
        let past = |literals| history.known().past(&text(7, literals), None).expect("it ran");
        let scanned = |runs, low, median, high| Some(Scanned { runs, low, median, high, deciles: None });
        let own = past(Some(1));
        assert_eq!((own.runs, own.scanned, own.sameness), (3, scanned(3, 10, 20, 30), Sameness::Same));
        // With a placeholder, every run is one of this statement.
        let any = past(None);
        assert_eq!((any.runs, any.scanned, any.sameness), (4, Scanned::of(vec![10, 30, 20, 500]), Sameness::Same));
        let changed = past(Some(3));
        assert_eq!((changed.runs, changed.sameness), (4, Sameness::OtherValues));
        assert!((own.runs_per_month().expect("a period") - 3.0 / 10.0 * 30.4375).abs() < 1e-9);
        assert_eq!(history.known().past(&text(8, None), None), None);
    }

    #[test]
    fn a_query_is_found_inside_of_what_tools_put_around_it() {
        let history = History::of(vec![record(vec![
            statement(1, Some(7), &[(0, &[5])]),
            statement(2, Some(7), &[(0, &[9, 9])]),
        ])]);
        let past = history.known().past(&text(7, Some(0)), None).expect("both");
        assert_eq!((past.runs, past.scanned.expect("bytes").median), (3, 9));
        // A CTAS is not the other CTAS of the same query.
        let ctas = Identity { inner: Some(Fingerprint(7)), ..text(3, Some(0)) };
        assert_eq!(history.known().past(&ctas, None), None);
        // A model is found by what dbt made of it.
        let model = Identity { has_relation: true, loose: Fingerprint(907), ..text(4, None) };
        assert_eq!(history.known().past(&model, Some("m")).map(|past| past.runs), Some(3));
        assert_eq!(history.known().past(&Identity { has_relation: false, ..model }, Some("m")), None);
    }

    #[test]
    fn a_model_is_found_by_its_name_and_the_first_source_counts() {
        let mut dbt = record(Vec::new());
        dbt.models.insert("orders".to_string(), statement(0, None, &[(0, &[1])]));
        let history = History::of(vec![record(vec![statement(7, None, &[(0, &[2, 2])])]), dbt]);
        let past = |identity| history.known().past(&identity, Some("orders")).map(|past| (past.runs, past.sameness));
        assert_eq!(past(text(7, Some(0))), Some((2, Sameness::Same)));
        assert_eq!(past(text(8, Some(5))), Some((1, Sameness::SameName)));
    }

    #[test]
    fn fingerprints_are_hexadecimal_digits() {
        let fingerprint = Fingerprint(0xabc);
        let text = serde_json::to_string(&fingerprint).expect("a text");
        assert_eq!(text, "\"0000000000000abc\"");
        assert_eq!(serde_json::from_str::<Fingerprint>(&text).expect("digits"), fingerprint);
        assert!(serde_json::from_str::<Fingerprint>("\"abc\"").is_err());
    }
}
