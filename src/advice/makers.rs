//! What of a lake makes a product: the statements that write its tables and those before them, the machines that run these, the
//! streams that deliver what they read, and what the description names.

use super::Product;
use crate::cost::machine::PaidWork;
use crate::lake::{
    Call, Firehose, GlueCommand, Lake, Location, Lookup, ModelKind, Query, Resource, ResourceKind, Span, State,
    StateId, TableName, Workflow, WorkflowId,
};

/// What makes a product, in file and position order.
pub(super) struct Makers<'a> {
    lake: &'a Lake,
    /// Statements that write its tables, models of dbt included, each with the table.
    pub writers: Vec<(&'a TableName, &'a Query)>,
    /// Its tables, and those on the way to them.
    on_the_way: Vec<TableName>,
    /// Machines that run what writes these, or that are named, and those that start them.
    pub machines: Vec<&'a Workflow>,
    /// The states at which machines first run such a statement.
    firsts: Vec<(WorkflowId, StateId)>,
    /// Machines that are named.
    named_machines: Vec<WorkflowId>,
    /// Jobs, streams and functions that are named.
    named: Vec<&'a Resource>,
    /// Names that nothing has.
    pub missing: Vec<&'a str>,
}

impl<'a> Makers<'a> {
    pub fn of(product: &'a Product, tables: &'a [TableName], lake: &'a Lake) -> Makers<'a> {
        let writers = lake.queries.iter().flat_map(|query| {
            tables.iter().filter(|table| writes(query, table, lake)).map(move |table| (table, query))
        });
        let (on_the_way, chain) = chain(tables, lake);
        let mut makers = Makers {
            lake,
            writers: writers.collect(),
            on_the_way,
            machines: Vec::new(),
            firsts: Vec::new(),
            named_machines: Vec::new(),
            named: Vec::new(),
            missing: Vec::new(),
        };
        let mut steps: Vec<(WorkflowId, StateId)> = chain.iter().filter_map(|query| query.step).collect();
        steps.sort_unstable();
        steps.dedup_by_key(|(machine, _)| *machine);
        makers.firsts = steps;
        for name in &product.made_by {
            makers.name(name);
        }
        let mut ids: Vec<WorkflowId> = makers.firsts.iter().map(|(machine, _)| *machine).collect();
        ids.extend(&makers.named_machines);
        makers.machines = with_callers(ids, lake);
        makers
    }

    fn name(&mut self, name: &'a str) {
        let before = self.named_machines.len() + self.named.len();
        let lake = self.lake;
        let machines = lake.workflows.iter().filter(|machine| machine.name == name || machine.named.is("", name));
        self.named_machines.extend(machines.filter_map(|machine| lake.id_of(machine)));
        let is_maker = |kind: &ResourceKind| {
            !matches!(kind, ResourceKind::Schedule(_) | ResourceKind::Workgroup(_) | ResourceKind::Lifecycle(_))
        };
        let resources = lake.resources.iter().filter(|resource| is_maker(&resource.kind));
        self.named.extend(resources.filter(|resource| resource.name == name || resource.named.is("", name)));
        if self.named_machines.len() + self.named.len() == before {
            self.missing.push(name);
        }
    }

    /// Streams that are named, or that write into a table on the way, with that table.
    pub fn streams(&self) -> impl Iterator<Item = (&'a Resource, &'a Firehose, Option<&TableName>)> {
        self.lake.resources.iter().filter_map(|resource| {
            let ResourceKind::Firehose(stream) = &resource.kind else { return None };
            let writes = |place: &Location| self.on_the_way.iter().find(|table| holds(self.lake, table, place));
            let table = stream.prefix.as_ref().and_then(writes);
            (table.is_some() || self.is_named(resource)).then_some((resource, stream, table))
        })
    }

    fn is_named(&self, resource: &Resource) -> bool {
        self.named.iter().any(|named| std::ptr::eq(*named, resource))
    }

    /// Jobs that are named, and those of machines that are named and run no statement of the product: what they write nobody
    /// sees. Each with whether it is a streaming job.
    pub fn jobs(&self) -> Vec<(String, Span, bool)> {
        let job = |resource: &&Resource| match &resource.kind {
            ResourceKind::GlueJob(job) => Some((
                format!("the Glue job `{}`", resource.name),
                resource.span,
                job.command == GlueCommand::Streaming,
            )),
            _ => None,
        };
        let blind = |id: &&WorkflowId| !self.firsts.iter().any(|(machine, _)| machine == *id);
        let started = self.named_machines.iter().filter(blind).flat_map(|id| {
            let machine = self.lake.workflow(*id);
            let works = machine.states.iter().filter_map(|state| self.work(machine, state));
            works.map(|(text, span)| (format!("`{}` starts {text}", machine.name), span, false))
        });
        self.named.iter().filter_map(job).chain(started).collect()
    }

    /// Jobs that machines start before the first statement of the product.
    pub fn jobs_before(&self) -> impl Iterator<Item = (String, Span)> {
        self.firsts.iter().flat_map(|(id, first)| {
            let machine = self.lake.workflow(*id);
            let before = machine.states.iter().take_while(|state| state.id != *first);
            before.filter_map(|state| {
                let (text, span) = self.work(machine, state)?;
                Some((format!("`{}` starts {text} before it writes the product's tables", machine.name), span))
            })
        })
    }

    /// Work that moves data, and no statement.
    fn work(&self, machine: &Workflow, state: &State) -> Option<(String, Span)> {
        let call = &state.task()?.call;
        let text = match (PaidWork::of(call)?, call) {
            (PaidWork::Glue, Call::GlueJob { job: Some(job), .. }) => {
                let known = self.lake.glue_job(&machine.named.module, job);
                format!("the Glue job `{}`", known.map_or(job.as_str(), |(resource, _)| &resource.name))
            }
            (work @ (PaidWork::Glue | PaidWork::Emr | PaidWork::Batch | PaidWork::Ecs), _) => work.plural().to_string(),
            _ => return None,
        };
        Some((text, state.name_span))
    }

    /// Schedules that start something that is named, with what they start.
    pub fn schedules(&self) -> impl Iterator<Item = (&'a Resource, &'a Resource)> {
        self.lake.resources.iter().filter_map(|resource| {
            let ResourceKind::Schedule(schedule) = &resource.kind else { return None };
            let target = schedule
                .target
                .as_deref()
                .filter(|_| schedule.is_enabled != Some(false) && schedule.expression.is_some())?;
            let started = self.named.iter().find(|named| named.named.is(&resource.named.module, target))?;
            Some((resource, *started))
        })
    }
}

/// Whether a statement writes a table, or is the dbt model of its name.
fn writes(query: &Query, table: &TableName, lake: &Lake) -> bool {
    match &query.write {
        Some(write) => write.name.as_ref().is_some_and(|name| name.matches(table)),
        None => {
            is_model(query, lake) && query.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(table.table()))
        }
    }
}

