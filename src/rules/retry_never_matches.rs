//! A retrier or catcher that no error ever reaches.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::finding::{Confidence, Patch, Place, Severity};
use crate::lake::error_name::{ALL, Misspelling, TASK_FAILED, misspelling};
use crate::lake::{Retrier, Span, State, Workflow};
use crate::patch::Draft;

pub const RULE: Rule = rule!("retry-never-matches", Check::Workflow(check));

/// A retrier or a catcher.
struct Entry<'a> {
    span: Span,
    errors: &'a [(String, Span)],
}

/// `Retry` or `Catch` of a state.
struct List<'a> {
    state: &'a State,
    /// `retrier` or `catcher`.
    kind: &'static str,
    entries: Vec<Entry<'a>>,
}

fn check(workflow: &Workflow, cx: &mut Context<'_>) {
    for state in &workflow.states {
        let retriers = state.retriers.iter().map(|r| Entry { span: r.span, errors: &r.errors }).collect();
        let catchers = state.catchers.iter().map(|c| Entry { span: c.span, errors: &c.errors }).collect();
        for list in
            [List { state, kind: "retrier", entries: retriers }, List { state, kind: "catcher", entries: catchers }]
        {
            list.entries.iter().for_each(|entry| misspelt(entry, &list, cx));
            if !all_is_misplaced(&list, cx) {
                unreachable(&list, cx);
            }
        }
        state.retriers.iter().for_each(|retrier| terminal(retrier, state, cx));
    }
}

fn misspelt(entry: &Entry<'_>, list: &List<'_>, cx: &mut Context<'_>) {
    for (name, span) in entry.errors {
        let Some(misspelling) = misspelling(name) else { continue };
        let (message, meant) = match misspelling {
            Misspelling::Case(meant) => (format!("`{name}` matches no error: names are case-sensitive"), Some(meant)),
            Misspelling::Near(meant) => (format!("`{name}` matches no error: there is no such name"), Some(meant)),
            Misspelling::NoSuchName => {
                (format!("`{name}` matches no error: only Step Functions names errors `States.`, and none is so"), None)
            }
        };
        let confidence = if meant.is_some() { Confidence::High } else { Confidence::Medium };
        let patch = meant.and_then(|meant| corrected(name, meant, *span, entry, cx));
        let help = match meant {
            Some(ALL) if entry.errors.len() > 1 => {
                format!("write `{ALL}`, in a {} of its own after all others", list.kind)
            }
            Some(meant) => format!("write `{meant}`"),
            None => format!("remove it, or name an error that `{}` reports", list.state.name),
        };
        cx.report(Place::Span(*span), message).confidence(confidence).help(help).patch(patch).object(&list.state.name);
    }
}

/// The name in its right spelling. It makes retries that never happened happen, which is meant but not safe; `States.ALL` beside
/// other names would be refused.
fn corrected(name: &str, meant: &str, span: Span, entry: &Entry<'_>, cx: &Context<'_>) -> Option<Patch> {
    let is_refused = meant == ALL && entry.errors.len() > 1;
    if is_refused { None } else { Draft::new(&cx.lake.sources).replace_word(span, name, meant).suggestion() }
}

/// Reports a `States.ALL` that does not stand alone and last, once per list.
fn all_is_misplaced(list: &List<'_>, cx: &mut Context<'_>) -> bool {
    let all = |entry: &Entry<'_>| entry.errors.iter().find(|(name, _)| name == ALL).map(|(_, span)| *span);
    let found = list.entries.iter().enumerate().find_map(|(i, entry)| Some((i, entry, all(entry)?)));
    let Some((i, entry, span)) = found else { return false };
    let (alone, later) = (entry.errors.len() == 1, &list.entries[i + 1..]);
    let kind = list.kind;
    let message = match later {
        [] if alone => return false,
        [] => "`States.ALL` does not stand alone: AWS refuses the definition".to_string(),
        _ => format!(
            "`States.ALL` is not in the last {kind}: AWS refuses the definition, and no error reaches what follows"
        ),
    };
    let report = cx
        .report(Place::Span(span), message)
        .help(format!("give `States.ALL` a {kind} of its own, after all others"))
        .object(&list.state.name);
    if let Some(entry) = later.first() {
        report.related(entry.errors.first().map_or(entry.span, |(_, span)| *span), "never reached");
    }
    true
}

