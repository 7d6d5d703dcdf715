//! How long a state waits between its tries.

use super::Ceiling;
use super::tries::attempts;
use crate::lake::{Retrier, State, Workflow};

/// Seconds between tries, all together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wait {
    /// What the retriers ask for when every attempt is used up.
    pub policy: f64,
    /// The same with half of each delay that `JitterStrategy: FULL` draws by lot.
    pub expected: f64,
    /// The longest single delay.
    pub longest: f64,
    /// What ends the execution before that.
    pub cut_by: Option<Ceiling>,
}

/// The most that `MaxDelaySeconds` allows, a year and a day: no single delay is longer.
/// <https://github.com/aws/amazon-states-language-service>
const LONGEST_DELAY: f64 = 31_622_400.0;

impl Wait {
    /// The seconds that it waits at worst, within the limits of the execution.
    pub fn seconds(&self) -> f64 {
        self.cut_by.map_or(self.policy, Ceiling::seconds)
    }
}

/// The worst wait of all retriers of a state; `None` when a number is only known to the deployment.
pub fn state_wait(workflow: &Workflow, state: &State) -> Option<Wait> {
    if state.is_open {
        return None;
    }
    let mut sum = Wait { policy: 0.0, expected: 0.0, longest: 0.0, cut_by: None };
    for retrier in &state.retriers {
        let policy = Policy::of(retrier)?;
        sum.policy += policy.total();
        sum.expected += policy.expected();
        sum.longest = sum.longest.max(policy.longest());
    }
    Some(cut(sum, workflow, state))
}

/// The worst wait of one retrier of a state.
pub fn retrier_wait(workflow: &Workflow, state: &State, retrier: &Retrier) -> Option<Wait> {
    let policy = Policy::of(retrier)?;
    let wait = Wait { policy: policy.total(), expected: policy.expected(), longest: policy.longest(), cut_by: None };
    Some(cut(wait, workflow, state))
}

/// How many retries of a retrier begin within so many seconds of waiting; `None` when a number is only known to the deployment.
pub fn retries_within(retrier: &Retrier, seconds: f64) -> Option<u64> {
    let policy = Policy::of(retrier)?;
    let total = |attempts: u64| Policy { attempts, ..policy }.total();
    // The largest number of retries whose delays fit, by halving: the total grows with the number.
    let (mut fits, mut exceeds) = (0, policy.attempts.saturating_add(1));
    while fits + 1 < exceeds {
        let middle = fits + (exceeds - fits) / 2;
        if total(middle) <= seconds { fits = middle } else { exceeds = middle }
    }
    Some(fits)
}

/// The seconds between the first tries: so many retries, those of the retrier with the longest waits first.
pub(super) fn wait_of_tries(state: &State, retries: u64) -> Option<f64> {
    let mut policies: Vec<Policy> = state.retriers.iter().map(Policy::of).collect::<Option<_>>()?;
    policies.sort_by(|a, b| b.total().total_cmp(&a.total()));
    let (mut left, mut sum) = (retries, 0.0);
    for policy in policies {
        let attempts = policy.attempts.min(left);
        sum += Policy { attempts, ..policy }.total();
        left -= attempts;
    }
    Some(sum)
}

/// Seconds after the first try at which the tries of a state begin when each fails at once, the first included, at most so many;
/// and how many more there are. `None` when a number is only known to the deployment.
pub fn try_starts(workflow: &Workflow, state: &State, most: usize) -> Option<(Vec<f64>, u64)> {
    if state.is_open {
        return None;
    }
    let ceiling = Ceiling::of_state(workflow, state).seconds();
    let (mut starts, mut now, mut more) = (vec![0.0], 0.0, 0u64);
    for retrier in &state.retriers {
        let policy = Policy::of(retrier)?;
        let shown = policy.attempts.min((most - starts.len()) as u64);
        for retry in 1..=shown {
            now += policy.delay(retry);
            if now <= ceiling {
                starts.push(now);
            }
        }
        let ended = retries_within(retrier, ceiling).unwrap_or(policy.attempts);
        more = more.saturating_add(policy.attempts.min(ended).saturating_sub(shown));
    }
    Some((starts, more))
}

fn cut(wait: Wait, workflow: &Workflow, state: &State) -> Wait {
    let ceiling = Ceiling::of_state(workflow, state);
    Wait { cut_by: (wait.policy > ceiling.seconds()).then_some(ceiling), ..wait }
}

/// A retrier's numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Policy {
    attempts: u64,
    interval: f64,
    /// At least 1, as the language demands.
    rate: f64,
    /// No delay is longer.
    most: f64,
    full_jitter: bool,
}

