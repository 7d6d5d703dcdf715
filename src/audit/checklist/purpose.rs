//! Whether one job does everything.

use std::collections::BTreeMap;

use super::{Case, Evidence, Question, question};
use crate::finding::Place;
use crate::lake::{Call, GlueCommand, Lake, Layer, ResourceKind, Span};

pub(super) const QUESTION: Question = question!("jobs-have-one-purpose", look);

fn look(evidence: &Evidence<'_>, case: &mut Case<'_>) {
    let lake = evidence.estimator.lake;
    let (jobs, others) = (jobs(lake), others(lake));
    let mut layers: Vec<Layer> = lake.catalog.iter().filter_map(|(_, table)| table.layer).collect();
    layers.sort_unstable();
    layers.dedup();
    let names: Vec<&str> = layers.iter().map(|layer| layer.name()).collect();
    match (jobs.len(), others.len()) {
        (1, 0) if layers.len() > 1 => {
            for (name, span) in &jobs {
                let layers = names.join(" and ");
                let text = format!("the Glue job `{name}` is all that was read that makes the {layers} layers");
                case.bad(Place::Span(*span), text);
            }
        }
        (jobs, others) if jobs + others < 2 => case.missing(
            Place::Lake,
            "too few jobs and statements that write were read to tell who ingests, transforms and serves",
        ),
        _ => {
            let jobs = jobs.into_iter().map(|(name, span)| (format!("the Glue job `{name}`"), span));
            for (name, span) in jobs.chain(others) {
                case.good(Place::Span(span), format!("{name} is a step of its own"));
            }
        }
    }
}

/// Glue jobs by name, each where it is declared or else started.
fn jobs(lake: &Lake) -> BTreeMap<String, Span> {
    let mut jobs = BTreeMap::new();
    for resource in &lake.resources {
        if matches!(&resource.kind, ResourceKind::GlueJob(job) if job.command != GlueCommand::Other) {
            jobs.insert(resource.name.clone(), resource.span);
        }
    }
    for workflow in &lake.workflows {
        for state in &workflow.states {
            if let Some(Call::GlueJob { job: Some(job), .. }) = state.task().map(|task| &task.call) {
                let known = lake.glue_job(&workflow.named.module, job);
                let name = known.map_or(job, |(resource, _)| &resource.name);
                jobs.entry(name.clone()).or_insert(state.name_span);
            }
        }
    }
    jobs
}

/// Everything else that may write: statements, delivery streams, functions, and work whose target nobody knows.
fn others(lake: &Lake) -> Vec<(String, Span)> {
    let mut others = Vec::new();
    for query in &lake.queries {
        if let Some(name) = query.write.as_ref().and_then(|write| write.name.as_ref()) {
            others.push((format!("the statement that writes `{name}`"), query.span));
        }
    }
    for resource in &lake.resources {
        match &resource.kind {
            ResourceKind::Firehose(_) => {
                others.push((format!("the delivery stream `{}`", resource.name), resource.span))
            }
            ResourceKind::Lambda(_) => others.push((format!("the function `{}`", resource.name), resource.span)),
            _ => {}
        }
    }
    for state in lake.workflows.iter().flat_map(|workflow| &workflow.states) {
        let call = state.task().map(|task| &task.call);
        let may_write = match call {
            Some(Call::Service { service, .. }) => {
                !matches!(service.as_str(), "sns" | "sqs" | "ses" | "sesv2" | "events")
            }
            Some(Call::GlueJob { job, .. }) => job.is_none(),
            None => false,
            Some(_) => true,
        };
        if may_write {
            others.push((format!("`{}`", state.name), state.name_span));
        }
    }
    others
}
