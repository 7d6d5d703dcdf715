//! A parallel listing: spans of the key space that together are all of it, each listed page by page, split where others are idle.
//!
//! Spans never overlap and never leave a gap, whatever is known of the keys: what pages tell of folders only says where a split
//! pays. So keys that stay where they are come exactly once, also while others come and go.

use std::collections::{BTreeMap, VecDeque};

use anyhow::Result;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use super::page::{Ask, Listed, Page};
use super::split::{Search, is_partitioned, pieces};
use crate::input::aws::error::{Failure, Reason};

/// Keys that start with a prefix, those after `after` up to and including `until`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Span {
    pub prefix: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Folders between the start of the listing and this one whose folders are looked at; `None` when the keys are listed as
    /// they come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_folder: Option<u8>,
}

/// One page of progress: a span gave objects, and became what is left of it and others.
#[derive(Debug)]
pub(crate) struct Step {
    pub span: u64,
    pub objects: Vec<Listed>,
    pub rest: Option<Span>,
    pub new: Vec<(u64, Span)>,
}

/// Where pages come from.
pub(crate) trait Pages: Clone + Send + 'static {
    fn ask(&self, ask: Ask) -> impl Future<Output = Result<Page, Failure>> + Send;
}

/// A prefix that could not be listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub prefix: String,
    pub failure: Failure,
}

/// Why a listing ended early.
#[derive(Debug)]
pub(crate) enum Stopped {
    Failed(Refused),
    /// What takes the steps had an error of its own.
    Taker(anyhow::Error),
}

/// Folders below the start that are looked into one by one: deeper ones are listed as they come.
const DEPTH: u8 = 4;
/// Folders of one folder that are looked into one by one.
const WIDTH: usize = 200;
/// Folders that are looked into, all together: a request each.
const OPENED: usize = 2_000;

/// A span that is being listed.
struct Active {
    span: Span,
    /// Pages that it gave.
    pages: u32,
    /// The page at which a split is worth a try.
    next_try: u32,
    search: Option<Search>,
    is_searching: bool,
}

struct Lister<'a, P, T> {
    pages: P,
    /// Requests under way at once.
    most: usize,
    take: &'a mut T,
    active: BTreeMap<u64, Active>,
    /// Spans that wait for their next page.
    waiting: VecDeque<u64>,
    running: JoinSet<(u64, Ask, bool, Result<Page, Failure>)>,
    next_id: u64,
    opened: usize,
    refused: Vec<Refused>,
}

/// Lists all spans. `take` gets every step, in an order in which each prefix of it is a state to go on from. A span that may not
/// be listed is given back and stays as it is, unless it is the only one there ever was.
pub(crate) async fn list<P: Pages>(
    pages: P,
    spans: BTreeMap<u64, Span>,
    concurrency: usize,
    take: &mut impl FnMut(Step) -> Result<()>,
) -> Result<Vec<Refused>, Stopped> {
    let next_id = spans.keys().next_back().map_or(0, |last| last + 1);
    let waiting = spans.keys().copied().collect();
    let active = spans.into_iter().map(|(id, span)| (id, Active::new(span))).collect();
    let mut lister = Lister {
        pages,
        most: concurrency.max(1),
        take,
        active,
        waiting,
        running: JoinSet::new(),
        next_id,
        opened: 0,
        refused: Vec::new(),
    };
    lister.run().await?;
    lister.refused.sort_by(|a, b| a.prefix.cmp(&b.prefix));
    lister.refused.dedup_by(|a, b| a.prefix == b.prefix);
    Ok(lister.refused)
}

impl Active {
    fn new(span: Span) -> Active {
        Active { span, pages: 0, next_try: 1, search: None, is_searching: false }
    }
}

