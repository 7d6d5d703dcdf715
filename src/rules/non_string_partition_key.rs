//! A partition key whose type keeps Glue from filtering: Athena fetches the list of all partitions.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::cost::Partitioning;
use crate::lake::{Count, DateKey, DeclaredBy, Table, TableKind};

pub const RULE: Rule = rule!("non-string-partition-key", Check::Table(check));

fn check(table: &Table, cx: &mut Context<'_>) {
    // A projection asks Glue for no partitions, Iceberg plans from manifests, and folders alone declare no types.
    let is_declared = !matches!(table.declared_by, DeclaredBy::Layout | DeclaredBy::Config);
    if table.kind != TableKind::Hive || table.projection.is_some() || !is_declared {
        return;
    }
    let stored = table.layout.as_ref().map_or(0, |layout| layout.partitions.len() as u64);
    let partitions = table.registered_partitions.as_ref().map_or(stored, |registered| registered.len() as u64);
    if partitions < cx.params().count("min-partitions") {
        return;
    }
    // A filter on a string key beside it is applied by Glue all the same.
    let date = DateKey::of(table).map(|date| date.keys()).unwrap_or_default();
    if date.is_empty() || date.iter().any(|key| table.is_filtered_by_glue(*key)) {
        return;
    }
    let keys: Vec<String> = date.iter().map(|key| format!("`{}`", table.partition_keys[*key].name)).collect();
    let message = format!(
        "`{}` has {} partitions by {}, of type {}: Glue filters on text keys only, so every query fetches all of them",
        table.name,
        Count(partitions),
        keys.join(", "),
        table.partition_keys[date[0]].data_type
    );
    let help = format!(
        "declare {} as string in a new table over the same location, and register its partitions; or project them",
        keys.join(", ")
    );
    let help = match table.would_project() {
        Some(properties) => format!("{help}: `{}`", crate::lake::statement::set_properties(table, &properties)),
        None => help,
    };
    let how = "with text keys, in a run of each statement that reads it";
    let waste = cx.estimator.saved_requests(table, Partitioning::TextKeys, how);
    cx.report_table(table, message).waste(waste).help(help);
}

#[cfg(test)]
mod tests {
    use super::super::example::{MIB, days, even, findings_in, messages, reading, table};
    use crate::expr::ColumnType;
    use crate::lake::PartitionIndexes;

    #[test]
    fn only_many_partitions_without_a_text_key_are_found() {
        let days = days("1990-01-01", 12_000);
        let found = |data_type: ColumnType, count: usize| {
            let mut table = table("lake.t", &["dt"], &even(&days[..count], 1, MIB));
            table.partition_keys[0].data_type = data_type;
            messages("non-string-partition-key", vec![table]).len()
        };
        assert_eq!(found(ColumnType::Date, 12_000), 1);
        assert_eq!(found(ColumnType::String, 12_000), 0);
        assert_eq!(found(ColumnType::Date, 9_000), 0);
    }

    #[test]
    fn numbers_in_an_index_that_is_used_are_filtered_by_glue() {
        let days: Vec<String> = days("1990-01-01", 12_000).iter().map(|day| day.replace('-', "")).collect();
        let found = |keys: &[&str], are_used: bool| {
            let mut table = table("lake.t", &["dt"], &even(&days, 1, MIB));
            table.partition_keys[0].data_type = ColumnType::Integer(4);
            let keys = vec![keys.iter().map(|key| key.to_string()).collect()];
            table.partition_indexes = Some(PartitionIndexes { keys, are_used });
            messages("non-string-partition-key", vec![table]).len()
        };
        assert_eq!((found(&["dt"], true), found(&["dt"], false), found(&["shop", "dt"], true)), (0, 1, 1));
    }

    #[test]
    fn a_filter_on_another_type_saves_no_request_to_glue() {
        let days = days("1990-01-01", 12_000);
        let requests = |sql: &str| {
            let mut table = table("lake.t", &["dt"], &even(&days, 1, MIB));
            table.partition_keys[0].data_type = ColumnType::Date;
            let found = findings_in("non-string-partition-key", &reading(table, sql));
            found[0].waste.as_ref().and_then(|waste| waste.requests).map(|change| (change.before, change.after))
        };
        // The table, twelve pages of partitions or one, and what is listed.
        assert_eq!(requests("SELECT a FROM lake.t WHERE dt = DATE '2000-01-01'"), Some((14, 3)));
        assert_eq!(requests("SELECT a FROM lake.t"), None);
    }
}
