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

#[cfg(test)]
mod tests {
    use super::super::example::findings_in;
    use super::super::example::machine::{glue_job, resource};
    use super::*;
    use crate::lake::{
        BookmarkOption, Dataset, GlueJob, JobRead, Lake, Reader, ResourceKind, Sources, Span, TableName,
    };

    fn found(bookmarks: Option<BookmarkOption>) -> Vec<Confidence> {
        let mut sources = Sources::default();
        let file = sources.add("jobs/load.py", "orders");
        let span = Span::new(file, 0..6);
        let source = Dataset::Table(TableName::parse("shop.orders"));
        let read = JobRead { span, source, reader: Reader::DynamicFrame, has_predicate: false, has_context: true };
        let job = Job { reads: vec![read], init: Some(span), ..Job::new(file) };
        let glue = |bookmarks| {
            let script = Some("s3://${var.bucket}/load.py".to_string());
            let job = GlueJob { script, bookmarks, ..glue_job(Some("4.0"), "G.1X", 2.0) };
            resource("load", ResourceKind::GlueJob(job))
        };
        let resources = bookmarks.map(glue).into_iter().collect();
        let lake = Lake { sources, jobs: vec![job], resources, ..Lake::default() };
        findings_in("glue-bookmark-not-committed", &lake).into_iter().map(|finding| finding.confidence).collect()
    }

    #[test]
    fn bookmarks_that_are_off_need_no_commit() {
        assert_eq!(found(None), [Confidence::Medium]);
        assert_eq!(found(Some(BookmarkOption::Unknown)), [Confidence::Medium]);
        assert_eq!(found(Some(BookmarkOption::Enabled)), [Confidence::High]);
        assert!(found(Some(BookmarkOption::Disabled)).is_empty());
    }
}
