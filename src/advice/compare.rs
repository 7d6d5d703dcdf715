//! What the repository does, beside what is advised.

use super::{Advice, Part, Product, ingestion, orchestration, transforms};
use crate::cost::{Bill, Estimator, machine::starts};
use crate::finding::Place;
use crate::lake::{DAYS_PER_MONTH, GlueCommand, Lake, Lookup, Resource, ResourceKind, Seconds, Span, TableName};

/// One thing that the repository does, or that nothing shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// `freshness`, or the name of a part.
    pub what: String,
    pub verdict: Verdict,
    pub text: String,
    pub place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    AsAdvised,
    Differs,
    /// Nothing that was read tells.
    NotSeen,
}

/// Freshness of the product's tables, and each part that was decided.
pub fn compare(product: &Product, advice: &Advice, estimator: &Estimator<'_>, bill: &Bill<'_>) -> Vec<Comparison> {
    let lake = estimator.lake;
    let mut all: Vec<Comparison> = product.tables.iter().map(|table| freshness(table, product, lake, bill)).collect();
    if product.tables.is_empty() {
        let text = "which tables are the product's is not known: name them in `tables`";
        all.push(not_seen("freshness", text));
    }
    for decision in &advice.decisions {
        let Some(choice) = decision.choice else { continue };
        let seen = match decision.part {
            Part::Ingestion => streams(lake),
            Part::Transforms => workers(lake),
            Part::Orchestration => starters(lake),
            Part::Serving | Part::Storage => continue,
        };
        let name = decision.part.name();
        match seen.iter().find(|(id, ..)| *id == choice.id).or(seen.first()) {
            Some((id, text, span)) => all.push(Comparison {
                what: name.to_string(),
                verdict: if *id == choice.id { Verdict::AsAdvised } else { Verdict::Differs },
                text: text.clone(),
                place: Place::Span(*span),
            }),
            None => all.push(not_seen(name, &format!("nothing that was read does the {name}"))),
        }
    }
    all
}

fn not_seen(what: &str, text: &str) -> Comparison {
    Comparison { what: what.to_string(), verdict: Verdict::NotSeen, text: text.to_string(), place: Place::Lake }
}

/// How often a table is written, beside how old it may be.
fn freshness(table: &str, product: &Product, lake: &Lake, bill: &Bill<'_>) -> Comparison {
    let Lookup::Found(id) = lake.catalog.lookup(&TableName::parse(table)) else {
        return not_seen("freshness", &format!("nothing describes `{table}`"));
    };
    let writes = |query: &crate::lake::Query| query.write.as_ref().is_some_and(|write| write.table == Some(id));
    let mut writers = bill.queries.iter().filter(|priced| writes(priced.query));
    let known = writers.clone().find_map(|priced| Some((priced, priced.estimate.runs_per_month?)));
    let Some((priced, runs)) = known.filter(|(_, runs)| *runs > 0.0) else {
        let text = match writers.next() {
            Some(_) => format!("nothing tells how often `{table}` is written"),
            None => format!("no statement that was read writes `{table}`"),
        };
        return not_seen("freshness", &text);
    };
    let every = Seconds(DAYS_PER_MONTH * 86_400.0 / runs);
    let place = Place::Span(priced.query.span);
    let Some(wanted) = product.freshness else {
        return Comparison { place, ..not_seen("freshness", &format!("`{table}` is written every {every}")) };
    };
    // A schedule that is a little late is on time.
    let is_enough = every.0 <= wanted.0.0 * 1.01;
    Comparison {
        what: "freshness".to_string(),
        verdict: if is_enough { Verdict::AsAdvised } else { Verdict::Differs },
        text: format!("`{table}` is written every {every}, and the product wants {}", wanted.0),
        place,
    }
}

/// The id of the pattern that something is, what it is for people, and where.
type Seen = (&'static str, String, Span);

fn streams(lake: &Lake) -> Vec<Seen> {
    let stream = |resource: &Resource| match &resource.kind {
        ResourceKind::Firehose(_) => Some(format!("the delivery stream `{}`", resource.name)),
        ResourceKind::GlueJob(job) if job.command == GlueCommand::Streaming => {
            Some(format!("the streaming job `{}`", resource.name))
        }
        _ => None,
    };
    let streams = lake.asked_resources();
    streams.filter_map(|resource| Some((ingestion::STREAMING.id, stream(resource)?, resource.span))).collect()
}

fn workers(lake: &Lake) -> Vec<Seen> {
    let jobs = lake.asked_resources().filter_map(|resource| match &resource.kind {
        ResourceKind::GlueJob(_) => {
            Some((transforms::GLUE.id, format!("the Glue job `{}`", resource.name), resource.span))
        }
        _ => None,
    });
    let is_asked = |query: &&crate::lake::Query| !lake.sources.get(query.span.file).is_context;
    let statements = lake.queries.iter().filter(is_asked).filter_map(|query| {
        let name = query.write.as_ref()?.name.as_ref()?;
        Some((transforms::ATHENA.id, format!("a statement writes `{name}`"), query.span))
    });
    statements.chain(jobs).collect()
}

fn starters(lake: &Lake) -> Vec<Seen> {
    let machines = lake.asked_workflows().filter(|workflow| !starts(workflow, lake).is_empty());
    let machines = machines.map(|workflow| {
        (orchestration::STEP_FUNCTIONS.id, format!("the state machine `{}`", workflow.name), workflow.span)
    });
    let starts_machine = |resource: &Resource, target: Option<&str>| {
        target.is_some_and(|target| lake.machine(&resource.named.module, target).is_some())
    };
    let schedules = lake.asked_resources().filter_map(|resource| match &resource.kind {
        ResourceKind::Schedule(schedule)
            if schedule.expression.is_some() && !starts_machine(resource, schedule.target.as_deref()) =>
        {
            Some((orchestration::SCHEDULER.id, format!("the schedule `{}`", resource.name), resource.span))
        }
        _ => None,
    });
    machines.chain(schedules).collect()
}
