//! A statement or file that lakelint cannot read, and so does not check.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::lake::{Lake, UnreadableKind};

pub const RULE: Rule = rule!("unreadable-sql", Check::Lake(check));

fn check(lake: &Lake, cx: &mut Context<'_>) {
    report(UnreadableKind::Sql, lake, cx);
}

/// Reports every unreadable place of a kind.
pub(super) fn report(kind: UnreadableKind, lake: &Lake, cx: &mut Context<'_>) {
    for unreadable in lake.unreadable.iter().filter(|unreadable| unreadable.kind == kind) {
        cx.report(unreadable.place.clone(), &unreadable.message).help(&unreadable.help);
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::findings_in;
    use super::*;
    use crate::finding::Place;
    use crate::lake::Unreadable;

    #[test]
    fn each_unreadable_place_is_a_finding_of_the_rule_of_its_kind() {
        let place = |name: &str| Place::Path(name.to_string());
        let unreadable = |kind, name: &str| Unreadable {
            kind,
            place: place(name),
            message: "is not UTF-8".to_string(),
            help: "convert it".to_string(),
        };
        let (sql, machine) = (UnreadableKind::Sql, UnreadableKind::StateMachine);
        let unreadable = vec![unreadable(sql, "query.sql"), unreadable(machine, "load.asl.json")];
        let lake = Lake { unreadable, ..Lake::default() };
        for (rule, name) in [("unreadable-sql", "query.sql"), ("unreadable-state-machine", "load.asl.json")] {
            let found = findings_in(rule, &lake);
            assert_eq!(found.len(), 1);
            assert_eq!((&found[0].place, found[0].message.as_str()), (&place(name), "is not UTF-8"));
        }
    }
}
