//! Fingerprints: the same finding keeps its fingerprint while lines around it move.

use std::collections::HashMap;

use super::Found;
use crate::finding::Place;
use crate::lake::Lake;

/// Gives every finding its fingerprint. It is made of the rule, the file, the table, the object and the text of the line,
/// and of a running number where several findings share all of these; never of line numbers, nor of the message, whose
/// numbers change with the lake.
pub(super) fn assign(findings: &mut [Found], lake: &Lake) {
    let mut seen: HashMap<u64, u64> = HashMap::new();
    for found in findings {
        let hash = identity(found, lake);
        let ordinal = seen.entry(hash).or_default();
        found.fingerprint = format!("{:016x}", fnv1a(hash, &ordinal.to_le_bytes()));
        *ordinal += 1;
    }
}

fn identity(found: &Found, lake: &Lake) -> u64 {
    let finding = &found.finding;
    let parts = [
        finding.rule,
        found.place.file.as_deref().unwrap_or_default(),
        finding.table.as_deref().unwrap_or_default(),
        finding.object.as_deref().unwrap_or_default(),
        &line(&finding.place, lake),
    ];
    // The zero byte keeps ("ab", "c") and ("a", "bc") apart.
    parts.iter().fold(OFFSET_BASIS, |hash, part| fnv1a(fnv1a(hash, part.as_bytes()), &[0]))
}

/// The line on which a span starts, white space collapsed: indentation may change.
fn line(place: &Place, lake: &Lake) -> String {
    let Place::Span(span) = place else { return String::new() };
    let text = &lake.sources.get(span.file).text;
    let (before, after) = text.split_at(span.start as usize);
    let start = before.rfind('\n').map_or(0, |i| i + 1);
    let end = span.start as usize + after.find('\n').unwrap_or(after.len());
    text[start..end].split_whitespace().collect::<Vec<_>>().join(" ")
}

const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// 64-bit FNV-1a. Fingerprints are kept in other tools for months: std's hasher may change with any Rust version.
fn fnv1a(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv1a() {
        // Published test vectors.
        assert_eq!(fnv1a(OFFSET_BASIS, b""), 0xcbf29ce484222325);
        assert_eq!(fnv1a(OFFSET_BASIS, b"a"), 0xaf63dc4c8601ec8c);
        assert_eq!(fnv1a(OFFSET_BASIS, b"foobar"), 0x85944171f73967e8);
    }
}
