//! Machines whose bill is known.

use proptest::prelude::*;

use super::super::example::{Flow, SPAN, job, lake, polling, resource, retrier, schedule};
use super::*;
use crate::cost::Terms;
use crate::cost::machine::loops;
use crate::expr::AsOf;
use crate::lake::{Function, GlueJob, Lake, MapFacts, Pattern, ResourceKind, WorkflowKind};

fn as_of() -> AsOf {
    AsOf(chrono::NaiveDate::from_ymd_opt(2025, 6, 30).and_then(|day| day.and_hms_opt(0, 0, 0)).expect("a date"))
}

fn estimate(lake: &Lake, at: usize) -> MachineEstimate {
    Terms::default().estimator(lake, as_of()).machine(&lake.workflows[at])
}

fn of(flow: Flow) -> MachineEstimate {
    estimate(&lake(vec![flow.build()]), 0)
}

fn dollars(usd: Spread<Option<Usd>>) -> [Option<f64>; 3] {
    [usd.low, usd.likely, usd.high].map(|usd| usd.map(|usd| (usd.0 * 1e9).round() / 1e9))
}

fn counts(spread: Spread<Option<u64>>) -> [Option<u64>; 3] {
    [spread.low, spread.likely, spread.high]
}

#[test]
fn transitions_are_billed_and_retries_are_transitions() {
    let flow = Flow::new("A").task("A", "B").retry(retrier(3.0, 1.0, 2.0)).task("B", "C").succeed("C");
    let estimate = of(flow);
    assert_eq!(counts(estimate.transitions), [Some(3), Some(3), Some(6)]);
    assert_eq!(dollars(estimate.usd), [Some(0.000_075), Some(0.000_075), Some(0.000_15)]);
    assert_eq!(estimate.runs_per_month, None);
}

#[test]
fn a_machine_that_starts_nowhere_has_no_known_bill() {
    let estimate = of(Flow::new("Gone").task("A", "B").succeed("B"));
    assert_eq!(counts(estimate.transitions), [None; 3]);
    assert_eq!(dollars(estimate.usd), [None; 3]);
    assert_eq!(estimate.basis.unknown, ["which state `machine` starts at"]);
}

#[test]
fn a_loop_turns_once_or_until_its_end() {
    let estimate = of(polling());
    // At least the start, one state of the loop and the end.
    assert_eq!(counts(estimate.transitions), [Some(3), Some(5), Some(2_777 * 3 + 2)]);
}

#[test]
fn the_dearest_way_counts_and_errors_only_at_worst() {
    let flow = Flow::new("Which?")
        .choice("Which?", "Short", &["Long"])
        .pass("Short", "End")
        .task("Long", "More")
        .catch("Mend")
        .task("More", "End")
        .task("Mend", "Again")
        .task("Again", "Long2")
        .task("Long2", "End")
        .succeed("End");
    assert_eq!(counts(of(flow).transitions), [Some(3), Some(4), Some(6)]);
}

