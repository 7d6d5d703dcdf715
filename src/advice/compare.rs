//! What the repository does to make a product, beside what is advised.

use super::makers::{Makers, is_model};
use super::{Advice, Part, Product, ingestion, orchestration, transforms};
use crate::cost::{Bill, Estimator};
use crate::finding::Place;
use crate::lake::{DAYS_PER_MONTH, Firehose, Lake, Lookup, Seconds, Span, TableName};

/// One thing that the repository does, or that nothing shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// `freshness`, `made-by`, or the name of a part.
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

/// Freshness of the product's tables, and each part that was decided. Only what makes the product's own tables counts.
pub fn compare(product: &Product, advice: &Advice, estimator: &Estimator<'_>, bill: &Bill<'_>) -> Vec<Comparison> {
    let lake = estimator.lake;
    let tables: Vec<TableName> = product.tables.iter().map(|table| TableName::parse(table)).collect();
    let makers = Makers::of(product, &tables, lake);
    let mut all: Vec<Comparison> = tables.iter().map(|table| freshness(table, product, &makers, lake, bill)).collect();
    if tables.is_empty() {
        let text =
            "which tables are the product's is not known: name them in `tables`, and in `made-by` what else makes them";
        all.push(not_seen("freshness", text.to_string()));
    }
    all.extend(
        makers.missing.iter().map(|name| not_seen("made-by", format!("nothing that was read is called `{name}`"))),
    );
    if tables.is_empty() && product.made_by.is_empty() {
        return all;
    }
    for decision in &advice.decisions {
        let Some(choice) = decision.choice else { continue };
        let seen = match decision.part {
            Part::Ingestion => sources(&makers),
            Part::Transforms => workers(&makers, lake),
            Part::Orchestration => starters(&makers),
            Part::Serving | Part::Storage => continue,
        };
        let name = decision.part.name();
        all.push(match seen.iter().find(|(id, ..)| *id == choice.id).or(seen.first()) {
            Some((id, text, span)) => Comparison {
                what: name.to_string(),
                verdict: if *id == choice.id { Verdict::AsAdvised } else { Verdict::Differs },
                text: text.clone(),
                place: Place::Span(*span),
            },
            None => {
                let text = "nothing that was read is seen to do it for the product's tables; what else does, name in `made-by`";
                not_seen(name, text.to_string())
            }
        });
    }
    all
}

fn not_seen(what: &str, text: String) -> Comparison {
    Comparison { what: what.to_string(), verdict: Verdict::NotSeen, text, place: Place::Lake }
}

/// How often a table is written, beside how old it may be.
fn freshness(table: &TableName, product: &Product, makers: &Makers<'_>, lake: &Lake, bill: &Bill<'_>) -> Comparison {
    let (every, span) = match rhythm(table, makers, lake, bill) {
        Ok(found) => found,
        Err(text) => return not_seen("freshness", text),
    };
    let place = Place::Span(span);
    let Some(wanted) = product.freshness.map(|freshness| freshness.0) else {
        return Comparison { place, ..not_seen("freshness", format!("`{table}` is written every {every}")) };
    };
    // Data gets as old as the time between two starts, and as much older as a run takes. A schedule that is a little late is on
    // time.
    let (verdict, text) = if every.0 * 2.0 <= wanted.0 * 1.01 {
        (Verdict::AsAdvised, format!("`{table}` is written every {every}, and the product wants {wanted}"))
    } else if every.0 < wanted.0 * 0.99 {
        let left = Seconds(wanted.0 - every.0);
        let text = format!("its data is no older than {wanted} only while a run takes {left} at most");
        (Verdict::Differs, format!("`{table}` is written every {every}: {text}"))
    } else {
        let text =
            format!("so its data gets {every} old and older by as long as a run takes, and the product wants {wanted}");
        (Verdict::Differs, format!("`{table}` is written every {every}, {text}"))
    };
    Comparison { what: "freshness".to_string(), verdict, text, place }
}

/// The time between two writes of a table and what writes it, else why that is not known.
fn rhythm(table: &TableName, makers: &Makers<'_>, lake: &Lake, bill: &Bill<'_>) -> Result<(Seconds, Span), String> {
    let is_writer = |query| makers.writers.iter().any(|(own, writer)| *own == table && std::ptr::eq(*writer, query));
    let mut writers = bill.queries.iter().filter(|priced| is_writer(priced.query)).peekable();
    let is_written = writers.peek().is_some();
    let known = writers.find_map(|priced| Some((priced, priced.estimate.runs_per_month.filter(|runs| *runs > 0.0)?)));
    if let Some((priced, runs)) = known {
        return Ok((Seconds(DAYS_PER_MONTH * 86_400.0 / runs), priced.query.span));
    }
    let mut streams = makers.streams().filter(|(_, stream, into)| *into == Some(table) && !stream.is_open);
    if let Some((resource, stream, _)) = streams.next() {
        return Ok((Seconds(stream.buffer_seconds.unwrap_or(Firehose::DEFAULT_SECONDS)), resource.span));
    }
    Err(match (is_written, lake.catalog.lookup(table)) {
        (true, _) => format!("nothing tells how often `{table}` is written"),
        (false, Lookup::Unknown) => format!("nothing describes `{table}`"),
        (false, Lookup::Ambiguous) => {
            format!("several tables are called `{table}`: say whose, as in `database.{table}`")
        }
        (false, Lookup::Found(_)) => format!("nothing that was read is seen to write `{table}`"),
    })
}

/// The id of the pattern that something is, what it is for people, and where.
type Seen = (&'static str, String, Span);

/// What brings data in.
fn sources(makers: &Makers<'_>) -> Vec<Seen> {
    let streams = makers.streams().map(|(resource, _, table)| {
        let into = table.map_or(String::new(), |table| format!(" writes into `{table}`"));
        (ingestion::STREAMING.id, format!("the delivery stream `{}`{into}", resource.name), resource.span)
    });
    let jobs = makers.jobs().into_iter().map(|(text, span, is_streaming)| {
        (if is_streaming { ingestion::STREAMING.id } else { ingestion::BATCH.id }, text, span)
    });
    let before = makers.jobs_before().map(|(text, span)| (ingestion::BATCH.id, text, span));
    streams.chain(before).chain(jobs).collect()
}

/// What makes the tables.
fn workers(makers: &Makers<'_>, lake: &Lake) -> Vec<Seen> {
    let statements = makers.writers.iter().map(|(table, query)| match &query.name {
        Some(name) if is_model(query, lake) => {
            (transforms::DBT.id, format!("the dbt model `{name}` makes `{table}`"), query.span)
        }
        _ => (transforms::ATHENA.id, format!("a statement writes `{table}`"), query.span),
    });
    let jobs = makers.jobs().into_iter().map(|(text, span, _)| (transforms::GLUE.id, text, span));
    statements.chain(jobs).collect()
}

/// What starts what makes them.
fn starters(makers: &Makers<'_>) -> Vec<Seen> {
    let machines = makers.machines.iter().map(|machine| {
        let text = format!("the state machine `{}` runs what writes the product's tables", machine.name);
        (orchestration::STEP_FUNCTIONS.id, text, machine.span)
    });
    let schedules = makers.schedules().map(|(schedule, started)| {
        let text = format!("the schedule `{}` starts `{}`", schedule.name, started.name);
        (orchestration::SCHEDULER.id, text, schedule.span)
    });
    machines.chain(schedules).collect()
}
