//! Partition values of one key that are spelled in more than one way: zero-padded and not, upper and lower case, dates in
//! several patterns.

use std::collections::{BTreeMap, BTreeSet};

use crate::lake::{Partition, date_pattern};

/// Indices of the partitions whose value of one key is spelled as the minority spells it.
pub(super) fn minority(partitions: &[Partition], key: usize) -> BTreeSet<usize> {
    let mut odd = same_value_twice(partitions, key);
    odd.extend(mixed_padding(partitions, key));
    odd.extend(mixed_dates(partitions, key));
    odd
}

/// `20240105` beside `2024-01-06`: all but the pattern of most partitions, where nine in ten values are dates.
fn mixed_dates(partitions: &[Partition], key: usize) -> BTreeSet<usize> {
    let lengths: BTreeSet<usize> = values(partitions, key).map(|(_, value)| value.len()).collect();
    if lengths.len() < 2 && !values(partitions, key).any(|(_, value)| value.contains(['/', '_', '.'])) {
        // The usual case: one pattern, whatever it is.
        return BTreeSet::new();
    }
    let mut patterns: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (i, value) in values(partitions, key) {
        if let Some(pattern) = date_pattern(value) {
            patterns.entry(pattern).or_default().insert(i);
        }
    }
    let dates: usize = patterns.values().map(BTreeSet::len).sum();
    if dates * 10 < partitions.len() * 9 {
        return BTreeSet::new();
    }
    let most = patterns.values().map(BTreeSet::len).max().unwrap_or(0);
    let usual = patterns.iter().find(|(_, of)| of.len() == most).map(|(pattern, _)| *pattern);
    patterns.into_iter().filter(|(pattern, _)| Some(*pattern) != usual).flat_map(|(_, of)| of).collect()
}

/// `EU` beside `eu`, `7` beside `07`: values that are equal but for case and leading zeros.
fn same_value_twice(partitions: &[Partition], key: usize) -> BTreeSet<usize> {
    // Normal form -> spelling -> partitions.
    let mut forms: BTreeMap<String, BTreeMap<&str, Vec<usize>>> = BTreeMap::new();
    for (i, value) in values(partitions, key) {
        forms.entry(normal_form(value)).or_default().entry(value).or_default().push(i);
    }
    let mut odd = BTreeSet::new();
    for spellings in forms.into_values().filter(|s| s.len() > 1) {
        let files = |of: &Vec<usize>| of.iter().map(|i| partitions[*i].files).sum::<u64>();
        let most = spellings.values().map(files).max().unwrap_or(0);
        let usual = spellings.iter().find(|(_, of)| files(of) == most).map(|(spelling, _)| *spelling);
        odd.extend(spellings.into_iter().filter(|(s, _)| Some(*s) != usual).flat_map(|(_, of)| of));
    }
    odd
}

/// `2024-1-5` beside `2024-01-06`, `5` beside `06`.
fn mixed_padding(partitions: &[Partition], key: usize) -> BTreeSet<usize> {
    let (mut padded, mut bare) = (BTreeSet::new(), BTreeSet::new());
    for (i, value) in values(partitions, key) {
        match padding(value) {
            Some(true) => padded.insert(i),
            Some(false) => bare.insert(i),
            None => false,
        };
    }
    match padded.len() >= bare.len() {
        true if !padded.is_empty() => bare,
        false if !bare.is_empty() => padded,
        _ => BTreeSet::new(),
    }
}

fn values(partitions: &[Partition], key: usize) -> impl Iterator<Item = (usize, &str)> {
    partitions.iter().enumerate().filter_map(move |(i, p)| Some((i, p.values.get(key)?.as_deref()?)))
}

fn normal_form(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut in_number = false;
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        let leading_zero = c == '0' && !in_number && chars.peek().is_some_and(char::is_ascii_digit);
        in_number = c.is_ascii_digit() && !leading_zero;
        if !leading_zero {
            out.extend(c.to_lowercase());
        }
    }
    out
}

/// Whether a number or a date of separated numbers shows zero padding: `Some(true)` for `05` and `2024-01-05`, `Some(false)`
/// for `5` and `2024-1-15`, `None` when the value does not tell.
fn padding(value: &str) -> Option<bool> {
    let parts: Vec<&str> = value.split(['-', '/', '_', '.', ':', ' ', 'T']).collect();
    if !parts.iter().all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    // The year of a date is never padded.
    let small = if parts.len() > 1 && parts[0].len() == 4 { &parts[1..] } else { &parts[..] };
    if small.len() != parts.len() || parts.len() == 1 {
        if small.iter().any(|p| p.len() == 1) {
            return Some(false);
        }
        if small.iter().any(|p| p.len() == 2 && p.starts_with('0')) {
            return Some(true);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn odd(values: &[(&str, u64)]) -> Vec<String> {
        let partitions: Vec<Partition> = values
            .iter()
            .map(|(v, files)| Partition { values: vec![Some((*v).into())], files: *files, ..Partition::default() })
            .collect();
        minority(&partitions, 0).into_iter().map(|i| values[i].0.to_string()).collect()
    }

    #[test]
    fn the_minority_spelling_is_named() {
        assert_eq!(odd(&[("2024-01-05", 1), ("2024-01-06", 1), ("2024-1-7", 9)]), ["2024-1-7"]);
        assert_eq!(odd(&[("1", 1), ("2", 1), ("03", 1), ("10", 1)]), ["03"]);
        assert_eq!(odd(&[("2024-01-05", 1), ("20240106", 9), ("2024-01-07", 1)]), ["20240106"]);
        assert_eq!(odd(&[("EU", 1), ("eu", 5), ("US", 2)]), ["EU"]);
    }

    #[test]
    fn consistent_values_are_left_alone() {
        assert!(odd(&[("1", 1), ("2", 1), ("10", 1)]).is_empty());
        assert!(odd(&[("01", 1), ("02", 1), ("10", 1)]).is_empty());
        assert!(odd(&[("2024-01-05", 1), ("2024-10-15", 1)]).is_empty());
        assert!(odd(&[("de", 1), ("at", 1), ("1.2", 1), ("10.0", 1), ("100", 1)]).is_empty());
        assert!(odd(&[("20240105", 1), ("20241105", 1)]).is_empty());
    }
}