/// Whether a statement is a model of dbt: of a project that was read, or a query in a `models` folder that is called as its file.
pub(super) fn is_model(query: &Query, lake: &Lake) -> bool {
    if let Some(model) = lake.model(query) {
        return matches!(model.kind, ModelKind::Model | ModelKind::Snapshot);
    }
    let path = &lake.sources.get(query.span.file).path;
    let mut folders = path.rsplit('/');
    let stem = folders.next().and_then(|file| file.strip_suffix(".sql"));
    query.write.is_none() && stem.is_some() && query.name.as_deref() == stem && folders.any(|folder| folder == "models")
}

/// The tables, those that the statements read that write them, and so on; and these statements.
fn chain<'a>(tables: &[TableName], lake: &'a Lake) -> (Vec<TableName>, Vec<&'a Query>) {
    let mut on_the_way = tables.to_vec();
    let mut statements: Vec<&Query> = Vec::new();
    let mut at = 0;
    while at < on_the_way.len() {
        for query in lake.queries.iter().filter(|query| writes(query, &on_the_way[at], lake)).collect::<Vec<_>>() {
            if statements.iter().any(|known| std::ptr::eq(*known, query)) {
                continue;
            }
            statements.push(query);
            let described = query.reads.iter().map(|read| &lake.catalog.get(read.table).name);
            let read: Vec<&TableName> = described.chain(query.unknown_tables.iter().map(|(name, _)| name)).collect();
            for name in read {
                if !on_the_way.contains(name) {
                    on_the_way.push(name.clone());
                }
            }
        }
        at += 1;
    }
    (on_the_way, statements)
}

fn holds(lake: &Lake, table: &TableName, place: &Location) -> bool {
    let Lookup::Found(id) = lake.catalog.lookup(table) else { return false };
    lake.catalog.get(id).holds(place)
}

/// The machines, and those that start them, by their place in the files.
fn with_callers(mut ids: Vec<WorkflowId>, lake: &Lake) -> Vec<&Workflow> {
    let mut at = 0;
    while let Some(id) = ids.get(at).copied() {
        for (caller, _) in lake.links().callers(id) {
            if !ids.contains(caller) {
                ids.push(*caller);
            }
        }
        at += 1;
    }
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().map(|id| lake.workflow(id)).collect()
}
