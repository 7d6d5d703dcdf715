//! Models that read each other in a circle: dbt refuses to run them.

use std::collections::{BTreeMap, BTreeSet};

/// A circle of models, from the first by name on: each reads the next one, and the last one the first.
pub(crate) type Cycle = Vec<String>;

/// One circle for every group of models that reach each other, each in the order of names.
pub(crate) fn cycles(reads: &BTreeMap<&str, &[String]>) -> Vec<Cycle> {
    let mut cycles = Vec::new();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in reads.keys() {
        if !done.contains(start)
            && let Some(cycle) = back_to(start, reads, &mut done)
        {
            cycles.push(cycle);
        }
    }
    cycles
}

/// The first circle that is met on the way down from a model. What is left without one is done.
fn back_to<'r>(start: &'r str, reads: &BTreeMap<&'r str, &'r [String]>, done: &mut BTreeSet<&'r str>) -> Option<Cycle> {
    // The way to where we are, with what is still to be looked at from each step on.
    let mut way: Vec<(&str, std::slice::Iter<'_, String>)> = Vec::new();
    let mut on_way: BTreeSet<&str> = BTreeSet::new();
    let enter = |name: &'r str| reads.get(name).map(|reads| (name, reads.iter()));
    way.extend(enter(start));
    on_way.insert(start);
    let mut found = None;
    while let Some((name, rest)) = way.last_mut() {
        match rest.next() {
            Some(next) if on_way.contains(next.as_str()) && found.is_none() => {
                let from = way.iter().position(|(other, _)| other == next)?;
                found = Some(way[from..].iter().map(|(name, _)| name.to_string()).collect::<Cycle>());
            }
            Some(next) if !on_way.contains(next.as_str()) && !done.contains(next.as_str()) => {
                if let Some(step) = enter(next) {
                    on_way.insert(step.0);
                    way.push(step);
                }
            }
            Some(_) => {}
            None => {
                on_way.remove(name);
                done.insert(name);
                way.pop();
            }
        }
    }
    let mut cycle = found?;
    let first = (0..cycle.len()).min_by_key(|at| cycle[*at].clone())?;
    cycle.rotate_left(first);
    Some(cycle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(reads: &[(&str, &str)]) -> Vec<String> {
        let reads: Vec<(&str, Vec<String>)> =
            reads.iter().map(|(name, of)| (*name, of.split_whitespace().map(str::to_string).collect())).collect();
        let reads: BTreeMap<&str, &[String]> = reads.iter().map(|(name, of)| (*name, of.as_slice())).collect();
        cycles(&reads).iter().map(|cycle| cycle.join(" ")).collect()
    }

    #[test]
    fn every_circle_is_found_once() {
        assert_eq!(shown(&[("a", "b c"), ("b", "c"), ("c", "raw")]), Vec::<String>::new());
        assert_eq!(shown(&[("a", "a")]), ["a"]);
        assert_eq!(shown(&[("a", "d"), ("d", "c"), ("c", "b"), ("b", "d c")]), ["b d c"]);
        assert_eq!(shown(&[("a", "b"), ("b", "a"), ("x", "y a"), ("y", "x b")]), ["a b", "x y"]);
    }

    #[test]
    fn long_rows_and_wide_nets_take_no_time() {
        let names: Vec<String> = (0..20_000).map(|n| format!("m{n:05}")).collect();
        let rows: Vec<(&str, Vec<String>)> = names
            .iter()
            .enumerate()
            .map(|(n, name)| (name.as_str(), names[(n + 1).min(19_999)..(n + 4).min(20_000)].to_vec()))
            .collect();
        let reads: BTreeMap<&str, &[String]> =
            rows.iter().map(|(name, of)| (*name, if name.ends_with("19999") { &[] } else { of.as_slice() })).collect();
        assert_eq!(cycles(&reads), Vec::<Cycle>::new());
    }
}