impl Policy {
    fn of(retrier: &Retrier) -> Option<Policy> {
        let most = match (retrier.max_delay.value, retrier.max_delay.written) {
            (Some(most), _) => most.clamp(0.0, LONGEST_DELAY),
            (None, None) => LONGEST_DELAY,
            (None, Some(_)) => return None,
        };
        Some(Policy {
            attempts: attempts(retrier)?,
            interval: retrier.interval.value?.max(0.0),
            rate: retrier.backoff.value?.max(1.0),
            most,
            full_jitter: retrier.full_jitter,
        })
    }

    /// The delay before retry `k`, which counts from 1: Interval × Rate^(k-1), at most `most`.
    fn delay(&self, k: u64) -> f64 {
        let power = k.saturating_sub(1).min(i32::MAX as u64) as i32;
        // A power that is too large is infinite, and 0 times that is no number, which `min` drops.
        if self.interval == 0.0 { 0.0 } else { (self.interval * self.rate.powi(power)).min(self.most) }
    }

    /// Retries before the delay reaches its limit.
    fn growing(&self) -> u64 {
        if self.interval == 0.0 || self.rate == 1.0 {
            return if self.interval < self.most { self.attempts } else { 0 };
        }
        let about = ((self.most / self.interval).ln() / self.rate.ln()).max(0.0) as u64;
        // The logarithms may be off by one.
        let is_growing = |k: &u64| self.delay(*k) < self.most;
        let from = about.saturating_sub(1);
        let growing = (from + 1..=from + 4).take_while(is_growing).last().unwrap_or(from);
        growing.min(self.attempts)
    }

    /// All delays together: a geometric sum, then delays at the limit.
    fn total(&self) -> f64 {
        let growing = self.growing();
        let sum = match growing {
            0 => 0.0,
            n if self.rate == 1.0 => self.interval * n as f64,
            n => self.interval * (self.rate.powi(n.min(i32::MAX as u64) as i32) - 1.0) / (self.rate - 1.0),
        };
        sum + self.most * (self.attempts - growing) as f64
    }

    fn expected(&self) -> f64 {
        if self.full_jitter { self.total() / 2.0 } else { self.total() }
    }

