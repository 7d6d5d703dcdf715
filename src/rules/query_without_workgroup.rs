//! A Task that runs Athena queries in `primary`, because it names no workgroup.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::finding::Place;
use crate::lake::{Call, State, Workflow};

pub const RULE: Rule = rule!("query-without-workgroup", Check::Workflow(check));

fn check(workflow: &Workflow, cx: &mut Context<'_>) {
    let states: Vec<&State> = workflow.states.iter().filter(|state| lacks_workgroup(state)).collect();
    let Some((first, others)) = states.split_first() else { return };
    let message = match others.len() {
        0 => format!("`{}` names no `WorkGroup`: its query runs in `primary`", first.name),
        n => format!("`{}` and {n} more name no `WorkGroup`: their queries run in `primary`", first.name),
    };
    let field = cx.field(first.name_span, "bytes_scanned_cutoff_per_query", "BytesScannedCutoffPerQuery");
    let help = format!("name a workgroup with a scan limit (`{field}`): its queries are counted apart");
    let report = cx.report(Place::Span(first.name_span), message).help(help);
    if let Some(last) = others.last() {
        report.related(last.name_span, "the last of them");
    }
}

fn lacks_workgroup(state: &State) -> bool {
    state.task().is_some_and(|task| matches!(task.call, Call::AthenaQuery { workgroup: None, .. }))
}

#[cfg(test)]
mod tests {
    use super::super::example::machine::{athena, found, lake_of, machine, task};
    use super::*;
    use crate::lake::QueryText;

    #[test]
    fn a_machine_is_one_finding_and_dynamic_workgroups_are_none() {
        let bare = || Call::AthenaQuery { sql: QueryText::Known, workgroup: None };
        let dynamic = Call::AthenaQuery { sql: QueryText::Known, workgroup: Some(None) };
        let states = vec![task("a", bare()), task("b", athena()), task("c", dynamic), task("d", bare())];
        let found = found("query-without-workgroup", &lake_of(vec![machine("m", states)]));
        let messages: Vec<&str> = found.iter().map(|(_, message)| message.as_str()).collect();
        assert_eq!(messages, ["`a` and 1 more name no `WorkGroup`: their queries run in `primary`"]);
    }
}
