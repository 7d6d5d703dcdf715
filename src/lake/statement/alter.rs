//! ALTER TABLE and MSCK: partitions registered and dropped, properties set.

use super::identifier::{in_ddl, literal, table_in_ddl};
use crate::expr::ColumnType;
use crate::lake::{Location, Table};

/// Hive's folder for rows whose key is NULL.
const NULL_PARTITION: &str = "__HIVE_DEFAULT_PARTITION__";

/// Registers some partitions, each with the folder that it lies in where that is known
/// (<https://docs.aws.amazon.com/athena/latest/ug/alter-table-add-partition.html>). `None` for NULL values, which cannot be
/// written there.
pub fn add_partitions(table: &Table, partitions: &[&[Option<Box<str>>]]) -> Option<String> {
    let each = partitions.iter().map(|values| {
        let spec = spec(table, values)?;
        let place = table.location.as_ref().and_then(|location| folder(table, location, values));
        Some(format!("PARTITION ({spec}){}", place.map_or(String::new(), |at| format!(" LOCATION {}", literal(&at)))))
    });
    let each = each.collect::<Option<Vec<String>>>().filter(|each| !each.is_empty())?;
    Some(format!("ALTER TABLE {} ADD IF NOT EXISTS {}", table_in_ddl(&table.name), each.join(" ")))
}

/// Unregisters some partitions; their files stay
/// (<https://docs.aws.amazon.com/athena/latest/ug/alter-table-drop-partition.html>).
pub fn drop_partitions(table: &Table, partitions: &[&[Option<Box<str>>]]) -> Option<String> {
    let each = partitions.iter().map(|values| Some(format!("PARTITION ({})", spec(table, values)?)));
    let each = each.collect::<Option<Vec<String>>>().filter(|each| !each.is_empty())?;
    Some(format!("ALTER TABLE {} DROP IF EXISTS {}", table_in_ddl(&table.name), each.join(", ")))
}

/// Sets table properties.
pub fn set_properties(table: &Table, properties: &[(String, String)]) -> String {
    let pairs: Vec<String> = properties.iter().map(|(name, value)| format!("'{name}'={}", literal(value))).collect();
    format!("ALTER TABLE {} SET TBLPROPERTIES ({})", table_in_ddl(&table.name), pairs.join(", "))
}

/// Lets the snapshots of an Iceberg table expire, and deletes what no other one names
/// (<https://docs.aws.amazon.com/athena/latest/ug/vacuum-statement.html>).
pub fn vacuum(table: &Table) -> String {
    format!("VACUUM {}", table_in_ddl(&table.name))
}

/// Registers every folder that is named after the keys.
pub fn repair(table: &Table) -> String {
    format!("MSCK REPAIR TABLE {}", table_in_ddl(&table.name))
}

/// Whether MSCK REPAIR TABLE finds the partitions: their folders are `key=value`, and no key has a capital letter or a value a
/// colon (<https://docs.aws.amazon.com/athena/latest/ug/msck-repair-table.html>).
pub fn is_repairable(table: &Table) -> bool {
    let has_template = table.projection.as_ref().is_some_and(|projection| projection.template.is_some());
    let partitions = table.layout.iter().flat_map(|layout| &layout.partitions);
    let mut values = partitions.flat_map(|partition| partition.values.iter().flatten());
    !has_template && !values.any(|value| value.contains(':'))
}

/// `dt='2024-01-05', shop=3`
fn spec(table: &Table, values: &[Option<Box<str>>]) -> Option<String> {
    let one = |(key, value): (&crate::lake::PartitionKey, &Option<Box<str>>)| {
        let value = value.as_deref()?;
        let is_number = matches!(key.data_type, ColumnType::Integer(_)) && value.parse::<i64>().is_ok();
        let value = if is_number { value.to_string() } else { literal(value) };
        Some(format!("{}={value}", in_ddl(&key.name)))
    };
    let pairs: Option<Vec<String>> = table.partition_keys.iter().zip(values).map(one).collect();
    pairs.filter(|pairs| !pairs.is_empty()).map(|pairs| pairs.join(", "))
}

/// The folder of a partition: as the table's template says, else the one that Hive would name.
fn folder(table: &Table, location: &Location, values: &[Option<Box<str>>]) -> Option<String> {
    location.bucket.as_ref()?;
    if let Some(template) = table.projection.as_ref().and_then(|projection| projection.template.as_ref()) {
        let named = table.partition_keys.iter().zip(values);
        return named.into_iter().try_fold(template.clone(), |path, (key, value)| {
            Some(path.replace(&format!("${{{}}}", key.name), value.as_deref()?))
        });
    }
    let folders =
        table.partition_keys.iter().zip(values).map(|(key, value)| {
            format!("{}={}/", key.name, value.as_deref().map_or(NULL_PARTITION.to_string(), escaped))
        });
    Some(format!("{location}{}", folders.collect::<String>()))
}

/// A value as Hive writes it into a folder's name: some characters as `%3A`.
fn escaped(value: &str) -> String {
    let mut text = String::new();
    for c in value.chars() {
        match c {
            '"' | '#' | '%' | '\'' | '*' | '/' | ':' | '=' | '?' | '\\' | '{' | '[' | ']' | '^' | '\u{7f}' => {
                text.push_str(&format!("%{:02X}", c as u32));
            }
            c if (c as u32) < 0x20 => text.push_str(&format!("%{:02X}", c as u32)),
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::{DeclaredBy, PartitionKey, TableName};

    fn table() -> Table {
        let mut table = Table::new(TableName::parse("lake.orders"), DeclaredBy::Glue);
        table.partition_keys =
            vec![PartitionKey::new("date", ColumnType::String), PartitionKey::new("shop", ColumnType::Integer(4))];
        table.location = Some(Location::parse("s3://lake/orders/"));
        table
    }

    #[test]
    fn partitions_are_spelled_for_this_table() {
        let values: Vec<Option<Box<str>>> = vec![Some("2024-01-05".into()), Some("7".into())];
        assert_eq!(
            add_partitions(&table(), &[&values]).expect("no NULL"),
            "ALTER TABLE lake.orders ADD IF NOT EXISTS PARTITION (`date`='2024-01-05', shop=7) LOCATION \
             's3://lake/orders/date=2024-01-05/shop=7/'"
        );
        assert_eq!(
            drop_partitions(&table(), &[&values, &values]).expect("no NULL"),
            "ALTER TABLE lake.orders DROP IF EXISTS PARTITION (`date`='2024-01-05', shop=7), PARTITION \
             (`date`='2024-01-05', shop=7)"
        );
        assert_eq!(add_partitions(&table(), &[&[None, Some("7".into())]]), None);
        assert_eq!(add_partitions(&table(), &[]), None);
    }

    #[test]
    fn folders_are_written_as_hive_writes_them() {
        let values: Vec<Option<Box<str>>> = vec![Some("2024-01-05 10:00".into()), Some("7".into())];
        let text = add_partitions(&table(), &[&values]).expect("no NULL");
        assert!(text.ends_with("LOCATION 's3://lake/orders/date=2024-01-05 10%3A00/shop=7/'"), "{text}");
    }
}
