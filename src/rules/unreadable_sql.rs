//! A statement or file that lakelint cannot read, and so does not check.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::lake::Lake;

pub const RULE: Rule = rule!("unreadable-sql", Check::Lake(check));

fn check(lake: &Lake, cx: &mut Context<'_>) {
    for unreadable in &lake.unreadable {
        cx.report(unreadable.place.clone(), &unreadable.message).help(&unreadable.help);
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::findings_in;
    use super::*;
    use crate::finding::Place;
    use crate::lake::{Unreadable, UnreadableKind};

    #[test]
    fn each_unreadable_place_is_a_finding() {
        let place = Place::Path("query.sql".to_string());
        let unreadable = Unreadable {
            kind: UnreadableKind::Sql,
            place: place.clone(),
            message: "is not UTF-8".to_string(),
            help: "convert it".to_string(),
        };
        let found = findings_in("unreadable-sql", &Lake { unreadable: vec![unreadable], ..Lake::default() });
        assert_eq!(found.len(), 1);
        assert_eq!((&found[0].place, found[0].message.as_str()), (&place, "is not UTF-8"));
    }
}
