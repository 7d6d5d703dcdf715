//! Which machine, schedule, job or function a text means: references followed between files.

use super::{Call, State};
use super::{Function, GlueJob, Lake, Named, Resource, ResourceKind, StateId, Workflow, WorkflowId};

/// Who starts whom. References that fit nothing, or several things equally well, are left out.
#[derive(Debug, Default, Clone)]
pub struct Links {
    /// Per machine: the states of machines that start it, in order.
    callers: Vec<Vec<(WorkflowId, StateId)>>,
    /// Per machine: its states that start machines, and which.
    callees: Vec<Vec<(StateId, WorkflowId)>>,
    /// Per machine: the schedules that start it, as indices of [`Lake::resources`].
    schedules: Vec<Vec<usize>>,
}

impl Links {
    fn of(lake: &Lake) -> Links {
        let count = lake.workflows.len();
        let mut links = Links {
            callers: vec![Vec::new(); count],
            callees: vec![Vec::new(); count],
            schedules: vec![Vec::new(); count],
        };
        let machine = |module: &str, text: &str| lake.machine(module, text).and_then(|found| lake.id_of(found));
        for (i, workflow) in lake.workflows.iter().enumerate() {
            let id = WorkflowId(i as u32);
            for state in &workflow.states {
                let Some(text) = started(state) else { continue };
                let callee = if is_self(text) { Some(id) } else { machine(&workflow.named.module, text) };
                if let Some(callee) = callee {
                    links.callers[callee.0 as usize].push((id, state.id));
                    links.callees[i].push((state.id, callee));
                }
            }
        }
        for (i, resource) in lake.resources.iter().enumerate() {
            let ResourceKind::Schedule(schedule) = &resource.kind else { continue };
            let target = schedule.target.as_deref().and_then(|text| machine(&resource.named.module, text));
            if let Some(target) = target {
                links.schedules[target.0 as usize].push(i);
            }
        }
        links
    }

    /// The states that start a machine.
    pub fn callers(&self, machine: WorkflowId) -> &[(WorkflowId, StateId)] {
        self.callers.get(machine.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// The states of a machine that start machines, with what they start.
    pub fn callees(&self, machine: WorkflowId) -> &[(StateId, WorkflowId)] {
        self.callees.get(machine.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// The machine that a state starts.
    pub fn callee(&self, machine: WorkflowId, state: StateId) -> Option<WorkflowId> {
        self.callees(machine).iter().find(|(caller, _)| *caller == state).map(|(_, callee)| *callee)
    }
}

/// The name of the machine that a state starts.
fn started(state: &State) -> Option<&str> {
    match &state.task()?.call {
        Call::Execution { machine } => machine.as_deref(),
        _ => None,
    }
}

/// The context object's word for the machine that is running.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html>
fn is_self(text: &str) -> bool {
    text.contains("$$.StateMachine.Id") || text.contains("$states.context.StateMachine.Id")
}

/// The thing that a text means: one of the same module, else the only one anywhere.
fn meant<'a>(all: impl Iterator<Item = &'a Named>, module: &str, text: &str) -> Option<usize> {
    let (mut near, mut far) = (Vec::new(), Vec::new());
    for (i, named) in all.enumerate().filter(|(_, named)| named.is(module, text)) {
        if *named.module == *module { near.push(i) } else { far.push(i) }
    }
    let found = if near.is_empty() { far } else { near };
    match found.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

impl Lake {
    /// Who starts whom, worked out once.
    pub fn links(&self) -> &Links {
        self.links.get_or_init(|| Links::of(self))
    }

    pub fn workflow(&self, id: WorkflowId) -> &Workflow {
        &self.workflows[id.0 as usize]
    }

    /// The id of a machine of this lake.
    pub fn id_of(&self, workflow: &Workflow) -> Option<WorkflowId> {
        self.workflows.iter().position(|other| std::ptr::eq(other, workflow)).map(|at| WorkflowId(at as u32))
    }

    /// The schedules that start a machine.
    pub fn schedules_of(&self, machine: WorkflowId) -> impl Iterator<Item = (&Resource, &super::Schedule)> {
        let indices = self.links().schedules.get(machine.0 as usize).map_or(&[][..], Vec::as_slice);
        indices.iter().filter_map(|at| match &self.resources[*at] {
            resource @ Resource { kind: ResourceKind::Schedule(schedule), .. } => Some((resource, schedule)),
            _ => None,
        })
    }

    /// The machine that a text of some module means.
    pub fn machine(&self, module: &str, text: &str) -> Option<&Workflow> {
        meant(self.workflows.iter().map(|workflow| &workflow.named), module, text).map(|at| &self.workflows[at])
    }

    /// The Glue job that a text of some module means.
    pub fn glue_job(&self, module: &str, text: &str) -> Option<(&Resource, &GlueJob)> {
        self.resource(module, text, |kind| match kind {
            ResourceKind::GlueJob(job) => Some(job),
            _ => None,
        })
    }

    /// The function that a text of some module means.
    pub fn function(&self, module: &str, text: &str) -> Option<(&Resource, &Function)> {
        self.resource(module, text, |kind| match kind {
            ResourceKind::Lambda(function) => Some(function),
            _ => None,
        })
    }

    /// The resource of a kind that a text of some module means.
    pub fn resource<'a, T>(
        &'a self,
        module: &str,
        text: &str,
        of_kind: impl Fn(&'a ResourceKind) -> Option<&'a T>,
    ) -> Option<(&'a Resource, &'a T)> {
        let all: Vec<(&Resource, &T)> =
            self.resources.iter().filter_map(|resource| Some((resource, of_kind(&resource.kind)?))).collect();
        meant(all.iter().map(|(resource, _)| &resource.named), module, text).map(|at| all[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(module: &str, literal: &str, handle: &str) -> Named {
        Named { module: module.into(), literal: Some(literal.to_string()), handles: vec![handle.to_string()] }
    }

    #[test]
    fn the_same_module_counts_first_and_what_is_ambiguous_is_nothing() {
        let all =
            [named("a.yml", "load", "${Load}"), named("b.yml", "load", "${Load}"), named("c.yml", "save", "${S}")];
        let find = |module: &str, text: &str| meant(all.iter(), module, text);
        assert_eq!(find("b.yml", "load"), Some(1));
        assert_eq!(find("a.yml", "${Load}"), Some(0));
        assert_eq!(find("c.yml", "load"), None);
        assert_eq!(find("a.yml", "arn:aws:states:eu-west-1:1:stateMachine:save"), Some(2));
        assert_eq!(find("a.yml", "${S}"), None);
    }
}