    fn longest(&self) -> f64 {
        if self.attempts == 0 { 0.0 } else { self.delay(self.attempts) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::example::{Flow, retrier};
    use super::*;
    use crate::cost::machine::{time_of_tries, tries};
    use crate::lake::{Seconds, Setting, WorkflowKind};

    #[track_caller]
    fn assert_wait(attempts: f64, interval: f64, rate: f64, expected: f64) {
        let flow = Flow::new("A").task("A", "B").retry(retrier(attempts, interval, rate)).succeed("B").build();
        let wait = state_wait(&flow, &flow.states[0]).expect("all written");
        assert!((wait.policy - expected).abs() < expected.max(1.0) * 1e-9, "{}, not {expected}", wait.policy);
    }

    #[test]
    fn published_policies_wait_as_long_as_they_do() {
        assert_wait(3.0, 1.0, 2.0, 7.0);
        assert_wait(6.0, 2.0, 2.0, 126.0);
        assert_wait(10.0, 1.0, 2.0, 1_023.0);
        assert_wait(12.0, 1.0, 2.0, 4_095.0);
        assert_wait(15.0, 1.0, 2.0, 32_767.0);
        assert_wait(20.0, 1.0, 2.0, 1_048_575.0);
        assert_wait(100.0, 180.0, 1.0, 18_000.0);
        assert_wait(500.0, 10.0, 1.0, 5_000.0);
        assert_wait(0.0, 1.0, 2.0, 0.0);
        assert_wait(5.0, 0.0, 2.0, 0.0);
    }

    #[test]
    fn a_year_is_the_end_and_express_ends_after_five_minutes() {
        let flow = |attempts: f64| Flow::new("A").task("A", "B").retry(retrier(attempts, 1.0, 2.0)).succeed("B");
        let wait = |flow: &Workflow| state_wait(flow, &flow.states[0]).expect("written");
        assert_eq!(wait(&flow(20.0).build()).cut_by, None);
        let endless = wait(&flow(26.0).build());
        assert_eq!((endless.cut_by, endless.seconds()), (Some(Ceiling::Year), 31_536_000.0));
        let express = wait(&flow(10.0).kind(WorkflowKind::Express).build());
        assert_eq!(express.cut_by, Some(Ceiling::FiveMinutes));
        let timed = wait(&flow(10.0).timeout(60).build());
        assert!(matches!(timed.cut_by, Some(Ceiling::Timeout { seconds: 60, .. })), "{timed:?}");
        assert_eq!(Seconds(timed.policy).to_string(), "17 minutes");
    }

    #[test]
    fn the_largest_policy_overflows_nothing() {
        let all = wait_of(99_999_999.0, 99_999_999.0, 10.0);
        assert_eq!(all.policy, LONGEST_DELAY * 99_999_999.0);
        let slow = wait_of(99_999_999.0, 1.0, 1.000_000_1);
        assert!(slow.policy.is_finite() && slow.policy > 99_999_999.0);
    }

    fn wait_of(attempts: f64, interval: f64, rate: f64) -> Wait {
        let flow = Flow::new("A").task("A", "B").retry(retrier(attempts, interval, rate)).succeed("B").build();
        assert_eq!(tries(&flow.states[0]), Some(attempts as u64 + 1));
        state_wait(&flow, &flow.states[0]).expect("written")
    }

    #[test]
    fn retries_fit_into_a_time_as_long_as_their_delays_do() {
        let within = |policy: Retrier, seconds: f64| retries_within(&policy, seconds);
        assert_eq!(within(retrier(90.0, 5.0, 5.0), 31_536_000.0), Some(10));
        assert_eq!(within(retrier(90.0, 5.0, 5.0), 4.0), Some(0));
        assert_eq!(within(retrier(3.0, 1.0, 2.0), 7.0), Some(3));
        assert_eq!(within(retrier(3.0, 1.0, 2.0), 6.9), Some(2));
        assert_eq!(within(retrier(99_999_999.0, 60.0, 1.0), 86_400.0), Some(1_440));
        let unknown = Setting { value: None, written: Some(super::super::example::SPAN) };
        assert_eq!(within(Retrier { interval: unknown, ..retrier(3.0, 1.0, 2.0) }, 7.0), None);
    }

    #[test]
    fn jitter_halves_what_is_expected_but_not_the_worst() {
        let policy = Retrier { full_jitter: true, ..retrier(3.0, 1.0, 2.0) };
        let flow = Flow::new("A").task("A", "B").retry(policy).succeed("B").build();
        let wait = state_wait(&flow, &flow.states[0]).expect("written");
        assert_eq!((wait.policy, wait.expected, wait.longest), (7.0, 3.5, 4.0));
    }

    #[test]
    fn what_the_deployment_sets_is_unknown() {
        let unknown = Setting { value: None, written: Some(super::super::example::SPAN) };
        for open in [
            Retrier { max_attempts: unknown, ..retrier(3.0, 1.0, 2.0) },
            Retrier { interval: unknown, ..retrier(3.0, 1.0, 2.0) },
            Retrier { max_delay: unknown, ..retrier(3.0, 1.0, 2.0) },
        ] {
            let flow = Flow::new("A").task("A", "B").retry(open).succeed("B").build();
            assert_eq!(state_wait(&flow, &flow.states[0]), None);
        }
    }

    #[test]
    fn every_try_may_run_into_the_timeout_of_the_task() {
        let flow = Flow::new("A").task("A", "B").retry(retrier(3.0, 1.0, 2.0)).task_timeout(900).succeed("B").build();
        assert_eq!(time_of_tries(&flow.states[0]), Some(3_600));
        assert_eq!(time_of_tries(&flow.states[1]), None);
    }

    /// A state whose tries all fail, each time with the error of a retrier that still has attempts, retrier after retrier.
    fn simulated(policies: &[(u32, u32, f64, Option<u32>)]) -> (u64, f64) {
        let mut left: Vec<u32> = policies.iter().map(|policy| policy.0).collect();
        let mut next: Vec<f64> = policies.iter().map(|policy| f64::from(policy.1)).collect();
        let (mut tries, mut waited) = (1, 0.0);
        while let Some(at) = left.iter().position(|left| *left > 0) {
            left[at] -= 1;
            let most = policies[at].3.map_or(LONGEST_DELAY, f64::from).min(LONGEST_DELAY);
            waited += next[at].min(most);
            next[at] *= policies[at].2;
            tries += 1;
        }
        (tries, waited)
    }

    proptest! {
        #[test]
        fn tries_and_waits_are_those_of_a_simulation(
            policies in prop::collection::vec(
                (0u32..60, 0u32..200_000, prop_oneof![Just(1.0), Just(2.0), 1.0f64..12.0], prop::option::of(1u32..40_000_000)),
                0..4,
            )
        ) {
            let mut flow = Flow::new("A").task("A", "B");
            for (attempts, interval, rate, most) in &policies {
                let max_delay = Setting { value: most.map(f64::from), written: None };
                flow = flow.retry(Retrier { max_delay, ..retrier(f64::from(*attempts), f64::from(*interval), *rate) });
            }
            let flow = flow.succeed("B").build();
            let (tried, waited) = simulated(&policies);
            prop_assert_eq!(tries(&flow.states[0]), Some(tried));
            let wait = state_wait(&flow, &flow.states[0]).expect("written");
            prop_assert!((wait.policy - waited).abs() <= waited.max(1.0) * 1e-6, "{} not {}", wait.policy, waited);
            prop_assert!(wait.seconds() <= wait.policy && wait.longest <= wait.policy * (1.0 + 1e-9));
        }
    }
}
