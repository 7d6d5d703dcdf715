//! A Glue job keeps bookmarks that never move.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::finding::{Confidence, Place};
use crate::lake::{Bookmarks, Job};

pub const RULE: Rule = rule!("glue-bookmark-not-committed", Check::Job(check));

fn check(job: &Job, cx: &mut Context<'_>) {
    let Some(init) = job.init.filter(|_| !job.commits) else { return };
    // Without it no read keeps a bookmark.
    let reads = job.reads.iter().filter(|read| read.has_context);
    let Some(first) = reads.clone().next() else { return };
    // Off, they have nowhere to move.
    let confidence = match cx.lake.bookmarks(job) {
        Bookmarks::Off(_) => return,
        Bookmarks::On => Confidence::High,
        Bookmarks::Unknown => Confidence::Medium,
    };
    let message = "`job.init` without `job.commit`: bookmarks never move, and every run reads all files again";
    cx.report(Place::Span(init), message)
        .confidence(confidence)
        .help("call `job.commit()` at the end, when what was read has been written")
        .related(first.span, "this read is meant to keep a bookmark");
}
