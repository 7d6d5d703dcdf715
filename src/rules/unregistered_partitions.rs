//! Partitions that are stored and not registered in Glue, or registered and not stored.

use chrono::NaiveDate;

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::{Partitioning, Stored, listing};
use crate::finding::{Confidence, Severity};
use crate::lake::{Bytes, Count, Layout, Partition, Registered, Table, TableKind, statement};

pub const RULE: Rule = rule!("unregistered-partitions", Check::Table(check));

/// Partitions that a statement in a help line names.
const NAMED: usize = 3;
/// Partitions that arrive between two runs of a crawler.
const RECENT_DAYS: i64 = 2;

fn check(table: &Table, cx: &mut Context<'_>) {
    let (Some(layout), Some(registered)) = (&table.layout, table.registered()) else { return };
    if table.kind != TableKind::Hive || (registered.total == 0 && has_a_log(layout)) {
        return;
    }
    unregistered(table, layout, registered, cx);
    // What could not be listed may hold files, and archived ones are no partitions here.
    if layout.gaps.is_empty() && layout.oddities.archived.objects == 0 {
        dangling(table, layout, registered, cx);
    }
}

/// Delta Lake and Hudi name their files in a log, and register nothing.
fn has_a_log(layout: &Layout) -> bool {
    let examples = &layout.oddities.hidden.examples;
    examples.iter().any(|key| key.contains("/_delta_log/") || key.contains("/.hoodie/"))
}

/// Where the unregistered partitions lie among the registered ones.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    /// After all of them, by a few days: the next crawler run will find them.
    Recent,
    /// Before all of them, as if somebody had unregistered what is old.
    Old,
    Between,
    /// There are no dates to tell.
    Unknown,
}

fn unregistered(table: &Table, layout: &Layout, registered: &Registered, cx: &mut Context<'_>) {
    let missing = |index: &usize| !registered.of_layout[*index] && layout.partitions[*index].files > 0;
    let indices: Vec<usize> = (0..layout.partitions.len()).filter(missing).collect();
    let partitions: Vec<&Partition> = indices.iter().map(|index| &layout.partitions[*index]).collect();
    if partitions.is_empty() {
        return;
    }
    let bytes = partitions.iter().map(|partition| partition.bytes).sum();
    let place = place(table, &indices);
    let s = if partitions.len() == 1 { "" } else { "s" };
    let when = match place {
        Where::Recent => ", the newest",
        Where::Old => ", all older than the registered ones",
        Where::Between | Where::Unknown => "",
    };
    let message = format!(
        "{} partition{s} ({}) of `{}`{when} {} stored but not registered in Glue: queries miss the rows without an error",
        Count(partitions.len() as u64),
        Bytes(bytes),
        table.name,
        if s.is_empty() { "is" } else { "are" }
    );
    let severity = match place {
        Where::Between => Severity::High,
        Where::Unknown => Severity::Medium,
        Where::Recent | Where::Old => Severity::Low,
    };
    // Rows that nobody misses are stored for nothing; the others are to be read.
    let how = "if nobody needs them and they are deleted";
    let waste = (place == Where::Old).then(|| Stored::readable(layout, bytes).gone(how, true));
    let object = table.folder_of(partitions[0]);
    cx.report_table(table, message).object(object).waste(waste).at_most(severity).help(register(table, &partitions));
}

fn place(table: &Table, missing: &[usize]) -> Where {
    let days = table.partition_days();
    let day = |index: usize| days.get(index).copied().flatten();
    let known = table.days_in_use();
    let missing: Option<Vec<NaiveDate>> = missing.iter().map(|index| day(*index)).collect();
    let (Some(missing), Some(first), Some(last)) = (missing, known.iter().min(), known.iter().max()) else {
        return Where::Unknown;
    };
    if missing.iter().all(|day| day < first) {
        Where::Old
    } else if missing.iter().all(|day| day > last && (*day - *last).num_days() <= RECENT_DAYS) {
        Where::Recent
    } else {
        Where::Between
    }
}

