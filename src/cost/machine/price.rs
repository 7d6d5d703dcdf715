//! What one execution of a machine costs, part by part.

use std::collections::HashMap;
use std::sync::Arc;

use super::ceiling::HISTORY_EVENTS;
use super::part::{Part, PartKind, Unit, sum};
use super::turns::tries_at_worst;
use super::unit::{unit, unknown};
use super::visits::{Way, visits, within_history};
use super::{Ceiling, only_starts};
use crate::cost::prices::prices;
use crate::cost::{Basis, Estimator, RunsFrom};
use crate::lake::{Call, Limit, Spread, State, StateKind, Usd, Workflow, WorkflowId};

/// The estimate of one execution of a machine.
#[derive(Debug, Clone, PartialEq)]
pub struct MachineEstimate {
    /// Transitions of its own; those of an Express execution are not billed. `None` where a number of items or turns is unknown.
    pub transitions: Spread<Option<u64>>,
    /// `low` is what it costs at least, `likely` the dearest way without errors, `high` the worst case: every try, every turn.
    pub usd: Spread<Option<Usd>>,
    /// What the dollars are made of, the execution itself first, then by state.
    pub parts: Vec<Part>,
    /// How often it is started; `None` when nothing says.
    pub runs_per_month: Option<f64>,
    /// What says so.
    pub runs_from: Option<RunsFrom>,
    pub basis: Basis,
}

impl MachineEstimate {
    /// Dollars of the parts that are not listed on their own: queries and other machines are.
    pub fn own_usd(&self) -> Spread<Option<Usd>> {
        sum(self.parts.iter().filter(|part| !matches!(part.kind, PartKind::Query | PartKind::Child)))
    }

    /// The worst case of the parts of which it is known, and the least of the others.
    pub fn known_worst(&self) -> Usd {
        Usd(self.parts.iter().map(|part| part.known_worst().0).sum())
    }

    /// Likely dollars per month, everything included.
    pub fn usd_per_month(&self) -> Option<Usd> {
        Some(Usd(self.usd.likely?.0 * self.runs_per_month?))
    }

    /// Likely dollars per month of the parts that are not listed on their own.
    pub fn own_usd_per_month(&self) -> Option<Usd> {
        Some(Usd(self.own_usd().likely?.0 * self.runs_per_month?))
    }
}

/// Machines that start each other are priced so deep.
const DEPTH: usize = 16;

/// Estimates machines; what a machine costs that several others start is worked out once.
pub(in crate::cost) struct Pricer<'e, 'a> {
    estimator: &'e Estimator<'a>,
    /// `None` for machines that are being priced.
    known: HashMap<WorkflowId, Option<Arc<MachineEstimate>>>,
    depth: usize,
}

impl<'e, 'a> Pricer<'e, 'a> {
    pub(in crate::cost) fn new(estimator: &'e Estimator<'a>) -> Self {
        Pricer { estimator, known: HashMap::new(), depth: 0 }
    }

    /// Estimates one machine of the lake.
    pub(in crate::cost) fn machine(&mut self, id: WorkflowId) -> Arc<MachineEstimate> {
        if let Some(Some(known)) = self.known.get(&id) {
            return known.clone();
        }
        self.known.insert(id, None);
        let workflow = self.estimator.lake.workflow(id);
        let mut estimate = self.workflow(workflow);
        (estimate.runs_per_month, estimate.runs_from) = self.estimator.machine_frequency(workflow).unzip();
        let estimate = Arc::new(estimate);
        self.known.insert(id, Some(estimate.clone()));
        estimate
    }

    /// Estimates a machine, wherever it comes from.
    pub(in crate::cost) fn workflow(&mut self, workflow: &Workflow) -> MachineEstimate {
        let units: Vec<Option<Unit>> = workflow.states.iter().map(|state| self.unit(workflow, state)).collect();
        let count = |way: Way| Counted::of(workflow, way, &units);
        let counted = Spread { low: count(Way::Low), likely: count(Way::Likely), high: count(Way::High) };
        let mut basis = Basis::default();
        basis.assume("no state fails, and a loop turns once");
        if workflow.kind.is_none() {
            basis.assume(format!("type STANDARD for `{}`", workflow.name));
        }
        let region = &self.estimator.pricing.region;
        if *region != "us-east-1" {
            basis.assume(format!("Step Functions, Glue and Lambda cost the same in `{region}` as in us-east-1"));
        }
        let (mut parts, mut transitions) = executions(workflow, &counted, &mut basis);
        for (state, unit) in workflow.states.iter().zip(&units) {
            let Some(unit) = unit else { continue };
            let at = state.id.0 as usize;
            let high = one_after_the_other(workflow, state, unit, counted.high.calls[at]);
            let calls = Spread { low: counted.low.calls[at], likely: counted.likely.calls[at], high };
            let part = Part::of(unit, Some(state.id), state.name_span, calls);
            explain(&part, unit, &mut basis);
            parts.push(part);
        }
        for map in unknown_maps(workflow, &counted.likely) {
            basis.lacks(format!("how many items the Map `{}` has", map.name));
        }
        let mut usd = sum(parts.iter());
        if workflow.scopes.first().is_none_or(|scope| scope.start.is_none()) {
            basis.lacks(format!("which state `{}` starts at", workflow.name));
            (transitions, usd) = (Spread::exactly(None), Spread::exactly(None));
        }
        MachineEstimate { transitions, usd, parts, runs_per_month: None, runs_from: None, basis }
    }

