//! How often a machine is started in a month.

use std::collections::HashMap;

use crate::cost::{Estimator, Frequency, RunsFrom};
use crate::lake::{StateKind, Workflow, WorkflowId};

/// Machines that start each other are followed so far.
const DEPTH: usize = 16;

impl Estimator<'_> {
    /// Starts per month: `[runs]` by the machine's name or its file, else the schedules that start it and the machines that do.
    /// `None` when nothing says.
    pub fn machine_runs(&self, workflow: &Workflow) -> Option<f64> {
        Some(self.machine_frequency(workflow)?.0)
    }

    /// The same with what says so.
    pub(in crate::cost) fn machine_frequency(&self, workflow: &Workflow) -> Option<(f64, RunsFrom)> {
        let path = &self.lake.sources.get(workflow.file).path;
        if let Some(runs) = self.runs.per_month(Some(&workflow.name), path) {
            return Some((runs, RunsFrom::Configuration));
        }
        let id = self.lake.id_of(workflow)?;
        Some((self.started(id, DEPTH, &mut HashMap::new())?, RunsFrom::Schedule))
    }

    /// `known` holds what was worked out, and `None` for machines that are being looked at: how often one starts itself is unknown.
    fn started(&self, machine: WorkflowId, depth: usize, known: &mut HashMap<WorkflowId, Option<f64>>) -> Option<f64> {
        if let Some(known) = known.get(&machine) {
            return *known;
        }
        known.insert(machine, None);
        let schedules = self.by_schedules(machine)?;
        let mut sum = schedules;
        for (caller, state) in self.lake.links().callers(machine) {
            if depth == 0 {
                return None;
            }
            let parent = self.lake.workflow(*caller);
            let path = &self.lake.sources.get(parent.file).path;
            let runs = match self.runs.per_month(Some(&parent.name), path) {
                Some(runs) => runs,
                None => self.started(*caller, depth - 1, known)?,
            };
            sum = Some(sum.unwrap_or(0.0) + runs * self.items_around(parent, *state)?);
        }
        known.insert(machine, sum);
        sum
    }

    /// Starts by schedules, inside `None` when there is no schedule; `None` when one does not tell how often.
    fn by_schedules(&self, machine: WorkflowId) -> Option<Option<f64>> {
        let mut sum = None;
        for (_, schedule) in self.lake.schedules_of(machine).filter(|(_, schedule)| schedule.is_enabled != Some(false))
        {
            schedule.is_enabled?;
            let expression = schedule.expression.clone()?;
            // Once, at a date: nothing that recurs.
            if expression.trim_start().starts_with("at(") {
                continue;
            }
            let frequency = Frequency::try_from(expression).ok()?;
            sum = Some(sum.unwrap_or(0.0) + frequency.per_month(self.as_of));
        }
        Some(sum)
    }

    /// How often a state is visited in one execution because of the Maps around it.
    pub(in crate::cost) fn items_around(&self, workflow: &Workflow, state: crate::lake::StateId) -> Option<f64> {
        workflow.around(workflow.state(state)).try_fold(1.0, |product, around| match &around.kind {
            StateKind::Map(map) => Some(product * map.runs()? as f64),
            _ => Some(product),
        })
    }
}