#[test]
fn a_glue_job_costs_a_minute_at_least_and_its_timeout_at_most() {
    let flow = || {
        let flow = Flow::new("Load").glue("Load", "nightly", Pattern::Sync, "End");
        flow.retry(retrier(3.0, 1.0, 2.0)).succeed("End")
    };
    let with_job = |flow: Flow, job| {
        let mut lake = lake(vec![flow.build()]);
        lake.resources = vec![job];
        let estimate = estimate(&lake, 0);
        let part = estimate.parts.iter().find(|part| part.kind == PartKind::GlueJob).expect("a job");
        (dollars(part.usd), estimate.basis)
    };
    let minute = 2.0 * 0.44 / 60.0;
    let rounded = |usd: f64| Some((usd * 1e9).round() / 1e9);
    let (usd, basis) = with_job(flow(), job("nightly", |_| {}));
    assert_eq!(usd, [rounded(minute), None, rounded(2.0 * 0.44 * 4.0)]);
    assert_eq!(basis.unknown, ["how long the Glue job `nightly` runs"]);
    let (usd, _) = with_job(flow(), job("nightly", |job| job.max_retries = Some(1)));
    assert_eq!(usd[2], rounded(2.0 * 0.44 * 8.0));
    let in_time = flow().named("machine").with(|_| {});
    let mut timed = in_time.build();
    timed.states[0].timeout = Limit::Seconds { seconds: 1_800, span: timed.span };
    let mut shorter = lake(vec![timed]);
    shorter.resources = vec![job("nightly", |_| {})];
    assert_eq!(dollars(estimate(&shorter, 0).parts[1].usd)[2], rounded(0.44 * 4.0));
    // 10 units for 48 hours, or 8 from version 5.0 on.
    let bare = |version: Option<&'static str>| {
        move |job: &mut GlueJob| {
            (job.workers, job.worker_type, job.timeout) = (None, None, Limit::Unset);
            job.version = version.map(str::to_string);
        }
    };
    assert_eq!(with_job(flow(), job("nightly", bare(Some("4.0")))).0[2], rounded(211.2 * 4.0));
    assert_eq!(with_job(flow(), job("nightly", bare(Some("5.0")))).0[2], rounded(35.2 * 4.0));
    let (usd, basis) = with_job(flow(), job("nightly", bare(None)));
    assert_eq!(usd[2], rounded(35.2 * 4.0));
    assert!(basis.assumptions.iter().any(|text| text.contains("newest version")), "{basis:?}");
    assert_eq!(with_job(flow(), job("other", |_| {})).0, [Some(0.0), None, None]);
}

#[test]
fn runs_that_take_all_their_time_do_not_fit_into_an_execution_for_ever() {
    let flow = Flow::new("Load").glue("Load", "nightly", Pattern::Sync, "End");
    let flow = flow.retry(retrier(99_999_999.0, 1.0, 1.0)).succeed("End");
    let high = |flow: Flow| {
        let mut lake = lake(vec![flow.build()]);
        lake.resources = vec![job("nightly", |_| {})];
        estimate(&lake, 0).parts[1].count.high
    };
    // An hour each: the history ends it first, and a timeout of ten hours before.
    assert_eq!(high(flow), Some((25_000 - 2) / 4));
    let flow = Flow::new("Load").glue("Load", "nightly", Pattern::Sync, "End").timeout(36_000);
    assert_eq!(high(flow.retry(retrier(99_999_999.0, 1.0, 1.0)).succeed("End")), Some(10));
}

#[test]
fn a_job_that_is_only_started_is_not_repeated() {
    let flow = Flow::new("Load").glue("Load", "nightly", Pattern::RequestResponse, "End").retry(retrier(3.0, 1.0, 2.0));
    let mut lake = lake(vec![flow.succeed("End").build()]);
    lake.resources = vec![job("nightly", |_| {})];
    assert_eq!(counts(estimate(&lake, 0).parts[1].count), [Some(1), Some(1), Some(1)]);
}

#[test]
fn a_function_costs_its_memory_and_time() {
    let mut lake = lake(vec![Flow::new("f").lambda("f", "End").succeed("End").build()]);
    let function = Function { memory_mb: Some(1_024.0), timeout: Some(30.0), ..Function::default() };
    lake.resources = vec![resource("f", ResourceKind::Lambda(function))];
    let part = &estimate(&lake, 0).parts[1];
    let of = |seconds: f64| Some(((0.000_000_2 + seconds * 0.000_016_666_7) * 1e9).round() / 1e9);
    assert_eq!(dollars(part.usd), [of(0.001), of(1.0), of(30.0)]);
}

#[test]
fn items_multiply_and_an_unknown_number_is_not_zero() {
    let flow = |items| {
        Flow::new("M").map("M", items, "End").body("M").lambda("f", "Out").succeed("Out").leave().succeed("End")
    };
    let known = of(flow(Some(10)));
    assert_eq!(counts(known.transitions), [Some(22), Some(22), Some(22)]);
    let unknown = of(flow(None));
    assert_eq!(counts(unknown.transitions), [Some(2), None, None]);
    assert_eq!((unknown.usd.likely, unknown.usd.high), (None, None));
    assert!(unknown.parts[1].each.likely.is_some());
    assert_eq!(unknown.basis.unknown, ["how many items the Map `M` has"]);
}

