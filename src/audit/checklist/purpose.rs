//! Whether one job does everything.

use std::collections::BTreeMap;

use super::{Case, Evidence, Question, question};
use crate::finding::Place;
use crate::lake::{Call, GlueCommand, Lake, Layer, ResourceKind, Span};

pub(super) const QUESTION: Question = question!("jobs-have-one-purpose", look);

fn look(evidence: &Evidence<'_>, case: &mut Case<'_>) {
    let lake = evidence.estimator.lake;
    let (jobs, writers) = (jobs(lake), writers(lake));
    let mut layers: Vec<Layer> = lake.catalog.iter().filter_map(|(_, table)| table.layer).collect();
    layers.sort_unstable();
    layers.dedup();
    let names: Vec<&str> = layers.iter().map(|layer| layer.name()).collect();
    match (jobs.len(), writers.len()) {
        (1, 0) if layers.len() > 1 && !may_write(lake) => {
            for (name, span) in &jobs {
                let layers = names.join(" and ");
                let text = format!("the Glue job `{name}` is all that was read that makes the {layers} layers");
                case.bad(Place::Span(*span), text);
            }
        }
        (jobs, writers) if jobs + writers < 2 => case.missing(
            Place::Lake,
            "too few jobs and statements that write were read to tell who ingests, transforms and serves",
        ),
        _ => {
            let jobs = jobs.into_iter().map(|(name, span)| (format!("the Glue job `{name}`"), span));
            for (name, span) in jobs.chain(writers) {
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

/// What is seen to write besides jobs: statements and delivery streams.
fn writers(lake: &Lake) -> Vec<(String, Span)> {
    let statements = lake.queries.iter().filter_map(|query| {
        let name = query.write.as_ref()?.name.as_ref()?;
        Some((format!("the statement that writes `{name}`"), query.span))
    });
    let streams = lake.resources.iter().filter_map(|resource| match &resource.kind {
        ResourceKind::Firehose(_) => Some((format!("the delivery stream `{}`", resource.name), resource.span)),
        _ => None,
    });
    statements.chain(streams).collect()
}

/// Whether something is there that nobody sees into: a function, or work whose target is not known.
fn may_write(lake: &Lake) -> bool {
    let tells = ["sns", "sqs", "ses", "sesv2", "events"];
    let mut calls = lake.workflows.iter().flat_map(|workflow| &workflow.states).filter_map(|state| state.task());
    lake.resources.iter().any(|resource| matches!(resource.kind, ResourceKind::Lambda(_)))
        || calls.any(|task| match &task.call {
            Call::Service { service, .. } => !tells.contains(&service.as_str()),
            Call::GlueJob { job, .. } => job.is_none(),
            _ => true,
        })
}
