//! A job writes a folder for every value of a column that hardly repeats.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::expr::ColumnType;
use crate::finding::{Confidence, Place};
use crate::lake::{Bytes, Count, Job, Table};

pub const RULE: Rule = rule!("job-partitions-by-unique-column", Check::Job(check));

/// Names of columns of which every row, or nearly every row, has another value.
const UNIQUE: [&str; 24] = [
    "id",
    "uuid",
    "guid",
    "row_id",
    "event_id",
    "order_id",
    "session_id",
    "user_id",
    "customer_id",
    "transaction_id",
    "request_id",
    "message_id",
    "trace_id",
    "payment_id",
    "email",
    "ip_address",
    "timestamp",
    "event_timestamp",
    "event_time",
    "created_at",
    "updated_at",
    "ingested_at",
    "processed_at",
    "loaded_at",
];

fn check(job: &Job, cx: &mut Context<'_>) {
    let (few, small) = (cx.params().count("min-partitions"), cx.params().bytes("small-partition"));
    for write in &job.writes {
        let table = write.target.table(&cx.lake.catalog);
        for (column, span) in &write.partitioned_by {
            let by_type = table.and_then(|table| data_type(table, column));
            let Some(confidence) = confidence(column, by_type) else { continue };
            let (confidence, many) = match table.and_then(|table| stored(table, column)) {
                Some((partitions, median)) if partitions <= few || median.0 >= small => continue,
                Some((partitions, median)) => {
                    (Confidence::High, format!("{} are stored, half of them of {median} or less", Count(partitions)))
                }
                None if confidence == Confidence::High => (confidence, "there are about as many as rows".to_string()),
                None => (confidence, "there are, by its name, about as many as rows".to_string()),
            };
            let message = format!("the job writes a folder for every value of `{column}`, of which {many}");
            let report = cx
                .report(Place::Span(*span), message)
                .confidence(confidence)
                .help("partition by the day or by another column with few values, and sort by this one within files");
            if let Some(table) = table {
                report.table(table.name.to_string());
            }
        }
    }
}

/// How many partitions a table has by a key, and what the middle one holds; `None` where that is not measured.
fn stored(table: &Table, column: &str) -> Option<(u64, Bytes)> {
    let layout = table.layout.as_ref().filter(|_| table.partition_keys.iter().any(|key| key.name == column))?;
    Some((layout.partitions.len() as u64, layout.median_partition()?))
}

fn data_type<'a>(table: &'a Table, column: &str) -> Option<&'a ColumnType> {
    let in_data = table.columns.iter().find(|c| c.name == column).map(|c| &c.data_type);
    in_data.or_else(|| table.partition_keys.iter().find(|key| key.name == column).map(|key| &key.data_type))
}

/// How sure it is that a column hardly repeats; `None` when nothing says so.
fn confidence(column: &str, data_type: Option<&ColumnType>) -> Option<Confidence> {
    match data_type {
        Some(ColumnType::Timestamp) => Some(Confidence::High),
        // A date repeats, whatever its name.
        Some(ColumnType::Date | ColumnType::Boolean) => None,
        _ => UNIQUE.contains(&column).then_some(Confidence::Medium),
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{GIB, MIB, findings_in, table};
    use super::*;
    use crate::lake::{Catalog, Dataset, JobWrite, Lake, Location, Sources, Span, Writer};

    /// The messages about a write of a table by its key `order_id`, of which so many partitions of so many bytes are stored.
    fn messages(partitions: usize, bytes: u64) -> Vec<(Confidence, String)> {
        let mut sources = Sources::default();
        let file = sources.add("job.py", "orders");
        let span = Span::new(file, 0..6);
        let values: Vec<String> = (0..partitions).map(|value| format!("{value:05}")).collect();
        let stored: Vec<(&str, u64, u64)> = values.iter().map(|value| (value.as_str(), 1, bytes)).collect();
        let mut orders = table("shop.orders", &["order_id"], &stored);
        orders.layout = orders.layout.filter(|_| partitions > 0);
        let place = Dataset::Place(Location::parse("s3://lake/shop/orders/"));
        let partitioned_by = vec![("order_id".to_string(), span)];
        let write = JobWrite { partitioned_by, ..JobWrite::new(span, Writer::Spark, place) };
        let job = Job { writes: vec![write], ..Job::new(file) };
        let lake = Lake { sources, catalog: Catalog::new(vec![orders]), jobs: vec![job], ..Lake::default() };
        let found = findings_in("job-partitions-by-unique-column", &lake);
        found.into_iter().map(|finding| (finding.confidence, finding.message)).collect()
    }

    #[test]
    fn what_is_stored_says_more_than_a_name() {
        let told = |partitions, bytes| messages(partitions, bytes).pop();
        let prefix = "the job writes a folder for every value of `order_id`, of which";
        let by_name = format!("{prefix} there are, by its name, about as many as rows");
        assert_eq!(told(0, 0), Some((Confidence::Medium, by_name)));
        let measured = format!("{prefix} 2,000 are stored, half of them of 1 MB or less");
        assert_eq!(told(2_000, MIB), Some((Confidence::High, measured)));
        assert_eq!(told(12, MIB), None);
        assert_eq!(told(2_000, GIB), None);
    }

    #[test]
    fn types_say_more_than_names() {
        let found = |column, data_type: Option<ColumnType>| confidence(column, data_type.as_ref());
        assert_eq!(found("order_id", None), Some(Confidence::Medium));
        assert_eq!(found("order_id", Some(ColumnType::String)), Some(Confidence::Medium));
        assert_eq!(found("created_at", Some(ColumnType::Date)), None);
        assert_eq!(found("at", Some(ColumnType::Timestamp)), Some(Confidence::High));
        assert_eq!(found("dt", Some(ColumnType::String)), None);
        assert_eq!(found("partner_id", None), None, "there may be five of them");
    }
}
