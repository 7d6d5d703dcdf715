//! A state machine or template that lakelint cannot read, and so does not check.

use super::rule::rule;
use super::unreadable_sql::report;
use super::{Check, Context, Rule};
use crate::lake::{Lake, UnreadableKind};

pub const RULE: Rule = rule!("unreadable-state-machine", Check::Lake(check));

fn check(lake: &Lake, cx: &mut Context<'_>) {
    report(UnreadableKind::StateMachine, lake, cx);
}
