//! Listings of buckets in memory.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use proptest::prelude::*;

use super::*;
use crate::lake::StorageClass;

/// A bucket in memory.
#[derive(Clone)]
struct Keys {
    keys: Arc<BTreeSet<String>>,
    page: usize,
    denied: Option<String>,
    asked: Arc<AtomicU64>,
}

impl Keys {
    fn new(keys: impl IntoIterator<Item = String>, page: usize) -> Keys {
        Keys { keys: Arc::new(keys.into_iter().collect()), page, denied: None, asked: Arc::default() }
    }

    fn answer(&self, ask: &Ask) -> Result<Page, Failure> {
        self.asked.fetch_add(1, Relaxed);
        if self.denied.as_ref().is_some_and(|denied| ask.prefix.starts_with(denied.as_str())) {
            return Err(Failure::new(Reason::Denied, "no"));
        }
        let most = ask.most.map_or(self.page, |most| (most as usize).min(self.page));
        let mut page = Page::default();
        let after = ask.after.clone().unwrap_or_default();
        for key in self.keys.iter().filter(|key| key.starts_with(&ask.prefix) && **key > after) {
            let folder = key[ask.prefix.len()..].find('/').map(|end| &key[..ask.prefix.len() + end + 1]);
            let folder = folder.filter(|_| ask.by_folder);
            if folder.is_some_and(|folder| page.folders.last().is_some_and(|last| last == folder)) {
                continue;
            }
            if page.objects.len() + page.folders.len() == most {
                page.more = true;
                break;
            }
            match folder {
                Some(folder) => page.folders.push(folder.to_string()),
                None => page.objects.push(Listed {
                    key: key.clone(),
                    size: 1,
                    class: StorageClass::Standard,
                    modified: None,
                }),
            }
        }
        Ok(page)
    }
}

impl Pages for Keys {
    async fn ask(&self, ask: Ask) -> Result<Page, Failure> {
        tokio::task::yield_now().await;
        self.answer(&ask)
    }
}

/// What came, the refused prefixes, and the spans that steps left open when taken up to `stop`.
fn run(
    keys: &Keys,
    spans: BTreeMap<u64, Span>,
    concurrency: usize,
    stop: usize,
) -> (Vec<String>, Vec<Refused>, BTreeMap<u64, Span>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().expect("runtime");
    let (mut found, mut open, mut steps) = (Vec::new(), spans.clone(), 0);
    let refused = runtime.block_on(list(keys.clone(), spans, concurrency, &mut |step: Step| {
        if steps == stop {
            anyhow::bail!("killed");
        }
        steps += 1;
        found.extend(step.objects.into_iter().map(|object| object.key));
        open.remove(&step.span);
        open.extend(step.rest.map(|rest| (step.span, rest)).into_iter().chain(step.new));
        Ok(())
    }));
    (found, refused.unwrap_or_default(), open)
}

fn start(prefix: &str) -> BTreeMap<u64, Span> {
    BTreeMap::from([(0, Span { prefix: prefix.to_string(), by_folder: Some(0), ..Span::default() })])
}

fn sorted(mut keys: Vec<String>) -> Vec<String> {
    keys.sort();
    keys
}

#[test]
fn a_denied_folder_is_left_out() {
    let keys = ["a/1", "a/2", "secret/3", "z"].map(str::to_string);
    let keys = Keys { denied: Some("secret/".to_string()), ..Keys::new(keys, 10) };
    let (found, refused, open) = run(&keys, start(""), 4, usize::MAX);
    assert_eq!(sorted(found), ["a/1", "a/2", "z"]);
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].prefix, "secret/");
    assert_eq!(open.len(), 1, "it is tried again by whoever goes on");
}

#[test]
fn nothing_may_be_listed() {
    let keys = Keys { denied: Some(String::new()), ..Keys::new(["a".to_string()], 10) };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
    let ended = runtime.block_on(list(keys, start(""), 4, &mut |_| Ok(())));
    assert!(matches!(ended, Err(Stopped::Failed(refused)) if refused.failure.reason == Reason::Denied));
}

#[test]
fn partitions_and_one_huge_folder_take_few_requests_more_than_pages() {
    let partitions = (0..20_000).map(|n| format!("t/dt={:04}/part-{:03}.parquet", n / 10, n % 10));
    let huge = (0..20_000).map(|n| format!("u/part-{n:08}.parquet"));
    let keys = Keys::new(partitions.chain(huge), 100);
    let (found, ..) = run(&keys, start(""), 16, usize::MAX);
    assert_eq!(found.len(), 40_000);
    assert_eq!(sorted(found).into_iter().collect::<BTreeSet<_>>().len(), 40_000);
    let asked = keys.asked.load(Relaxed);
    assert!((400..800).contains(&asked), "{asked} requests");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_key_comes_once_also_in_two_runs(
        keys in proptest::collection::btree_set("(a|b/|dt=[0-9]{1,2}/|2024/|é|[ -0]|~|//){0,5}[a-c0-3é~]{0,4}", 0..300),
        page in 1_usize..40,
        concurrency in 1_usize..12,
        stop in 0_usize..60,
        prefix in prop_oneof![Just(""), Just("a"), Just("b/"), Just("dt=1/")],
    ) {
        let keys: BTreeSet<String> = keys.into_iter().filter(|key| !key.is_empty()).collect();
        let expected: Vec<String> = keys.iter().filter(|key| key.starts_with(prefix)).cloned().collect();
        let bucket = Keys::new(keys, page);
        let (whole, refused, open) = run(&bucket, start(prefix), concurrency, usize::MAX);
        prop_assert_eq!(sorted(whole), &expected[..]);
        prop_assert!(refused.is_empty() && open.is_empty());

        let (mut found, _, open) = run(&bucket, start(prefix), concurrency, stop);
        let (rest, _, open) = run(&bucket, open, concurrency, usize::MAX);
        found.extend(rest);
        prop_assert_eq!(sorted(found), expected);
        prop_assert!(open.is_empty());
    }
}
