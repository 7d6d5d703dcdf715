//! How a state meets errors: its retriers and catchers.

use super::{Slot, Span, error_name};

/// One entry of `Retry`. Absent fields have the defaults of the language: 3 attempts, 1 second, rate 2.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html>
#[derive(Debug, Clone)]
pub struct Retrier {
    pub span: Span,
    pub errors: Vec<(String, Span)>,
    /// Retries after the first try. `written` is `None` where the default counts; `value` is `None` when only the deployment knows.
    pub max_attempts: Setting,
    /// Seconds before the first retry.
    pub interval: Setting,
    pub backoff: Setting,
    /// Most seconds before a retry; `value` is `None` without a limit.
    pub max_delay: Setting,
    /// `JitterStrategy` is `FULL`.
    pub full_jitter: bool,
    pub slot: Option<Slot>,
}

/// A number of a retrier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting {
    /// As written, else the default.
    pub value: Option<f64>,
    /// The value in the text.
    pub written: Option<Span>,
}

/// One entry of `Catch`.
#[derive(Debug, Clone)]
pub struct Catcher {
    pub span: Span,
    pub errors: Vec<(String, Span)>,
}

impl Retrier {
    /// Whether it repeats only what Lambda itself failed to run, as AWS recommends: 6 times or less, after 2 seconds, at a rate
    /// of 2. <https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception>
    pub fn is_recommended(&self) -> bool {
        let at_most = |setting: &Setting, most: f64| setting.value.is_some_and(|value| value <= most);
        self.errors.iter().all(|(name, _)| error_name::is_of_lambda(name))
            && at_most(&self.max_attempts, 6.0)
            && at_most(&self.interval, 2.0)
            && at_most(&self.backoff, 2.0)
    }
}
