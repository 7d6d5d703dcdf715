//! Machines take their place in the lake, and their SQL among its texts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::input::asl::Machine;
use crate::lake::{Call, FileId, Lake, Span, State, StateId, WorkflowId};
use crate::sql::Outline;

/// Which texts are the SQL of which states, and of which saved statements.
#[derive(Debug, Default)]
pub(in crate::input) struct Steps {
    by_text: BTreeMap<FileId, Step>,
    /// Files that are read as the texts of statements, and not by themselves.
    replaced: BTreeSet<FileId>,
}

/// What is known of a text of SQL besides itself.
#[derive(Debug)]
pub(in crate::input) struct Step {
    /// The state that runs it.
    state: Option<(WorkflowId, StateId)>,
    /// The name that it is saved by.
    name: Option<String>,
    /// `Database` of the query's context.
    database: Option<String>,
    /// The workgroup that it is saved in, and the module that says so.
    workgroup: Option<(Arc<str>, String)>,
}

impl Step {
    /// Of a statement that is saved in Athena, or stands in a program.
    pub(in crate::input) fn saved(name: Option<String>, database: Option<String>) -> Step {
        Step { state: None, name, database, workgroup: None }
    }

    /// In a workgroup, as its module names it.
    pub(super) fn in_workgroup(self, workgroup: Option<(Arc<str>, String)>) -> Step {
        Step { workgroup, ..self }
    }
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
            steps.insert(file, Step { state: Some((id, state)), name: None, database: sql.database, workgroup: None });
        }
        lake.workflows.push(machine.workflow);
    }
    let place = |span: Span| (lake.sources.get(span.file).path.clone(), span.start);
    lake.resources.sort_by_cached_key(|resource| place(resource.span));
    steps
}

impl Steps {
    pub(in crate::input) fn insert(&mut self, text: FileId, step: Step) {
        self.by_text.insert(text, step);
    }

    /// Has a file not read by itself.
    pub(in crate::input) fn replace(&mut self, file: FileId) {
        self.replaced.insert(file);
    }

    pub(in crate::input) fn is_replaced(&self, file: FileId) -> bool {
        self.replaced.contains(&file)
    }

    /// Tells SQL of machines and of saved statements where its tables are.
    pub(in crate::input) fn set_database(&self, outline: &mut Outline) {
        outline.database = self.by_text.get(&outline.file).and_then(|step| step.database.clone());
        outline.views.iter_mut().for_each(|view| view.database.clone_from(&outline.database));
    }

    /// Tells queries of machines where they run, and gives them the names of their states. A saved statement has the name that it is
    /// saved by.
    pub(in crate::input) fn name_queries(&self, lake: &mut Lake) {
        for query in &mut lake.queries {
            let Some(step) = self.by_text.get(&query.span.file) else { continue };
            if step.name.is_some() {
                query.name.clone_from(&step.name);
            }
            query.workgroup.clone_from(&step.workgroup);
            if let Some((workflow, state)) = step.state {
                query.step = step.state;
                let workflow = &lake.workflows[workflow.0 as usize];
                if let Some(Call::AthenaQuery { workgroup: Some(Some(name)), .. }) = called(workflow.state(state)) {
                    query.workgroup = Some((workflow.named.module.clone(), name.clone()));
                }
                query.name.get_or_insert_with(|| format!("{}/{}", workflow.name, workflow.state(state).name));
            }
        }
    }
}

fn called(state: &State) -> Option<&Call> {
    state.task().map(|task| &task.call)
}