/// Reports entries whose names earlier entries match already.
fn unreachable(list: &List<'_>, cx: &mut Context<'_>) {
    for (i, entry) in list.entries.iter().enumerate() {
        let taken = |name: &str| {
            let names = list.entries[..i].iter().flat_map(|earlier| earlier.errors);
            let wildcard = list.state.task().is_some() && !name.starts_with("States.") && !name.contains("${");
            names
                .clone()
                .find(|(other, _)| other == name)
                .or_else(|| names.clone().find(|(other, _)| wildcard && other == TASK_FAILED))
        };
        let Some((name, span)) = entry.errors.first() else { continue };
        let Some((by, place)) = taken(name).filter(|_| entry.errors.iter().all(|(name, _)| taken(name).is_some()))
        else {
            continue;
        };
        let kind = list.kind;
        let message = match by == name {
            true => format!("no error reaches this {kind}: an earlier one takes `{name}`"),
            false => format!("no error reaches this {kind}: `{by}` in an earlier one takes all but timeouts"),
        };
        cx.report(Place::Span(*span), message)
            .help(format!("put it before the other {kind}, or remove it: only the first that matches counts"))
            .related(*place, "taken here")
            .object(&list.state.name);
    }
}

/// Reports errors that end the execution whatever a retrier says.
fn terminal(retrier: &Retrier, state: &State, cx: &mut Context<'_>) {
    if retrier.max_attempts.value.is_none_or(|attempts| attempts == 0.0) {
        return;
    }
    for (name, span) in &retrier.errors {
        let (why, help) = match name.as_str() {
            "States.Runtime" => (
                "`States.Runtime` is never retried: the execution fails at once",
                "remove it from `ErrorEquals`, and check the paths and the input that the state takes",
            ),
            "States.DataLimitExceeded" => (
                "`States.DataLimitExceeded` is terminal: another try meets the same limit",
                "remove it from `ErrorEquals`, and pass large results through S3",
            ),
            _ => continue,
        };
        let severity = if retrier.errors.len() > 1 { Severity::Low } else { Severity::Medium };
        cx.report(Place::Span(*span), why).at_most(severity).help(help).object(&state.name);
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{findings_in, machine, of_machine, task_machine};

    const ID: &str = "retry-never-matches";

    fn retry(lists: &[&str]) -> Vec<String> {
        let entries: Vec<String> = lists.iter().map(|names| format!(r#"{{"ErrorEquals": [{names}]}}"#)).collect();
        of_machine(ID, &task_machine(&format!(r#""Retry": [{}],"#, entries.join(", ")), ""))
    }

    #[test]
    fn names_that_no_error_has_are_found() {
        assert_eq!(retry(&[r#""States.All""#]), ["medium: `States.All` matches no error: names are case-sensitive"]);
        assert_eq!(retry(&[r#""States.Timeouts""#]).len(), 1);
        assert_eq!(retry(&[r#""lambda.Unknown", "MyError", "${Error}""#]).len(), 1);
        assert!(
            retry(&[r#""MyError", "Glue.ConcurrentRunsExceededException", "States.Http.StatusCode.429""#]).is_empty()
        );
    }

    #[test]
    fn a_wildcard_stands_alone_and_last() {
        let refused = "medium: `States.ALL` does not stand alone: AWS refuses the definition";
        assert_eq!(retry(&[r#""States.ALL", "MyError""#]), [refused]);
        let early = retry(&[r#""States.ALL""#, r#""MyError""#]);
        assert_eq!(early.len(), 1);
        assert!(early[0].contains("not in the last retrier"), "{early:?}");
        assert!(retry(&[r#""MyError""#, r#""States.ALL""#]).is_empty());
    }

    #[test]
    fn only_the_first_retrier_of_a_name_counts() {
        assert_eq!(
            retry(&[r#""A", "B""#, r#""B""#]),
            ["medium: no error reaches this retrier: an earlier one takes `B`"]
        );
        assert!(retry(&[r#""A""#, r#""A", "B""#]).is_empty());
        assert_eq!(retry(&[r#""States.TaskFailed""#, r#""A""#]).len(), 1);
        assert!(retry(&[r#""States.TaskFailed""#, r#""States.Timeout""#, r#""States.ALL""#]).is_empty());
    }

    #[test]
    fn terminal_errors_are_not_retried() {
        assert!(retry(&[r#""States.Runtime""#])[0].starts_with("medium: `States.Runtime` is never retried"));
        assert!(retry(&[r#""States.Runtime", "States.TaskFailed""#])[0].starts_with("low: "));
        let off = r#""Retry": [{"ErrorEquals": ["States.DataLimitExceeded"], "MaxAttempts": 0}],"#;
        assert!(of_machine(ID, &task_machine(off, "")).is_empty());
        let catch = r#""Catch": [{"ErrorEquals": ["States.DataLimitExceeded"], "Next": "Load"}],"#;
        assert!(of_machine(ID, &task_machine(catch, "")).is_empty());
    }

    #[test]
    fn the_right_name_is_offered_but_not_written_by_itself() {
        let asl = task_machine(r#""Retry": [{"ErrorEquals": ["States.All"]}],"#, "");
        let patch = findings_in(ID, &machine(&asl)).remove(0).patch.expect("a patch");
        assert_eq!((patch.edits[0].text.as_str(), patch.is_safe), ("States.ALL", false));
        assert_eq!(&asl[patch.edits[0].span.range()], "States.All");
    }
}
