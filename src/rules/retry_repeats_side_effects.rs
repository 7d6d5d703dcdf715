//! A statement that must not run twice, under a retrier that runs it again after any error.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::finding::{Confidence, Place, Severity};
use crate::lake::error_name::{ALL, TASK_FAILED};
use crate::lake::{Call, Pattern, Query, Span, State, StatementKind, TableKind};

pub const RULE: Rule = rule!("retry-repeats-side-effects", Check::Query(check));

fn check(query: &Query, cx: &mut Context<'_>) {
    let Some((workflow, state)) = query.step else { return };
    let Some(workflow) = cx.lake.workflows.get(workflow.0 as usize) else { return };
    let state = workflow.state(state);
    let Some(harm) = harm(query, cx) else { return };
    // With a token of its own, Athena runs the same request once.
    if !is_awaited_query(state) || cx.lake.sources.text(state.span).contains("ClientRequestToken") {
        return;
    }
    let repeated = std::iter::once(state).chain(workflow.around(state)).find_map(|by| Some((by, catch_all(by)?)));
    let Some((by, (name, span))) = repeated else { return };
    let message = match by.id == state.id {
        true => format!("`{name}` runs {} again after any error: {}", harm.statement, harm.after_failure),
        false => format!(
            "`{name}` around `{}` runs {} again, also when it had succeeded: {}",
            state.name, harm.statement, harm.after_success
        ),
    };
    let statement = cx.lake.sources.on_disk(first_line(query, cx));
    cx.report(Place::Span(span), message)
        .at_most(harm.severity)
        .confidence(harm.confidence)
        .help(harm.help)
        .object(&state.name)
        .related(statement, "the statement");
}

/// What a second run of a statement does.
struct Harm {
    /// With its article.
    statement: &'static str,
    after_failure: &'static str,
    after_success: &'static str,
    severity: Severity,
    confidence: Confidence,
    help: &'static str,
}

/// `None` for statements that can run twice, or of which nothing is certain.
fn harm(query: &Query, cx: &Context<'_>) -> Option<Harm> {
    let text = cx.lake.sources.text(query.span);
    let refuses = |statement, help| Harm {
        statement,
        after_failure: "it fails each time, because the first try may have left files in its location",
        after_success: "it fails, because the first run has filled its location",
        severity: Severity::Low,
        confidence: Confidence::Medium,
        help,
    };
    match query.kind {
        StatementKind::Insert => {
            let table = query.write.as_ref()?.table.map(|id| cx.lake.catalog.get(id));
            // A commit of Iceberg is all or nothing.
            if table.is_some_and(|table| table.kind == TableKind::Iceberg) {
                return None;
            }
            Some(Harm {
                statement: "the INSERT",
                after_failure: "what the failed try has written stays in the table, and rows are there twice",
                after_success: "its rows are there twice",
                severity: Severity::Medium,
                confidence: if table.is_some() { Confidence::High } else { Confidence::Medium },
                help: "retry only errors before the start, such as `Athena.TooManyRequestsException`; or write to a \
                       partition that the retry empties first, or into an Iceberg table",
            })
        }
        StatementKind::Ctas if fixed_location(text, "external_location") => Some(refuses(
            "the CTAS",
            "delete the files of `external_location` before each try, or make it unique for each run",
        )),
        StatementKind::Unload if fixed_location(text, "to") => Some(refuses(
            "the UNLOAD",
            "delete the files of its location before each try, or make it unique for each run",
        )),
        _ => None,
    }
}

/// Whether a location is written out after a word, without a part that only the run knows.
fn fixed_location(text: &str, word: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.match_indices("'s3://").any(|(at, _)| {
        let before = lower[..at].trim_end().trim_end_matches('=').trim_end();
        let location = lower[at + 1..].split('\'').next().unwrap_or("");
        before.ends_with(word) && !location.contains(['$', '{', '<', '%'])
    })
}

/// Whether the state runs a query and waits for its end: without `.sync`, only the start is retried.
fn is_awaited_query(state: &State) -> bool {
    state.task().is_some_and(|task| task.pattern == Pattern::Sync && matches!(task.call, Call::AthenaQuery { .. }))
}

/// The name in a retrier that takes failures of any kind.
fn catch_all(state: &State) -> Option<(&str, Span)> {
    let retries = state.retriers.iter().filter(|r| r.max_attempts.value.is_none_or(|attempts| attempts > 0.0));
    let names = retries.flat_map(|retrier| &retrier.errors);
    names.filter(|(name, _)| name == ALL || name == TASK_FAILED).map(|(name, span)| (name.as_str(), *span)).next()
}

fn first_line(query: &Query, cx: &Context<'_>) -> Span {
    let text = cx.lake.sources.text(query.span);
    let start = query.span.range().start;
    Span::new(query.span.file, start..start + text.find(['\r', '\n']).unwrap_or(text.len()))
}