    /// What one call of a state's task costs.
    pub(super) fn unit(&mut self, workflow: &Workflow, state: &State) -> Option<Unit> {
        match &state.task()?.call {
            Call::Execution { .. } => Some(self.child(workflow, state)),
            _ => unit(self.estimator, workflow, state),
        }
    }

    fn child(&mut self, workflow: &Workflow, state: &State) -> Unit {
        let lake = self.estimator.lake;
        let callee = lake.id_of(workflow).and_then(|id| lake.links().callee(id, state.id));
        let what = |name: &str| format!("execution of `{name}`");
        let Some(callee) = callee else {
            let reason = format!("the files do not describe the machine that `{}` starts", state.name);
            return unknown(PartKind::Child, format!("execution that `{}` starts", state.name), &reason);
        };
        let name = &lake.workflow(callee).name;
        if self.known.get(&callee) == Some(&None) {
            return unknown(PartKind::Child, what(name), &format!("how often `{name}` starts itself"));
        }
        if self.depth == DEPTH {
            return unknown(
                PartKind::Child,
                what(name),
                &format!("`{name}` is started by more than {DEPTH} machines in turn"),
            );
        }
        self.depth += 1;
        let estimate = self.machine(callee);
        self.depth -= 1;
        Unit {
            what: what(name),
            kind: PartKind::Child,
            usd: estimate.usd,
            seconds: None,
            basis: estimate.basis.clone(),
        }
    }
}

/// Takes over what stands behind a part: as unknown where the likely bound needs it, else only as a remark.
fn explain(part: &Part, unit: &Unit, basis: &mut Basis) {
    if part.count.high == Some(0) {
        return;
    }
    if part.usd.likely.is_none() && part.each.likely.is_none() {
        basis.merge(&unit.basis);
        return;
    }
    unit.basis.assumptions.iter().for_each(|text| basis.note(text.clone()));
}

/// How often states are visited and their tasks called, one way.
struct Counted {
    visits: Vec<Option<u64>>,
    /// Visits, tries included where they count.
    tries: Vec<Option<u64>>,
    /// Tries of tasks that are billed for each.
    calls: Vec<Option<u64>>,
}

impl Counted {
    fn of(workflow: &Workflow, way: Way, units: &[Option<Unit>]) -> Counted {
        let of_way = |spread: Spread<Option<Usd>>| match way {
            Way::Low => spread.low,
            Way::Likely => spread.likely,
            Way::High => spread.high,
        };
        let tried = |state: &State| if way == Way::High { tries_at_worst(workflow, state) } else { Some(1) };
        let called = |state: &State| match state.task().is_some_and(only_starts) {
            true => Some(1),
            false => tried(state),
        };
        let transition = prices().step_functions.standard_per_1000 / 1000.0;
        let cost = |(state, unit): (&State, &Option<Unit>)| {
            // Of two ways that cost nothing the longer one counts.
            let own = if workflow.is_express_at(state) { 1e-12 } else { transition };
            let task = unit.as_ref().map_or(Some(0.0), |unit| Some(of_way(unit.usd)?.0 * called(state)? as f64));
            Some(own * tried(state)? as f64 + task?)
        };
        let costs: Vec<Option<f64>> = workflow.states.iter().zip(units).map(cost).collect();
        let visits = visits(workflow, way, &costs);
        let times = |factor: &dyn Fn(&State) -> Option<u64>| {
            let product = |(state, visits): (&State, &Option<u64>)| match visits {
                Some(0) => Some(0),
                visits => Some(within_history(workflow, state, (*visits)?.saturating_mul(factor(state)?))),
            };
            workflow.states.iter().zip(&visits).map(product).collect()
        };
        Counted { tries: times(&tried), calls: times(&called), visits }
    }
}

/// Calls that take as long as they may, one after the other, do not fit into an execution more often than so. Inside of a Map they
/// run side by side.
pub(super) fn one_after_the_other(workflow: &Workflow, state: &State, unit: &Unit, calls: Option<u64>) -> Option<u64> {
    let is_in_map = workflow.around(state).any(|around| matches!(around.kind, StateKind::Map(_)));
    match unit.seconds.filter(|seconds| *seconds > 0.0 && !is_in_map) {
        Some(seconds) => {
            let fit = (Ceiling::of(workflow).seconds() / seconds).ceil().max(1.0) as u64;
            calls.map(|calls| calls.min(fit))
        }
        None => calls,
    }
}

