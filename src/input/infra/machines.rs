//! Machines take their place in the lake, and their SQL among its texts.

use std::collections::BTreeMap;

use crate::input::asl::Machine;
use crate::lake::{FileId, Lake, Span, StateId, WorkflowId};
use crate::sql::Outline;

/// Which texts are the SQL of which states.
#[derive(Debug, Default)]
pub(in crate::input) struct Steps(BTreeMap<FileId, Step>);

#[derive(Debug)]
struct Step {
    workflow: WorkflowId,
    state: StateId,
    /// `Database` of the query's context.
    database: Option<String>,
}

/// Adds machines in the order of their places, and the SQL of each as a text inside of its file.
pub(super) fn add_machines(mut machines: Vec<Machine>, lake: &mut Lake) -> Steps {
    let place = |machine: &Machine| {
        let span = machine.workflow.span;
        (lake.sources.get(span.file).path.clone(), span.start)
    };
    machines.sort_by_cached_key(place);
    let mut steps = Steps::default();
    for machine in machines {
        let id = WorkflowId(lake.workflows.len() as u32);
        for (state, sql) in machine.queries {
            let file = lake.sources.add_inside(sql.text.value, sql.text.map);
            steps.0.insert(file, Step { workflow: id, state, database: sql.database });
        }
        lake.workflows.push(machine.workflow);
    }
    let place = |span: Span| (lake.sources.get(span.file).path.clone(), span.start);
    lake.resources.sort_by_cached_key(|resource| place(resource.span));
    lake.not_analysed.sort_by_cached_key(|missing| place(missing.span));
    steps
}

impl Steps {
    /// Tells SQL of machines where its tables are.
    pub(in crate::input) fn set_database(&self, outline: &mut Outline) {
        outline.database = self.0.get(&outline.file).and_then(|step| step.database.clone());
    }

    /// Tells queries of machines where they run, and gives them the names of their states.
    pub(in crate::input) fn name_queries(&self, lake: &mut Lake) {
        for query in &mut lake.queries {
            let Some(Step { workflow, state, .. }) = self.0.get(&query.span.file) else { continue };
            query.step = Some((*workflow, *state));
            let workflow = &lake.workflows[workflow.0 as usize];
            query.name.get_or_insert_with(|| format!("{}/{}", workflow.name, workflow.state(*state).name));
        }
    }
}