fn register(table: &Table, partitions: &[&Partition]) -> String {
    let some: Vec<&[Option<Box<str>>]> = partitions.iter().take(NAMED).map(|p| &p.values[..]).collect();
    let add = statement::add_partitions(table, &some).map(|add| format!("`{add}`"));
    let repair = statement::is_repairable(table).then(|| format!("`{}`", statement::repair(table)));
    let registered = match (add, repair, partitions.len() > NAMED) {
        (Some(add), _, false) => add,
        (Some(add), None, true) => format!("{add} and so on"),
        (_, Some(repair), _) => repair,
        (None, None, _) => "register them with ALTER TABLE ... ADD PARTITION".to_string(),
    };
    match table.would_project() {
        Some(properties) if partitions.len() > NAMED => {
            format!("{registered}; or do without registration: `{}`", statement::set_properties(table, &properties))
        }
        _ => registered,
    }
}

fn dangling(table: &Table, layout: &Layout, registered: &Registered, cx: &mut Context<'_>) {
    let empty = registered.empty.len() as u64;
    let Some(values) = table.registered_partitions.as_ref().filter(|_| empty >= cx.params().count("min-empty").max(1))
    else {
        return;
    };
    let listed = registered.total - registered.unlisted.len() as u64;
    let place = match &layout.parts[..] {
        [part] => format!(" in `{part}`"),
        _ if registered.unlisted.is_empty() => String::new(),
        _ => " that were listed".to_string(),
    };
    let message = format!(
        "{} of {} registered partitions of `{}`{place} hold no file: a query that takes them in plans and lists them all the \
         same, {} at most",
        Count(empty),
        Count(listed),
        table.name,
        listing(empty)
    );
    let some: Vec<&[Option<Box<str>>]> =
        registered.empty.iter().take(NAMED).map(|index| &values[*index as usize][..]).collect();
    let help = match statement::drop_partitions(table, &some) {
        Some(drop) if empty as usize > NAMED => format!("`{drop}` and so on: the files, if any, stay"),
        Some(drop) => format!("`{drop}`"),
        None => "drop them with ALTER TABLE ... DROP PARTITION".to_string(),
    };
    let how = "without the empty partitions, in a run of each statement that reads it";
    let waste = cx.estimator.saved_requests(table, Partitioning::WithoutEmpty, how);
    // The listing may lack a part without telling.
    cx.report_table(table, message).waste(waste).at_most(Severity::Low).confidence(Confidence::Medium).help(help);
}

#[cfg(test)]
mod tests {
    use super::super::example::{MIB, days, even, findings, table};
    use super::*;
    use crate::lake::{Gap, Location, PartitionPlace};

    /// Twenty stored days, of which some are registered, and some days more that are not stored.
    fn found(registered: impl Fn(usize) -> bool, empty: usize, gaps: bool) -> Vec<(Severity, String)> {
        found_with(registered, empty, |layout| {
            if gaps {
                layout.gaps.push(Gap { prefix: "s3://lake/t/x/".into(), reason: "access denied".into() });
            }
        })
    }

    fn found_with(
        registered: impl Fn(usize) -> bool,
        empty: usize,
        change: impl Fn(&mut Layout),
    ) -> Vec<(Severity, String)> {
        let days = days("2025-06-01", 20);
        let mut table = table("lake.t", &["dt"], &even(&days, 2, 64 * MIB));
        let known = days.iter().enumerate().filter(|(i, _)| registered(*i)).map(|(_, day)| day.clone());
        let more = (0..empty).map(|i| format!("2019-01-{:02}", i + 1));
        table.registered_partitions = Some(known.chain(more).map(|day| vec![Some(day.as_str().into())]).collect());
        table.layout.as_mut().into_iter().for_each(change);
        findings("unregistered-partitions", vec![table]).into_iter().map(|f| (f.severity, f.message)).collect()
    }

