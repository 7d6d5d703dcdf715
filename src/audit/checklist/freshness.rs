//! How old what people read may be.

use super::flow::Flow;
use super::{Case, Evidence, Question, question};
use crate::cost::machine::starts;
use crate::finding::Place;
use crate::lake::{Layer, Resource, ResourceKind, Seconds, Table, TableId, Workflow};

pub(super) const QUESTION: Question = question!("freshness-is-known", look);

/// Seconds of a month.
const MONTH: f64 = 86_400.0 * crate::lake::DAYS_PER_MONTH;

/// A frequency is a fact, and whether it is enough is for those who read.
const UNCOMPARED: &str = "; no promise about freshness was compared";

/// Curated tables are asked about; where there is none, the machines that start paid work.
fn look(evidence: &Evidence<'_>, case: &mut Case<'_>) {
    let lake = evidence.estimator.lake;
    let curated = lake.catalog.iter().filter(|(_, table)| table.layer == Some(Layer::Curated));
    for (id, table) in curated {
        of_table(id, table, evidence, case);
    }
    let has_tables = !case.is_empty();
    for workflow in lake.asked_workflows().filter(|workflow| !starts(workflow, lake).is_empty()) {
        of_machine(workflow, has_tables, evidence, case);
    }
    if case.is_empty() {
        case.missing(Place::Lake, "no curated table and no state machine was read; schedules elsewhere are not read");
    }
}

/// ``every 24 hours``
fn every(runs: f64) -> String {
    format!("every {}", Seconds(MONTH / runs))
}

/// The statement that brings rows most often says how fresh a table is.
fn of_table(id: TableId, table: &Table, evidence: &Evidence<'_>, case: &mut Case<'_>) {
    let refreshes = |query| Flow::of(query).is_some_and(|flow| flow.target == id && flow.brings_rows());
    let writers: Vec<_> = evidence.bill.queries.iter().filter(|priced| refreshes(priced.query)).collect();
    let known = writers.iter().filter_map(|priced| Some((priced, priced.estimate.runs_per_month?)));
    let known = known.max_by(|(_, a), (_, b)| a.total_cmp(b));
    let unknown = writers.iter().find(|priced| priced.estimate.runs_per_month.is_none());
    match (known, unknown) {
        (Some((priced, runs)), _) if runs > 0.0 => {
            case.good(
                Place::Span(priced.query.span),
                format!("`{}` is written {}{UNCOMPARED}", table.name, every(runs)),
            );
        }
        (_, Some(priced)) => case.missing(
            Place::Span(priced.query.span),
            format!("nothing tells how often the statement runs that writes `{}`", table.name),
        ),
        (Some((priced, _)), None) => case.bad(
            Place::Span(priced.query.span),
            format!("the statement that writes `{}` never runs: its frequency is zero", table.name),
        ),
        (None, None) => {
            let place = table.declared_at.map_or(Place::Lake, Place::Span);
            case.missing(place, format!("nothing that was read brings rows into `{}`", table.name));
        }
    }
}

/// That a machine starts is not said once more where tables are.
fn of_machine(workflow: &Workflow, has_tables: bool, evidence: &Evidence<'_>, case: &mut Case<'_>) {
    let lake = evidence.estimator.lake;
    let Some(id) = lake.id_of(workflow) else { return };
    let schedules = || lake.schedules_of(id);
    let is_disabled = schedules().all(|(_, schedule)| schedule.is_enabled == Some(false));
    let disabled = schedules().next().filter(|_| is_disabled && lake.links().callers(id).is_empty());
    let is_function = |resource: &&Resource| matches!(resource.kind, ResourceKind::Lambda(_));
    let mut nearby = lake.resources.iter().filter(|resource| resource.named.module == workflow.named.module);
    match (evidence.estimator.machine_runs(workflow), disabled) {
        (None, Some((resource, _))) if nearby.any(|resource| is_function(&resource)) => {
            let text =
                format!("every schedule of `{}` is disabled, and a function beside it may start it", workflow.name);
            case.missing(Place::Span(resource.span), text);
        }
        (None, Some((resource, _))) => {
            case.bad(Place::Span(resource.span), format!("every schedule of `{}` is disabled", workflow.name));
        }
        (_, _) if has_tables => {}
        (Some(0.0), _) => {
            case.bad(Place::Span(workflow.span), format!("`{}` never starts: its frequency is zero", workflow.name));
        }
        (Some(runs), _) => {
            case.good(Place::Span(workflow.span), format!("`{}` starts {}{UNCOMPARED}", workflow.name, every(runs)));
        }
        (None, _) if schedules().any(|(_, schedule)| schedule.is_enabled.is_none()) => {
            let text = format!("only the deployment knows whether a schedule of `{}` is enabled", workflow.name);
            case.missing(Place::Span(workflow.span), text);
        }
        (None, _) => {
            case.missing(Place::Span(workflow.span), format!("nothing tells how often `{}` starts", workflow.name));
        }
    }
}
