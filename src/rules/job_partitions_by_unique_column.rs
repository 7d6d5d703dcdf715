//! A job writes a folder for every value of a column that hardly repeats.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::expr::ColumnType;
use crate::finding::{Confidence, Place};
use crate::lake::{Job, Table};

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
    for write in &job.writes {
        let table = write.target.table(&cx.lake.catalog);
        for (column, span) in &write.partitioned_by {
            let by_type = table.and_then(|table| data_type(table, column));
            let Some(confidence) = confidence(column, by_type) else { continue };
            let message = format!(
                "the job writes a folder for every value of `{column}`, of which there are about as many as rows"
            );
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
    use super::*;

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