#[test]
fn express_executions_are_billed_by_request_and_time() {
    let estimate = of(Flow::new("A").kind(WorkflowKind::Express).task("A", "W").wait("W", 9, "End").succeed("End"));
    assert_eq!(counts(estimate.transitions), [Some(0), Some(0), Some(0)]);
    let of = |seconds: f64| Some(((0.000_001 + seconds / 3600.0 / 16.0 * 0.060_012) * 1e9).round() / 1e9);
    assert_eq!(dollars(estimate.usd), [of(0.1), of(10.0), of(300.0)]);
}

#[test]
fn children_of_a_distributed_map_have_histories_of_their_own() {
    let flow = Flow::new("M").map("M", Some(100_000), "End").with(|state| match &mut state.kind {
        StateKind::Map(map) => *map = MapFacts { is_distributed: true, ..map.clone() },
        _ => unreachable!("a Map"),
    });
    let flow = flow.body("M").task("T", "Out").succeed("Out").leave().succeed("End");
    assert_eq!(of(flow).transitions.high, Some(200_002));
}

#[test]
fn a_child_is_part_of_its_parent_and_runs_as_often() {
    let parent = Flow::new("Start").named("parent").execution("Start", "child", Pattern::Sync, "End").succeed("End");
    let child = Flow::new("T").named("child").task("T", "End").succeed("End");
    let mut lake = lake(vec![parent.build(), child.build()]);
    lake.resources = vec![schedule(Some("rate(1 day)"), "parent")];
    let (parent, child) = (estimate(&lake, 0), estimate(&lake, 1));
    assert_eq!(dollars(parent.usd)[1], Some(0.000_1));
    assert_eq!(dollars(parent.own_usd())[1], Some(0.000_05));
    assert_eq!((parent.runs_per_month, child.runs_per_month), (Some(30.4375), Some(30.4375)));
    lake.resources.push(schedule(Some("rate(1 hour)"), "child"));
    lake.links = Default::default();
    assert_eq!(estimate(&lake, 1).runs_per_month, Some(30.4375 * 25.0));
    lake.resources.push(schedule(None, "child"));
    lake.links = Default::default();
    assert_eq!(estimate(&lake, 1).runs_per_month, None);
}

#[test]
fn machines_that_start_each_other_cost_an_unknown_amount() {
    let flow = |name: &str, other: &str| {
        Flow::new("Start").named(name).execution("Start", other, Pattern::RequestResponse, "End").succeed("End").build()
    };
    let lake = lake(vec![flow("a", "b"), flow("b", "a")]);
    let estimate = estimate(&lake, 0);
    assert_eq!((estimate.usd.likely, estimate.runs_per_month), (None, None));
    assert!(estimate.basis.unknown.contains(&"how often `a` starts itself".to_string()), "{:?}", estimate.basis);
}

