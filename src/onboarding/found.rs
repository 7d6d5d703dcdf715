//! What was found in a repository, as rows: what it is, how much of it, and where.

use std::collections::{BTreeMap, BTreeSet};

use super::{Seen, count};
use crate::input::{DbtProject, is_sql};
use crate::lake::{Container, Count, DeclaredBy, FileId, Lake};

/// So many places of one thing are named.
const NAMED: usize = 3;

/// One kind of thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub label: &'static str,
    pub text: String,
}

/// What is not there has no row.
pub(crate) fn found(seen: &Seen) -> Vec<Row> {
    let mut rows = dbt(seen);
    rows.extend(sql(&seen.lake));
    rows.extend(infrastructure(&seen.lake));
    let cdk = &seen.landmarks.cdk;
    if !cdk.is_empty() {
        let text = format!("{}: templates are what `cdk synth` writes", places(cdk.iter().map(String::as_str)));
        rows.push(Row { label: "CDK", text });
    }
    rows.extend(lake(seen));
    rows
}

fn dbt(seen: &Seen) -> Vec<Row> {
    let project = |dbt: &DbtProject| {
        let models = sql_files(&seen.lake).filter(|path| dbt.models.iter().any(|folder| is_below(path, folder)));
        let name = dbt.name.as_ref().map_or(String::new(), |name| format!("`{name}` "));
        let place = if dbt.folder.is_empty() { "at the top".to_string() } else { format!("in `{}/`", dbt.folder) };
        Row { label: "dbt", text: format!("project {name}{place}: {}", count(models.count(), "model")) }
    };
    seen.landmarks.dbt.iter().map(project).collect()
}

fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// SQL files that were asked about.
fn sql_files(lake: &Lake) -> impl Iterator<Item = &str> {
    let asked = lake.sources.iter().filter(|(_, file)| !file.is_context && file.inside.is_none());
    asked.map(|(_, file)| file.path.as_str()).filter(|path| is_sql(path))
}

fn sql(lake: &Lake) -> Option<Row> {
    let number = sql_files(lake).count();
    let is_declared = |by| matches!(by, DeclaredBy::Ddl | DeclaredBy::Ctas);
    let tables = lake.catalog.iter().filter(|(_, table)| is_declared(table.declared_by)).count();
    let tables = if tables > 0 { format!(", {}", count(tables, "table definition")) } else { String::new() };
    (number > 0).then(|| Row {
        label: "SQL",
        text: format!("{}, {}{tables}", places(sql_files(lake)), count(lake.statements, "statement")),
    })
}

/// Machines and what is around them, of one kind of file.
#[derive(Default)]
struct Declared<'a> {
    files: BTreeSet<&'a str>,
    machines: usize,
    resources: usize,
}

fn infrastructure(lake: &Lake) -> Vec<Row> {
    let mut kinds: BTreeMap<Container, Declared<'_>> = BTreeMap::new();
    let path = |file: FileId| lake.sources.get(file).path.as_str();
    for machine in lake.asked_workflows() {
        let of_kind = kinds.entry(machine.container).or_default();
        of_kind.machines += 1;
        of_kind.files.insert(path(machine.file));
    }
    for resource in lake.asked_resources() {
        let file = lake.sources.get(lake.sources.on_disk(resource.span).file);
        let kind = match &*file.text {
            _ if file.path.ends_with(".tf") => Container::Terraform,
            text if text.contains("AWS::Serverless") => Container::Sam,
            text if text.contains("AWS::") => Container::CloudFormation,
            _ => Container::Serverless,
        };
        let of_kind = kinds.entry(kind).or_default();
        of_kind.resources += 1;
        of_kind.files.insert(&file.path);
    }
    kinds.into_iter().map(|(kind, declared)| declared.row(kind)).collect()
}

impl Declared<'_> {
    fn row(&self, kind: Container) -> Row {
        let label = match kind {
            Container::File => "Step Functions",
            Container::CloudFormation => "CloudFormation",
            Container::Sam => "SAM",
            Container::Terraform => "Terraform",
            Container::Serverless => "Serverless",
        };
        let of = [(self.machines, "state machine"), (self.resources, "resource")];
        let of: Vec<String> = of.iter().filter(|(n, _)| *n > 0).map(|(n, what)| count(*n, what)).collect();
        Row { label, text: format!("{}, {}", places(self.files.iter().copied()), of.join(", ")) }
    }
}

fn lake(seen: &Seen) -> Option<Row> {
    let layouts = || seen.lake.catalog.iter().filter_map(|(_, table)| table.layout.as_ref());
    let objects: u64 = layouts().map(|layout| layout.files()).sum();
    let sources: Vec<String> = seen.sources.iter().map(|source| format!("`{source}`")).collect();
    (!sources.is_empty()).then(|| Row {
        label: "lake",
        text: format!("{}: {}, {} objects", sources.join(", "), count(layouts().count(), "table"), Count(objects)),
    })
}

/// `15 files (12 in `models/`, 3 at the top)`, those folders first that hold most.
fn places<'a>(paths: impl Iterator<Item = &'a str>) -> String {
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    for path in paths {
        *folders.entry(path.split_once('/').map_or("", |(folder, _)| folder)).or_default() += 1;
    }
    let mut folders: Vec<(&str, usize)> = folders.into_iter().collect();
    folders.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let all: usize = folders.iter().map(|(_, n)| n).sum();
    let place = |folder: &str| if folder.is_empty() { "at the top".to_string() } else { format!("in `{folder}/`") };
    if let [(folder, n)] = folders[..] {
        return format!("{} {}", count(n, "file"), place(folder));
    }
    let mut named: Vec<String> =
        folders.iter().take(NAMED).map(|(folder, n)| format!("{} {}", Count(*n as u64), place(folder))).collect();
    let more: usize = folders.iter().skip(NAMED).map(|(_, n)| n).sum();
    if more > 0 {
        named.push(format!("{} elsewhere", Count(more as u64)));
    }
    format!("{} ({})", count(all, "file"), named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_named_by_what_they_hold() {
        assert_eq!(places(["a.sql"].into_iter()), "1 file at the top");
        assert_eq!(places(["q/a.sql", "q/x/b.sql"].into_iter()), "2 files in `q/`");
        let many = ["d/1", "b/1", "b/2", "c/1", "a", "e/1"];
        assert_eq!(places(many.into_iter()), "6 files (2 in `b/`, 1 at the top, 1 in `c/`, 2 elsewhere)");
    }
}