    #[test]
    fn holes_matter_more_than_what_is_newest_or_oldest() {
        let severities = |registered: &dyn Fn(usize) -> bool| {
            found(registered, 0, false).into_iter().map(|f| f.0).collect::<Vec<_>>()
        };
        assert_eq!(severities(&|i| i != 7), [Severity::High]);
        assert_eq!(severities(&|i| i < 19), [Severity::Low]);
        assert_eq!(severities(&|i| i < 12), [Severity::High]);
        assert_eq!(severities(&|i| i > 4), [Severity::Low]);
        assert_eq!(severities(&|_| true), []);
    }

    #[test]
    fn nothing_is_said_of_what_could_not_be_listed() {
        assert_eq!(found(|_| true, 12, false).len(), 1);
        assert!(found(|_| true, 12, true).is_empty());
        assert!(found(|_| true, 9, false).is_empty());
        assert_eq!(found(|i| i != 3, 12, true).len(), 1);
    }

    #[test]
    fn archived_partitions_are_registered_as_well() {
        let archived = |layout: &mut Layout| {
            // The files of the last five days, or of the first five, are archived.
            layout.oddities.archived.add("dt=2025-06-20/a.parquet", 9);
        };
        let without = |gone: std::ops::Range<usize>| {
            move |layout: &mut Layout| {
                archived(layout);
                layout.partitions.drain(gone.clone());
            }
        };
        let severities = |missing: usize, gone| {
            let found = found_with(|i| i != missing, 0, without(gone)).into_iter();
            found.map(|(severity, _)| severity).collect::<Vec<_>>()
        };
        assert_eq!(severities(14, 15..20), [Severity::High], "not the newest");
        assert_eq!(severities(5, 0..5), [Severity::High], "not retired");
        assert_eq!(severities(19, 0..5), [Severity::Low], "the newest");
        assert_eq!(severities(0, 15..20), [Severity::Low], "older than all");
    }

    #[test]
    fn only_what_was_looked_at_is_empty() {
        let part = |part: &str| {
            let part = part.to_string();
            move |layout: &mut Layout| layout.parts = vec![part.clone()]
        };
        assert!(found_with(|_| true, 12, part("s3://lake/lake/t/dt=2025-06-01/")).is_empty());
        let all = found_with(|_| true, 12, part("s3://lake/lake/"));
        assert!(all[0].1.starts_with("12 of 32 registered partitions"), "{}", all[0].1);

        let days = days("2025-06-01", 12);
        let values: Vec<String> = days.iter().flat_map(|day| [format!("de/{day}"), format!("fr/{day}")]).collect();
        let mut table = table("lake.t", &["country", "dt"], &even(&values[..1], 1, MIB));
        let row = |value: &String| value.split('/').map(|text| Some(text.into())).collect();
        table.registered_partitions = Some(values.iter().map(row).collect());
        if let Some(layout) = &mut table.layout {
            layout.parts = vec!["s3://lake/lake/t/country=de/".to_string()];
        }
        let found = findings("unregistered-partitions", vec![table]);
        assert_eq!(found.len(), 1);
        let message = &found[0].message;
        assert!(
            message.starts_with("11 of 12 registered partitions of `lake.t` in `s3://lake/lake/t/country=de/`"),
            "{message}"
        );
    }

    #[test]
    fn partitions_elsewhere_are_not_empty() {
        let days = days("2025-06-01", 20);
        let mut table = table("lake.t", &["dt"], &even(&days[..5], 2, 64 * MIB));
        let row = |day: &String| vec![Some(day.as_str().into())];
        table.registered_partitions = Some(days.iter().map(row).collect());
        assert_eq!(findings("unregistered-partitions", vec![table.clone()]).len(), 1);
        let place =
            |day: &String| PartitionPlace { values: row(day), location: Location::parse(&format!("s3://cold/{day}")) };
        table.placed_partitions = days[5..].iter().map(place).collect();
        assert_eq!(findings("unregistered-partitions", vec![table]).len(), 0);
    }

    #[test]
    fn partitions_whose_files_are_archived_are_not_empty() {
        let archived = |layout: &mut Layout| layout.oddities.archived.add("dt=2019-01-01/a.parquet", 9);
        assert!(found_with(|_| true, 12, archived).is_empty());
    }
}