#[test]
fn endings_say_when_and_what_it_has_cost() {
    let flow = Flow::new("Wait").wait("Wait", 30, "Load").glue("Load", "nightly", Pattern::RequestResponse, "Done?");
    let flow = flow.choice("Done?", "Wait", &["End"]).succeed("End");
    let mut lake = lake(vec![flow.build(), polling().timeout(3_600).build()]);
    let slow = |job: &mut GlueJob| job.timeout = Limit::Seconds { seconds: 57_600, span: SPAN };
    lake.resources = vec![job("nightly", |_| {}), job("slow", slow)];
    let terms = Terms::default();
    let estimator = terms.estimator(&lake, as_of());
    let ending = |at: usize| {
        let workflow = &lake.workflows[at];
        estimator.ending(workflow, &loops(workflow)[0])
    };
    let first = ending(0);
    let expected = "25,000 history events end it after 2,777 turns and 23.1 hours, which cost $40.94 to $2,443.97";
    assert_eq!(first.in_words("turns"), expected);
    assert_eq!(first.usd.high.map(|usd| usd.0.round()), Some((0.88f64 * 2_777.0 + 0.21).round()));
    let expected = "the machine's timeout of 60 minutes ends it after 120 turns and 60 minutes";
    assert_eq!(ending(1).in_words("turns"), expected);
    let flow = Flow::new("A").task("A", "B").retry(retrier(99_999_999.0, 1.0, 1.0)).succeed("B").build();
    let ending = estimator.ending_of_tries(&flow, &flow.states[0]).expect("written");
    let expected = "25,000 history events end it after 8,332 tries and 2.3 hours, which cost $0.21";
    assert_eq!(ending.in_words("tries"), expected);
    // Runs of 16 hours each: a year has room for 548 of them.
    let flow = Flow::new("A").glue("A", "slow", Pattern::Sync, "B").retry(retrier(99_999_999.0, 1.0, 1.0));
    let flow = flow.succeed("B").build();
    let ending = estimator.ending_of_tries(&flow, &flow.states[0]).expect("written");
    let most = ending.usd.high.expect("known").0;
    assert!((most - (548.0 * 14.08 + 0.16)).abs() < 0.01, "{most}");
}

proptest! {
    /// Whatever the machine, a bound that is known is no less than the one before.
    #[test]
    fn bounds_are_in_order(
        edges in prop::collection::vec((0usize..8, 0usize..8, any::<bool>()), 0..16),
        kinds in prop::collection::vec((0u8..5, 0u32..4, prop::option::of(0u64..5)), 8),
    ) {
        let mut flow = Flow::new("0");
        for (i, (kind, attempts, items)) in kinds.iter().enumerate() {
            let name = i.to_string();
            flow = match kind {
                0 => flow.lambda(&name, "nowhere"),
                1 => flow.wait(&name, 30, "nowhere"),
                2 => flow.glue(&name, "nightly", Pattern::Sync, "nowhere"),
                3 => flow.map(&name, *items, "nowhere").pass(&format!("in {i}"), "nowhere").with(|state| state.is_end = true),
                _ => flow.task(&name, "nowhere"),
            };
            flow = flow.retry(retrier(f64::from(*attempts), 1.0, 2.0));
        }
        // Only states of the top level have numbers for names.
        let mut workflow = flow.build();
        let at: Vec<usize> = (0..8).map(|i| workflow.states.iter().position(|one| one.name == i.to_string()).expect("there")).collect();
        for (from, to, is_catch) in &edges {
            let kind = if *is_catch { crate::lake::EdgeKind::Catch(0) } else { crate::lake::EdgeKind::Next };
            let target = workflow.states[at[*to]].id;
            let span = workflow.span;
            workflow.states[at[*from]].edges.push(crate::lake::Edge { kind, to: Some(target), target: to.to_string(), span });
        }
        for i in 0..workflow.states.len() {
            if workflow.states[i].name.starts_with("in ") {
                let scope = crate::lake::ScopeId(workflow.scopes.len() as u32);
                let (parent, own) = (workflow.states[i - 1].id, workflow.states[i].id);
                workflow.scopes.push(crate::lake::Scope { start: Some(own), parent: Some(parent) });
                workflow.states[i].scope = scope;
                if let StateKind::Map(map) = &mut workflow.states[i - 1].kind {
                    map.body = scope;
                }
            }
        }
        let mut lake = lake(vec![workflow]);
        lake.resources = vec![job("nightly", |_| {})];
        let estimate = estimate(&lake, 0);
        let ordered = |low: Option<f64>, likely: Option<f64>, high: Option<f64>| {
            let low = low.expect("always known");
            likely.is_none_or(|likely| low <= likely * 1.000_001)
                && high.is_none_or(|high| likely.unwrap_or(low) <= high * 1.000_001)
        };
        let usd = estimate.usd.map(|usd| usd.map(|usd| usd.0));
        prop_assert!(ordered(usd.low, usd.likely, usd.high), "{:?}", estimate);
        let counts = estimate.transitions.map(|count| count.map(|count| count as f64));
        prop_assert!(ordered(counts.low, None, None), "{:?}", counts);
    }
}
