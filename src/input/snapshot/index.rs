//! `snapshot.json`: the version, and which table is in which file.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::lake::{Gap, Partition, Table, WorkflowKind};

/// Name of the file that makes a folder a snapshot.
pub(super) const FILE_NAME: &str = "snapshot.json";
/// The folder of the table files.
pub(super) const TABLES: &str = "tables";
/// The file of the views.
pub(super) const VIEWS: &str = "views.json";
/// The file of the past runs.
pub(super) const HISTORY: &str = "history.json";
/// The folder of the definitions of state machines.
pub(super) const MACHINES: &str = "machines";
/// The file of what they are besides their definitions.
pub(super) const MACHINE_INDEX: &str = "machines.json";
/// Version of the format: changes with every change that older or newer versions would misread.
pub(super) const VERSION: u64 = 2;

/// The file's content.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Index {
    pub version: u64,
    /// What the scan was refused where no table is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Gap>,
    /// Sorted by name.
    pub tables: Vec<Entry>,
}

/// What every version of the file says.
#[derive(Debug, Deserialize)]
pub(super) struct Versioned {
    pub version: u64,
}

/// One table: its file, and sums over its partitions, which are unknown without a layout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub name: Vec<String>,
    /// In the folder of the table files.
    pub file: String,
    partitions: Option<u64>,
    files: Option<u64>,
    bytes: Option<u64>,
}

/// One view: its name, outermost part first, and the statement that creates it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ViewPart {
    pub name: Vec<String>,
    pub sql: String,
}

/// One state machine: its name in AWS, its type, and the file of its definition in the folder of the machines.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MachinePart {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: Option<WorkflowKind>,
    pub file: String,
}

impl Index {
    pub(super) fn of(tables: &[Table], gaps: &[Gap]) -> Index {
        let names: Vec<String> = tables.iter().map(|table| table.name.to_string()).collect();
        let names = file_names(names.iter().map(String::as_str), ".json");
        Index {
            version: VERSION,
            gaps: gaps.to_vec(),
            tables: tables.iter().zip(names).map(|(table, file)| Entry::of(table, file)).collect(),
        }
    }
}

impl Entry {
    pub(super) fn of(table: &Table, file: String) -> Entry {
        let partitions = table.layout.as_ref().map(|layout| &layout.partitions);
        let sum = |number: fn(&Partition) -> u64| {
            Some(partitions?.iter().fold(0u64, |sum, partition| sum.saturating_add(number(partition))))
        };
        Entry {
            name: table.name.0.clone(),
            file,
            partitions: sum(|_| 1),
            files: sum(|partition| partition.files),
            bytes: sum(|partition| partition.bytes),
        }
    }
}

/// Longest name of a file before its ending, so that it fits every file system.
const LONGEST: usize = 100;

/// A file for each name: lower-case letters, digits, `_`, `-` and dots stay, everything else becomes `-`. A name that is taken,
/// also on a disk that does not tell cases apart, gets a number.
pub(super) fn file_names<'a>(names: impl Iterator<Item = &'a str>, ending: &str) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let keep = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-' | '.');
    let name = |name: &str| {
        let safe: String = name.to_lowercase().chars().map(|c| if keep(c) { c } else { '-' }).take(LONGEST).collect();
        // Neither hidden nor a device of Windows, such as `con`.
        let is_device = ["con", "prn", "aux", "nul", "com", "lpt"].iter().any(|device| safe.starts_with(device));
        let safe = if safe.starts_with('.') || safe.is_empty() || is_device { format!("_{safe}") } else { safe };
        let numbered = (2u64..).map(|n| format!("{safe}-{n}{ending}"));
        let free = std::iter::once(format!("{safe}{ending}")).chain(numbered).find(|file| !taken.contains(file));
        let file = free.unwrap_or_default();
        taken.insert(file.clone());
        file
    };
    names.map(name).collect()
}

/// Whether a file of an index is one that this module could have named: no path leads out of the snapshot.
pub(super) fn is_file_name(file: &str) -> bool {
    file.ends_with(".json")
        && !file.starts_with('.')
        && file.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_after_their_tables_and_never_twice() {
        let names =
            ["lake.sales", "Lake.Sales", "a/b", "a b", "a-b-2", "a\\b", "größe", "..", "", "con.t", "../../etc/x"];
        let files = file_names(names.iter().copied(), ".json");
        assert_eq!(
            files,
            [
                "lake.sales.json",
                "lake.sales-2.json",
                "a-b.json",
                "a-b-2.json",
                "a-b-2-2.json",
                "a-b-3.json",
                "gr--e.json",
                "_...json",
                "_.json",
                "_con.t.json",
                "_..-..-etc-x.json",
            ]
        );
        assert!(files.iter().all(|file| is_file_name(file)));
        let long = "x".repeat(300);
        assert_eq!(file_names([&*long, &long].into_iter(), ".json")[1].len(), LONGEST + "-2.json".len());
        assert!(!is_file_name("../x.json") && !is_file_name("a/b.json") && !is_file_name("x.txt"));
    }
}
