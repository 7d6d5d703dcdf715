//! A table is cut into many partitions that each hold little.

use super::rule::rule;
use super::too_many_partitions::until_then;
use super::{Check, Context, Rule};
use crate::cost::Fix;
use crate::finding::Severity;
use crate::lake::{Coarser, Count, Granularity, Layout, Table, statement};

pub const RULE: Rule = rule!("over-partitioned-table", Check::Table(check));

fn check(table: &Table, cx: &mut Context<'_>) {
    let Some(layout) = &table.layout else { return };
    let partitions = layout.partitions.len() as u64;
    let Some(median) = layout.median_partition() else { return };
    if !table.is_partitioned()
        || partitions <= cx.params().count("min-partitions")
        || layout.bytes().0 < cx.params().bytes("min-table-size")
        || median.0 >= cx.params().bytes("small-partition")
    {
        return;
    }
    let severity = if median.0 < cx.params().bytes("very-small-partition") { Severity::High } else { Severity::Medium };
    let message = format!(
        "`{}` spreads {} over {} partitions; half of them hold {median} or less",
        table.name,
        layout.bytes(),
        Count(partitions)
    );
    let best = best(table, layout, cx.params().bytes("small-partition"));
    let left = best.as_ref().map_or(1, |coarser| coarser.partitions as u64);
    let fix = format!("in {} partitions, requests included, in a run of each statement that reads it", Count(left));
    let waste = cx.estimator.saved_on(table, &Fix::Coarser(left as f64 / partitions as f64), fix);
    let help = match best {
        Some(coarser) => {
            let rewrite = statement::Rewrite::coarser(table, &coarser).map_or(String::new(), |sql| format!(": {sql}"));
            let (partitions, median) = (Count(coarser.partitions as u64), coarser.median);
            format!("{}, which leaves {partitions} partitions of {median} (median){rewrite}", how(&coarser))
        }
        None => format!("do without partitions: {} in all is little for one table", layout.bytes()),
    } + &until_then(table);
    cx.report_table(table, message).waste(waste).at_most(severity).help(help);
}

/// The finest coarser cut whose median partition reaches `enough` bytes.
fn best(table: &Table, layout: &Layout, enough: u64) -> Option<Coarser> {
    // Of equals the first, which changes least.
    table.coarser(layout).into_iter().filter(|c| c.median.0 >= enough).rev().max_by_key(|c| c.partitions)
}

fn how(coarser: &Coarser) -> String {
    let dropped: Vec<String> = coarser.dropped.iter().map(|key| format!("`{key}`")).collect();
    let drop = format!("drop {} from the partition keys", dropped.join(" and "));
    match coarser.grain {
        None => drop,
        Some((to, from)) => {
            let grain = format!("partition by {} instead of {}", name(to), name(from));
            if dropped.is_empty() { grain } else { format!("{drop} and {grain}") }
        }
    }
}

fn name(granularity: Granularity) -> &'static str {
    match granularity {
        Granularity::Year => "year",
        Granularity::Month => "month",
        Granularity::Day => "day",
        Granularity::Hour => "hour",
        Granularity::Instant => "timestamp",
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{GIB, MIB, days, even, findings, table};
    use super::*;

    #[test]
    fn many_partitions_that_hold_little_are_found_and_few_or_full_ones_are_not() {
        let severities = |days: &[String], bytes| -> Vec<Severity> {
            findings("over-partitioned-table", vec![table("lake.events", &["dt"], &even(days, 1, bytes))])
                .iter()
                .map(|f| f.severity)
                .collect()
        };
        let three_years = days("2022-07-01", 1096);
        assert_eq!(severities(&three_years, 2 * MIB), [Severity::High]);
        assert_eq!(severities(&three_years, 100 * MIB), [Severity::Medium]);
        assert!(severities(&three_years, GIB).is_empty());
        assert!(severities(&three_years[..900], 2 * MIB).is_empty());
        assert!(severities(&three_years, MIB / 2).is_empty(), "a small table is left alone");
    }

    #[test]
    fn the_help_names_the_finest_cut_that_is_large_enough() {
        let values: Vec<String> =
            days("2022-07-01", 600).iter().flat_map(|d| ["de", "fr"].map(|r| format!("{d}/{r}"))).collect();
        let shop = table("lake.shop", &["dt", "region"], &even(&values, 1, 80 * MIB));
        let found = findings("over-partitioned-table", vec![shop]);
        assert_eq!(
            found[0].help.as_deref(),
            Some("drop `region` from the partition keys, which leaves 600 partitions of 167.8 MB (median)")
        );
        let tiny = table("lake.tiny", &["id"], &even(&(0..2000).map(|i| i.to_string()).collect::<Vec<_>>(), 1, MIB));
        let found = findings("over-partitioned-table", vec![tiny]);
        assert_eq!(found[0].help.as_deref(), Some("do without partitions: 2.1 GB in all is little for one table"));
    }
}