/// Maps on the likely way that have an unknown number of items.
fn unknown_maps<'w>(workflow: &'w Workflow, likely: &Counted) -> impl Iterator<Item = &'w State> {
    let is_unknown = |state: &&State| matches!(&state.kind, StateKind::Map(map) if map.items.is_none());
    let is_visited: Vec<bool> = likely.visits.iter().map(|visits| *visits != Some(0)).collect();
    workflow.states.iter().filter(is_unknown).filter(move |state| is_visited[state.id.0 as usize])
}

/// The execution itself: transitions where they are billed, requests and time of Express executions.
fn executions(workflow: &Workflow, counted: &Spread<Counted>, basis: &mut Basis) -> (Vec<Part>, Spread<Option<u64>>) {
    let all = |counted: &Counted, is_cut: bool| {
        let mut standard = workflow.states.iter().filter(|state| !workflow.is_express_at(state));
        let sum = standard.try_fold(0u64, |sum, state| Some(sum.saturating_add(counted.tries[state.id.0 as usize]?)));
        if is_cut { sum.map(|sum| sum.min(HISTORY_EVENTS / 2)) } else { sum }
    };
    // Children of a distributed Map have histories of their own.
    let is_distributed = |state: &State| matches!(&state.kind, StateKind::Map(map) if map.is_distributed);
    let is_cut = !workflow.states.iter().any(is_distributed);
    let transitions = Spread {
        low: all(&counted.low, is_cut),
        likely: all(&counted.likely, is_cut),
        high: all(&counted.high, is_cut),
    };
    let price = &prices().step_functions;
    let mut parts = Vec::new();
    if !workflow.is_express() || workflow.states.iter().any(|state| !workflow.is_express_at(state)) {
        let usd = Spread::exactly(Some(Usd(price.standard_per_1000 / 1000.0)));
        let unit = Unit {
            what: "transitions".to_string(),
            kind: PartKind::Execution,
            usd,
            seconds: None,
            basis: Basis::default(),
        };
        parts.push(Part::of(&unit, None, workflow.span, transitions));
    }
    if workflow.is_express() {
        let unit = express("Express execution", workflow, |state| counted.likely.visits[state.id.0 as usize], basis);
        parts.push(Part::of(&unit, None, workflow.span, Spread::exactly(Some(1))));
    }
    for map in &workflow.states {
        let StateKind::Map(facts) = &map.kind else { continue };
        if !facts.is_distributed || facts.child_kind != Some(crate::lake::WorkflowKind::Express) {
            continue;
        }
        let unit = express(&format!("Express children of `{}`", map.name), workflow, |_| Some(0), basis);
        let start = workflow.scope(facts.body).start.map(|start| start.0 as usize);
        let count = |counted: &Counted| start.map_or(Some(0), |start| counted.visits[start]);
        let counts = Spread { low: count(&counted.low), likely: count(&counted.likely), high: count(&counted.high) };
        parts.push(Part::of(&unit, Some(map.id), map.name_span, counts));
    }
    (parts, transitions)
}

/// Duration is billed by 100 ms, and memory by 64 MB. <https://aws.amazon.com/step-functions/pricing/>
const EXPRESS_STEP: f64 = 0.1;
const EXPRESS_MB: f64 = 64.0;

/// One Express execution: a request and its time. Low is the shortest that is billed, high the longest that it may run.
fn express(what: &str, workflow: &Workflow, visits: impl Fn(&State) -> Option<u64>, basis: &mut Basis) -> Unit {
    let price = &prices().step_functions;
    basis.assume("an Express execution takes 64 MB and a second beside its waits");
    let usd = |seconds: f64| {
        let gb_hours = EXPRESS_MB / 1024.0 * seconds / 3600.0;
        Usd(price.express_per_million / 1e6 + gb_hours * price.express_gb_hour)
    };
    let waits = workflow.states.iter().map(|state| match state.kind {
        StateKind::Wait(Limit::Seconds { seconds, .. }) => visits(state).unwrap_or(0) as f64 * seconds as f64,
        _ => 0.0,
    });
    let longest = Ceiling::of(workflow).seconds().min(Ceiling::FiveMinutes.seconds());
    let likely = (1.0 + waits.sum::<f64>()).min(longest);
    let usd = Spread { low: Some(usd(EXPRESS_STEP)), likely: Some(usd(likely)), high: Some(usd(longest.max(likely))) };
    Unit { what: what.to_string(), kind: PartKind::Execution, usd, seconds: None, basis: Basis::default() }
}

#[cfg(test)]
mod tests;