impl<P: Pages, T: FnMut(Step) -> Result<()>> Lister<'_, P, T> {
    async fn run(&mut self) -> Result<(), Stopped> {
        loop {
            self.start();
            let Some(ended) = self.running.join_next().await else { return Ok(()) };
            let Ok((id, ask, is_search, answer)) = ended else {
                return Err(Stopped::Taker(anyhow::anyhow!("a request was given up")));
            };
            match (is_search, answer) {
                // A listing that goes on does not depend on its splits.
                (true, answer) => self.searched(id, answer.ok())?,
                (false, Ok(page)) => self.listed(id, &ask, page)?,
                (false, Err(failure)) => self.failed(id, failure)?,
            }
        }
    }

    /// Fills the free places: with pages first, then with looks for where to split.
    fn start(&mut self) {
        while self.running.len() < self.most {
            let Some(id) = self.waiting.pop_front() else { break };
            let Some(active) = self.active.get(&id) else { continue };
            let span = &active.span;
            let ask = Ask {
                prefix: span.prefix.clone(),
                after: span.after.clone(),
                by_folder: span.by_folder.is_some(),
                most: None,
            };
            self.request(id, ask, false);
        }
        let free = self.most.saturating_sub(self.running.len());
        let is_due = |active: &Active| {
            active.span.by_folder.is_none() && !active.is_searching && active.pages >= active.next_try
        };
        let due: Vec<u64> = self.active.iter().filter(|(_, a)| is_due(a)).map(|(id, _)| *id).take(free).collect();
        for id in due {
            let Some(active) = self.active.get_mut(&id) else { continue };
            let search = active.search.get_or_insert_with(|| Search::of(&active.span));
            match search.ask(&active.span) {
                Some(ask) => {
                    active.is_searching = true;
                    self.request(id, ask, true);
                }
                None => active.give_up(),
            }
        }
    }

    fn request(&mut self, id: u64, ask: Ask, is_search: bool) {
        let pages = self.pages.clone();
        self.running.spawn(async move {
            let answer = pages.ask(ask.clone()).await;
            (id, ask, is_search, answer)
        });
    }

    /// A page of a span came.
    fn listed(&mut self, id: u64, ask: &Ask, page: Page) -> Result<(), Stopped> {
        let Some(active) = self.active.get_mut(&id) else { return Ok(()) };
        active.pages += 1;
        let span = active.span.clone();
        let (objects, rest, new) = match span.by_folder {
            Some(depth) if ask.by_folder => self.opened(span, depth, page),
            _ => {
                let (objects, rest) = after_page(span, page);
                (objects, rest, Vec::new())
            }
        };
        self.step(id, objects, rest, new)
    }

    /// A folder was looked at.
    fn opened(&mut self, span: Span, depth: u8, page: Page) -> (Vec<Listed>, Option<Span>, Vec<Span>) {
        self.opened += 1;
        let flat = Span { by_folder: None, ..span };
        if page.folders.is_empty() {
            // Without folders in between it is a page like others.
            let (objects, rest) = after_page(flat, page);
            return (objects, rest, Vec::new());
        }
        let is_wide = page.more || page.folders.len() > WIDTH || depth >= DEPTH || self.opened >= OPENED;
        if !is_wide && !is_partitioned(&flat.prefix, &page.folders) {
            let child = |prefix: String| Span { prefix, by_folder: Some(depth + 1), ..Span::default() };
            return (page.objects, None, page.folders.into_iter().map(child).collect());
        }
        // Its objects come again among all others.
        let idle = self.most.saturating_sub(self.running.len() + self.waiting.len());
        let mut spans = pieces(flat, &page.folders, idle);
        let first = spans.remove(0);
        (Vec::new(), Some(first), spans)
    }

    fn step(&mut self, id: u64, objects: Vec<Listed>, rest: Option<Span>, new: Vec<Span>) -> Result<(), Stopped> {
        let first = self.next_id;
        self.next_id += new.len() as u64;
        let new: Vec<(u64, Span)> = (first..).zip(new).collect();
        for (id, span) in &new {
            self.active.insert(*id, Active::new(span.clone()));
            self.waiting.push_back(*id);
        }
        match (&rest, self.active.get_mut(&id)) {
            (Some(rest), Some(active)) => {
                active.span = rest.clone();
                // Before others: fewer spans are open at once.
                self.waiting.push_front(id);
            }
            _ => {
                self.active.remove(&id);
            }
        }
        (self.take)(Step { span: id, objects, rest, new }).map_err(Stopped::Taker)
    }

    /// A look for a split came back.
    fn searched(&mut self, id: u64, answer: Option<Page>) -> Result<(), Stopped> {
        let Some(active) = self.active.get_mut(&id) else { return Ok(()) };
        active.is_searching = false;
        let (Some(page), Some(mut search)) = (answer, active.search.take()) else {
            active.give_up();
            return Ok(());
        };
        let found = search.answered(&active.span, &page);
        let Some(at) = found else {
            active.search = Some(search);
            return Ok(());
        };
        let span = &active.span;
        let is_inside =
            span.after.as_deref() < Some(at.as_str()) && span.until.as_ref().is_none_or(|until| at < *until);
        if !is_inside {
            active.give_up();
            return Ok(());
        }
        active.next_try = active.pages + 2;
        let upper = Span { after: Some(at.clone()), ..span.clone() };
        active.span.until = Some(at);
        let lower = active.span.clone();
        let upper_id = self.next_id;
        self.next_id += 1;
        self.active.insert(upper_id, Active::new(upper.clone()));
        self.waiting.push_back(upper_id);
        let step = Step { span: id, objects: Vec::new(), rest: Some(lower), new: vec![(upper_id, upper)] };
        (self.take)(step).map_err(Stopped::Taker)
    }

    fn failed(&mut self, id: u64, failure: Failure) -> Result<(), Stopped> {
        let Some(active) = self.active.remove(&id) else { return Ok(()) };
        let refused = Refused { prefix: active.span.prefix, failure };
        let is_all = id == 0 && self.next_id == 1;
        match refused.failure.reason == Reason::Denied && !is_all {
            true => {
                self.refused.push(refused);
                Ok(())
            }
            false => Err(Stopped::Failed(refused)),
        }
    }
}

impl Active {
    /// Looks for a split again when twice as many pages have come.
    fn give_up(&mut self) {
        self.search = None;
        self.next_try = self.pages * 2 + 2;
    }
}

/// The objects of a page that belong to a span, and what is left of the span.
fn after_page(span: Span, mut page: Page) -> (Vec<Listed>, Option<Span>) {
    let last = page.last().map(str::to_string);
    if let Some(until) = &span.until {
        let inside = page.objects.partition_point(|object| object.key <= *until);
        let is_end = inside < page.objects.len() || last.as_ref() == Some(until);
        page.objects.truncate(inside);
        if is_end {
            return (page.objects, None);
        }
    }
    let rest = page.more.then_some(Span { after: last, ..span });
    (page.objects, rest)
}

#[cfg(test)]
mod tests;
