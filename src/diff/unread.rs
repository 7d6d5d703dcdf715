//! What a change takes out of sight: it costs something, and nobody knows what.

use std::collections::{BTreeMap, BTreeSet};

use super::{Revision, renamed};
use crate::cost::{Bill, PricedMachine};
use crate::finding::Place;
use crate::lake::{Lake, Lines};

/// One such thing.
#[derive(Debug)]
pub(super) struct Unread {
    /// Where it is after the change; `None` of a machine of which something else has no price.
    pub file: Option<String>,
    /// For people, with its place.
    pub text: String,
}

/// What can be read before a change and not after it.
pub(super) fn unread(before: Revision<'_>, after: Revision<'_>, renames: &BTreeMap<String, String>) -> Vec<Unread> {
    let mut lines = (Lines::new(&before.lake.sources), Lines::new(&after.lake.sources));
    let known: BTreeSet<(String, String)> =
        open(before.lake, &mut lines.0).map(|(file, _, why)| (renamed(&file, renames), why)).collect();
    let new = open(after.lake, &mut lines.1).filter(|(file, _, why)| !known.contains(&(file.clone(), why.clone())));
    let machines = |bill: &Bill<'_>| -> BTreeSet<String> {
        let lacks = |machine: &&PricedMachine<'_>| machine.estimate.usd.likely.is_none();
        bill.machines.iter().filter(lacks).map(|machine| machine.workflow.name.clone()).collect()
    };
    let opened = machines(before.bill);
    let named = machines(after.bill).into_iter().filter(|name| !opened.contains(name));
    let named = named.map(|name| Unread {
        file: None,
        text: format!("state machine `{name}`: what it starts has no price that is known"),
    });
    let new = new.map(|(file, line, why)| Unread { text: format!("`{file}{line}`: {why}"), file: Some(file) });
    new.chain(named).collect()
}

/// What of a lake's files could not be read, or is known only when it runs: file, `:line`, and why.
fn open<'l>(lake: &'l Lake, lines: &'l mut Lines<'_>) -> impl Iterator<Item = (String, String, String)> + 'l {
    let unreadable = lake.unreadable.iter().map(|unreadable| (&unreadable.place, &unreadable.message));
    let unreadable: Vec<_> = unreadable.map(|(place, why)| (place.clone(), why.clone())).collect();
    let computed = lake.not_analysed.iter().map(|missing| (Place::Span(missing.span), missing.reason.clone()));
    unreadable.into_iter().chain(computed).map(move |(place, why)| match place {
        Place::Span(span) => {
            let on_disk = lake.sources.on_disk(span);
            let line = lines.position(on_disk.file, on_disk.start).line;
            (lake.sources.get(on_disk.file).path.clone(), format!(":{line}"), why)
        }
        Place::File(file) => (lake.sources.get(file).path.clone(), String::new(), why),
        Place::Path(path) => (path, String::new(), why),
        Place::Lake => ("the lake".to_string(), String::new(), why),
    })
}
